"""Regularizers: functions of a weight, or of a layer's output, whose value is added to the loss.

Layers keep them on their variables and read them when `losses` is asked for. Also `get`, `serialize`
and `deserialize` for `keras.regularizers`; what changes a weight belongs in `constraints`.
"""

import math
from typing import Any

from keras_backends import settings
from keras_backends.api import export
from keras_ops import ops
from keras_ops.configurable import Configurable
from keras_ops.object_family import ObjectFamily, in_snake_case_too
from keras_ops.serialize import serialize_keras_object
from keras_ops.tensor import Tensor

from keras_layers.core.arguments import one_of


@export(["keras.Regularizer", "keras.regularizers.Regularizer"])
class Regularizer(Configurable):
    """Base of regularizers: a callable from a tensor to a scalar penalty.

    A subclass implements `__call__`, and `get_config` where the constructor's parameters are not
    plain attributes of the same name.

    Example:

        >>> class Total(Regularizer):
        ...     def __call__(self, x):
        ...         return ops.sum(x)
        >>> float(Total()(ops.array([1.0, 2.0])))
        3.0
    """

    def __call__(self, x: Tensor) -> Tensor:
        """Returns the penalty.

        Args:
            x: Weight or activation, any shape.

        Returns:
            A scalar tensor.
        """
        raise NotImplementedError(
            f"Regularizer {type(self).__name__!r} must implement `__call__(self, x)`; it does not."
        )

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments, ready to be written as JSON."""
        return super().get_config()

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Regularizer":
        """Makes a regularizer from what `get_config` returned."""
        return cls(**config)


def _checked(value: Any, name: str, owner: str) -> float:
    """Returns a factor that is a number and not NaN, infinite or negative."""
    is_number = isinstance(value, (int, float)) or (
        hasattr(value, "__float__") and not isinstance(value, str)
    )
    if not is_number or not math.isfinite(float(value)) or float(value) < 0:
        raise ValueError(
            f"{owner}: `{name}` must be a finite number, not negative, received {name}={value!r}."
        )
    return value


def _float32(value: float) -> float:
    """The value rounded to floatx: what the incumbent's files hold for `L1`."""
    rounded = ops.convert_to_numpy(ops.convert_to_tensor(value, dtype=settings.floatx()))
    return float(rounded)


@export(["keras.regularizers.L1", "keras.regularizers.l1"])
class L1(Regularizer):
    """Penalty `l1 * sum(|x|)`.

    Args:
        l1: Factor, default 0.01. Kept rounded to the default float dtype, as saved files have it.

    Example:

        >>> round(float(L1(0.5)(ops.array([-1.0, 3.0]))), 4)
        2.0
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = _float32(_checked(0.0 if l1 is None else l1, "l1", "L1"))

    def __call__(self, x: Tensor) -> Tensor:
        return self.l1 * ops.sum(ops.absolute(x))


@export(["keras.regularizers.L2", "keras.regularizers.l2"])
class L2(Regularizer):
    """Penalty `l2 * sum(x ** 2)`.

    Args:
        l2: Factor, default 0.01.

    Example:

        >>> round(float(L2(0.5)(ops.array([-1.0, 3.0]))), 4)
        5.0
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = _checked(0.0 if l2 is None else l2, "l2", "L2")

    def __call__(self, x: Tensor) -> Tensor:
        return self.l2 * ops.sum(ops.square(x))


@export(["keras.regularizers.L1L2", "keras.regularizers.l1_l2"])
class L1L2(Regularizer):
    """Penalty `l1 * sum(|x|) + l2 * sum(x ** 2)`.

    Args:
        l1: Factor of the first term, default 0.
        l2: Factor of the second term, default 0.

    Example:

        >>> round(float(L1L2(l1=0.5, l2=0.1)(ops.array([-1.0, 3.0]))), 4)
        3.0
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = _checked(0.0 if l1 is None else l1, "l1", "L1L2")
        self.l2 = _checked(0.0 if l2 is None else l2, "l2", "L1L2")

    def __call__(self, x: Tensor) -> Tensor:
        penalty = ops.convert_to_tensor(0.0, dtype=x.dtype)
        if self.l1:
            penalty = penalty + self.l1 * ops.sum(ops.absolute(x))
        if self.l2:
            penalty = penalty + self.l2 * ops.sum(ops.square(x))
        return penalty


_MODES = ("rows", "columns")


@export(["keras.regularizers.OrthogonalRegularizer", "keras.regularizers.orthogonal_regularizer"])
class OrthogonalRegularizer(Regularizer):
    """Penalty on the cosines between the rows, or columns, of a matrix.

    Args:
        factor: Factor, default 0.01.
        mode: `"rows"` (default) or `"columns"`: which vectors should be orthogonal to each other.

    Example:

        >>> round(float(OrthogonalRegularizer(1.0)(ops.array([[1.0, 0.0], [0.0, 1.0]]))), 4)
        0.0
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = _checked(factor, "factor", "OrthogonalRegularizer")
        self.mode = one_of(self, "mode", mode, _MODES)

    def __call__(self, x: Tensor) -> Tensor:
        if len(x.shape) != 2:
            raise ValueError(
                f"OrthogonalRegularizer: expected a matrix, received a tensor of shape {tuple(x.shape)}."
            )
        axis, size = (1, x.shape[0]) if self.mode == "rows" else (0, x.shape[1])
        x = ops.normalize(x, axis=axis)
        products = ops.matmul(x, ops.transpose(x)) if axis else ops.matmul(ops.transpose(x), x)
        others = products * (1.0 - ops.eye(size, dtype=x.dtype))
        pairs = size * (size - 1.0) / 2.0
        return self.factor * 0.5 * ops.sum(ops.absolute(others)) / pairs


_CLASSES = (Regularizer, L1, L1L2, L2, OrthogonalRegularizer)
FAMILY = ObjectFamily("regularizer", in_snake_case_too({cls.__name__: cls for cls in _CLASSES}))


@export("keras.regularizers.serialize")
def serialize(regularizer: Regularizer) -> dict[str, Any]:
    """Returns the configuration of a regularizer as plain data.

    Args:
        regularizer: The regularizer.

    Example:

        >>> serialize(L2(0.5))["class_name"]
        'L2'
    """
    return serialize_keras_object(regularizer)


@export("keras.regularizers.deserialize")
def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Regularizer:
    """Makes a regularizer from its configuration.

    Args:
        config: What `serialize` returned.
        custom_objects: Classes by name, beside the registered ones.

    Example:

        >>> type(deserialize(serialize(L2(0.5)))).__name__
        'L2'
    """
    return FAMILY.deserialize(config, custom_objects)


@export("keras.regularizers.get")
def get(identifier: Any) -> Any:
    """Returns a regularizer for `None`, a name, a configuration, a class or a regularizer.

    Args:
        identifier: `None`, a name such as `"l2"` or `"L1L2"`, a configuration, a class, or any
            callable.

    Raises:
        ValueError: If the name is unknown or the value is of another kind.

    Example:

        >>> get("l2").l2, get(None)
        (0.01, None)
    """
    return FAMILY.get(identifier)
