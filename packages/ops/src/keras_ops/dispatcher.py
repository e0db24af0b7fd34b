"""The function that a user calls for an operation, generated from its parameters.

Its first branch is the fast path: exact tensor types and a dtype that the rule leaves alone, then
the kernel, with nothing in between. Generated source (as in `dataclasses`) because a closure over
`*args` costs four times as much; equal sources are compiled once.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

from keras_backends.api import left_alone
from keras_backends.contract import Backend
from keras_backends.dtypes import is_float

from keras_ops.rules import DtypeRule, Promotion, promotion

_RARE = frozenset({"string", "float8_e4m3fn", "float8_e5m2"})
"""Dtypes that kernels refuse by themselves, so the fast path need not look for them."""

_PASSED = {"star": "*{}", "many": "list({})"}
"""How a kernel gets the tensors of a parameter; the others as they are."""

_DATA_FORMATS = ("channels_last", "channels_first")


def make_dispatcher(
    parameters: Sequence[inspect.Parameter],
    tensors: Sequence[tuple[str, str]],
    rule: DtypeRule | None,
    backend: Backend,
    *,
    choices: Mapping[str, Sequence[Any]],
    kernel: Callable[..., Any],
    may_decline: bool,
    slow: Callable[..., Any],
    fail: Callable[..., Any],
    numbers: Mapping[Any, Any],
    has_axes: bool = False,
) -> Callable[..., Any]:
    """Makes the function of one operation.

    Args:
        parameters: Of the declaration; defaults are kept.
        tensors: Name and kind (`one`, `optional`, `many`, `star`) of the tensor parameters.
        rule: The dtype rule.
        backend: The selected backend.
        choices: The values that parameters with a choice may have; all others are left to `slow`.
        kernel: What the fast path calls.
        may_decline: Whether `kernel` may return `NotImplemented`.
        slow: Called as `slow(tensors, attributes)` in every other case.
        fail: Called as `fail(error, tensors, attributes)` when the kernel raises; may return a result instead.
        numbers: Calls of a tensor with Python's numbers that `slow` found to leave its dtype alone: the
            tensor's dtype, and type and value of each number (of a zero what it is written as) -> the numbers
            as tensors.
        has_axes: Whether the tensor must have axes for `axis` to be given: others are left to `slow`.
    """
    count = sum(rule is not None and name not in rule.free for name, _ in tensors)
    # Settings may change later: under either default float type, the dtype is to stay as it is.
    usual = promotion(backend, "float32")
    dtypes, all_common = _fast(rule, usual, promotion(backend, "float64"), count)
    make = _compile(_source(parameters, tensors, rule, may_decline, not all_common, choices, has_axes))
    dispatcher = make(
        kernel, slow, fail, backend.cast, backend.tensors, dtypes, *_dtype_names(usual), numbers
    )
    given = [p for p in parameters if p.default is not inspect.Parameter.empty]
    dispatcher.__defaults__ = tuple(p.default for p in given if p.kind is not p.KEYWORD_ONLY) or None
    dispatcher.__kwdefaults__ = {p.name: p.default for p in given if p.kind is p.KEYWORD_ONLY} or None
    return left_alone(dispatcher)


@cache
def _dtype_names(p: Promotion) -> tuple[dict[Any, str], frozenset[type]]:
    """The name of a dtype by name and by the framework's object, and the types of both."""
    backend = p.backend
    names: dict[Any, str] = {name: name for name in backend.native_dtypes}
    for name, native in backend.native_dtypes.items():
        if backend.canonical_dtype(name) == name:
            names[native] = name
    return names, frozenset(map(type, names))


@cache
def _fast(rule: DtypeRule | None, p: Promotion, other: Promotion, count: int) -> tuple[dict[Any, str], bool]:
    """The framework's dtypes, with their names, that `count` equal inputs keep under both promotions; whether
    all common ones do.

    Few rules serve hundreds of operations, so each is asked once.
    """
    backend = p.backend
    unchanged = _unchanged(rule, p, count) & _unchanged(rule, other, count)
    common = {name for name in backend.native_dtypes if backend.canonical_dtype(name) == name} - _RARE
    natives = {native: name for name, native in backend.native_dtypes.items() if name in unchanged}
    return natives, common <= unchanged


def _unchanged(rule: DtypeRule | None, p: Promotion, count: int) -> frozenset[str]:
    """The dtypes of `count` equal inputs that the rule computes in as they are."""
    if rule is None or rule.promotion is None or not count:
        return frozenset()

    def stays(dtype: str) -> bool:
        try:
            return rule.decide(p, [dtype] * count, None)[0] == dtype
        except (TypeError, ValueError):  # Nothing is promoted from 8-bit floats and strings.
            return False

    return frozenset(dtype for dtype in p.backend.native_dtypes if stays(dtype))


@cache
def _compile(source: str) -> Callable[..., Callable[..., Any]]:
    namespace: dict[str, Any] = {"_alike": _alike, "_scalars": NUMBERS}
    exec(compile(source, "<operation>", "exec"), namespace)
    return namespace["make"]


def _source(
    parameters: Sequence[inspect.Parameter],
    tensors: Sequence[tuple[str, str]],
    rule: DtypeRule | None,
    may_decline: bool,
    check_dtype: bool,
    choices: Mapping[str, Sequence[Any]],
    has_axes: bool,
) -> str:
    names = [name for name, _ in tensors]
    attributes = [p.name for p in parameters if p.name not in names]
    packed = f"({''.join(n + ', ' for n in names)}), ({''.join(n + ', ' for n in attributes)})"
    lines = [
        "def make(_kernel, _slow, _fail, _cast, _types, _dtypes, _names, _name_types, _numbers):",
        f"    def operation({_signature(parameters)}):",
    ]
    condition = _condition(tensors, attributes, rule, check_dtype)
    if condition:
        condition = " and ".join([condition, *_checks(parameters, attributes, choices)])
        if has_axes:
            condition += f" and (axis is None or {names[0]}.ndim)"
    if condition:
        starred = [_PASSED.get(kind, "{}").format(name) for name, kind in tensors]
        # Kernels get the dtype of the result by name.
        of_result = f"_dtypes[{names[0]}.dtype]" if rule is not None and rule.promotion else "_names[dtype]"
        values = {n: of_result if n == "dtype" else n for n in attributes}
        arguments = ", ".join([*starred, *(f"{n}={value}" for n, value in values.items())])
        lines += [f"        if {condition}:", "            try:"]
        result = f"_kernel({arguments})"
        if rule is not None and rule.cast and isinstance(rule.result, str):
            result = f"_cast({result}, {rule.result!r})"
        if may_decline:
            lines += [
                f"                result = _kernel({arguments})",
                "                if result is not NotImplemented:",
                f"                    return {result.replace(f'_kernel({arguments})', 'result')}",
            ]
        else:
            lines += [f"                return {result}"]
        lines += ["            except Exception as error:", f"                return _fail(error, {packed})"]
    if takes_numbers(tensors, attributes, rule):
        first, *others = names
        # A zero has a sign, which equality does not tell.
        key = ", ".join(f"type({name}), {name} or repr({name})" for name in others)
        scalars = [f"type({name}) in _scalars" for name in others]
        lines += [
            f"        if {' and '.join([f'type({first}) in _types', *scalars])}:",
            f"            values = _numbers.get(({first}.dtype, {key}))",
            "            if values is not None:",
            "                try:",
            f"                    result = _kernel({first}, *values)",
            "                    if result is not NotImplemented:",
            "                        return result",
            "                except Exception as error:",
            f"                    return _fail(error, {packed})",
        ]
    lines += [f"        return _slow({packed})", "    return operation"]
    return "\n".join(lines)


def takes_numbers(
    tensors: Sequence[tuple[str, str]], attributes: Sequence[str], rule: DtypeRule | None
) -> bool:
    """Says whether all tensors but the first may be numbers on a fast path: they have a say in the dtype."""
    if rule is None or rule.promotion is None or rule.free or attributes or len(tensors) < 2:
        return False
    return tensors[0][1] == "one" and {"one", "optional"}.issuperset(kind for _, kind in tensors)


NUMBERS = frozenset({int, float, type(None)})
"""Types of what may stand in the place of a tensor there; `None` is an optional one that is not given."""


def stay_numbers(name: str, operands: Sequence[Any], compute: str | None, backend: Backend) -> bool:
    """Says whether a kernel gets the numbers among its operands as they are.

    Args:
        name: The operation.
        operands: As the caller gave them.
        compute: The dtype that the operation computes in.
        backend: The backend that the kernel is of.
    """
    if name not in backend.takes_numbers or compute is None or not is_float(compute):
        return False
    first, *numbers = operands
    if type(first) not in backend.tensors or not NUMBERS.issuperset(map(type, numbers)):
        return False
    return all(x is None or abs(x) <= _IN_ALL_FLOATS for x in numbers)


_IN_ALL_FLOATS = 65504
"""The largest number of float16: frameworks refuse larger ones that as tensors would be infinite."""


def _signature(parameters: Sequence[inspect.Parameter]) -> str:
    """Parameters with a placeholder for each default; the real ones are set on the function."""
    parts, keyword_only = [], False
    for p in parameters:
        if p.kind is p.VAR_POSITIONAL:
            parts.append("*" + p.name)
            keyword_only = True
            continue
        if p.kind is p.VAR_KEYWORD:
            parts.append("**" + p.name)
            continue
        if p.kind is p.KEYWORD_ONLY and not keyword_only:
            parts.append("*")
            keyword_only = True
        parts.append(p.name if p.default is p.empty else f"{p.name}=None")
    return ", ".join(parts)


def _condition(
    tensors: Sequence[tuple[str, str]], attributes: Sequence[str], rule: DtypeRule | None, check_dtype: bool
) -> str | None:
    """The test for the fast path; `None` where the operation has no fast path."""
    kinds = [kind for _, kind in tensors]
    if kinds == ["star"] and rule is not None and rule.promotion is not None:
        return _condition_of_pair(tensors[0][0], check_dtype)
    if kinds == ["many"] and rule is not None and rule.promotion is not None and "dtype" not in attributes:
        return _condition_of_list(tensors[0][0], check_dtype)
    if not tensors or kinds[0] != "one" or not {"one", "optional"}.issuperset(kinds):
        return None
    compare = rule is not None and rule.promotion is not None
    has_dtype = "dtype" in attributes
    if has_dtype and (rule is None or not rule.asked or (compare and (rule.result or rule.free))):
        return None
    bound = [name for name, kind in tensors if compare and kind == "one" and name not in rule.free]
    if compare and not bound:
        # The promoted tensors are optional: they are compared only where all are given.
        bound = [name for name, _ in tensors if name not in rule.free]
        kinds = ["one"] * len(kinds)
    tests = []
    for (name, _), kind in zip(tensors, kinds):
        test = f"type({name}) in _types"
        if compare and name not in rule.free and name != bound[0]:
            test += f" and {name}.dtype is {bound[0]}.dtype"
        tests.append(test if kind == "one" else f"({name} is None or {test})")
    if compare and (check_dtype or has_dtype):
        tests.append(f"{bound[0]}.dtype in _dtypes")
    if has_dtype:
        tests.append("dtype is None" if compare else "type(dtype) in _name_types and dtype in _names")
    return " and ".join(tests)


def _checks(
    parameters: Sequence[inspect.Parameter], attributes: Sequence[str], choices: Mapping[str, Sequence[Any]]
) -> list[str]:
    """Tests of attributes: kernels get sequences as tuples, and choices that are valid."""
    tests = []
    for parameter in parameters:
        name = parameter.name
        if name not in attributes:
            continue
        if name == "data_format":
            tests.append(f"data_format in {_DATA_FORMATS}")
        elif name in choices:
            tests.append(f"{name} in {tuple(choices[name])}")
        elif _may_be_sequence(parameter.annotation):
            tests.append(f"not isinstance({name}, list)")
    return tests


def _may_be_sequence(annotation: Any) -> bool:
    if get_origin(annotation) in (Sequence, tuple):
        return True
    return get_origin(annotation) in _UNIONS and any(map(_may_be_sequence, get_args(annotation)))


_UNIONS = (Union, UnionType)


def _condition_of_pair(name: str, check_dtype: bool) -> str:
    """The test for the fast path of any number of tensors, which two of one dtype take."""
    tests = [f"len({name}) == 2", f"type({name}[0]) in _types", f"type({name}[1]) in _types"]
    tests.append(f"{name}[0].dtype is {name}[1].dtype")
    if check_dtype:
        tests.append(f"{name}[0].dtype in _dtypes")
    return " and ".join(tests)


def _condition_of_list(name: str, check_dtype: bool) -> str:
    """The test for the fast path of a list of tensors, which have to be of one dtype."""
    tests = [f"type({name}) in (list, tuple) and {name}", f"_alike({name}, _types)"]
    if check_dtype:
        tests.append(f"{name}[0].dtype in _dtypes")
    return " and ".join(tests)


def _alike(tensors: Sequence[Any], types: frozenset[type]) -> bool:
    """Says whether all values have exact tensor types and the same dtype."""
    first = getattr(tensors[0], "dtype", None) if tensors else None
    for x in tensors:
        if type(x) not in types or x.dtype is not first:
            return False
    return bool(tensors)
