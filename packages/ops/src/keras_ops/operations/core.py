"""Operations about tensors themselves: conversion, dtype, shape.

The first operations that exist; all other families may use them.
"""

import math
from dataclasses import replace
from typing import Any

import ml_dtypes
import numpy as np
from keras_backends.api import export
from keras_backends.dtypes import is_float, standardize_dtype
from keras_backends.selection import active

from keras_ops.conversion import SCALARS, scalar, to_tensor
from keras_ops.op import op
from keras_ops.rules import (
    given_dtype,
    like,
    promotion,
    same,
)
from keras_ops.sparse import available, conversion, densify, keeps_zeros
from keras_ops.state import state
from keras_ops.tensor import KerasTensor, Tensor
from keras_ops.variable import Variable

_WIDE = frozenset({"int64", "uint64", "float64", "complex128"})


@export("keras.ops.cast")
@op(shape=same, dtype=given_dtype, module="core", sparse=keeps_zeros)
def cast(x: Tensor, dtype: Any) -> Tensor:
    """Converts a tensor to another dtype.

    Args:
        x: Tensor of any shape.
        dtype: Name of the dtype.

    Returns:
        A tensor of the shape of `x`.

    Example:

        >>> convert_to_numpy(cast([1.7, -1.7], "int32")).tolist()
        [1, -1]
    """
    backend = state.backend
    return backend.cast(x, backend.canonical_dtype(standardize_dtype(dtype)))


@export("keras.ops.saturate_cast")
@op(shape=same, dtype=given_dtype, module="core", sparse=keeps_zeros)
def saturate_cast(x: Tensor, dtype: Any) -> Tensor:
    """Converts a tensor to another dtype, with values out of its range clipped to the range.

    Args:
        x: Tensor of any shape.
        dtype: Name of the dtype.

    Returns:
        A tensor of the shape of `x`.

    Example:

        >>> convert_to_numpy(saturate_cast([-5.0, 300.0], "uint8")).tolist()
        [0, 255]
    """
    backend = state.backend
    target, source = standardize_dtype(dtype), backend.dtype(x)
    kernels = backend.kernels
    if source != "bool" and target != "bool":
        low, high = _common_range(source, target)
        x = kernels["minimum"](
            kernels["maximum"](x, backend.tensor(low, source)), backend.tensor(high, source)
        )
    return backend.cast(x, backend.canonical_dtype(target))


@active().unread
def _common_range(source: str, target: str) -> tuple[float | int, float | int]:
    """The least and the largest number of `source` that `target` has too."""
    (low, high), (least, largest) = range_of(source), range_of(target)
    # A float may not have the integer limit itself; the next value towards zero is in range.
    return _representable(max(low, least), source), _representable(min(high, largest), source)


@active().unread
def range_of(dtype: str) -> tuple[float | int, float | int]:
    """The least and the largest number of a dtype."""
    if is_float(dtype):
        info = ml_dtypes.finfo(dtype)
        return float(info.min), float(info.max)
    info = np.iinfo(dtype)
    return int(info.min), int(info.max)


def _representable(limit: float | int, dtype: str) -> Any:
    """The value of `dtype` closest to `limit` that is not beyond it."""
    if not is_float(dtype) or isinstance(limit, float):
        return limit
    kind = np.dtype("float32") if dtype == "bfloat16" else np.dtype(dtype)
    value = kind.type(limit)
    if abs(int(value)) <= abs(limit):
        return float(value)
    step = 2.0 ** (8 - 32) if dtype == "bfloat16" else None
    return float(value) * (1 + step) if step else float(np.nextafter(value, kind.type(0)))


@op(shape=same, module="core", class_name="ConvertToTensor", sparse=conversion)
def _convert_to_tensor(
    x: Tensor, dtype: Any = None, sparse: bool | None = None, ragged: bool | None = None
) -> Tensor:
    """What graphs record of `convert_to_tensor`."""
    return x if dtype is None else cast(x, dtype)


@export("keras.ops.convert_to_tensor")
def convert_to_tensor(
    x: Any, dtype: Any = None, sparse: bool | None = None, ragged: bool | None = None
) -> Any:
    """Converts a value to a tensor of the backend.

    Args:
        x: A number, nested list, array, tensor, variable, or KerasTensor.
        dtype: Dtype; by default that of an array or tensor (64 bits become 32 where the backend's results have
            no more), floatx for Python floats, int32 for ints.
        sparse: `False` turns a sparse tensor into a dense one. By default, and with `True`, it stays as it is.
        ragged: `False` turns a ragged tensor into a dense one.

    Returns:
        A tensor. A KerasTensor is returned as it is, cast, or as a dense one.

    Raises:
        ValueError: If `sparse` or `ragged` is True on a backend that has no such tensors.

    Example:

        >>> dtype(convert_to_tensor([1, 2])), dtype(convert_to_tensor([1.0, 2.0]))
        ('int32', 'float32')
    """
    backend = state.backend
    if sparse:
        available(backend, "ops.convert_to_tensor: `sparse=True`")
    if ragged and backend.ragged is None:
        raise ValueError(
            f"ops.convert_to_tensor: `ragged=True` needs ragged tensors, which are not available on the {backend.name!r} "
            "backend. Leave it out for a dense tensor, or use a backend that has them, such as 'tensorflow'."
        )
    if type(x) in backend.tensors:
        if dtype is None and backend.dtype(x) not in _WIDE:
            return x
    elif isinstance(x, KerasTensor):
        if sparse is False and x.sparse:
            return _convert_to_tensor(x, dtype, sparse, ragged)
        return x if dtype is None or standardize_dtype(dtype) == x.dtype else cast(x, dtype)
    elif (sparse is False and backend.is_sparse(x)) or (ragged is False and not backend.is_sparse(x)):
        x = densify(x)
    if dtype is None:
        x = to_tensor(x, backend)
        given = backend.dtype(x)
        return backend.cast(x, promotion(backend).native(given)) if given in _WIDE else x
    dtype = backend.canonical_dtype(standardize_dtype(dtype))
    if isinstance(x, Variable):
        x = x.value
    if backend.is_tensor(x):
        return x if backend.dtype(x) == dtype else backend.cast(x, dtype)
    if type(x) in SCALARS:
        return scalar(x, dtype, backend)
    return backend.tensor(x, dtype)


@export("keras.ops.convert_to_numpy")
def convert_to_numpy(x: Any) -> np.ndarray:
    """Converts a tensor, variable or other value to a NumPy array on the host.

    Example:

        >>> convert_to_numpy(cast([1, 2], "float32"))
        array([1., 2.], dtype=float32)
    """
    if isinstance(x, np.ndarray):
        return x
    if isinstance(x, Variable):
        x = x.value
    backend = state.backend
    return backend.numpy(x) if backend.is_tensor(x) else backend.numpy(to_tensor(x, backend))


@export("keras.ops.is_tensor")
def is_tensor(x: Any) -> bool:
    """Says whether `x` is a tensor of the backend; a KerasTensor, a Variable, a list are none.

    Example:

        >>> is_tensor([1, 2]), is_tensor(convert_to_tensor([1, 2]))
        (False, True)
    """
    backend = state.backend
    return type(x) in backend.tensors or bool(backend.is_tensor(x))


@export("keras.ops.shape")
def shape(x: Any) -> tuple[Any, ...]:
    """Returns the shape as a tuple.

    In a traced function of a backend with dynamic shapes a size may be a tensor; of a KerasTensor,
    unknown sizes are `None`.

    Example:

        >>> shape([[1, 2, 3]])
        (1, 3)
    """
    if isinstance(x, (KerasTensor, Variable, np.ndarray)):
        return tuple(x.shape)
    backend = state.backend
    x = x if backend.is_tensor(x) else to_tensor(x, backend)
    dynamic = backend.kernels.get("shape")
    return dynamic(x) if dynamic is not None else tuple(backend.shape(x))


@export("keras.ops.dtype")
def dtype(x: Any) -> str:
    """Returns the name of the dtype.

    Example:

        >>> dtype([1, 2])
        'int32'
    """
    if isinstance(x, (KerasTensor, Variable)):
        return x.dtype
    backend = state.backend
    return backend.dtype(x if backend.is_tensor(x) else to_tensor(x, backend))


@export(["keras.ops.ndim", "keras.ops.numpy.ndim"])
def ndim(x: Any) -> int:
    """Returns the number of axes.

    Example:

        >>> ndim([[1, 2]])
        2
    """
    return len(shape(x))


def _size_spec(x: Any) -> KerasTensor:
    return KerasTensor.make((), "int32")


@export(["keras.ops.size", "keras.ops.numpy.size"])
@op(spec=_size_spec)
def size(x: Tensor) -> Any:
    """Returns the number of elements, as a Python number where it is known.

    Args:
        x: Tensor of any shape.

    Example:

        >>> size([[1, 2, 3]])
        3
    """
    return math.prod(shape(x))


def _view_spec(x: KerasTensor, dtype: Any = None) -> KerasTensor:
    target = x.dtype if dtype is None else standardize_dtype(dtype)
    if "string" in (x.dtype, target):
        raise ValueError(
            f"expected dtypes of numbers, received a tensor of {x.dtype!r} and dtype={target!r}."
        )
    old, new = (8 * np.dtype(getattr(ml_dtypes, d, d)).itemsize for d in (x.dtype, target))
    if old == new:
        return KerasTensor.make(x._shape, target)
    if not x._shape:
        raise ValueError(f"expected at least one axis to change the width of {x.dtype!r} to {target!r}.")
    *outer, last = x._shape
    if last is not None and last * old % new:
        raise ValueError(
            f"expected a last axis whose bytes make up whole {target!r} elements, received shape {x._shape} of "
            f"{x.dtype!r}."
        )
    return KerasTensor.make((*outer, None if last is None else last * old // new), target)


@export(["keras.ops.view", "keras.ops.numpy.view"])
@op(spec=_view_spec, dtype=replace(like(0), asked="result"), checked=True)
def view(x: Tensor, dtype: Any = None) -> Tensor:
    """Reads the bytes of a tensor as another dtype.

    Args:
        x: Tensor of any shape.
        dtype: Name of the dtype; the tensor's own by default.

    Returns:
        A tensor of the shape of `x`, with the last axis stretched where the widths differ.

    Raises:
        ValueError: If the bytes of the last axis do not make up whole elements.

    Example:

        >>> convert_to_numpy(view(convert_to_tensor([1.0], "float32"), "int32")).tolist()
        [1065353216]
    """
