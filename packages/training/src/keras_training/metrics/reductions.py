"""`Mean`, `Sum`, and `MeanMetricWrapper`, which makes a metric of a function.

Most metrics are the mean of a function of targets and predictions; their files hold a few lines
each on top of `MeanMetricWrapper`.
"""

from collections.abc import Callable
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.masks import get_mask
from keras_ops.serialize import deserialize_keras_object
from keras_ops.state import state
from keras_ops.tensor import Tensor

from keras_training.losses.loss import wrapper_config
from keras_training.losses.reduction import as_tensor, fit_rank, masked_weight, same_rank
from keras_training.metrics.metric import Metric


def samplewise(
    values: Any, sample_weight: Any, reduce: Callable[..., Tensor], dtype: str
) -> tuple[Tensor, Tensor | None]:
    """Reduces values to one per sample, weighted.

    Args:
        values: A scalar, or `(batch, ...)`. A mask that it carries counts together with weights only, as
            with the incumbent.
        sample_weight: Scalar or weights of the first axes of `values`, or `None`.
        reduce: `ops.mean` or `ops.sum`, for the axes after the first.
        dtype: Dtype to compute in.

    Returns:
        `(batch,)` (or a scalar), and the weight of each sample if there are weights.
    """
    mask = get_mask(values)
    values = ops.cast(values, dtype)
    if sample_weight is None:
        rank = len(values.shape)
        return (reduce(values, axis=tuple(range(1, rank))) if rank > 1 else values), None
    sample_weight = as_tensor(sample_weight, dtype)
    weight = masked_weight(sample_weight, mask, dtype, "sum")
    values, weight = same_rank(values, weight)
    if 0 < len(weight.shape) < len(values.shape):
        values = reduce(values, axis=tuple(range(len(weight.shape), len(values.shape))))
    weight = fit_rank(weight, values)
    values = values * weight
    rank = len(values.shape)
    if rank > 1:
        weight = reduce(ops.broadcast_to(weight, ops.shape(values)), axis=tuple(range(1, rank)))
        values = reduce(values, axis=tuple(range(1, rank)))
    elif rank and not len(weight.shape):
        weight = ops.broadcast_to(weight, ops.shape(values))
    return values, weight


@export("keras.metrics.Mean")
class Mean(Metric):
    """Weighted mean of all values seen.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> m = Mean()
        >>> m.update_state([1.0, 3.0])
        >>> m.update_state(8.0)
        >>> float(m.result())
        4.0
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", name="total")
        self.count = self.add_variable((), "zeros", name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Adds values.

        Args:
            values: A scalar, or `(batch, ...)`: a sample counts as its mean.
            sample_weight: Weights; scalar, `(batch,)`, or of the first axes of `values`.
        """
        if type(sample_weight) is int and not len(getattr(values, "shape", (0,))):
            # A loss and its number of samples: native arithmetic on the tensors, for the Trainer's sake.
            values = as_tensor(values, self._dtype)
            add = state.backend.updates.get("weighted_sum")
            if add is not None and state.plain:
                add(self.total._storage, self.count._storage, values, sample_weight)
                return
            self.total.assign(self.total.value + values * sample_weight)
            self.count.assign(self.count.value + sample_weight)
            return
        values, weight = samplewise(values, sample_weight, ops.mean, self._dtype)
        if weight is not None:
            count = ops.sum(weight)
        elif len(values.shape):
            count = ops.cast(ops.shape(values)[0], self._dtype)
        else:
            count = 1
        self.total.assign_add(ops.sum(values))
        self.count.assign_add(count)

    def reset_state(self) -> None:
        """Starts anew."""
        self.total.assign(0)
        self.count.assign(0)

    def result(self) -> Tensor:
        """Returns the mean, 0 before the first update."""
        return ops.divide_no_nan(self.total, self.count)


@export("keras.metrics.Sum")
class Sum(Metric):
    """Weighted sum of all values seen.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> m = Sum()
        >>> m.update_state([1.0, 3.0])
        >>> float(m.result())
        4.0
    """

    def __init__(self, name: str | None = "sum", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Adds values; see `Mean.update_state`."""
        values, _ = samplewise(values, sample_weight, ops.sum, self._dtype)
        self.total.assign_add(ops.sum(values))

    def reset_state(self) -> None:
        """Starts anew."""
        self.total.assign(0)

    def result(self) -> Tensor:
        """Returns the sum."""
        # A copy, as some backends write variables in place.
        return ops.copy(self.total.value)


@export("keras.metrics.MeanMetricWrapper")
class MeanMetricWrapper(Mean):
    """Mean of a function of targets and predictions.

    Args:
        fn: `(y_true, y_pred, **kwargs) -> values`.
        name: Name; by default that of the function.
        dtype: See `Metric`.
        **kwargs: Further arguments of the function; they are attributes too.

    Example:

        >>> def same(y_true, y_pred):
        ...     return ops.equal(y_true, y_pred)
        >>> m = MeanMetricWrapper(same)
        >>> m.update_state([1, 2], [1, 3])
        >>> float(m.result())
        0.5
    """

    omitted: tuple[str, ...] = ()
    """Arguments that files do not mention while they have their defaults."""

    def __init__(
        self, fn: Callable[..., Tensor], name: str | None = None, dtype: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(name=name or getattr(fn, "__name__", None), dtype=dtype)
        self.fn = fn
        self._arguments = kwargs
        vars(self).update(kwargs)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch.

        Args:
            y_true: Targets `(batch, ...)`.
            y_pred: Predictions `(batch, ...)`.
            sample_weight: Weights; scalar, `(batch,)`, or of the first axes of the function's values.
        """
        values = self.fn(y_true, y_pred, **self._arguments)
        mask = get_mask(y_pred)
        if sample_weight is not None and mask is not None:
            sample_weight = as_tensor(sample_weight, self._dtype)
            sample_weight = masked_weight(sample_weight, mask, self._dtype, "sum")
        super().update_state(values, sample_weight)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments, ready to be written as JSON."""
        return wrapper_config(self, super().get_config(), self._arguments)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "MeanMetricWrapper":
        """Makes a metric from what `get_config` returned."""
        if "fn" in config:
            config = deserialize_keras_object(config)
        return cls(**config)
