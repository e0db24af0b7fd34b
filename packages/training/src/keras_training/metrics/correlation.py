"""How predictions go along with targets: correlations, and the share of variance that is explained."""

import warnings
from typing import Any

import numpy as np
from keras_backends import settings
from keras_backends.api import export
from keras_ops import ops
from keras_ops.operations.nn_losses import squared_difference
from keras_ops.tensor import Tensor

from keras_training.losses.reduction import as_tensor
from keras_training.losses.regression import as_floats
from keras_training.metrics.metric import Metric
from keras_training.metrics.reductions import MeanMetricWrapper


@export("keras.metrics.pearson_correlation")
def pearson_correlation(y_true: Tensor, y_pred: Tensor, axis: int = -1) -> Tensor:
    """Covariance of targets and predictions over the product of their deviations, along an axis.

    Args:
        y_true: Targets `(..., n)`.
        y_pred: Predictions, same shape.
        axis: Axis to correlate along.

    Returns:
        `(...)` in [-1, 1].

    Example:

        >>> round(float(pearson_correlation([[0.0, 1.0, 2.0]], [[1.0, 3.0, 5.0]])[0]), 3)
        1.0
    """
    y_true, y_pred = as_floats(y_true, y_pred, "pearson_correlation")
    a, b = (y - ops.mean(y, axis=axis, keepdims=True) for y in (y_true, y_pred))
    size = ops.sqrt(ops.sum(a * a, axis=axis) * ops.sum(b * b, axis=axis))
    return ops.sum(a * b, axis=axis) / (size + settings.epsilon())


@export("keras.metrics.concordance_correlation")
def concordance_correlation(y_true: Tensor, y_pred: Tensor, axis: int = -1) -> Tensor:
    """Like `pearson_correlation`, but 1 only where predictions equal the targets, not merely follow them.

    Args:
        y_true: Targets `(..., n)`.
        y_pred: Predictions, same shape.
        axis: Axis to correlate along.

    Returns:
        `(...)` in [-1, 1].

    Example:

        >>> round(float(concordance_correlation([[0.0, 1.0, 2.0]], [[0.0, 1.0, 2.0]])[0]), 3)
        1.0
    """
    y_true, y_pred = as_floats(y_true, y_pred, "concordance_correlation")
    means = [ops.mean(y, axis=axis, keepdims=True) for y in (y_true, y_pred)]
    a, b = y_true - means[0], y_pred - means[1]
    spread = ops.mean(a * a, axis=axis) + ops.mean(b * b, axis=axis)
    apart = ops.squeeze(ops.square(means[0] - means[1]), axis)
    return 2.0 * ops.mean(a * b, axis=axis) / (spread + apart + settings.epsilon())


@export("keras.metrics.PearsonCorrelation")
class PearsonCorrelation(MeanMetricWrapper):
    """Mean of `pearson_correlation`.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.
        axis: Axis to correlate along.

    Example:

        >>> round(float(PearsonCorrelation()([[0.0, 1.0, 2.0]], [[1.0, 3.0, 5.0]])), 3)
        1.0
    """

    _direction = "up"

    def __init__(self, name: str | None = "pearson_correlation", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)


@export("keras.metrics.ConcordanceCorrelation")
class ConcordanceCorrelation(MeanMetricWrapper):
    """Mean of `concordance_correlation`.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.
        axis: Axis to correlate along.

    Example:

        >>> round(float(ConcordanceCorrelation()([[0.0, 1.0, 2.0]], [[0.0, 1.0, 2.0]])), 3)
        1.0
    """

    _direction = "up"

    def __init__(
        self, name: str | None = "concordance_correlation", dtype: Any = None, axis: int = -1
    ) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)


_AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


@export("keras.metrics.R2Score")
class R2Score(Metric):
    """Share of the targets' variance that predictions explain: 1 is best, 0 what their mean would reach.

    Args:
        class_aggregation: `"uniform_average"` for the mean over outputs, `"variance_weighted_average"` to
            weight them by the targets' variance, `None` for one score per output.
        num_regressors: How many regressors the score is adjusted for; 0 for none.
        name: Name of the metric.
        dtype: See `Metric`.

    Raises:
        ValueError: If an argument is out of range.

    Example:

        >>> round(float(R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])), 4)
        0.5714
    """

    _direction = "up"

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if class_aggregation not in _AGGREGATIONS:
            raise ValueError(
                f"R2Score: expected `class_aggregation` to be one of {_AGGREGATIONS}, received "
                f"{class_aggregation!r}."
            )
        if num_regressors < 0:
            raise ValueError(
                f"R2Score: expected `num_regressors` of at least 0, received {num_regressors!r}."
            )
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_samples = self.add_variable((), "zeros", name="num_samples")
        self.built = False

    def build(self, y_true_shape: Any, y_pred_shape: Any) -> None:
        """Makes the sums for as many outputs as there are.

        Args:
            y_true_shape: Shape of the targets.
            y_pred_shape: Shape of the predictions, `(batch, outputs)`.

        Raises:
            ValueError: If the shapes are of another rank, or the number of outputs is not known.
        """
        if self.built:
            return
        if len(y_pred_shape) != 2 or len(y_true_shape) != 2 or None in (y_pred_shape[-1], y_true_shape[-1]):
            raise ValueError(
                f"Metric {self.name!r}: expected targets and predictions of shape (batch, outputs), received "
                f"y_true.shape={tuple(y_true_shape)} and y_pred.shape={tuple(y_pred_shape)}."
            )
        shape = (y_pred_shape[-1],)
        self.squared_sum = self.add_variable(shape, "zeros", name="squared_sum")
        self.sum = self.add_variable(shape, "zeros", name="sum")
        self.total_mse = self.add_variable(shape, "zeros", name="residual")
        self.count = self.add_variable(shape, "zeros", name="count")
        self.built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch.

        Args:
            y_true: Targets `(batch, outputs)`.
            y_pred: Predictions `(batch, outputs)`.
            sample_weight: Weights, scalar or `(batch,)`.
        """
        y_true, y_pred = as_tensor(y_true, self._dtype), as_tensor(y_pred, self._dtype)
        self.build(y_true.shape, y_pred.shape)
        weight = as_tensor(1.0 if sample_weight is None else sample_weight, self._dtype)
        if len(weight.shape) == 1:
            weight = ops.expand_dims(weight, 1)
        weight = ops.broadcast_to(weight, ops.shape(y_true))
        self.sum.assign_add(ops.sum(y_true * weight, axis=0))
        self.squared_sum.assign_add(ops.sum(y_true * y_true * weight, axis=0))
        self.total_mse.assign_add(ops.sum(squared_difference(y_true, y_pred) * weight, axis=0))
        self.count.assign_add(ops.sum(weight, axis=0))
        self.num_samples.assign_add(ops.cast(ops.size(y_true), self._dtype))

    def result(self) -> Tensor:
        """Returns the score, or one per output."""
        if not self.built:
            return ops.zeros((), dtype=self._dtype)
        mean = self.sum.value / self.count.value
        total = self.squared_sum.value - self.sum.value * mean
        scores = 1 - self.total_mse.value / total
        scores = ops.where(ops.isinf(scores), 0.0, scores)
        if self.class_aggregation == "uniform_average":
            scores = ops.mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            scores = ops.sum(total * scores) / ops.sum(total)
        return scores if self.num_regressors == 0 else self._adjusted(scores)

    def _adjusted(self, scores: Tensor) -> Tensor:
        count = self.num_samples.value
        free = count - self.num_regressors - 1
        if isinstance(free, np.ndarray) and free <= 0:
            warnings.warn(
                f"Metric {self.name!r}: there are not more samples than regressors "
                f"(num_regressors={self.num_regressors}), so the score is not adjusted.",
                stacklevel=3,
            )
        return ops.where(free > 0, 1 - (1 - scores) * (count - 1) / ops.maximum(free, 1.0), scores)

    def reset_state(self) -> None:
        """Starts anew."""
        if self.built:
            super().reset_state()
