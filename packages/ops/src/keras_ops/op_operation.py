"""A call of an operation as an object: what a graph records and a file names.

`SymbolicOp.operation_class` makes one class per declared operation, on first use.
"""

import importlib
import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from keras_ops.graph import Operation
from keras_ops.naming import to_snake_case
from keras_ops.state import state
from keras_ops.tensor import KerasTensor, known

if TYPE_CHECKING:
    from keras_ops.op import Op
    from keras_ops.op_symbolic import SymbolicOp

OPERATIONS: dict[str, "Op"] = {}
"""Every operation that has been declared, by name; `keras_ops.operations.all_operations` loads all."""

_POSITIONAL = inspect.Parameter.POSITIONAL_OR_KEYWORD
_NONE = inspect.Parameter.empty


class OpOperation(Operation):
    """A call of an operation as an object: a step of a graph, with its attributes."""

    op: "SymbolicOp"
    default_name: str

    def __init__(self, *args: Any, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name)
        op = self.op
        values = dict(zip(op.config_names, args))
        values.update(kwargs)
        for parameter_name in op.config_names:
            parameter = op.parameters[parameter_name]
            if parameter_name in values:
                setattr(self, parameter_name, values.pop(parameter_name))
            elif parameter.default is not _NONE:
                setattr(self, parameter_name, parameter.default)
            elif parameter.kind is not inspect.Parameter.VAR_KEYWORD:
                raise TypeError(f"{op.class_name}: missing argument {parameter_name!r}.")
        if values or len(args) > len(op.config_names):
            raise TypeError(
                f"{op.class_name}: expected the arguments {op.config_names}, received {args} {kwargs}."
            )

    @classmethod
    def of(cls, attributes: Mapping[str, Any]) -> "OpOperation":
        """Makes one from its attributes, which are known to be complete."""
        self = cls.__new__(cls)
        Operation.__init__(self)
        self.__dict__.update(attributes)
        return self

    def call(self, *args: Any, **kwargs: Any) -> Any:
        op = self.op
        attributes = {name: getattr(self, name) for name in op.config_names}
        if op._starred:
            named = [attributes[n] for n in op.attributes if op.parameters[n].kind is _POSITIONAL]
            return op.dispatcher(*named, *args, **kwargs)
        return op.dispatcher(**dict(zip(op.call_names, args)), **attributes, **kwargs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        with state.scope(quiet=True):
            return settle(self.call(*args, **kwargs))

    def __reduce__(self) -> tuple[Any, ...]:
        # The module that files name does not exist: an operation is found again by its name.
        return _blank, (self.op.module, self.op.name), self.__dict__

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, **{name: getattr(self, name) for name in self.op.config_names}}


def _blank(module: str, name: str) -> OpOperation:
    importlib.import_module(module)
    kind = OPERATIONS[name].operation_class
    return kind.__new__(kind)


def make_operation_class(op: "SymbolicOp") -> type[OpOperation]:
    """Makes the class of an operation's objects, with the name, module and signature that files know."""
    parameters = [op.parameters[n].replace(annotation=_NONE, kind=_POSITIONAL) for n in op.config_names]
    name = inspect.Parameter("name", inspect.Parameter.KEYWORD_ONLY, default=None)
    namespace = {
        "op": op,
        "__module__": op.saved_module,
        "__doc__": op.dispatcher.__doc__,
        "__signature__": _signature([*parameters, name]),
        "default_name": to_snake_case(op.class_name),
    }
    return type(op.class_name, (OpOperation,), namespace)


def settle(outputs: Any) -> Any:
    """Gives unknown sizes in a result back as `None` (a result that is a shape, for instance)."""
    return outputs if isinstance(outputs, KerasTensor) else known(outputs)


def _signature(parameters: list[inspect.Parameter]) -> inspect.Signature:
    """A signature in the order of files, where a parameter without default may follow one with."""
    seen_default = False
    ordered = []
    for parameter in parameters:
        if parameter.kind is _POSITIONAL and parameter.default is _NONE and seen_default:
            parameter = parameter.replace(default=None)
        seen_default = seen_default or parameter.default is not _NONE
        ordered.append(parameter)
    return inspect.Signature(ordered)
