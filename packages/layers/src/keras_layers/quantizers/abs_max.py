"""Quantization by the largest value: one scale per channel, or a scale and a zero point per block.

Quantizers and quantized kernels call it, on weights once and with NumPy, on inputs at each call.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras_backends.api import export
from keras_backends.dtypes import standardize_dtype
from keras_ops import ops
from keras_ops.programs import one_program
from keras_ops.tensor import Tensor

_HALF = frozenset({"float16", "bfloat16"})
_MOST = {"float16": 65504.0}
"""Largest number of dtypes in which the scale of zeros would be infinite."""


@export("keras.quantizers.abs_max_quantize")
def abs_max_quantize(
    inputs: Tensor,
    axis: int | Sequence[int] | None,
    value_range: Sequence[int] = (-127, 127),
    dtype: str = "int8",
    epsilon: float = 1e-7,
    to_numpy: bool = False,
) -> tuple[Any, Any]:
    """Scales the largest absolute value to the end of a range, then rounds.

    Args:
        inputs: Floats of any shape.
        axis: Axes that share one scale; `None` for all.
        value_range: Smallest and largest integer.
        dtype: Dtype of the integers.
        epsilon: Added to the largest absolute value, so that zeros can be scaled.
        to_numpy: Whether to compute with NumPy and return arrays, which takes no memory of an accelerator.

    Returns:
        Integers of the shape of `inputs`, and the scale, of size 1 along `axis`: `integers / scale` is close to
        `inputs`.

    Example:

        >>> integers, scale = abs_max_quantize([[0.5, -1.0], [0.0, 4.0]], axis=-1)
        >>> integers
        Array([[  63, -127],
               [   0,  127]], dtype=int8)
    """
    low, high = value_range
    axis = tuple(axis) if isinstance(axis, (list, tuple)) else axis
    if to_numpy:
        given = np.asarray(ops.convert_to_numpy(inputs))
        x = given.astype("float32") if standardize_dtype(given.dtype) in _HALF else given
        scale = (high / (np.max(np.abs(x), axis=axis, keepdims=True) + epsilon)).astype(x.dtype)
        # Rounded to what it is returned as, so that integers and scale fit each other.
        scale = np.minimum(scale, _MOST.get(standardize_dtype(given.dtype), np.inf)).astype(given.dtype)
        scale = scale.astype(x.dtype)
        return np.clip(np.round(x * scale), low, high).astype(dtype), scale.astype(given.dtype)
    return _abs_max(ops.convert_to_tensor(inputs), axis, low, high, standardize_dtype(dtype), epsilon)


@one_program
def _abs_max(x: Tensor, axis: Any, low: float, high: float, dtype: str, epsilon: float) -> tuple[Any, Any]:
    given = standardize_dtype(x.dtype)
    if given in _HALF:
        # An epsilon of 1e-7 is zero in half precision.
        x = ops.cast(x, "float32")
    scale = ops.divide(high, ops.add(ops.max(ops.absolute(x), axis=axis, keepdims=True), epsilon))
    if given in _MOST:
        scale = ops.minimum(scale, _MOST[given])
    scale = ops.cast(ops.cast(scale, given), standardize_dtype(x.dtype))
    integers = ops.cast(ops.clip(ops.round(ops.multiply(x, scale)), low, high), dtype)
    return integers, ops.cast(scale, given)


@export("keras.quantizers.abs_max_quantize_grouped_with_zero_point")
def abs_max_quantize_grouped_with_zero_point(
    inputs: Tensor,
    block_size: int,
    value_range: Sequence[int] = (-8, 7),
    dtype: str = "int8",
    epsilon: float = 1e-7,
    to_numpy: bool = False,
) -> tuple[Any, Any, Any]:
    """Spreads the values of each block of rows over a range, with a zero point.

    The values of a block of a column, and 0, span the range: `scale = (max - min) / (high - low)` and
    `zero = round(low - min / scale)`.

    Args:
        inputs: Matrix `(rows, columns)`.
        block_size: Number of rows that share scale and zero point; -1 for all. The last block may be smaller.
        value_range: Smallest and largest integer.
        dtype: Dtype of the integers and zero points.
        epsilon: The smallest scale.
        to_numpy: Whether to compute with NumPy and return arrays.

    Returns:
        Integers `(rows, columns)`, scales `(blocks, columns)` and zero points `(blocks, columns)`:
        `(integers - zero) * scale` is close to `inputs`.

    Raises:
        ValueError: If `inputs` is no matrix, or `block_size` neither positive nor -1.

    Example:

        >>> integers, scale, zero = abs_max_quantize_grouped_with_zero_point([[0.0], [3.0], [-1.0], [2.0]], 2)
        >>> ops.reshape(integers, (-1,)), ops.reshape(zero, (-1,))
        (Array([-8,  7, -8,  7], dtype=int8), Array([-8, -3], dtype=int8))
    """
    x = np.asarray(ops.convert_to_numpy(inputs)) if to_numpy else ops.convert_to_tensor(inputs)
    if len(x.shape) != 2 or None in x.shape:
        raise ValueError(
            "abs_max_quantize_grouped_with_zero_point: expected `inputs` to be a matrix of known shape, received "
            f"shape {tuple(x.shape)}."
        )
    size = checked_block_size("abs_max_quantize_grouped_with_zero_point", block_size, x.shape[0])
    low, high = value_range
    if to_numpy:
        return _by_blocks(np, lambda x, dtype: x.astype(dtype), x, size, low, high, dtype, epsilon)
    return _tensors_by_blocks(x, size, low, high, standardize_dtype(dtype), epsilon)


@one_program
def _tensors_by_blocks(
    x: Tensor, size: int, low: float, high: float, dtype: str, epsilon: float
) -> tuple[Any, Any, Any]:
    return _by_blocks(ops, ops.cast, x, size, low, high, dtype, epsilon)


def _by_blocks(
    xp: Any, cast: Any, x: Any, size: int, low: float, high: float, dtype: str, epsilon: float
) -> tuple[Any, Any, Any]:
    """One formula with NumPy and on tensors: `xp` is the module of functions."""
    given = standardize_dtype(x.dtype)
    if given in _HALF:
        x = cast(x, "float32")
    rows, columns = x.shape
    blocks = -(-rows // size)
    padding = [[0, blocks * size - rows], [0, 0]]
    split = xp.reshape(xp.pad(x, padding), (blocks, size, columns))
    least = xp.minimum(xp.min(split, axis=1), 0)
    most = xp.maximum(xp.max(split, axis=1), 0)
    scale = cast(xp.maximum((most - least) / (high - low), epsilon), standardize_dtype(x.dtype))
    zero = xp.clip(xp.round(low - least / scale), low, high)
    integers = xp.round(split / xp.expand_dims(scale, 1)) + xp.expand_dims(zero, 1)
    integers = xp.reshape(xp.clip(integers, low, high), (blocks * size, columns))[:rows]
    return cast(integers, dtype), cast(scale, given), cast(zero, dtype)


def checked_block_size(owner: str, block_size: int | None, rows: int) -> int:
    """Returns how many rows share a scale.

    Args:
        owner: Who asks, for the message.
        block_size: A positive number, or `None` or -1 for all rows.
        rows: Number of all rows.

    Raises:
        ValueError: If it is another number.

    Example:

        >>> checked_block_size("example", -1, 10), checked_block_size("example", 4, 10)
        (10, 4)
    """
    if block_size is None or block_size == -1:
        return rows
    if block_size <= 0:
        raise ValueError(f"{owner}: `block_size` must be positive or -1, received block_size={block_size!r}.")
    return min(int(block_size), rows)
