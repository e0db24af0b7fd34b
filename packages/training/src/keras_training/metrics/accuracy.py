"""How often predictions are right: accuracies for numbers, classes, and top-k scores."""

from typing import Any

from keras_backends import settings
from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_training.losses.reduction import same_rank
from keras_training.metrics.reductions import MeanMetricWrapper


def accuracy(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """1.0 where targets and predictions are equal, else 0.0.

    Args:
        y_true: Targets.
        y_pred: Predictions, same shape.

    Returns:
        The same shape, in floatx.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.convert_to_tensor(y_true, dtype=y_pred.dtype)
    y_true, y_pred = same_rank(y_true, y_pred)
    return ops.cast(ops.equal(y_true, y_pred), settings.floatx())


@export("keras.metrics.binary_accuracy")
def binary_accuracy(y_true: Tensor, y_pred: Tensor, threshold: float = 0.5) -> Tensor:
    """1.0 where a prediction is on the target's side of the threshold, else 0.0.

    Args:
        y_true: Targets of 0 and 1.
        y_pred: Scores, same shape.
        threshold: Scores above it count as 1.

    Returns:
        The same shape, in floatx.

    Example:

        >>> [float(x) for x in binary_accuracy([1, 0], [0.7, 0.6])]
        [1.0, 0.0]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.convert_to_tensor(y_true)
    y_true, y_pred = same_rank(y_true, y_pred)
    predicted = ops.cast(ops.greater(y_pred, threshold), y_true.dtype)
    return ops.cast(ops.equal(y_true, predicted), settings.floatx())


@export("keras.metrics.categorical_accuracy")
def categorical_accuracy(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """1.0 where the largest score is that of the true class, else 0.0.

    Args:
        y_true: One-hot targets `(..., classes)`.
        y_pred: Scores `(..., classes)`.

    Returns:
        `(...)` in floatx.

    Example:

        >>> [float(x) for x in categorical_accuracy([[0, 1], [0, 1]], [[0.1, 0.9], [0.8, 0.2]])]
        [1.0, 0.0]
    """
    y_true = ops.argmax(ops.convert_to_tensor(y_true), axis=-1)
    return _hits(y_true, ops.argmax(ops.convert_to_tensor(y_pred), axis=-1))


@export("keras.metrics.sparse_categorical_accuracy")
def sparse_categorical_accuracy(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """1.0 where the largest score is that of the class with the given number, else 0.0.

    Args:
        y_true: Class numbers `(...)` or `(..., 1)`.
        y_pred: Scores `(..., classes)`.

    Returns:
        `(...)` in floatx.

    Example:

        >>> [float(x) for x in sparse_categorical_accuracy([1, 1], [[0.1, 0.9], [0.8, 0.2]])]
        [1.0, 0.0]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    return _hits(_class_numbers(y_true, y_pred), ops.argmax(y_pred, axis=-1))


def _class_numbers(y_true: Any, y_pred: Tensor) -> Tensor:
    """Drops a last axis of size 1 from class numbers, so that they have one axis less than the scores."""
    y_true = ops.convert_to_tensor(y_true)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    return y_true


def _hits(expected: Tensor, predicted: Tensor) -> Tensor:
    hits = ops.cast(ops.equal(ops.cast(expected, predicted.dtype), predicted), settings.floatx())
    if len(hits.shape) > 1 and hits.shape[-1] == 1:
        hits = ops.squeeze(hits, -1)
    return hits


@export("keras.metrics.top_k_categorical_accuracy")
def top_k_categorical_accuracy(y_true: Tensor, y_pred: Tensor, k: int = 5) -> Tensor:
    """1.0 where the true class is among the `k` largest scores, else 0.0.

    Args:
        y_true: One-hot targets `(..., classes)`.
        y_pred: Scores `(..., classes)`.
        k: How many scores count.

    Returns:
        `(...)` in floatx.

    Example:

        >>> [float(x) for x in top_k_categorical_accuracy([[0, 0, 1]], [[0.3, 0.5, 0.2]], k=2)]
        [0.0]
    """
    return sparse_top_k_categorical_accuracy(ops.argmax(ops.convert_to_tensor(y_true), axis=-1), y_pred, k)


@export("keras.metrics.sparse_top_k_categorical_accuracy")
def sparse_top_k_categorical_accuracy(
    y_true: Tensor, y_pred: Tensor, k: int = 5, from_sorted_ids: bool = False
) -> Tensor:
    """1.0 where the class with the given number is among the `k` largest scores, else 0.0.

    Args:
        y_true: Class numbers `(...)` or `(..., 1)`.
        y_pred: Scores `(..., classes)`, or class numbers by falling score with `from_sorted_ids`.
        k: How many scores count.
        from_sorted_ids: See `y_pred`.

    Returns:
        `(...)` in floatx.

    Example:

        >>> [float(x) for x in sparse_top_k_categorical_accuracy([2], [[0.3, 0.5, 0.2]], k=2)]
        [0.0]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(_class_numbers(y_true, y_pred), "int32")
    if from_sorted_ids:
        listed = ops.equal(ops.expand_dims(y_true, -1), ops.cast(y_pred[..., :k], "int32"))
        return ops.cast(ops.any(listed, axis=-1), settings.floatx())
    if len(y_pred.shape) == 2:
        return ops.cast(ops.in_top_k(y_true, y_pred, k=k), settings.floatx())
    flat = ops.in_top_k(ops.reshape(y_true, (-1,)), ops.reshape(y_pred, (-1, y_pred.shape[-1])), k=k)
    return ops.cast(ops.reshape(flat, ops.shape(y_true)), settings.floatx())


@export("keras.metrics.Accuracy")
class Accuracy(MeanMetricWrapper):
    """How often predictions equal targets.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> float(Accuracy()([1, 2, 3, 4], [0, 2, 3, 4]))
        0.75
    """

    _direction = "up"

    def __init__(self, name: str | None = "accuracy", dtype: Any = None) -> None:
        super().__init__(accuracy, name, dtype)


@export("keras.metrics.BinaryAccuracy")
class BinaryAccuracy(MeanMetricWrapper):
    """How often scores are on the target's side of a threshold.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.
        threshold: In [0, 1]; scores above it count as 1.

    Example:

        >>> float(BinaryAccuracy()([1, 0], [0.7, 0.6]))
        0.5
    """

    _direction = "up"

    def __init__(
        self, name: str | None = "binary_accuracy", dtype: Any = None, threshold: float = 0.5
    ) -> None:
        if threshold is None or not 0 < threshold < 1:
            raise ValueError(
                f"BinaryAccuracy: expected `threshold` in (0, 1), received threshold={threshold!r}."
            )
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


@export("keras.metrics.CategoricalAccuracy")
class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest score is that of the true class, for one-hot targets.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> float(CategoricalAccuracy()([[0, 1], [0, 1]], [[0.1, 0.9], [0.8, 0.2]]))
        0.5
    """

    _direction = "up"

    def __init__(self, name: str | None = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


@export("keras.metrics.SparseCategoricalAccuracy")
class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest score is that of the true class, for class numbers.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> float(SparseCategoricalAccuracy()([1, 1], [[0.1, 0.9], [0.8, 0.2]]))
        0.5
    """

    _direction = "up"

    def __init__(self, name: str | None = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)


@export("keras.metrics.TopKCategoricalAccuracy")
class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the true class is among the `k` largest scores, for one-hot targets.

    Args:
        k: How many scores count.
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> float(TopKCategoricalAccuracy(k=2)([[0, 0, 1]], [[0.3, 0.5, 0.4]]))
        1.0
    """

    _direction = "up"

    def __init__(
        self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: Any = None
    ) -> None:
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)


@export("keras.metrics.SparseTopKCategoricalAccuracy")
class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the true class is among the `k` largest scores, for class numbers.

    Args:
        k: How many scores count.
        name: Name of the metric.
        dtype: See `Metric`.
        from_sorted_ids: Whether predictions are class numbers by falling score.

    Example:

        >>> float(SparseTopKCategoricalAccuracy(k=2)([2], [[0.3, 0.5, 0.4]]))
        1.0
    """

    _direction = "up"

    omitted = ("from_sorted_ids",)

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(sparse_top_k_categorical_accuracy, name, dtype, k=k, from_sorted_ids=from_sorted_ids)
