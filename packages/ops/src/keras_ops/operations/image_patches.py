"""Windows over images and volumes, laid out along the channels."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from keras_backends.api import export
from keras_backends.geometry import as_tuple, output_size, padding_amounts

from keras_ops.op import op
from keras_ops.operations.core import shape as shape_of
from keras_ops.operations.image_layout import image_texts, one_of, pixels, replaced
from keras_ops.operations.indexing import get_item, take
from keras_ops.operations.joining import pad
from keras_ops.operations.shapes import reshape, transpose
from keras_ops.programs import one_program
from keras_ops.tensor import Shape, Tensor


class _Windows:
    """Windows over images or volumes: their axes, and for each axis the numbers that describe them."""

    def __init__(
        self,
        shape: Shape,
        size: Any,
        strides: Any,
        dilation_rate: Any,
        padding: str,
        data_format: str,
        rank: int,
    ) -> None:
        if len(shape) not in (rank + 1, rank + 2):
            raise ValueError(
                f"expected a tensor with {rank + 1} axes, or {rank + 2} with a batch, for patches of {rank} "
                f"dimensions, received shape {tuple(shape)}."
            )
        one_of("padding", padding, ("valid", "same"))
        self.size = as_tuple(size, rank, "size")
        self.strides = self.size if strides is None else as_tuple(strides, rank, "strides")
        self.dilations = as_tuple(dilation_rate, rank, "dilation_rate")
        first = data_format == "channels_first"
        start = len(shape) - rank - (0 if first else 1)
        self.axes = tuple(range(start, start + rank))
        self.channels = start - 1 if first else len(shape) - 1
        self.padding = padding

    def counts(self, shape: Shape) -> list[int | None]:
        """How many windows there are along each axis."""
        numbers = zip(self.axes, self.size, self.strides, self.dilations)
        return [
            None if shape[axis] is None else output_size(shape[axis], size, stride, self.padding, dilation)
            for axis, size, stride, dilation in numbers
        ]


def _rank_of(size: Any) -> int:
    return 3 if isinstance(size, (tuple, list)) and len(size) == 3 else 2


def _patched(
    shape: Shape,
    *,
    size: Any,
    strides: Any,
    dilation_rate: Any,
    padding: str,
    data_format: str,
    rank: int = 0,
) -> Shape:
    windows = _Windows(shape, size, strides, dilation_rate, padding, data_format, rank or _rank_of(size))
    channels = shape[windows.channels]
    sizes = dict(zip(windows.axes, windows.counts(shape)))
    sizes[windows.channels] = None if channels is None else channels * math.prod(windows.size)
    return replaced(shape, sizes)


def _patched_3d(shape: Shape, **attributes: Any) -> Shape:
    return _patched(shape, rank=3, **attributes)


def _patches(x: Any, windows: _Windows) -> Any:
    """Takes the windows along one axis after the other, which works for every dtype and is exact."""
    sizes = shape_of(x)
    numbers = list(zip(windows.axes, windows.size, windows.strides, windows.dilations))
    counts = windows.counts(sizes)
    margins = [(0, 0)] * len(sizes)
    for axis, size, stride, dilation in numbers:
        margins[axis] = padding_amounts(sizes[axis], size, stride, windows.padding, dilation)
    if any(map(any, margins)):
        x = pad(x, margins)
    for (axis, size, stride, dilation), count in zip(numbers, counts):
        if size == stride and dilation == 1:
            key = [slice(None)] * axis + [slice(count * size)]
            x = x if count * size == shape_of(x)[axis] else get_item(x, tuple(key))
        else:
            positions = np.arange(count)[:, None] * stride + np.arange(size) * dilation
            x = take(x, positions.reshape(-1).astype("int32"), axis)
    return _stacked(x, sizes, counts, windows)


def _stacked(x: Any, sizes: Sequence[Any], counts: Sequence[int | None], windows: _Windows) -> Any:
    """Moves the positions within the windows from their axes to the channels."""
    split: list[Any] = []
    order: list[int] = []
    inner: list[int] = []
    outer = dict(zip(windows.axes, zip(counts, windows.size)))
    for axis, size in enumerate(sizes):
        order.append(len(split))
        split += outer.get(axis, (size,))
        if axis in outer:
            inner.append(len(split) - 1)
    place = order.index(order[windows.channels])
    order[place:place] = inner
    result = list(sizes)
    for axis, count in zip(windows.axes, counts):
        result[axis] = count
    result[windows.channels] = sizes[windows.channels] * math.prod(windows.size)
    return reshape(transpose(reshape(x, split), order), result)


@export("keras.ops.image.extract_patches")
@image_texts
@op(shape=_patched, dtype=pixels)
@one_program
def extract_patches(
    images: Tensor,
    size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    dilation_rate: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """Cuts images into patches and lays out the pixels of each along the channels.

    Args:
        {images}
        size: Height and width of a patch; three sizes cut volumes, as `extract_patches_3d` does.
        strides: Distances between patches, their size by default.
        dilation_rate: Distance between neighbouring pixels of a patch.
        padding: `"valid"`, or `"same"` to put zeros at the edges.
        {data_format}

    Returns:
        A tensor of shape `(batch, rows, columns, height * width * channels)`, the channels of one pixel
        next to each other; with the patches' pixels at axis 1 for `"channels_first"`.

    Raises:
        ValueError: If the arguments do not fit the rank of `images`.

    Example:

        >>> import numpy as np
        >>> extract_patches(np.ones((1, 6, 6, 3)), 2, data_format="channels_last").shape
        (1, 3, 3, 12)
    """
    rank = _rank_of(size)
    return _patches(
        images, _Windows(shape_of(images), size, strides, dilation_rate, padding, data_format, rank)
    )


@export("keras.ops.image.extract_patches_3d")
@image_texts
@op(shape=_patched_3d, dtype=pixels, class_name="ExtractPatches3D")
@one_program
def extract_patches_3d(
    volumes: Tensor,
    size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    dilation_rate: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """Cuts volumes into patches and lays out the voxels of each along the channels.

    Args:
        volumes: Tensor of shape `(depth, height, width, channels)`, or with a batch in front; with
            `data_format="channels_first"` the channels stand before the depth.
        size: Depth, height and width of a patch.
        strides: Distances between patches, their size by default.
        dilation_rate: Distance between neighbouring voxels of a patch.
        padding: `"valid"`, or `"same"` to put zeros at the edges.
        {data_format}

    Returns:
        A tensor of shape `(batch, *patches, depth * height * width * channels)`.

    Raises:
        ValueError: If the arguments do not fit the rank of `volumes`.

    Example:

        >>> import numpy as np
        >>> extract_patches_3d(np.ones((1, 4, 4, 4, 2)), 2, data_format="channels_last").shape
        (1, 2, 2, 2, 16)
    """
    return _patches(
        volumes, _Windows(shape_of(volumes), size, strides, dilation_rate, padding, data_format, 3)
    )
