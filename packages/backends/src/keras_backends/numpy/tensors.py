"""NumPy tensors: conversion, casts, dtype tables, variable storage.

Used by the backend's table and by kernel files. A variable's storage is an array that is replaced,
never written to, so a value that was read stays what it was.
"""

from typing import Any

import ml_dtypes
import numpy as np

from keras_backends.dtypes import standardize_dtype
from keras_backends.host import as_array

DTYPES: dict[str, Any] = {
    name: np.dtype(name)
    for name in (
        *("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    )
}
DTYPES |= {name: np.dtype(getattr(ml_dtypes, name)) for name in ("bfloat16", "float8_e4m3fn", "float8_e5m2")}
NAMES = {native: name for name, native in DTYPES.items()}

TENSORS = frozenset({np.ndarray, *(native.type for native in DTYPES.values())})
"""Arrays and the scalars that NumPy's reductions return."""


def is_tensor(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic))


def tensor(value: Any, dtype: str | None = None) -> Any:
    """Converts to an array; one that has the dtype already is returned as it is."""
    if dtype is None:
        return as_array(value)
    if isinstance(value, (bool, int, float, complex)):
        return np.asarray(value, dtype=DTYPES[dtype])
    array = as_array(value)
    return array.astype(np.str_) if dtype == "string" else cast(array, dtype)


def numpy(x: Any) -> np.ndarray:
    return np.asarray(x)


def cast(x: Any, dtype: str) -> Any:
    native = DTYPES[dtype]
    if x.dtype == native:
        return x
    if x.dtype.kind == "c" and native.kind not in "cb":
        x = x.real  # NumPy warns where it drops an imaginary part.
    return x.astype(native)


def dtype(x: Any) -> str:
    native = x.dtype
    try:
        return NAMES[native]
    except KeyError:
        return standardize_dtype(native)


def shape(x: Any) -> tuple[int, ...]:
    return x.shape


def store(value: Any, trainable: bool, name: str) -> np.ndarray:
    return np.array(value)


def write(storage: np.ndarray, value: Any) -> np.ndarray:
    """Copies the value, which may be an array that its owner goes on writing to."""
    return np.array(value)
