"""Losses between real numbers: squared, absolute, relative, robust and angular errors.

A function returns the mean over the last axis for each sample; its class reduces that to a number.
"""

import math
from typing import Any

from keras_backends import settings
from keras_backends.api import export
from keras_backends.dtypes import standardize_dtype
from keras_ops import ops
from keras_ops.operations.nn_losses import squared_difference
from keras_ops.tensor import Tensor

from keras_training.losses.loss import LossFunctionWrapper
from keras_training.losses.reduction import as_tensor, same_rank


def as_floats(y_true: Any, y_pred: Any, name: str) -> tuple[Tensor, Tensor]:
    """Converts predictions to a tensor and targets to its dtype, of equal rank and fitting shapes.

    Raises:
        ValueError: If the shapes do not broadcast.
    """
    y_pred = as_tensor(y_pred)
    y_true = as_tensor(y_true, standardize_dtype(y_pred.dtype))
    if len(y_true.shape) != len(y_pred.shape):
        y_true, y_pred = same_rank(y_true, y_pred)
    for a, b in zip(reversed(y_true.shape), reversed(y_pred.shape)):
        if a != b and None not in (a, b) and 1 not in (a, b):
            raise ValueError(
                f"Loss {name!r}: expected `y_true` and `y_pred` of equal shapes, received "
                f"y_true.shape={tuple(y_true.shape)} and y_pred.shape={tuple(y_pred.shape)}. Check the "
                "last layer's number of units against the targets."
            )
    return y_true, y_pred


@export(["keras.metrics.mean_squared_error", "keras.losses.mean_squared_error"])
def mean_squared_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Mean of `(y_true - y_pred)**2` over the last axis.

    Args:
        y_true: Targets `(..., n)`.
        y_pred: Predictions `(..., n)`.

    Returns:
        `(...)`.

    Example:

        >>> [float(x) for x in mean_squared_error([[1.0, 2.0]], [[1.0, 4.0]])]
        [2.0]
    """
    y_true, y_pred = as_floats(y_true, y_pred, "mean_squared_error")
    return ops.mean(squared_difference(y_true, y_pred), axis=-1)


@export(["keras.metrics.mean_absolute_error", "keras.losses.mean_absolute_error"])
def mean_absolute_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Mean of `|y_true - y_pred|` over the last axis.

    Args:
        y_true: Targets `(..., n)`.
        y_pred: Predictions `(..., n)`.

    Returns:
        `(...)`.

    Example:

        >>> [float(x) for x in mean_absolute_error([[1.0, 2.0]], [[1.0, 4.0]])]
        [1.0]
    """
    y_true, y_pred = as_floats(y_true, y_pred, "mean_absolute_error")
    return ops.mean(ops.absolute(y_true - y_pred), axis=-1)


@export(["keras.metrics.mean_absolute_percentage_error", "keras.losses.mean_absolute_percentage_error"])
def mean_absolute_percentage_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Mean of `100 * |y_true - y_pred| / |y_true|` over the last axis, targets near 0 taken as epsilon.

    Args:
        y_true: Targets `(..., n)`.
        y_pred: Predictions `(..., n)`.

    Returns:
        `(...)`.

    Example:

        >>> [float(x) for x in mean_absolute_percentage_error([[1.0, 2.0]], [[1.0, 4.0]])]
        [50.0]
    """
    y_true, y_pred = as_floats(y_true, y_pred, "mean_absolute_percentage_error")
    scale = ops.maximum(ops.absolute(y_true), settings.epsilon())
    return 100.0 * ops.mean(ops.absolute((y_true - y_pred) / scale), axis=-1)


@export(["keras.metrics.mean_squared_logarithmic_error", "keras.losses.mean_squared_logarithmic_error"])
def mean_squared_logarithmic_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Mean of `(log(y_true + 1) - log(y_pred + 1))**2` over the last axis; negative values count as 0.

    Args:
        y_true: Targets `(..., n)`.
        y_pred: Predictions `(..., n)`.

    Returns:
        `(...)`.

    Example:

        >>> [float(x) for x in mean_squared_logarithmic_error([[0.0]], [[0.0]])]
        [0.0]
    """
    y_true, y_pred = as_floats(y_true, y_pred, "mean_squared_logarithmic_error")
    low = settings.epsilon()
    difference = ops.log(ops.maximum(y_pred, low) + 1.0) - ops.log(ops.maximum(y_true, low) + 1.0)
    return ops.mean(ops.square(difference), axis=-1)


@export(["keras.losses.huber", "keras.metrics.huber"])
def huber(y_true: Tensor, y_pred: Tensor, delta: float = 1.0) -> Tensor:
    """Squared error for small differences, absolute error for large ones, averaged over the last axis.

    With `e = |y_true - y_pred|`: `e**2 / 2` up to `delta`, `delta * e - delta**2 / 2` above.

    Args:
        y_true: Targets `(..., n)`.
        y_pred: Predictions `(..., n)`.
        delta: Where the quadratic part ends.

    Returns:
        `(...)`.

    Example:

        >>> [float(x) for x in huber([[0.0]], [[3.0]])]
        [2.5]
    """
    y_true, y_pred = as_floats(y_true, y_pred, "huber")
    error = ops.absolute(y_true - y_pred)
    return ops.mean(
        ops.where(error <= delta, 0.5 * ops.square(error), delta * error - 0.5 * delta * delta), axis=-1
    )


@export(["keras.losses.log_cosh", "keras.metrics.log_cosh"])
def log_cosh(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Mean of `log(cosh(y_pred - y_true))` over the last axis.

    Args:
        y_true: Targets `(..., n)`.
        y_pred: Predictions `(..., n)`.

    Returns:
        `(...)`.

    Example:

        >>> [float(x) for x in log_cosh([[0.0]], [[0.0]])]
        [0.0]
    """
    y_true, y_pred = as_floats(y_true, y_pred, "log_cosh")
    error = ops.absolute(y_pred - y_true)
    # |e| + log1p(exp(-2|e|)) - log 2 neither overflows nor cancels where log(cosh(e)) does.
    return ops.mean(error + ops.log1p(ops.exp(-2.0 * error)) - math.log(2.0), axis=-1)


@export("keras.losses.cosine_similarity")
def cosine_similarity(y_true: Tensor, y_pred: Tensor, axis: int = -1) -> Tensor:
    """Minus the cosine of the angle between targets and predictions: -1 for the same direction.

    Args:
        y_true: Targets.
        y_pred: Predictions, same shape.
        axis: Axis of the vectors.

    Returns:
        The shape of the inputs without `axis`.

    Example:

        >>> [float(x) for x in cosine_similarity([[3.0, 0.0]], [[5.0, 0.0]])]
        [-1.0]
    """
    y_true, y_pred = as_floats(y_true, y_pred, "cosine_similarity")
    return -ops.sum(ops.normalize(y_true, axis=axis) * ops.normalize(y_pred, axis=axis), axis=axis)


@export("keras.losses.MeanSquaredError")
class MeanSquaredError(LossFunctionWrapper):
    """Mean of squared differences.

    Args:
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.

    Example:

        >>> float(MeanSquaredError()([[0.0, 1.0]], [[1.0, 1.0]]))
        0.5
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)


@export("keras.losses.MeanAbsoluteError")
class MeanAbsoluteError(LossFunctionWrapper):
    """Mean of absolute differences.

    Args:
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.

    Example:

        >>> float(MeanAbsoluteError()([[0.0, 1.0]], [[3.0, 1.0]]))
        1.5
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)


@export("keras.losses.MeanAbsolutePercentageError")
class MeanAbsolutePercentageError(LossFunctionWrapper):
    """Mean of absolute differences relative to the target, in percent.

    Args:
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.

    Example:

        >>> float(MeanAbsolutePercentageError()([[2.0]], [[1.0]]))
        50.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_percentage_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


@export("keras.losses.MeanSquaredLogarithmicError")
class MeanSquaredLogarithmicError(LossFunctionWrapper):
    """Mean of squared differences of `log(1 + x)`.

    Args:
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.

    Example:

        >>> float(MeanSquaredLogarithmicError()([[1.0]], [[1.0]]))
        0.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_logarithmic_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)


@export("keras.losses.Huber")
class Huber(LossFunctionWrapper):
    """Squared error for small differences, absolute error for large ones.

    Args:
        delta: Where the quadratic part ends.
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.

    Example:

        >>> float(Huber(delta=2.0)([[0.0]], [[3.0]]))
        4.0
    """

    omitted = ("delta",)

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(huber, reduction, name, dtype, delta=delta)


@export("keras.losses.LogCosh")
class LogCosh(LossFunctionWrapper):
    """Logarithm of the hyperbolic cosine of the difference.

    Args:
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.

    Example:

        >>> float(LogCosh()([[1.0]], [[1.0]]))
        0.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "log_cosh",
        dtype: Any = None,
    ) -> None:
        super().__init__(log_cosh, reduction, name, dtype)


@export("keras.losses.CosineSimilarity")
class CosineSimilarity(LossFunctionWrapper):
    """Minus the cosine of the angle between targets and predictions.

    Args:
        axis: Axis of the vectors.
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.

    Example:

        >>> float(CosineSimilarity()([[1.0, 0.0]], [[0.0, 1.0]]))
        -0.0
    """

    omitted = ("axis",)

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "cosine_similarity",
        dtype: Any = None,
    ) -> None:
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)
