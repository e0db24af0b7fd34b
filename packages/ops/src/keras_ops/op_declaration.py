"""What the declaration of an operation says, read once: its tensors, attributes, rules and names.

`op_symbolic` and `op` build on it; nothing here calls a kernel or makes a KerasTensor.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NoReturn, get_args, get_origin

from keras_backends import settings
from keras_backends.contract import Backend, KernelMissing

from keras_ops.conversion import dtype_token, plain
from keras_ops.refusals import SpecError
from keras_ops.rules import DtypeRule, promotion
from keras_ops.sparse import SparseRule
from keras_ops.state import state
from keras_ops.tensor import Tensor

_POSITIONAL = inspect.Parameter.POSITIONAL_OR_KEYWORD

_KINDS = {Tensor: "one", Tensor | None: "optional", Sequence[Tensor]: "many"}
"""Annotation of a tensor -> how many there are."""


class Declaration:
    """A declared operation: its parameters, rules and body, and how the arguments of a call go with them.

    Args:
        function: The declaration; its signature names the tensors and attributes.
        shape: Shape rule.
        dtype: Dtype rule.
        spec: What stands for both.
        call: Attributes that are arguments of the recorded node.
        config: Tensors that are saved in the config instead.
        module: Last part of the module that files name.
        class_name: Class name in files, if it is another than the operation's.
        sparse: Rule for sparse tensors.
        checked: Whether eager calls ask the rule first.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        shape: Callable[..., Any] | None,
        dtype: DtypeRule | None,
        spec: Callable[..., Any] | None,
        call: Sequence[str],
        config: Sequence[str],
        module: str,
        class_name: str | None,
        sparse: SparseRule | None,
        checked: bool = False,
    ) -> None:
        self.name, self.module = function.__name__.strip("_"), function.__module__
        self.shape, self.dtype, self.spec, self.sparse = shape, dtype, spec, sparse
        self.checked = checked
        self.body = None if _is_empty(function) else function
        if self.body is None and spec is None and (shape is None or dtype is None):
            raise TypeError(f"Operation {self.name!r} has no body, so it must declare `shape` and `dtype`.")
        self.parameters = inspect.signature(function, eval_str=True).parameters
        self.tensors: list[tuple[str, str]] = []
        self.attributes: list[str] = []
        for parameter in self.parameters.values():
            kind = _tensor_kind(parameter)
            if kind:
                self.tensors.append((parameter.name, kind))
            else:
                self.attributes.append(parameter.name)
        self.choices = {
            name: choices
            for name, parameter in self.parameters.items()
            if (choices := _choices(parameter.annotation))
        }
        names = [name for name, _ in self.tensors]
        self.call_names = [n for n in self.parameters if (n in names and n not in config) or n in call]
        self.config_names = [n for n in self.parameters if n not in self.call_names]
        # What is an argument of the node (an index, say) may mean something else as a number or tuple.
        self._plain_names = [
            n
            for n in self.attributes
            if n not in self.call_names and self.parameters[n].annotation is not Any
        ]
        self.class_name = class_name or "".join(part.capitalize() for part in self.name.split("_"))
        self._saved_module = module
        self._tensor_names = names
        self._simple = all(kind == "one" for _, kind in self.tensors)
        self._starred = any(kind == "star" for _, kind in self.tensors)
        self._named_at_call = self.call_names == names

    def _call_body(self, tensors: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
        return self.call_by_name(self.body or self._missing, tensors, attributes)

    def call_by_name(
        self, function: Callable[..., Any], tensors: Sequence[Any], attributes: Mapping[str, Any]
    ) -> Any:
        """Calls a function of the operation's parameters: the body, or the operation itself."""
        if not self._starred:
            return function(**dict(zip(self._tensor_names, tensors)), **attributes)
        values = {**dict(zip(self._tensor_names, tensors)), **attributes}
        positional = [values.pop(n) for n, p in self.parameters.items() if p.kind is _POSITIONAL]
        return function(*positional, *values.pop(self._tensor_names[-1]), **values)

    def _spread(self, values: Sequence[Any]) -> Sequence[Any]:
        """Positional arguments of a kernel or rule: a starred parameter is spread."""
        return [*values[:-1], *values[-1]] if self._starred else values

    def _dtypes(self, tensors: Sequence[Any], flat: Sequence[Any], backend: Backend) -> list[str]:
        """The dtypes that the rule decides on: of all tensors but those it leaves free."""
        if self.dtype is not None and self.dtype.free:
            bound = [None if name in self.dtype.free else x for x, (name, _) in zip(tensors, self.tensors)]
            flat = [x for x in self._flat(bound) if x is not None]
        tokens = [dtype_token(x, backend) for x in flat]
        converted = backend.converts_numbers.get(self.name)
        if converted:
            tokens[:converted] = map(promotion(backend).first, tokens[:converted])
        return tokens

    def _flat(self, tensors: Sequence[Any]) -> list[Any]:
        flat: list[Any] = []
        for x, (_, kind) in zip(tensors, self.tensors, strict=True):
            if kind in ("many", "star") and isinstance(x, (list, tuple)):
                flat.extend(x)
            elif x is not None or kind == "one":
                flat.append(x)
        return flat

    def _normalize(self, attributes: dict[str, Any]) -> dict[str, Any]:
        """Makes attributes what kernels expect: Python's values, tuples, one of the choices there are."""
        for name in self._plain_names:
            attributes[name] = plain(attributes[name])
        for name, value in attributes.items():
            if isinstance(value, list):
                attributes[name] = value if name in self.call_names else plain(value)
            elif name == "data_format":
                attributes[name] = settings.standardize_data_format(value)
            elif name in self.choices and value not in self.choices[name]:
                raise SpecError(
                    f"ops.{self.name}: expected `{name}` to be one of {self.choices[name]}, "
                    f"received {name}={value!r}."
                )
        return attributes

    def _missing(self, *_: Any, **__: Any) -> NoReturn:
        raise KernelMissing(
            f"ops.{self.name} is not available on the {state.backend.name!r} backend: it has no kernel "
            "for it, and the operation has no body in terms of others."
        )


def _empty() -> None:
    """Has a docstring and nothing else, as the declaration of a primitive."""


def _is_empty(function: Callable[..., Any]) -> bool:
    """Says whether a function has nothing but a docstring."""
    code = function.__code__
    return code.co_code == _empty.__code__.co_code and set(code.co_consts) <= {function.__doc__, None}


def _tensor_kind(parameter: inspect.Parameter) -> str | None:
    kind = _KINDS.get(parameter.annotation)
    return "star" if kind and parameter.kind is inspect.Parameter.VAR_POSITIONAL else kind


def _choices(annotation: Any) -> tuple[Any, ...]:
    """The values that an annotation with a `Literal` names."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return tuple(value for part in get_args(annotation) if part is not annotation for value in _choices(part))
