"""The `op` decorator: turns one declaration into an operation on tensors and on KerasTensors.

Calling an operation takes one of three ways. Fast: all tensors have exact types of the backend and
one dtype that the rule leaves alone, and the kernel is called directly. Slow: arguments are
converted, dtypes resolved and cast, then the kernel or the body runs. Symbolic: a KerasTensor is
among the arguments, the rules give the result's spec, and a node records the call.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NoReturn, ParamSpec, TypeVar, get_args, get_origin

from keras_backends import settings
from keras_backends.api import exported_names
from keras_backends.contract import Backend, KernelMissing
from keras_backends.dtypes import standardize_dtype
from keras_backends.selection import active

from keras_ops import sparse
from keras_ops.conversion import SCALARS, dtype_token, operand, plain, to_tensor
from keras_ops.dispatcher import NUMBERS, make_dispatcher, stay_numbers, takes_numbers
from keras_ops.documentation import documented
from keras_ops.graph import Node
from keras_ops.op_operation import OPERATIONS, OpOperation, make_operation_class, settle
from keras_ops.refusals import SpecError, functions_among, of_operation, refused
from keras_ops.registry import add_resolver
from keras_ops.rules import DtypeRule, promotion, rule_on
from keras_ops.sparse import SparseRule
from keras_ops.state import state
from keras_ops.tensor import KerasTensor, Tensor, known
from keras_ops.texts import TEXTS

P = ParamSpec("P")
R = TypeVar("R")

_with_texts = documented(**TEXTS)

_MOST_NUMBERS = 256
"""Calls with numbers that an operation remembers; learning rates and the like never end."""

_SAVED_MODULES = ("numpy", "nn", "linalg", "image")


def _empty() -> None:
    """Has a docstring and nothing else, as the declaration of a primitive."""


def _is_empty(function: Callable[..., Any]) -> bool:
    """Says whether a function has nothing but a docstring."""
    code = function.__code__
    return code.co_code == _empty.__code__.co_code and set(code.co_consts) <= {function.__doc__, None}


class Op:
    """A declared operation: its parameters, rules, body and kernel."""

    def __init__(
        self,
        function: Callable[..., Any],
        shape: Callable[..., Any] | None,
        dtype: DtypeRule | None,
        spec: Callable[..., Any] | None,
        call: Sequence[str],
        config: Sequence[str],
        module: str,
        class_name: str | None,
        sparse: SparseRule | None,
    ) -> None:
        self.name, self.module = function.__name__.strip("_"), function.__module__
        self.shape, self.dtype, self.spec, self.sparse = shape, dtype, spec, sparse
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
        self._class: type[OpOperation] | None = None
        self._tensor_names = names
        self._simple = all(kind == "one" for _, kind in self.tensors)
        self._starred = any(kind == "star" for _, kind in self.tensors)
        self._named_at_call = self.call_names == names
        self._numbers: dict[Any, tuple[Any, ...]] = {}
        self.dispatcher = self._make_dispatcher(function)

    # Where it is saved

    @property
    def saved_module(self) -> str:
        """The module that files name: by the namespace the operation is exported to."""
        for name in exported_names(self.dispatcher):
            space = name.split(".")[2]
            if name.count(".") == 3 and space in _SAVED_MODULES:
                return f"keras.src.ops.{space}"
        return f"keras.src.ops.{self._saved_module}"

    @property
    def operation_class(self) -> type["OpOperation"]:
        """The class of this operation's objects in graphs, made on first use."""
        if self._class is None:
            self._class = make_operation_class(self)
        return self._class

    # Dispatch

    def _make_dispatcher(self, function: Callable[..., Any]) -> Callable[..., Any]:
        backend = active()
        kernel = backend.kernels.get(self.name)
        dispatcher = make_dispatcher(
            list(self.parameters.values()),
            self.tensors,
            rule_on(backend, self.name, self.dtype),
            backend,
            # What is asked for a sparse result is no call for the fast path.
            choices=self.choices | ({"sparse": (False,)} if self.sparse and self.sparse.asked else {}),
            kernel=kernel or self._body_by_position() or self._missing,
            # Where models are built, any kernel may decline: the slow path then says that it is missing.
            may_decline=kernel is not None and (self.body is not None or backend.traits.kernels_decline),
            slow=self.slow,
            fail=self.fail,
            numbers=self._numbers,
        )
        self._takes_numbers = kernel is not None and takes_numbers(self.tensors, self.attributes, self.dtype)
        for attribute in ("__name__", "__qualname__", "__module__", "__doc__", "__annotations__"):
            setattr(dispatcher, attribute, getattr(function, attribute))
        dispatcher.op = self  # type: ignore[attr-defined]
        return _with_texts(dispatcher)

    def _body_by_position(self) -> Callable[..., Any] | None:
        """The body as a kernel, which gets the tensors first, wherever its parameters stand."""
        body, names = self.body, [name for name, _ in self.tensors]
        if body is None or list(self.parameters)[: len(names)] == names:
            return body
        return lambda *tensors, **attributes: body(**dict(zip(names, tensors)), **attributes)

    def slow(self, tensors: Sequence[Any], attributes: Sequence[Any]) -> Any:
        """Handles every call that the fast path does not: conversion, casts, KerasTensors."""
        named = dict(zip(self.attributes, attributes, strict=True))
        flat = tensors if self._simple else self._flat(tensors)
        if not flat and self.tensors and self.tensors[0][1] == "many":
            raise SpecError(f"ops.{self.name}: expected tensors in `{self.tensors[0][0]}`, received none.")
        backend = state.override or active()
        has_sparse = False
        for x in flat:
            if isinstance(x, KerasTensor):
                return self.symbolic(tensors, named)
            if type(x) not in backend.tensors and backend.is_sparse(x):
                has_sparse = True
        if named:
            named = self._normalize(named)
        if has_sparse or (self.sparse is not None and self.sparse.asked and named["sparse"]):
            return sparse.run(self, tensors, named, backend)
        return self.run_kernel(backend.kernels.get(self.name), tensors, named, backend)

    def run_kernel(
        self,
        kernel: Callable[..., Any] | None,
        tensors: Sequence[Any],
        named: dict[str, Any],
        backend: Backend,
    ) -> Any:
        """Runs a kernel, or the body, on converted tensors, between the casts of the dtype rule."""
        flat = tensors if self._simple else self._flat(tensors)
        rule = rule_on(backend, self.name, self.dtype)
        compute = out = None
        try:
            if rule is not None:
                compute, out = rule.resolve(self._dtypes(tensors, flat, backend), named, backend)
                if "dtype" in named:  # Asked for, it stays: torch saturates to uint16 in int32.
                    named["dtype"] = out if named["dtype"] is None else standardize_dtype(named["dtype"])
            keep_scalars = kernel is None and rule is None
            keep_scalars = keep_scalars or stay_numbers(self.name, tensors, compute, backend)
            free = rule.free if rule is not None else ()
            converted = [
                self._convert(x, kind, None if name in free else compute, backend, keep_scalars)
                for x, (name, kind) in zip(tensors, self.tensors)
            ]
            result = NotImplemented if kernel is None else kernel(*self._spread(converted), **named)
            if result is NotImplemented:
                result = self._call_body(converted, named)
        except Exception as error:
            return self.fail(error, tensors, tuple(named.values()))
        if self._takes_numbers:
            self._remember_numbers(tensors, converted, rule, backend)
        if rule is not None and rule.cast:
            return backend.cast(result, out)
        return result

    def _remember_numbers(
        self, tensors: Sequence[Any], converted: Sequence[Any], rule: DtypeRule, backend: Backend
    ) -> None:
        """Notes a call of a tensor with numbers for the fast path, if no setting would change its dtypes."""
        first, *numbers = tensors
        if type(first) not in backend.tensors or not NUMBERS.issuperset(map(type, numbers)):
            return
        concrete = {*backend.tensors, *NUMBERS}.issuperset(map(type, converted))
        if not (backend is active() and backend.traits.constant_scalars and concrete):
            return
        dtypes = [dtype_token(x, backend) for x in tensors if x is not None]
        for floatx in ("float32", "float64"):
            compute, out = rule.decide(promotion(backend, floatx), dtypes, None)
            if compute != dtypes[0] or (rule.cast and out != compute):
                return
        if len(self._numbers) >= _MOST_NUMBERS:
            self._numbers.clear()
        key = (first.dtype, *(part for x in numbers for part in (type(x), x or repr(x))))
        self._numbers[key] = tuple(converted[1:])

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

    def _convert(self, x: Any, kind: str, compute: str | None, backend: Backend, keep_scalars: bool) -> Any:
        if kind in ("many", "star") and isinstance(x, (list, tuple)):
            return [self._convert(item, "one", compute, backend, keep_scalars) for item in x]
        if x is None and kind != "one":
            return None
        if type(x) in SCALARS:
            if keep_scalars:
                return x
            return operand(self.name, x, compute, backend)
        x = to_tensor(x, backend)
        return x if compute is None or backend.dtype(x) == compute else backend.cast(x, compute)

    def _missing(self, *_: Any, **__: Any) -> NoReturn:
        raise KernelMissing(
            f"ops.{self.name} is not available on the {state.backend.name!r} backend: it has no kernel "
            "for it, and the operation has no body in terms of others."
        )

    def fail(self, error: Exception, tensors: Sequence[Any], attributes: Sequence[Any]) -> Any:
        """Raises the rule's explanation of a kernel's error if it has one, else the error itself.

        The fast path hands NumPy's scalars and arrays on as they are. Where a kernel refuses them, the call
        goes the slow way, which makes them Python's values.
        """
        named = dict(zip(self.attributes, attributes, strict=True))
        if any(plain(named[name]) is not named[name] for name in self._plain_names):
            return self.slow(tensors, attributes)
        backend = state.override or active()
        # An operation inside the body may have failed with less to say than this one's rule.
        if not isinstance(error, NotImplementedError) and not functions_among(attributes):
            try:
                specs = [
                    self._spec_of(x, kind, backend)
                    for x, (_, kind) in zip(tensors, self.tensors, strict=True)
                ]
                with state.scope(quiet=True):
                    self.infer(specs, self._normalize(named))
            except SpecError as explanation:
                raise explanation from error
            except Exception:
                # The rules can not say more about these arguments; the kernel's error is raised below.
                pass
        named = {**dict(zip(self._tensor_names, tensors)), **named}
        raise refused(f"ops.{self.name}", error, named, backend)

    # KerasTensors

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


def op(
    *,
    shape: Callable[..., Any] | None = None,
    dtype: DtypeRule | None = None,
    spec: Callable[..., Any] | None = None,
    call: Sequence[str] = (),
    config: Sequence[str] = (),
    module: str = "core",
    class_name: str | None = None,
    sparse: SparseRule | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declares an operation.

    Parameters annotated `Tensor`, `Tensor | None`, `Sequence[Tensor]` (also `*xs: Tensor`) are
    tensors, all others are attributes, which reach the kernel by keyword. A function with nothing
    but a docstring is a primitive, for which every backend has a kernel; a body makes a composite,
    which runs wherever the backend has no kernel of its own. `{binary}` and the like in a docstring are
    filled from `keras_ops.texts`.

    Args:
        shape: Shape rule, see `keras_ops.rules`.
        dtype: Dtype rule. Without one, tensors are converted and left in the dtype they have.
        spec: A function of the same parameters that maps KerasTensors to KerasTensors, instead of
            `shape` and `dtype`, for operations with several results.
        call: Attributes that are arguments of the recorded node instead of the saved config.
        config: Tensors that are saved in the config instead of being arguments of the node.
        module: Last part of the module that files name, where no export name says so.
        class_name: Class name in files, where it is not the CamelCase of the operation's name.
        sparse: What it does with sparse tensors, see `keras_ops.sparse`. Without a rule they become dense.

    Example:

        @op(shape=broadcast, dtype=promote)
        def add(x1: Tensor, x2: Tensor) -> Tensor:
            "Adds element-wise, with broadcasting."
    """

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        declared = Op(function, shape, dtype, spec, call, config, module, class_name, sparse)
        if declared.name in OPERATIONS:
            raise ValueError(f"Operation {declared.name!r} is declared twice.")
        OPERATIONS[declared.name] = declared
        return declared.dispatcher

    return declare


@add_resolver
def operation_class(module: str, class_name: str) -> type[OpOperation] | None:
    """Returns the class of operations that files call `class_name` in `module`, if there is one."""
    for declared in OPERATIONS.values():
        if declared.class_name == class_name and declared.saved_module == module:
            return declared.operation_class
    return None


_POSITIONAL = inspect.Parameter.POSITIONAL_OR_KEYWORD


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


_KINDS = {Tensor: "one", Tensor | None: "optional", Sequence[Tensor]: "many"}


def _tensor_kind(parameter: inspect.Parameter) -> str | None:
    kind = _KINDS.get(parameter.annotation)
    return "star" if kind and parameter.kind is inspect.Parameter.VAR_POSITIONAL else kind


def _choices(annotation: Any) -> tuple[Any, ...]:
    """The values that an annotation with a `Literal` names."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return tuple(value for part in get_args(annotation) if part is not annotation for value in _choices(part))
