"""Histograms made even: over whole channels, or tile by tile with limited contrast."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras_backends.api import export
from keras_ops import ops
from keras_ops.programs import one_program
from keras_ops.tensor import Tensor

from keras_layers.core.arguments import positive, size_tuple
from keras_layers.preprocessing.image.color_layer import color_texts, in_float, scaled, unscaled
from keras_layers.preprocessing.image.factors import Range, checked_value_range
from keras_layers.preprocessing.image.image_layer import ImageLayer, Transformation

_LEVELS = 256


@export("keras.layers.Equalization")
@color_texts
class Equalization(ImageLayer):
    """Makes the histogram of each channel even while training, so that all tones are about as frequent.

    The histogram of a channel is that of all images of a batch. A channel with one tone only stays as it is.

    Args:
        {value_range}
        bins: Number of tones that are told apart.
        {data_format}
        {kwargs}

    Raises:
        ValueError: If `value_range` is no range, or `bins` is not positive.

    Example:

        >>> image = ops.array([[[10.0], [11.0], [12.0], [12.0]]])
        >>> Equalization(data_format="channels_last")(image)[0, :, 0].tolist()
        [0.0, 85.0, 255.0, 255.0]
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        bins: int = 256,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = checked_value_range(self, value_range)
        self.bins = positive(self, "bins", bins)

    def compute_output_spec(self, inputs: Any, **kwargs: Any) -> Any:
        return super().compute_output_spec(inputs, **kwargs)

    def _active(self, training: bool, transformation: Any = ()) -> bool:
        return bool(training) and transformation is not None

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        return _equalized(images, tuple(self.value_range), self.bins, self.data_format)


@one_program
def _equalized(images: Tensor, value_range: Range, bins: int, data_format: str) -> Tensor:
    axis = 1 if data_format == "channels_first" else 3
    channels = images.shape[axis]
    place = [channels if i == axis else 1 for i in range(4)]

    def equalized(x: Tensor) -> Tensor:
        tones = ops.cast(ops.clip(ops.floor(scaled(x, value_range, bins - 1)), 0, bins - 1), "int32")
        cells = ops.add(tones, np.arange(channels, dtype="int32").reshape(place) * bins)
        below = ops.cumsum(ops.reshape(_counts(cells, channels * bins), (channels, bins)), axis=1)
        total = below[:, -1:]
        least = ops.min(ops.where(below > 0, below, total), axis=1, keepdims=True)
        shares = ops.cast(below - least, "float32") / ops.cast(ops.maximum(total - least, 1), "float32")
        even = ops.cast(ops.take(ops.reshape(ops.round(shares * 255), (-1,)), cells), x.dtype)
        several = ops.reshape(total > least, place)
        return ops.where(several, unscaled(even, value_range, 255), x)

    return in_float(equalized, images)


@export("keras.layers.ContrastLimitedAdaptiveHistogramEqualization")
@color_texts
class ContrastLimitedAdaptiveHistogramEqualization(ImageLayer):
    """Makes histograms even tile by tile, with a limit to how much contrast grows, also when not training.

    What exceeds the limit in the histogram of a tile is spread over all 256 tones. A pixel gets the mean of what
    the four nearest tiles make of it, weighted by distance. See Zuiderveld, "Contrast limited adaptive histogram
    equalization", 1994.

    Args:
        {value_range}
        clip_limit: How many times the mean frequency of a tone counts at most; without limit if it is not positive.
        tile_grid_size: Numbers of tiles, `(vertically, horizontally)`.
        {data_format}
        {kwargs}

    Raises:
        ValueError: If `value_range` is no range, `tile_grid_size` is no pair of positive integers, or images have
            an unknown height or width.

    Example:

        >>> layer = ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(2, 2))
        >>> layer(ops.ones((4, 8, 8, 3))).shape == (4, 8, 8, 3)
        True
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        clip_limit: float = 4.0,
        tile_grid_size: Sequence[int] = (8, 8),
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = checked_value_range(self, value_range)
        self.clip_limit = clip_limit
        self.tile_grid_size = size_tuple(self, "tile_grid_size", tile_grid_size, 2)

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        if None in self.image_size(images.shape):
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: height and width of images must be known, received shape "
                f"{tuple(images.shape)}. Resize them first."
            )
        return _equalized_by_tiles(
            images,
            value_range=tuple(self.value_range),
            clip_limit=self.clip_limit,
            grid=self.tile_grid_size,
            data_format=self.data_format,
        )


@one_program
def _equalized_by_tiles(
    images: Tensor, value_range: Range, clip_limit: float, grid: tuple[int, int], data_format: str
) -> Tensor:
    first = data_format == "channels_first"
    images = ops.transpose(images, (0, 2, 3, 1)) if first else images
    sizes, channels = images.shape[1:3], images.shape[3]
    tile = tuple(-(-size // count) for size, count in zip(sizes, grid))
    batch = ops.shape(images)[0]
    number = ops.reshape(ops.arange(batch, dtype="int32"), (-1, 1, 1, 1)) * (grid[0] * grid[1])

    def cells(tones: Tensor, row: np.ndarray, column: np.ndarray) -> Tensor:
        """Where the tone of each pixel stands in the table of all images, tiles and channels."""
        tiles = (row[:, None] * grid[1] + column).astype("int32")[:, :, None]
        channel = np.arange(channels, dtype="int32")
        return ops.add(ops.add(number, tiles) * channels, channel) * _LEVELS + tones

    def equalized(x: Tensor) -> Tensor:
        top = _LEVELS - 1
        tones = ops.cast(ops.clip(ops.floor(scaled(x, value_range, top)), 0, top), "int32")
        whole = tones
        for axis in (0, 1):
            if sizes[axis] != grid[axis] * tile[axis]:
                whole = ops.take(whole, _mirrored(sizes[axis], grid[axis] * tile[axis]), axis=axis + 1)
        in_tiles = cells(whole, *(np.arange(n * size) // size for n, size in zip(grid, tile)))
        table_size = batch * (grid[0] * grid[1] * channels * _LEVELS)
        table = _table(_counts(in_tiles, table_size), tile[0] * tile[1], clip_limit)
        result: Any = 0
        for row, row_weight in _nearest(sizes[0], tile[0], grid[0]):
            for column, column_weight in _nearest(sizes[1], tile[1], grid[1]):
                weight = ops.cast((row_weight[:, None] * column_weight)[:, :, None], x.dtype)
                result = result + ops.cast(ops.take(table, cells(tones, row, column)), x.dtype) * weight
        return unscaled(result, value_range, top)

    images = in_float(equalized, images)
    return ops.transpose(images, (0, 3, 1, 2)) if first else images


def _table(counts: Tensor, area: int, clip_limit: float) -> Tensor:
    """What each tone becomes in each tile, in one row for all of them."""
    counts = ops.cast(ops.reshape(counts, (-1, _LEVELS)), "float32")
    if clip_limit > 0:
        counts = ops.minimum(counts, clip_limit * area / _LEVELS)
        counts = counts + (area - ops.sum(counts, axis=1, keepdims=True)) / _LEVELS
    below = ops.cumsum(counts, axis=1)
    least = below[:, :1]
    shares = (below - least) / ops.where(least < area, area - least, 1)
    return ops.reshape(shares * (_LEVELS - 1), (-1,))


def _counts(cells: Tensor, size: Any) -> Tensor:
    """How often each of the numbers below `size` occurs, as integers."""
    flat = ops.reshape(cells, (-1,))
    return ops.segment_sum(ops.ones_like(flat), flat, num_segments=size)


def _mirrored(size: int, wanted: int) -> np.ndarray:
    """Indices of `wanted` places of which there are `size`: those beyond the end are mirrored at it."""
    period = max(2 * size - 2, 1)
    places = np.arange(wanted) % period
    return np.minimum(places, period - places).astype("int32")


def _nearest(size: int, tile: int, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each place on an axis, the two tiles that it lies between, and their weights."""
    at = np.clip(np.arange(size) / tile - 0.5, 0, count - 1)
    low = np.floor(at).astype("int32")
    return [(low, 1 - (at - low)), (np.minimum(low + 1, count - 1), at - low)]
