"""Metrics of errors between real numbers, most of them means of the losses of the same name."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.operations.nn_losses import squared_difference
from keras_ops.tensor import Tensor

from keras_training.losses import regression as losses
from keras_training.metrics.reductions import Mean, MeanMetricWrapper


@export("keras.metrics.MeanSquaredError")
class MeanSquaredError(MeanMetricWrapper):
    """Mean of squared differences.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> float(MeanSquaredError()([[0.0, 1.0]], [[1.0, 1.0]]))
        0.5
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_squared_error, name, dtype)


@export("keras.metrics.MeanAbsoluteError")
class MeanAbsoluteError(MeanMetricWrapper):
    """Mean of absolute differences.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> float(MeanAbsoluteError()([[0.0, 1.0]], [[3.0, 1.0]]))
        1.5
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_absolute_error, name, dtype)


@export("keras.metrics.MeanAbsolutePercentageError")
class MeanAbsolutePercentageError(MeanMetricWrapper):
    """Mean of absolute differences relative to the target, in percent.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> float(MeanAbsolutePercentageError()([[2.0]], [[1.0]]))
        50.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_absolute_percentage_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_absolute_percentage_error, name, dtype)


@export("keras.metrics.MeanSquaredLogarithmicError")
class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """Mean of squared differences of `log(1 + x)`.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> float(MeanSquaredLogarithmicError()([[1.0]], [[1.0]]))
        0.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_squared_logarithmic_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_squared_logarithmic_error, name, dtype)


@export("keras.metrics.RootMeanSquaredError")
class RootMeanSquaredError(Mean):
    """Square root of the mean of squared differences.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> float(RootMeanSquaredError()([[0.0, 0.0]], [[3.0, 3.0]]))
        3.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch; see `MeanMetricWrapper.update_state`."""
        y_true, y_pred = losses.as_floats(y_true, y_pred, self.name)
        super().update_state(squared_difference(y_true, y_pred), sample_weight)

    def result(self) -> Tensor:
        """Returns the square root of the mean."""
        return ops.sqrt(super().result())


@export("keras.metrics.LogCoshError")
class LogCoshError(MeanMetricWrapper):
    """Mean logarithm of the hyperbolic cosine of the difference.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> float(LogCoshError()([[1.0]], [[1.0]]))
        0.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "logcosh", dtype: Any = None) -> None:
        super().__init__(losses.log_cosh, name, dtype)


def cosine_similarity(y_true: Tensor, y_pred: Tensor, axis: int = -1) -> Tensor:
    """Cosine of the angle between targets and predictions: 1 for the same direction."""
    return -losses.cosine_similarity(y_true, y_pred, axis)


@export("keras.metrics.CosineSimilarity")
class CosineSimilarity(MeanMetricWrapper):
    """Mean cosine of the angle between targets and predictions.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.
        axis: Axis of the vectors.

    Example:

        >>> float(CosineSimilarity()([[3.0, 0.0]], [[5.0, 0.0]]))
        1.0
    """

    _direction = "up"

    omitted = ("axis",)

    def __init__(self, name: str | None = "cosine_similarity", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(cosine_similarity, name, dtype, axis=axis)
