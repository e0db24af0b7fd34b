"""What an operation is on KerasTensors: the spec of its result, and the node that records the call.

`keras_ops.op` sends calls here whose arguments hold a KerasTensor, and asks for the rule's word on arguments
that a kernel has refused. What calls kernels does not belong here.
"""

from collections.abc import Callable, Sequence
from typing import Any

from keras_backends.api import exported_names
from keras_backends.contract import Backend
from keras_backends.selection import active

from keras_ops import sparse
from keras_ops.conversion import SCALARS
from keras_ops.graph import Node
from keras_ops.op_declaration import Declaration
from keras_ops.op_operation import OpOperation, make_operation_class, settle
from keras_ops.refusals import SpecError, of_operation
from keras_ops.rules import rule_on
from keras_ops.state import state
from keras_ops.tensor import KerasTensor, known

_SAVED_MODULES = ("numpy", "nn", "linalg", "image")


class SymbolicOp(Declaration):
    """A declared operation that can be inferred and recorded."""

    dispatcher: Callable[..., Any]
    """The function that users call; `Op` makes it."""
    _class: type[OpOperation] | None = None

    @property
    def saved_module(self) -> str:
        """The module that files name: by the namespace the operation is exported to."""
        for name in exported_names(self.dispatcher):
            space = name.split(".")[2]
            if name.count(".") == 3 and space in _SAVED_MODULES:
                return f"keras.src.ops.{space}"
        return f"keras.src.ops.{self._saved_module}"

    @property
    def operation_class(self) -> type[OpOperation]:
        """The class of this operation's objects in graphs, made on first use."""
        if self._class is None:
            self._class = make_operation_class(self)
        return self._class

    def symbolic(self, tensors: Sequence[Any], attributes: dict[str, Any]) -> Any:
        """Infers the result's spec and records one node, unless a scope is quiet."""
        backend = state.override or active()
        if attributes:
            attributes = {name: known(value) for name, value in self._normalize(attributes).items()}
        specs = [
            x if type(x) is KerasTensor else self._spec_of(x, kind, backend)
            for x, (_, kind) in zip(tensors, self.tensors)
        ]
        outputs = self.infer(specs, attributes)
        if state.quiet:
            return outputs
        outputs = settle(outputs)
        if self._named_at_call:
            operation, args = (self._class or self.operation_class).of(attributes), list(tensors)
        else:
            values = {**dict(zip(self._tensor_names, tensors)), **attributes}
            operation = self.operation_class.of({name: values[name] for name in self.config_names})
            args = [values[name] for name in self.call_names]
        if self._starred:
            args[-1:] = args[-1]
        while args and args[-1] is None:
            args.pop()
        Node(operation, tuple(args), {}, outputs)
        return outputs

    def infer(self, specs: Sequence[Any], attributes: dict[str, Any]) -> Any:
        """Returns the KerasTensors that the operation makes of KerasTensors (and scalars)."""
        asked = self.sparse is not None and self.sparse.asked and attributes["sparse"]
        flat = specs if self._simple else self._flat(specs)
        if asked or any(isinstance(x, KerasTensor) and x._sparse for x in flat):
            return sparse.infer(self, specs, attributes)
        return self.infer_dense(specs, attributes)

    def infer_dense(self, specs: Sequence[Any], attributes: dict[str, Any]) -> Any:
        """Does so with no thought of sparse tensors."""
        compute = out = None
        backend = state.override or active()
        rule = rule_on(backend, self.name, self.dtype)
        if rule is not None:
            flat = specs if self._simple else self._flat(specs)
            compute, out = rule.resolve(self._dtypes(specs, flat, backend), attributes, backend)
        if self.shape is not None and out is not None:
            shapes = [_shapes(x) for x in specs]
            return KerasTensor.make(self._explained(self.shape, *self._spread(shapes), **attributes), out)
        with state.scope(quiet=True):
            if compute is not None:
                specs = [
                    x if name in rule.free else _cast_spec(x, compute)
                    for x, (name, _) in zip(specs, self.tensors)
                ]
            if self.spec is not None:
                return self._explained(self.spec, *self._spread(specs), **attributes)
        result = self.infer_body(specs, attributes)
        if out is not None and isinstance(result, KerasTensor) and result.dtype != out:
            return KerasTensor.make(result._shape, out, result._sparse)
        return result

    def infer_body(self, specs: Sequence[Any], attributes: dict[str, Any]) -> Any:
        """Returns what the body makes of KerasTensors."""
        with state.scope(quiet=True):
            try:
                return self._explained(self._call_body, specs, attributes)
            except SpecError as error:
                raise of_operation(f"ops.{self.name}", error, attributes.values()) from error.__cause__

    def _explained(self, rule: Callable[..., Any], *args: Any, **attributes: Any) -> Any:
        try:
            return rule(*args, **attributes)
        except (ValueError, IndexError) as error:
            if isinstance(error, SpecError) or str(error).startswith("ops."):
                raise
            raise SpecError(f"ops.{self.name}: {error}") from None

    def _spec_of(self, x: Any, kind: str, backend: Backend) -> Any:
        if kind in ("many", "star") and isinstance(x, (list, tuple)):
            return [self._spec_of(item, "one", backend) for item in x]
        if isinstance(x, KerasTensor) or type(x) in SCALARS or (x is None and kind != "one"):
            return x
        return sparse.spec_of(x, backend)


def _shapes(x: Any) -> Any:
    if isinstance(x, KerasTensor):
        return x._shape
    if isinstance(x, list):
        return [_shapes(item) for item in x]
    return None if x is None else ()


def _cast_spec(x: Any, dtype: str) -> Any:
    if isinstance(x, list):
        return [_cast_spec(item, dtype) for item in x]
    if isinstance(x, KerasTensor):
        return x if x.dtype == dtype else KerasTensor.make(x._shape, dtype, x._sparse)
    return None if x is None else KerasTensor.make((), dtype)
