"""The `op` decorator: turns one declaration into an operation on tensors and on KerasTensors.

Calling an operation takes one of three ways. Fast: all tensors have exact types of the backend and
one dtype that the rule leaves alone, and the kernel is called directly. Slow: arguments are
converted, dtypes resolved and cast, then the kernel or the body runs. Symbolic: a KerasTensor is
among the arguments, the rules give the result's spec, and a node records the call.
"""

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar

from keras_backends.contract import Backend
from keras_backends.dtypes import standardize_dtype
from keras_backends.selection import active

from keras_ops import sparse
from keras_ops.conversion import SCALARS, dtype_token, operand, plain, to_tensor
from keras_ops.dispatcher import NUMBERS, make_dispatcher, stay_numbers, takes_numbers
from keras_ops.documentation import documented
from keras_ops.eager_checks import EagerCheck
from keras_ops.op_operation import OPERATIONS, OpOperation
from keras_ops.op_symbolic import SymbolicOp
from keras_ops.refusals import SpecError, functions_among, refused
from keras_ops.registry import add_resolver
from keras_ops.rules import DtypeRule, broadcast, promotion, rule_on, same
from keras_ops.sparse import SparseRule
from keras_ops.state import state
from keras_ops.tensor import KerasTensor
from keras_ops.texts import TEXTS

P = ParamSpec("P")
R = TypeVar("R")

_with_texts = documented(**TEXTS)

_MOST_NUMBERS = 256
"""Calls with numbers that an operation remembers; learning rates and the like never end."""


class Op(SymbolicOp):
    """A declared operation with its kernel.

    Args:
        function: The declaration.
        **declared: The other arguments of `Declaration`.
    """

    def __init__(self, function: Callable[..., Any], **declared: Any) -> None:
        super().__init__(function, **declared)
        self._numbers: dict[Any, tuple[Any, ...]] = {}
        self._check = EagerCheck(self._refuse)
        self.dispatcher = self._make_dispatcher(function)

    def _make_dispatcher(self, function: Callable[..., Any]) -> Callable[..., Any]:
        backend = active()
        kernel = backend.kernels.get(self.name)
        # Bodies whose rules say more than the operations that they call.
        self._checked = self.checked or (kernel is None and self.body is not None and self._has_own_rule())
        axes_of_numbers = backend.traits.axes_of_numbers and "axis" in self.attributes
        self._has_axes = (
            axes_of_numbers and self._simple and len(self.tensors) == 1 and self.shape is not None
        )
        dispatcher = make_dispatcher(
            list(self.parameters.values()),
            self.tensors,
            rule_on(backend, self.name, self.dtype),
            backend,
            # What is asked for a sparse result is no call for the fast path.
            choices=self.choices | ({"sparse": (False,)} if self.sparse and self.sparse.asked else {}),
            kernel=self._checking(kernel or self._body_by_position() or self._missing),
            # Where models are built, any kernel may decline: the slow path then says that it is missing.
            may_decline=kernel is not None and (self.body is not None or backend.traits.kernels_decline),
            slow=self.slow,
            fail=self.fail,
            numbers=self._numbers,
            has_axes=self._has_axes,
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

    def _has_own_rule(self) -> bool:
        return self.spec is not None or self.shape not in (None, same, broadcast)

    def _checking(self, kernel: Callable[..., Any]) -> Callable[..., Any]:
        """The kernel of the fast path, behind a check of its arguments where calls are to be checked."""
        if not self._checked:
            return kernel

        def checked(*tensors: Any, **attributes: Any) -> Any:
            given = tensors if not self._starred else [tensors]
            self._check(given, attributes, state.override or active())
            return kernel(*tensors, **attributes)

        return checked

    def _refuse(self, tensors: Sequence[Any], attributes: dict[str, Any], backend: Backend) -> None:
        """Raises what the rule says against a call, if it says something."""
        try:
            specs = [self._spec_of(x, kind, backend) for x, (_, kind) in zip(tensors, self.tensors)]
            with state.scope(quiet=True):
                self.infer(specs, self._normalize(dict(attributes)))
        except SpecError:
            raise
        except Exception:
            # The rule can not say more about these arguments; the kernel has the word.
            pass

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
            if self._checked or (self._has_axes and _is_number(converted[0], backend)):
                self._check(converted, named, backend)
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
        told = isinstance(error, NotImplementedError) or str(error).startswith(f"ops.{self.name}: ")
        if not told and not functions_among(attributes):
            try:
                self._refuse(tensors, named, backend)
            except SpecError as explanation:
                raise explanation from error
        named = {**dict(zip(self._tensor_names, tensors)), **named}
        raise refused(f"ops.{self.name}", error, named, backend)


def _is_number(x: Any, backend: Backend) -> bool:
    return type(x) in SCALARS or backend.shape(x) == ()


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
    checked: bool = False,
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
        checked: Whether eager calls ask the rule before the kernel, once for calls that look alike: because
            a framework takes silently, or dies of, what does not fit. Bodies with rules of their own do so.

    Example:

        @op(shape=broadcast, dtype=promote)
        def add(x1: Tensor, x2: Tensor) -> Tensor:
            "Adds element-wise, with broadcasting."
    """

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        declared = Op(
            function,
            shape=shape,
            dtype=dtype,
            spec=spec,
            call=call,
            config=config,
            module=module,
            class_name=class_name,
            sparse=sparse,
            checked=checked,
        )
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
