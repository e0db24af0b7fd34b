"""Constraints: functions of a weight that bring it back into an allowed set after each update.

Layers keep them on their variables, optimizers apply them after a step. Also `get`, `serialize` and
`deserialize` for `keras.constraints`; anything that adds to a loss belongs in `regularizers`.
"""

from collections.abc import Sequence
from typing import Any

from keras_backends import settings
from keras_backends.api import export
from keras_ops import ops
from keras_ops.configurable import Configurable
from keras_ops.object_family import ObjectFamily, in_snake_case_too
from keras_ops.serialize import serialize_keras_object
from keras_ops.tensor import Tensor

Axis = int | Sequence[int]


@export("keras.constraints.Constraint")
class Constraint(Configurable):
    """Base of weight constraints: a callable from a weight to the weight that replaces it.

    A subclass implements `__call__`, and `get_config` where the constructor's parameters are not
    plain attributes of the same name.

    Example:

        >>> class Halved(Constraint):
        ...     def __call__(self, w):
        ...         return w / 2
        >>> [float(x) for x in Halved()(ops.array([2.0, 4.0]))]
        [1.0, 2.0]
    """

    def __call__(self, w: Tensor) -> Tensor:
        """Returns the constrained weight.

        Args:
            w: Weight, any shape.

        Returns:
            A tensor of the same shape and dtype.
        """
        raise NotImplementedError(
            f"Constraint {type(self).__name__!r} must implement `__call__(self, w)`; it does not."
        )

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments, ready to be written as JSON."""
        return super().get_config()

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Constraint":
        """Makes a constraint from what `get_config` returned."""
        return cls(**config)


def _norms(w: Tensor, axis: Axis) -> Tensor:
    return ops.sqrt(ops.sum(ops.square(w), axis=axis, keepdims=True))


@export(["keras.constraints.MaxNorm", "keras.constraints.max_norm"])
class MaxNorm(Constraint):
    """Scales vectors of weights down to a largest norm.

    Args:
        max_value: Largest allowed norm, default 2.
        axis: Axis or axes along which norms are taken, default 0: one norm per output unit of a
            dense kernel `(inputs, units)`. For a 2D convolution kernel `(rows, cols, inputs,
            filters)` use `[0, 1, 2]`.

    Example:

        >>> w = MaxNorm(1.0)(ops.array([[3.0, 0.3], [4.0, 0.4]]))
        >>> [round(float(x), 3) for x in ops.reshape(w, (-1,))]
        [0.6, 0.3, 0.8, 0.4]
    """

    def __init__(self, max_value: float = 2, axis: Axis = 0) -> None:
        self.max_value = max_value
        self.axis = axis

    def __call__(self, w: Tensor) -> Tensor:
        w = ops.convert_to_tensor(w)
        norms = _norms(w, self.axis)
        return w * (ops.clip(norms, 0, self.max_value) / (norms + settings.epsilon()))


@export(["keras.constraints.NonNeg", "keras.constraints.non_neg"])
class NonNeg(Constraint):
    """Replaces negative weights by zero.

    Example:

        >>> [abs(float(x)) for x in NonNeg()(ops.array([-1.0, 2.0]))]
        [0.0, 2.0]
    """

    def __call__(self, w: Tensor) -> Tensor:
        w = ops.convert_to_tensor(w)
        return w * ops.cast(ops.greater_equal(w, 0.0), w.dtype)


@export(["keras.constraints.UnitNorm", "keras.constraints.unit_norm"])
class UnitNorm(Constraint):
    """Scales vectors of weights to norm one.

    Args:
        axis: Axis or axes along which norms are taken, default 0.

    Example:

        >>> [round(float(x), 3) for x in UnitNorm()(ops.array([3.0, 4.0]))]
        [0.6, 0.8]
    """

    def __init__(self, axis: Axis = 0) -> None:
        self.axis = axis

    def __call__(self, w: Tensor) -> Tensor:
        w = ops.convert_to_tensor(w)
        return w / (_norms(w, self.axis) + settings.epsilon())


@export(["keras.constraints.MinMaxNorm", "keras.constraints.min_max_norm"])
class MinMaxNorm(Constraint):
    """Moves the norms of vectors of weights into a range.

    Args:
        min_value: Smallest allowed norm, default 0.
        max_value: Largest allowed norm, default 1.
        rate: How far a norm moves per call, default 1: all the way, `0.1`: a tenth of it.
        axis: Axis or axes along which norms are taken, default 0.

    Example:

        >>> [round(float(x), 3) for x in MinMaxNorm(1.0, 2.0)(ops.array([0.3, 0.4]))]
        [0.6, 0.8]
    """

    def __init__(
        self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Axis = 0
    ) -> None:
        self.min_value = min_value
        self.max_value = max_value
        self.rate = rate
        self.axis = axis

    def __call__(self, w: Tensor) -> Tensor:
        w = ops.convert_to_tensor(w)
        norms = _norms(w, self.axis)
        desired = self.rate * ops.clip(norms, self.min_value, self.max_value) + (1 - self.rate) * norms
        return w * (desired / (norms + settings.epsilon()))


_CLASSES = (Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm)
FAMILY = ObjectFamily("constraint", in_snake_case_too({cls.__name__: cls for cls in _CLASSES}))


@export("keras.constraints.serialize")
def serialize(constraint: Constraint) -> dict[str, Any]:
    """Returns the configuration of a constraint as plain data.

    Args:
        constraint: The constraint.

    Example:

        >>> serialize(NonNeg())["class_name"]
        'NonNeg'
    """
    return serialize_keras_object(constraint)


@export("keras.constraints.deserialize")
def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Constraint:
    """Makes a constraint from its configuration.

    Args:
        config: What `serialize` returned.
        custom_objects: Classes by name, beside the registered ones.

    Example:

        >>> type(deserialize(serialize(NonNeg()))).__name__
        'NonNeg'
    """
    return FAMILY.deserialize(config, custom_objects)


@export("keras.constraints.get")
def get(identifier: Any) -> Any:
    """Returns a constraint for `None`, a name, a configuration, a class or a constraint.

    Args:
        identifier: `None`, a name such as `"max_norm"` or `"MaxNorm"`, a configuration, a class, or
            any callable.

    Raises:
        ValueError: If the name is unknown or the value is of another kind.

    Example:

        >>> get("non_neg").__class__.__name__, get(None)
        ('NonNeg', None)
    """
    return FAMILY.get(identifier)
