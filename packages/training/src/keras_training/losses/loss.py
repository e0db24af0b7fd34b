"""`Loss`, the base of all losses, and `LossFunctionWrapper`, which makes one of a function.

The families in this folder are functions of targets and predictions, each with a class of a few
lines on top of the wrapper. Reduction to a number is in `reduction`.
"""

import inspect
from collections.abc import Callable
from typing import Any

from keras_backends import settings
from keras_backends.api import export
from keras_backends.dtypes import standardize_dtype
from keras_ops import ops, tree
from keras_ops.configurable import Configurable
from keras_ops.masks import get_mask
from keras_ops.naming import auto_name
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_ops.tensor import Tensor

from keras_training.losses.reduction import REDUCTIONS, as_tensors, reduce_weighted, same_rank


def compute_dtype(dtype: Any) -> str:
    """Returns the dtype name that `dtype` (a name, a dtype policy or `None` for floatx) computes in."""
    if dtype is None:
        return settings.floatx()
    return standardize_dtype(getattr(dtype, "compute_dtype", dtype))


@export(["keras.Loss", "keras.losses.Loss"])
class Loss(Configurable):
    """Base of losses: a callable from targets and predictions to a number.

    A subclass implements `call(y_true, y_pred)`, which returns a value per sample; `__call__` then
    applies weights and masks and reduces.

    Args:
        name: Name; by default that of the class in snake case.
        reduction: `"sum_over_batch_size"` or `"mean"`, `"mean_with_sample_weight"`, `"sum"`, or
            `"none"`/`None` for one value per sample.
        dtype: Dtype to compute in; floatx by default.

    Raises:
        ValueError: If `reduction` is none of these.

    Example:

        >>> class Distance(Loss):
        ...     def call(self, y_true, y_pred):
        ...         return ops.mean(ops.absolute(y_true - y_pred), axis=-1)
        >>> float(Distance()([[1.0, 2.0]], [[1.0, 4.0]]))
        1.0
    """

    not_in_config = ("dtype",)
    casts_targets = True
    """Whether `y_true` is cast to the loss's dtype; losses of integer labels keep theirs."""

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        self.name = name or auto_name(type(self).__name__)
        if reduction not in REDUCTIONS:
            raise ValueError(
                f"Loss {self.name!r}: expected `reduction` to be one of {REDUCTIONS}, received "
                f"reduction={reduction!r}."
            )
        self.reduction = reduction
        self._dtype = compute_dtype(dtype)

    @property
    def dtype(self) -> str:
        """The dtype that the loss is computed in."""
        return self._dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """Computes the loss.

        Args:
            y_true: Targets, e.g. `(batch, ...)`.
            y_pred: Predictions; a mask that they carry leaves out what it hides.
            sample_weight: Weights: a scalar, `(batch,)`, or of the shape of the values of `call`.

        Returns:
            A scalar, or a value per sample where `reduction` is `"none"`.
        """
        mask = get_mask(y_pred)
        dtype = self._dtype
        y_pred = as_tensors(y_pred, dtype)
        y_true = as_tensors(y_true, dtype if self.casts_targets else None)
        losses = self.call(y_true, y_pred)
        own = get_mask(losses)
        if own is not None:
            mask = own if mask is None else ops.logical_and(mask, own)
        return reduce_weighted(losses, sample_weight, mask, self.reduction, dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Returns one value per sample; subclasses implement it."""
        raise NotImplementedError(
            f"Loss {self.name!r} of type {type(self).__name__} must implement "
            "`call(self, y_true, y_pred)`; it does not."
        )

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments, ready to be written as JSON."""
        return super().get_config()

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Loss":
        """Makes a loss from what `get_config` returned."""
        return cls(**config)


class LossFunctionWrapper(Loss):
    """A loss made of a function `(y_true, y_pred, **kwargs) -> values`.

    Args:
        fn: The function.
        reduction: See `Loss`.
        name: Name; by default that of the function.
        dtype: See `Loss`.
        **kwargs: Further arguments of the function; they are attributes too.

    Example:

        >>> def gap(y_true, y_pred, power=1.0):
        ...     return ops.power(ops.absolute(y_true - y_pred), power)
        >>> float(LossFunctionWrapper(gap, power=2.0)([1.0], [3.0]))
        4.0
    """

    omitted: tuple[str, ...] = ()
    """Arguments that files do not mention while they have their defaults."""

    def __init__(
        self,
        fn: Callable[..., Tensor],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name or getattr(fn, "__name__", None), reduction=reduction, dtype=dtype)
        self.fn = fn
        self._arguments = kwargs
        vars(self).update(kwargs)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Returns the function's values for targets and predictions of equal rank."""
        if not tree.is_nested(y_pred) and not tree.is_nested(y_true):
            y_true, y_pred = same_rank(y_true, y_pred)
        return self.fn(y_true, y_pred, **self._arguments)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments, ready to be written as JSON."""
        return wrapper_config(self, super().get_config(), self._arguments)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "LossFunctionWrapper":
        """Makes a loss from what `get_config` returned."""
        if "fn" in config:
            config = deserialize_keras_object(config)
        return cls(**config)


def wrapper_config(wrapper: Any, config: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """Completes the config of a loss or metric that wraps a function.

    Args:
        wrapper: The loss or metric.
        config: Its config as read from the constructor's parameters.
        arguments: The function's arguments, which are parameters of subclasses only.

    Returns:
        The config with the arguments, without those in `wrapper.omitted` that have their defaults.
    """
    config |= {name: serialize_keras_object(value) for name, value in arguments.items() if name not in config}
    for name in wrapper.omitted:
        if config[name] == inspect.signature(type(wrapper).__init__).parameters[name].default:
            del config[name]
    return config
