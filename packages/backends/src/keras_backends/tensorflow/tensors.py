"""TensorFlow tensors: conversion, casts, dtype tables, variable storage.

Used by the backend's table and by kernel files. A variable's storage is a `tf.Variable`. Shapes of
symbolic tensors have `None` where a size is unknown.
"""

import functools
import re
from typing import Any

import ml_dtypes
import numpy as np
import tensorflow as tf

from keras_backends.dtypes import standardize_dtype
from keras_backends.host import Coordinates, as_array

DTYPES: dict[str, Any] = {
    name: getattr(tf, name)
    for name in (
        *("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"),
        *("float16", "bfloat16", "float32", "float64", "complex64", "complex128", "string"),
    )
}
DTYPES |= {name: getattr(tf.dtypes.experimental, name) for name in ("float8_e4m3fn", "float8_e5m2")}
_FLOAT8 = (DTYPES["float8_e4m3fn"], DTYPES["float8_e5m2"])
NAMES = {native: name for name, native in DTYPES.items()}

_NUMPY = {name: np.dtype(name) for name in DTYPES if not name.startswith(("bfloat", "float8", "string"))}
_NUMPY |= {name: np.dtype(getattr(ml_dtypes, name)) for name in ("bfloat16", "float8_e4m3fn", "float8_e5m2")}

_WIDE_FLOATS = frozenset({"float32", "float64"})
_WIDE = _WIDE_FLOATS | {"int32", "int64"}
TENSORS = frozenset({tf.__internal__.EagerTensor, tf.__internal__.SymbolicTensor})
_COMPOSITES = (tf.SparseTensor, tf.RaggedTensor, tf.IndexedSlices)
_TENSOR_LIKE = (tf.Tensor, tf.Variable, *_COMPOSITES)
_cast = tf.raw_ops.Cast  # `tf.cast` takes four times as long to come to this.


def is_tensor(x: Any) -> bool:
    return isinstance(x, _TENSOR_LIKE)


@functools.lru_cache(maxsize=256)
def _kept(value: Any, dtype: Any) -> Any:
    return tf.constant(value, dtype)


def constant(value: Any, dtype: Any) -> Any:
    """A number that is not -0 as a tensor; those of eager calls are kept: making one takes as long as an operation."""
    return (_kept if tf.executing_eagerly() else tf.constant)(value, dtype)


def scalar(value: Any, dtype: str) -> Any:
    """A number as a tensor; where TensorFlow's own conversion means the same, it is the quicker one."""
    kind = type(value)
    # Not a zero: it may have a sign, which TensorFlow forgets.
    if value and (kind is float or (kind is int and abs(value) < 2**31)):
        if dtype in (_WIDE if kind is int else _WIDE_FLOATS):
            return constant(value, DTYPES[dtype])
    return tensor(value, dtype)


def tensor(value: Any, dtype: str | None = None) -> Any:
    """Converts to a tensor; inside a graph host values become constants of it."""
    if isinstance(value, _TENSOR_LIKE):
        if isinstance(value, tf.Variable):
            value = value.value()
        return value if dtype is None else cast(value, dtype)
    if isinstance(value, (np.ndarray, np.generic, bool, int, float, complex)) and dtype in _NUMPY:
        array = np.asarray(value)
        real = array.dtype.kind == "c" and not dtype.startswith("complex")
        return tf.constant(np.asarray(array.real if real else array, _NUMPY[dtype]))
    if isinstance(value, Coordinates):
        return cast(
            tf.SparseTensor(value.indices, value.values, value.shape), dtype or value.values.dtype.name
        )
    if dtype is not None and isinstance(value, (list, tuple)) and any(map(_holds_tensors, value)):
        return tf.stack([tensor(item, dtype) for item in value])
    try:
        return tf.convert_to_tensor(value, None if dtype is None else DTYPES[dtype])
    except (TypeError, ValueError, RuntimeError):
        # Lists that mix numbers of several kinds, tensors of torch, objects that only NumPy can read.
        array = as_array(value)
        if dtype == "string" or array.dtype.kind in "OUS":
            raise
        return tf.constant(array if dtype is None else array.astype(_NUMPY[dtype]))


def _holds_tensors(value: Any) -> bool:
    return isinstance(value, _TENSOR_LIKE) or (
        isinstance(value, (list, tuple)) and any(map(_holds_tensors, value))
    )


def numpy(x: Any) -> np.ndarray:
    """To the host; sparse and ragged tensors become dense."""
    x = densify(x)
    if isinstance(x, tf.__internal__.SymbolicTensor):
        raise TypeError(
            f"{x!r} belongs to a TensorFlow graph that is being built and has no value yet, so it cannot "
            "become a NumPy array. Use `keras.ops` inside compiled functions, or pass `run_eagerly=True`."
        )
    return np.asarray(x.numpy())


def densify(x: Any) -> Any:
    """Rows of a ragged tensor are filled up with zeros, or empty strings."""
    if isinstance(x, tf.SparseTensor):
        return tf.sparse.to_dense(x)
    if isinstance(x, tf.RaggedTensor):
        return x.to_tensor()
    return tf.convert_to_tensor(x) if isinstance(x, tf.IndexedSlices) else x


def ragged(dense: Any, padding: int) -> Any:
    return tf.RaggedTensor.from_tensor(dense, padding=padding)


def cast(x: Any, dtype: str) -> Any:
    native = DTYPES[dtype]
    if x.dtype is native or x.dtype == native:
        return x
    if isinstance(x, _COMPOSITES):
        return tf.cast(x, native)
    if x.dtype.is_complex and not native.is_complex:
        x = tf.math.real(x)  # TensorFlow warns where it drops an imaginary part.
        return cast(x, dtype)
    if x.dtype in _FLOAT8 or native in _FLOAT8:
        x = _cast(x=x, DstT=tf.float32)  # 8-bit floats are cast to and from floats only.
    return _cast(x=x, DstT=native)


def dtype(x: Any) -> str:
    try:
        return NAMES[x.dtype]
    except KeyError:
        return standardize_dtype(x.dtype)


def shape(x: Any) -> tuple[int | None, ...]:
    """The static shape.

    Raises:
        ValueError: If not even the number of axes is known.
    """
    try:
        return tuple(x.shape.as_list())
    except ValueError as error:
        raise ValueError(
            f"The number of axes of {x!r} is unknown. Set it with `tf.ensure_shape` or `set_shape`."
        ) from error


def store(value: Any, trainable: bool, name: str) -> tf.Variable:
    """A `tf.Variable`; TensorFlow allows fewer characters in its name than we do in ours."""
    with tf.init_scope():
        return tf.Variable(value, trainable=trainable, name=re.sub(r"[^A-Za-z0-9_.\\/>-]", "_", name))


def read(storage: tf.Variable) -> Any:
    return storage.value()


def write(storage: tf.Variable, value: Any) -> tf.Variable:
    storage.assign(value, read_value=False)
    return storage
