"""The function that a user calls for an operation, generated from its parameters.

Its first branch is the fast path: exact tensor types and a dtype that the rule leaves alone, then
the kernel, with nothing in between. Generated source (as in `dataclasses`) because a closure over
`*args` costs four times as much; equal sources are compiled once.
"""

import inspect
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from keras_backends.contract import Backend
from keras_backends.dtypes import ALL

from keras_ops.rules import DtypeRule

_SEQUENCES = frozenset(
    {"axis", "axes", "shape", "newshape", "repeats", "pad_width", "shift", "source", "destination"}
)


def make_dispatcher(
    parameters: Sequence[inspect.Parameter],
    tensors: Sequence[tuple[str, str]],
    rule: DtypeRule | None,
    backend: Backend,
    *,
    kernel: Callable[..., Any],
    may_decline: bool,
    slow: Callable[..., Any],
    fail: Callable[..., Any],
) -> Callable[..., Any]:
    """Makes the function of one operation.

    Args:
        parameters: Of the declaration; defaults are kept.
        tensors: Name and kind (`one`, `optional`, `many`, `star`) of the tensor parameters.
        rule: The dtype rule.
        backend: The selected backend.
        kernel: What the fast path calls.
        may_decline: Whether `kernel` may return `NotImplemented`.
        slow: Called as `slow(tensors, attributes)` in every other case.
        fail: Called as `fail(error, tensors, attributes)` when the kernel raises.
    """
    make = _compile(_source(parameters, tensors, rule, may_decline))
    identity = rule.identity if rule else ()
    dtypes = frozenset(native for name, native in backend.native_dtypes.items() if name in identity)
    dispatcher = make(kernel, slow, fail, backend.cast, backend.tensors, dtypes)
    given = [p for p in parameters if p.default is not inspect.Parameter.empty]
    dispatcher.__defaults__ = tuple(p.default for p in given if p.kind is not p.KEYWORD_ONLY) or None
    dispatcher.__kwdefaults__ = {p.name: p.default for p in given if p.kind is p.KEYWORD_ONLY} or None
    return dispatcher


@cache
def _compile(source: str) -> Callable[..., Callable[..., Any]]:
    namespace: dict[str, Any] = {}
    exec(compile(source, "<operation>", "exec"), namespace)
    return namespace["make"]


def _source(
    parameters: Sequence[inspect.Parameter],
    tensors: Sequence[tuple[str, str]],
    rule: DtypeRule | None,
    may_decline: bool,
) -> str:
    names = [name for name, _ in tensors]
    attributes = [p.name for p in parameters if p.name not in names]
    packed = f"({''.join(n + ', ' for n in names)}), ({''.join(n + ', ' for n in attributes)})"
    lines = [
        "def make(kernel, slow, fail, cast, types, dtypes):",
        f"    def operation({_signature(parameters)}):",
    ]
    condition = _condition(tensors, attributes, rule)
    if condition:
        arguments = ", ".join([*names, *(f"{n}={n}" for n in attributes)])
        lines += [f"        if {condition}:", "            try:"]
        result = f"kernel({arguments})"
        if rule is not None and rule.cast_to:
            result = f"cast({result}, {rule.cast_to!r})"
        if may_decline:
            lines += [
                f"                result = kernel({arguments})",
                "                if result is not NotImplemented:",
                f"                    return {result.replace(f'kernel({arguments})', 'result')}",
            ]
        else:
            lines += [f"                return {result}"]
        lines += ["            except Exception as error:", f"                fail(error, {packed})"]
    lines += [f"        return slow({packed})", "    return operation"]
    return "\n".join(lines)


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
    tensors: Sequence[tuple[str, str]], attributes: Sequence[str], rule: DtypeRule | None
) -> str | None:
    """The test for the fast path; `None` where the operation has no fast path."""
    kinds = [kind for _, kind in tensors]
    if not tensors or kinds[0] != "one" or not {"one", "optional"}.issuperset(kinds) or "dtype" in attributes:
        return None
    first = tensors[0][0]
    compare = rule is not None and not rule.mixed
    tests = []
    for name, kind in tensors:
        test = f"type({name}) in types"
        if compare and name != first:
            test += f" and {name}.dtype is {first}.dtype"
        tests.append(test if kind == "one" else f"({name} is None or {test})")
    if compare and not rule.identity >= ALL:
        tests.append(f"{first}.dtype in dtypes")
    tests += [f"type({name}) is not list" for name in attributes if name in _SEQUENCES]
    if "data_format" in attributes:
        tests.append("data_format is not None")
    return " and ".join(tests)
