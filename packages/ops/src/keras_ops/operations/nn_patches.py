"""Patches of images: sliding windows as columns, blocks as channels, and the noise between two images."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from keras_backends.api import export
from keras_backends.geometry import as_tuple, output_size

from keras_ops.op import op
from keras_ops.operations.core import shape as shape_of
from keras_ops.operations.elementwise import log10, multiply, square, subtract
from keras_ops.operations.indexing import take
from keras_ops.operations.joining import pad
from keras_ops.operations.reductions import mean
from keras_ops.operations.segments import segment_sum
from keras_ops.operations.shapes import reshape, transpose
from keras_ops.rules import broadcast, same_dtype, to_float
from keras_ops.tensor import Shape, Tensor

Sizes = int | Sequence[int]


class _Windows:
    """Sliding windows over padded images: their number per axis, and the pixels that they cover."""

    def __init__(self, sizes: Shape, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> None:
        self.taps = as_tuple(kernel_size, 2, "kernel_size")
        self.gaps, self.steps = as_tuple(dilation, 2, "dilation"), as_tuple(stride, 2, "stride")
        self.margins = (padding, padding) if isinstance(padding, int) else tuple(padding)
        self.padded = [None if n is None else n + 2 * p for n, p in zip(sizes, self.margins)]
        self.counts = [
            None if n is None else output_size(n, k, s, "valid", d)
            for n, k, s, d in zip(self.padded, self.taps, self.steps, self.gaps)
        ]
        if 0 in self.counts:
            raise ValueError(
                f"expected images that the windows fit in, received sizes {tuple(sizes)} with "
                f"kernel_size={kernel_size}, dilation={dilation}, padding={padding}."
            )

    @property
    def count(self) -> int | None:
        return None if None in self.counts else math.prod(self.counts)

    def pixels(self) -> np.ndarray:
        """Flat positions in the padded image, in the order tap (row, column), window (row, column)."""
        rows, columns = (
            np.arange(k)[:, None] * d + np.arange(n) * s
            for k, d, n, s in zip(self.taps, self.gaps, self.counts, self.steps)
        )
        return (rows[:, None, :, None] * self.padded[1] + columns[None, :, None, :]).ravel()


def _unfolded(x: Shape, **windows: Any) -> Shape:
    if len(x) != 4:
        raise ValueError(f"expected `x` of shape (batch, channels, height, width), received shape {x}.")
    found = _Windows(x[2:], **windows)
    return (x[0], None if x[1] is None else x[1] * math.prod(found.taps), found.count)


@export(["keras.ops.unfold", "keras.ops.nn.unfold"])
@op(shape=_unfolded, dtype=same_dtype)
def unfold(
    x: Tensor, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
) -> Tensor:
    """Cuts sliding windows out of images and makes each a column.

    Args:
        x: Tensor of shape `(batch, channels, height, width)`.
        kernel_size: Height and width of the windows, or one number for both (as in all that follow).
        dilation: Distance between neighbouring taps of a window.
        padding: Zeros around the image.
        stride: Distance between neighbouring windows.

    Returns:
        A tensor of shape `(batch, channels * taps, windows)`.

    Raises:
        ValueError: If `x` does not have four axes, or is smaller than a window.

    Example:

        >>> import numpy as np
        >>> unfold(np.ones((1, 2, 4, 4)), kernel_size=2).shape
        (1, 8, 9)
    """
    batch, channels, height, width = shape_of(x)
    windows = _Windows((height, width), kernel_size, dilation, padding, stride)
    if windows.margins != (0, 0):
        x = pad(x, [(0, 0), (0, 0), *((p, p) for p in windows.margins)])
    found = take(reshape(x, (batch, channels, math.prod(windows.padded))), windows.pixels(), axis=-1)
    return reshape(found, (batch, channels * math.prod(windows.taps), windows.count))


def _folded(x: Shape, *, output_size: Any, **windows: Any) -> Shape:
    sizes = as_tuple(output_size, 2, "output_size")
    found = _Windows(sizes, **windows)
    taps = math.prod(found.taps)
    if len(x) != 3 or (x[1] is not None and x[1] % taps) or x[2] not in (None, found.count):
        raise ValueError(
            f"expected `x` of shape (batch, channels * {taps}, {found.count}), by the number of taps and windows, "
            f"received shape {x}."
        )
    return (x[0], None if x[1] is None else x[1] // taps, *sizes)


@export(["keras.ops.fold", "keras.ops.nn.fold"])
@op(shape=_folded, dtype=same_dtype)
def fold(
    x: Tensor,
    output_size: Sizes,
    kernel_size: Sizes,
    dilation: Sizes = 1,
    padding: Sizes = 0,
    stride: Sizes = 1,
) -> Tensor:
    """Puts the columns of `unfold` back as windows and adds them up where they overlap.

    Args:
        x: Tensor of shape `(batch, channels * taps, windows)`.
        output_size: Height and width of the images, or one number for both (as in all that follow).
        kernel_size: Height and width of the windows.
        dilation: Distance between neighbouring taps of a window.
        padding: Zeros around the image, which are cut off.
        stride: Distance between neighbouring windows.

    Returns:
        A tensor of shape `(batch, channels, height, width)`.

    Raises:
        ValueError: If the number of columns or their length does not fit.

    Example:

        >>> import numpy as np
        >>> fold(np.ones((1, 4, 4)), output_size=3, kernel_size=2)[0, 0]
        Array([[1., 2., 1.],
               [2., 4., 2.],
               [1., 2., 1.]], dtype=float32)
    """
    batch, rows, _ = shape_of(x)
    height, width = as_tuple(output_size, 2, "output_size")
    windows = _Windows((height, width), kernel_size, dilation, padding, stride)
    channels, (top, left) = rows // math.prod(windows.taps), windows.margins
    pixels = transpose(reshape(x, (batch * channels, windows.pixels().size)), (1, 0))
    total = segment_sum(pixels, windows.pixels(), math.prod(windows.padded))
    images = reshape(transpose(total, (1, 0)), (batch, channels, *windows.padded))
    return images[:, :, top : top + height, left : left + width]


def _axes(data_format: str) -> tuple[int, int, int]:
    """The axes of height, width and channels."""
    return (2, 3, 1) if data_format == "channels_first" else (1, 2, 3)


def _blocked(x: Shape, *, block_size: int, data_format: str, to_depth: bool) -> Shape:
    if len(x) != 4:
        raise ValueError(f"expected `x` with four axes (a batch of images), received shape {x}.")
    if block_size < 1:
        raise ValueError(f"expected `block_size` to be positive, received block_size={block_size}.")
    sizes, (height, width, channels) = list(x), _axes(data_format)
    factors = {height: block_size, width: block_size, channels: block_size**2}
    for axis, factor in factors.items():
        divides = to_depth == (axis != channels)
        if sizes[axis] is None:
            continue
        if divides and sizes[axis] % factor:
            raise ValueError(f"expected axis {axis} of `x` to be divisible by {factor}, received shape {x}.")
        sizes[axis] = sizes[axis] // factor if divides else sizes[axis] * factor
    return tuple(sizes)


@export(["keras.ops.space_to_depth", "keras.ops.nn.space_to_depth"])
@op(shape=lambda x, **attributes: _blocked(x, to_depth=True, **attributes), dtype=same_dtype)
def space_to_depth(x: Tensor, block_size: int, data_format: str = "channels_last") -> Tensor:
    """Makes the pixels of each block channels of one pixel.

    Args:
        x: Tensor of shape `(batch, height, width, channels)`, or `(batch, channels, height, width)` with
            `data_format="channels_first"`.
        block_size: Height and width of the blocks.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        A tensor with `height / block_size`, `width / block_size` and `channels * block_size**2`.

    Raises:
        ValueError: If `x` does not have four axes, or its sizes are not divisible.

    Example:

        >>> space_to_depth([[[[1], [2]], [[3], [4]]]], 2)
        Array([[[[1, 2, 3, 4]]]], dtype=int32)
    """
    sizes, b = shape_of(x), block_size
    height, width, depth = (sizes[axis] for axis in _axes(data_format))
    if data_format == "channels_first":
        x = reshape(x, (sizes[0], depth, height // b, b, width // b, b))
        return reshape(transpose(x, (0, 1, 3, 5, 2, 4)), (sizes[0], depth * b * b, height // b, width // b))
    x = reshape(x, (sizes[0], height // b, b, width // b, b, depth))
    return reshape(transpose(x, (0, 1, 3, 2, 4, 5)), (sizes[0], height // b, width // b, depth * b * b))


@export(["keras.ops.depth_to_space", "keras.ops.nn.depth_to_space"])
@op(shape=lambda x, **attributes: _blocked(x, to_depth=False, **attributes), dtype=same_dtype)
def depth_to_space(x: Tensor, block_size: int, data_format: str = "channels_last") -> Tensor:
    """Inverse of `space_to_depth`: makes the channels of each pixel a block of pixels.

    Args:
        x: Tensor of shape `(batch, height, width, channels)`, or `(batch, channels, height, width)` with
            `data_format="channels_first"`.
        block_size: Height and width of the blocks.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        A tensor with `height * block_size`, `width * block_size` and `channels / block_size**2`.

    Raises:
        ValueError: If `x` does not have four axes, or its channels are not divisible.

    Example:

        >>> depth_to_space([[[[1, 2, 3, 4]]]], 2).shape
        (1, 2, 2, 1)
    """
    sizes, b = shape_of(x), block_size
    height, width, depth = (sizes[axis] for axis in _axes(data_format))
    if data_format == "channels_first":
        x = reshape(x, (sizes[0], depth // b**2, b, b, height, width))
        return reshape(transpose(x, (0, 1, 4, 2, 5, 3)), (sizes[0], depth // b**2, height * b, width * b))
    x = reshape(x, (sizes[0], height, width, b, b, depth // b**2))
    return reshape(transpose(x, (0, 1, 3, 2, 4, 5)), (sizes[0], height * b, width * b, depth // b**2))


def _noise_shape(x1: Shape, x2: Shape, **_: Any) -> Shape:
    broadcast(x1, x2)
    return ()


@export(["keras.ops.psnr", "keras.ops.nn.psnr"])
@op(shape=_noise_shape, dtype=to_float, class_name="PSNR")
def psnr(x1: Tensor, x2: Tensor, max_val: float) -> Tensor:
    """Peak signal-to-noise ratio of two images in decibels: `10 * log10(max_val**2 / mean squared error)`.

    Args:
        x1: Tensor of any shape.
        x2: Tensor of the same shape.
        max_val: Largest value that a pixel may have.

    Returns:
        A float tensor without axes; infinity for equal images.

    Example:

        >>> psnr([0.0, 1.0], [0.0, 0.0], max_val=1.0)
        Array(3.0103, dtype=float32)
    """
    noise = mean(square(subtract(x1, x2)))
    return subtract(20 * math.log10(max_val), multiply(10, log10(noise)))
