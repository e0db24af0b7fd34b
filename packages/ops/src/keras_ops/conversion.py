"""Conversion of what users pass to operations: Python numbers, lists, arrays, variables.

Used by the dispatcher in `keras_ops.op` and by `ops.convert_to_tensor`. Backends convert single
values; which dtype a Python value gets is decided here.
"""

import operator
from typing import Any

import numpy as np
from keras_backends import settings
from keras_backends.contract import Backend
from keras_backends.dtypes import result_type, standardize_dtype

from keras_ops.refusals import SpecError
from keras_ops.tensor import KerasTensor
from keras_ops.variable import Variable

SCALARS = frozenset({int, float, bool, complex})
"""Types of Python numbers; their dtype is weak: it gives way to that of a tensor."""

_TOKENS = {int: "int", float: "float", bool: "bool", complex: "complex64"}
_WEAK = frozenset({int, float, bool})
_CACHE_SIZE = 1024
_cache: dict[Any, Any] = {}


def to_tensor(x: Any, backend: Backend) -> Any:
    """Converts a value that is no Python number to a tensor of `backend`, keeping its dtype."""
    if type(x) in backend.tensors:
        return x
    if isinstance(x, Variable):
        return x.value
    if backend.is_tensor(x):
        return x
    if isinstance(x, (list, tuple)):
        return backend.tensor(x, list_dtype(x, backend))
    if type(x) in SCALARS:
        return scalar(x, None, backend)
    return backend.tensor(x, None)


def plain(value: Any) -> Any:
    """What an attribute of an operation means: NumPy's scalars as Python's numbers, arrays and lists as tuples.

    Anything else is returned as it is, a tuple of Python's values included.
    """
    if isinstance(value, np.generic):
        number = value.item()
        return value if isinstance(number, np.generic) else number  # Python has no long double.
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if not isinstance(value, list) and type(value) is not tuple:
        return value
    items = tuple(map(plain, value))
    return value if type(value) is tuple and all(map(operator.is_, items, value)) else items


def list_dtype(x: Any, backend: Backend) -> str | None:
    """The dtype of nested lists: floatx for floats, int32 for ints; `None` if there are no numbers of Python's.

    Beside tensors and arrays, numbers are weak, as they are as operands.
    """
    kinds, others, pending, beyond = set(), [], [x], None
    while pending:
        item = pending.pop()
        if isinstance(item, (list, tuple)):
            pending.extend(item)
        elif type(item) in _WEAK:
            kinds.add(type(item))
            if not -_INT32 <= item < _INT32:
                beyond = item
        else:
            others.append(item)
    if others:
        return _among_others(kinds, others, backend) if kinds else None
    if kinds == {bool}:
        return "bool"
    if not kinds or float in kinds:
        return settings.floatx()
    if beyond is not None:
        raise _too_large(beyond)
    return "int32"


_INT32 = 2**31


def _too_large(x: int) -> ValueError:
    """Frameworks would make another number of it, without a word."""
    return ValueError(
        f"expected integers that int32 holds, received {x}. Say a dtype that holds it, as in "
        f"`convert_to_tensor(x, 'int64')`, or make it a float."
    )


def _among_others(kinds: set[type], others: list[Any], backend: Backend) -> str | None:
    if not all(hasattr(item, "dtype") for item in others):
        return None
    return result_type(*(dtype_token(item, backend) for item in others), *(_TOKENS[kind] for kind in kinds))


_RANGES = {f"{kind}int{bits}": np.iinfo(f"{kind}int{bits}") for kind in ("", "u") for bits in (8, 16, 32, 64)}


def operand(operation: str, x: Any, dtype: str | None, backend: Backend) -> Any:
    """A Python number beside tensors, as a tensor of the dtype that an operation computes in.

    Raises:
        ValueError: If it is beyond the integers of the dtype: frameworks make another number of it, or refuse.
    """
    limits = _RANGES.get(dtype)
    if limits is not None and type(x) is int and not limits.min <= x <= limits.max:
        raise SpecError(
            f"ops.{operation}: expected numbers that {dtype} holds, from {limits.min} to {limits.max}, beside a tensor of that "
            f"dtype, received {x}. Cast the tensor to a wider dtype before."
        )
    return scalar(x, dtype, backend)


def scalar(x: Any, dtype: str | None, backend: Backend) -> Any:
    """A Python number as a tensor. A program uses few numbers, so their tensors are kept."""
    if dtype is None:
        if type(x) is int and not -_INT32 <= x < _INT32:
            raise _too_large(x)
        dtype = backend.canonical_dtype(standardize_dtype(_DEFAULTS[type(x)]()))
    key = (x or repr(x), type(x), dtype, backend.name)  # A zero has a sign, which equality does not tell.
    tensor = _cache.get(key)
    if tensor is not None:
        return tensor
    tensor = (backend.scalar or backend.tensor)(x, dtype)
    concrete = backend.traits.constant_scalars and type(tensor) in backend.tensors and not backend.traced()
    if concrete and x == x:  # What is not a number is no key either.
        if len(_cache) >= _CACHE_SIZE:
            _cache.clear()
        _cache[key] = tensor
    return tensor


_DEFAULTS = {int: lambda: "int32", bool: lambda: "bool", float: settings.floatx, complex: lambda: "complex64"}


def dtype_token(x: Any, backend: Backend) -> str:
    """The dtype of an operand as dtype rules see it; `"int"` and `"float"` are weak."""
    kind = type(x)
    if kind is KerasTensor:
        return x._dtype
    token = _TOKENS.get(kind)
    if token is not None:
        return token
    if isinstance(x, (KerasTensor, Variable)):
        return x.dtype
    if kind in backend.tensors or backend.is_tensor(x):
        return backend.dtype(x)
    if isinstance(x, (list, tuple)):
        # A list of tensors, of losses say, may hold traced ones, which have no values for NumPy.
        return list_dtype(x, backend) or backend.dtype(backend.tensor(x, None))
    dtype = getattr(x, "dtype", None)
    if dtype is None:
        dtype = np.asarray(x).dtype
        if dtype.kind == "O":
            raise ValueError(
                f"expected a tensor, or what becomes one, received {x!r} of type {kind.__name__}."
            )
    return backend.canonical_dtype(standardize_dtype(dtype))
