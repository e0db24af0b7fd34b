"""F scores: precision and recall of each class in one number."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_training.losses.reduction import as_tensor
from keras_training.metrics.metric import Metric

_AVERAGES = (None, "micro", "macro", "weighted")
_TINY = 1e-7


@export("keras.metrics.FBetaScore")
class FBetaScore(Metric):
    """Harmonic mean of precision and recall, the recall with weight `beta ** 2`.

    Args:
        average: `None` for a score per class, `"micro"` to count all classes together, `"macro"` for the
            mean, `"weighted"` for the mean weighted by how often a class is the true one.
        beta: How much more the recall counts.
        threshold: Scores above it are predictions; by default the largest score of a sample is.
        name: Name of the metric.
        dtype: See `Metric`.

    Raises:
        ValueError: If an argument is out of range.

    Example:

        >>> metric = FBetaScore(average="micro", beta=2.0, threshold=0.5)
        >>> round(float(metric([[1, 1, 1], [1, 0, 0]], [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6]])), 3)
        0.5
    """

    _direction = "up"

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        kind = type(self).__name__
        if average not in _AVERAGES:
            raise ValueError(f"{kind}: expected `average` to be one of {_AVERAGES}, received {average!r}.")
        for argument, value in (("beta", beta), ("threshold", threshold)):
            if value is not None and not isinstance(value, float):
                raise ValueError(f"{kind}: expected `{argument}` to be a float, received {value!r}.")
        if beta <= 0:
            raise ValueError(f"{kind}: expected `beta` above 0, received beta={beta!r}.")
        if threshold is not None and not 0 < threshold <= 1:
            raise ValueError(f"{kind}: expected `threshold` in (0, 1], received threshold={threshold!r}.")
        self.average = average
        self.beta = beta
        self.threshold = threshold
        self.axis = None if average == "micro" else 0
        self.built = False

    def build(self, y_true_shape: Any, y_pred_shape: Any) -> None:
        """Makes the counts for as many classes as there are.

        Args:
            y_true_shape: Shape of the targets.
            y_pred_shape: Shape of the scores, `(batch, classes)`.

        Raises:
            ValueError: If the shapes are of another rank, or the number of classes is not known.
        """
        if self.built:
            return
        if len(y_pred_shape) != 2 or len(y_true_shape) != 2 or None in (y_pred_shape[-1], y_true_shape[-1]):
            raise ValueError(
                f"Metric {self.name!r}: expected targets and scores of shape (batch, classes), received "
                f"y_true.shape={tuple(y_true_shape)} and y_pred.shape={tuple(y_pred_shape)}."
            )
        shape = () if self.average == "micro" else (y_pred_shape[-1],)
        for count in ("true_positives", "false_positives", "false_negatives", "intermediate_weights"):
            setattr(self, f"_{count}", self.add_variable(shape, "zeros", name=count))
        self.built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch.

        Args:
            y_true: Targets of 0 and 1, `(batch, classes)`.
            y_pred: Scores, `(batch, classes)`.
            sample_weight: Weights, `(batch,)`.
        """
        y_true, y_pred = as_tensor(y_true, self._dtype), as_tensor(y_pred, self._dtype)
        self.build(y_true.shape, y_pred.shape)
        if self.threshold is None:
            largest = ops.equal(y_pred, ops.max(y_pred, axis=-1, keepdims=True))
            chosen = ops.logical_and(largest, ops.greater(ops.absolute(y_pred), 1e-9))
        else:
            chosen = ops.greater(y_pred, self.threshold)
        y_pred = ops.cast(chosen, self._dtype)
        weight = None if sample_weight is None else ops.expand_dims(as_tensor(sample_weight, self._dtype), 1)
        for variable, counted in (
            (self._true_positives, y_pred * y_true),
            (self._false_positives, y_pred * (1 - y_true)),
            (self._false_negatives, (1 - y_pred) * y_true),
            (self._intermediate_weights, y_true),
        ):
            variable.assign_add(ops.sum(counted if weight is None else counted * weight, axis=self.axis))

    def result(self) -> Tensor:
        """Returns the score, or one per class."""
        if not self.built:
            return ops.zeros((), dtype=self._dtype)
        hits = self._true_positives.value
        precision = ops.divide(hits, hits + self._false_positives.value + _TINY)
        recall = ops.divide(hits, hits + self._false_negatives.value + _TINY)
        square = self.beta**2
        scores = (1 + square) * precision * recall / (square * precision + recall + _TINY)
        if self.average == "weighted":
            frequency = self._intermediate_weights.value
            return ops.sum(scores * frequency / (ops.sum(frequency) + _TINY))
        return ops.mean(scores) if self.average is not None else scores

    def reset_state(self) -> None:
        """Starts anew."""
        if self.built:
            super().reset_state()


@export("keras.metrics.F1Score")
class F1Score(FBetaScore):
    """Harmonic mean of precision and recall; see `FBetaScore` for the arguments.

    Example:

        >>> round(float(F1Score(average="macro")([[1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8]])), 3)
        1.0
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(average=average, beta=1.0, threshold=threshold, name=name, dtype=dtype)
