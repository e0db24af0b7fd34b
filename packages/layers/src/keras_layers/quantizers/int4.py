"""Two 4-bit numbers in a byte: how quantized kernels keep weights in half the space.

Of two neighbours the first has the low four bits. Nothing here knows about scales.
"""

from typing import Any

import numpy as np
from keras_backends.api import export
from keras_backends.dtypes import standardize_dtype
from keras_ops import ops
from keras_ops.programs import one_program
from keras_ops.tensor import Shape, Tensor


@export("keras.quantizers.pack_int4")
def pack_int4(arr: Tensor, axis: int = 0, dtype: str = "int8") -> tuple[Any, Shape, int]:
    """Puts neighbours along an axis into one byte each.

    Args:
        arr: Integers of any shape: in `[-8, 7]` for `dtype="int8"`, in `[0, 15]` for `"uint8"`.
        axis: The axis; an odd size is filled up with a zero.
        dtype: Dtype of the bytes, `"int8"` or `"uint8"`.

    Returns:
        `(packed, packed_shape, orig_len)`: the bytes, their shape, and the size of `arr` along `axis`, which
        `unpack_int4` needs.

    Raises:
        ValueError: If the dtype of `arr` or `dtype` is none of the two.

    Example:

        >>> packed, shape, length = pack_int4(ops.array([1, -2, 3], dtype="int8"))
        >>> packed, shape, length
        (Array([-31,   3], dtype=int8), (2,), 3)
    """
    dtype = _checked(dtype, "pack_int4", "dtype")
    arr = ops.convert_to_tensor(arr)
    _checked(arr.dtype, "pack_int4", "arr.dtype")
    axis %= len(arr.shape)
    packed = _pack(arr, axis, dtype)
    return packed, tuple(packed.shape), arr.shape[axis]


@one_program
def _pack(arr: Tensor, axis: int, dtype: str) -> Tensor:
    x = ops.moveaxis(ops.cast(arr, "int32"), axis, -1)
    if x.shape[-1] % 2:
        x = ops.pad(x, [(0, 0)] * (len(x.shape) - 1) + [(0, 1)])
    packed = ops.bitwise_or(
        ops.bitwise_and(x[..., ::2], 15), ops.left_shift(ops.bitwise_and(x[..., 1::2], 15), 4)
    )
    if dtype == "int8":
        packed = ops.where(ops.greater(packed, 127), ops.subtract(packed, 256), packed)
    return ops.moveaxis(ops.cast(packed, dtype), -1, axis)


def packed_array(arr: np.ndarray, axis: int, dtype: str) -> np.ndarray:
    """Does what `pack_int4` does with NumPy, for weights that are quantized on the host.

    Args:
        arr: Integers of any shape.
        axis: The axis.
        dtype: Dtype of the bytes, `"int8"` or `"uint8"`.

    Example:

        >>> packed_array(np.array([1, -2, 3], "int8"), 0, "int8").tolist()
        [-31, 3]
    """
    x = np.moveaxis(arr.astype("uint8"), axis, -1) & 15
    if x.shape[-1] % 2:
        x = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, 1)])
    return np.ascontiguousarray(np.moveaxis(x[..., ::2] | (x[..., 1::2] << 4), -1, axis)).view(dtype)


@export("keras.quantizers.unpack_int4")
def unpack_int4(packed: Tensor, orig_len: int, axis: int = 0, dtype: str = "int8") -> Tensor:
    """Takes bytes apart again: the inverse of `pack_int4`.

    Args:
        packed: Bytes of any shape.
        orig_len: Size along `axis` before packing.
        axis: The axis that was packed.
        dtype: `"int8"` for numbers in `[-8, 7]`, `"uint8"` for numbers in `[0, 15]`.

    Returns:
        A tensor of dtype `dtype`, of size `orig_len` along `axis`.

    Raises:
        ValueError: If `dtype` or that of `packed` is neither.

    Example:

        >>> unpack_int4(ops.array([-31, 3], dtype="int8"), orig_len=3)
        Array([ 1, -2,  3], dtype=int8)
    """
    dtype = _checked(dtype, "unpack_int4", "dtype")
    packed = ops.convert_to_tensor(packed)
    _checked(packed.dtype, "unpack_int4", "packed.dtype")
    return _unpack(packed, int(orig_len), axis % len(packed.shape), dtype)


@one_program
def _unpack(packed: Tensor, orig_len: int, axis: int, dtype: str) -> Tensor:
    if dtype == "int8":
        # Shifts of int8 repeat the sign.
        packed = ops.cast(packed, "int8")
        low, high = ops.right_shift(ops.left_shift(packed, 4), 4), ops.right_shift(packed, 4)
    else:
        packed = ops.cast(packed, "uint8")
        low, high = ops.bitwise_and(packed, 15), ops.right_shift(packed, 4)
    pairs = ops.stack([low, high], axis=axis + 1)
    sizes = tuple(packed.shape)
    pairs = ops.reshape(pairs, (*sizes[:axis], 2 * sizes[axis], *sizes[axis + 1 :]))
    if orig_len == 2 * sizes[axis]:
        return pairs
    return pairs[(slice(None),) * axis + (slice(0, orig_len),)]


def _checked(dtype: Any, function: str, name: str) -> str:
    text = standardize_dtype(dtype)
    if text not in ("int8", "uint8"):
        raise ValueError(f"{function}: expected `{name}` to be 'int8' or 'uint8', received {text!r}.")
    return text
