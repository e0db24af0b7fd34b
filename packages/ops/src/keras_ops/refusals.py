"""How an operation refuses arguments: `SpecError`, which names the operation, and what messages show of values.

`op` comes here when a kernel has raised. The rules of the operation are asked first, since they speak of its
arguments; a framework's own words are the last resort.
"""

import reprlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from traceback import walk_tb
from typing import Any

from keras_backends.contract import Backend

from keras_ops.tensor import known


class SpecError(ValueError):
    """The arguments of an operation do not fit together; the message names the operation."""

    is_final = True
    """Inference need not look further: the backend would refuse these arguments too."""


def functions_among(values: Iterable[Any]) -> list[Callable[..., Any]]:
    """Returns the functions among values, and in lists of them: users' own, which are not to be called again."""
    found: list[Callable[..., Any]] = []
    for x in values:
        if isinstance(x, (list, tuple)):
            found += functions_among(x)
        elif callable(x) and not isinstance(x, type):
            found.append(x)
    return found


def _came_out_of(error: Exception, functions: Sequence[Callable[..., Any]]) -> bool:
    """Says whether an error was raised in one of some functions, or may have been."""
    codes = {getattr(function, "__code__", None) for function in functions}
    return None in codes or any(frame.f_code in codes for frame, _ in walk_tb(error.__traceback__))


def refused(name: str, error: Exception, arguments: Mapping[str, Any], backend: Backend) -> Exception:
    """Returns what to raise for the error of a kernel: a `SpecError`, if it says that arguments do not fit.

    Args:
        name: Of the operation, as users know it: `"ops.add"`.
        error: What the kernel raised.
        arguments: Of the operation, by name.
        backend: Whose kernel it was.

    Returns:
        The error itself where it names the operation already, or comes out of a function among the arguments.
        A `TypeError` stays one.
    """
    if str(error).startswith("keras.random.") or _came_out_of(error, functions_among(arguments.values())):
        return error
    if str(error).startswith("ops."):
        return of_operation(name, error, ()) if type(error) in (SpecError, TypeError) else error
    if type(error) is ValueError:
        refusal: Exception = SpecError(f"{name}: {error}")
    elif isinstance(error, TypeError) or type(error) in backend.argument_errors:
        said = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        received = ", ".join(f"{argument}={brief(value)}" for argument, value in arguments.items())
        kind = TypeError if isinstance(error, TypeError) else SpecError
        refusal = kind(f"{name}: {said}. Received: {received}.")
    else:
        return error
    refusal.__cause__ = error
    return refusal


def of_operation(name: str, error: Exception, attributes: Iterable[Any]) -> Exception:
    """Returns a refusal by an operation inside of a body, in the name of the operation that users called.

    Where functions are among its attributes, the refusal may be one of their own operations, and stays.

    Example:

        >>> of_operation("ops.percentile", SpecError("ops.quantile: expected `method` ..."), ())
        SpecError('ops.percentile: in ops.quantile: expected `method` ...')
    """
    said = str(error)
    if said.startswith((f"{name}:", "keras.random.")) or functions_among(attributes):
        return error
    operation, _, message = said.partition(": ")
    # Of several operations that call each other, users see the first and the last.
    inner = message if message.startswith("in ops.") else f"in {operation}: {message}"
    refusal = type(error)(f"{name}: {inner}")
    refusal.__cause__ = error
    return refusal


def brief(value: Any) -> str:
    """Returns what messages show of a value: of tensors, also inside lists and dicts, shape and dtype.

    Example:

        >>> brief([1, "a" * 99])
        "[1, 'aaaaaaaaaaaa...aaaaaaaaaaaaa']"
    """
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {brief(item)}' for key, item in value.items())}}}"
    if isinstance(value, (list, tuple)):
        shown = ", ".join([*map(brief, value[:6]), *["..."] * (len(value) > 6)])
        return f"[{shown}]" if isinstance(value, list) else f"({shown}{',' * (len(value) == 1)})"
    shape = getattr(value, "shape", None)
    if shape is None:
        return reprlib.repr(value)
    dtype = getattr(value, "dtype", "unknown")
    dtype = str(getattr(dtype, "name", dtype)).removeprefix("torch.")
    return f"<tensor of shape {known(tuple(shape))} and dtype {dtype}>"
