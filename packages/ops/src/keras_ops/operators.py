"""Python operators of KerasTensor, Variable and backends' bare tensors, attached once the operations exist.

`keras_ops.ops` calls `attach` with itself, so this module needs no operation.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from keras_backends.selection import active

from keras_ops.tensor import KerasTensor
from keras_ops.variable import Variable

_BINARY = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "matmul": "matmul",
    "div": "divide",
    "truediv": "true_divide",
    "floordiv": "floor_divide",
    "mod": "mod",
    "pow": "power",
    "and": "logical_and",
    "or": "logical_or",
    "xor": "logical_xor",
}
_COMPARISONS = {
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "ne": "not_equal",
}
_UNARY = {"neg": "negative", "abs": "absolute", "invert": "logical_not"}


def _reversed(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, other: function(other, self)


def _unary(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self: function(self)


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of its own per operator, since a dispatcher must not be shared as a method."""
    return lambda self, other: function(self, other)


def _with_operators(cls: Any, ops: ModuleType) -> None:
    for name, operation in _BINARY.items():
        setattr(cls, f"__{name}__", _method(getattr(ops, operation)))
        setattr(cls, f"__r{name}__", _reversed(getattr(ops, operation)))
    for name, operation in _COMPARISONS.items():
        setattr(cls, f"__{name}__", _method(getattr(ops, operation)))
    for name, operation in _UNARY.items():
        setattr(cls, f"__{name}__", _unary(getattr(ops, operation)))
    cls.__getitem__ = _method(ops.get_item)
    cls.__round__ = lambda self, ndigits=None: ops.round(self, decimals=ndigits or 0)


def attach(ops: ModuleType) -> None:
    """Gives the classes their operators, which are attributes of the module `ops`."""
    tensor: Any = KerasTensor
    variable: Any = Variable
    for cls in (tensor, variable, *active().bare_tensors):
        _with_operators(cls, ops)
    for cls in active().bare_tensors:
        cls.__eq__ = _method(ops.equal)
        cls.__hash__ = object.__hash__
    tensor.reshape = lambda self, newshape: ops.reshape(self, newshape)
    tensor.squeeze = lambda self, axis=None: ops.squeeze(self, axis)
    variable.__eq__ = _method(ops.equal)
    variable.__hash__ = object.__hash__
    variable.__pos__ = lambda self: self.value
    variable.__bool__ = lambda self: bool(self.value)
    variable.__int__ = lambda self: int(self.numpy())
    variable.__float__ = lambda self: float(self.numpy())
