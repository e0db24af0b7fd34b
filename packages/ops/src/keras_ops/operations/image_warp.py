"""Images sampled at computed positions: free coordinates, affine, perspective and elastic transforms."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from keras_backends.api import export
from keras_backends.dtypes import is_float

from keras_ops.documentation import documented
from keras_ops.op import op
from keras_ops.operations.core import cast, dtype, ndim, saturate_cast
from keras_ops.operations.core import shape as shape_of
from keras_ops.operations.elementwise import absolute, clip, floor, floor_divide, maximum, mod, round, where
from keras_ops.operations.image_filters import gaussian_blur
from keras_ops.operations.image_layout import axes_of, image_texts, in_float, one_of, pixels
from keras_ops.operations.indexing import take
from keras_ops.operations.joining import concatenate, stack
from keras_ops.operations.matmul import cross, matmul
from keras_ops.operations.ranges import arange
from keras_ops.operations.reductions import sum
from keras_ops.operations.shapes import expand_dims, moveaxis, reshape, squeeze
from keras_ops.programs import one_program
from keras_ops.random.distributions import uniform
from keras_ops.rules import broadcast, like
from keras_ops.tensor import Shape, Tensor

_INTERPOLATIONS = {"nearest": 0, "bilinear": 1}

warp_texts = documented(
    fill="""
        fill_mode: What lies outside: `"constant"`, `"nearest"` (the edge), `"wrap"` (the other side),
            `"mirror"` (mirrored at the middle of the outermost pixels) or `"reflect"` (mirrored at the
            edge, the outermost pixels twice).
        fill_value: The value outside with fill mode `"constant"`.
    """,
    interpolation="""
        interpolation: `"nearest"` or `"bilinear"`.
    """,
)


def _mirrored(index: Any, size: Any) -> Any:
    half = maximum(size - 1, 1)
    return clip(absolute(mod(index + half, 2 * half) - half), 0, size - 1)


_INDEX = {
    "constant": lambda index, size: clip(index, 0, size - 1),
    "nearest": lambda index, size: clip(index, 0, size - 1),
    "wrap": mod,
    "mirror": _mirrored,
    "reflect": lambda index, size: floor_divide(_mirrored(2 * index + 1, 2 * size + 1), 2),
}
"""By fill mode: how a position along an axis becomes one inside of it."""


def _node(index: Any, weight: Any, size: Any, mode: str) -> tuple[Any, Any, Any]:
    """A position that is read along one axis: where it is inside, its weight, and whether it was inside."""
    within = (index >= 0) & (index < size) if mode == "constant" else None
    return _INDEX[mode](index, size), weight, within


def _sampled(
    values: Any,
    sizes: Sequence[Any],
    start: Any,
    coordinates: Sequence[Any],
    order: int,
    mode: str,
    fill: Any,
) -> Any:
    """Reads from grids of the given sizes at fractional positions.

    Args:
        values: Tensor of shape `(positions, ...)`, of floats unless `order` is 0: grids one after the other,
            flattened.
        sizes: Sizes of a grid.
        start: Where in `values` the grid begins, for each coordinate.
        coordinates: For each axis of the grid a float tensor.
        order: 0 for the nearest value, 1 for a linear interpolation.
        mode: The fill mode.
        fill: The fill value.
    """
    axes = []
    for x, size in zip(coordinates, sizes):
        low = floor(x if order else x + 0.5)
        share, low = x - low, cast(low, "int32")
        nodes = [(low, 1 - share), (low + 1, share)] if order else [(low, None)]
        axes.append([_node(index, weight, size, mode) for index, weight in nodes])
    extra = ndim(values) - 1

    def widened(x: Any) -> Any:
        return reshape(x, (*shape_of(x), *[1] * extra)) if extra else x

    result: Any = None
    for corner in itertools.product(*axes):
        position, weight, inside = 0, None, None
        for (index, share, within), size in zip(corner, sizes):
            position = position * size + index
            weight = share if weight is None else weight * share
            inside = within if inside is None else inside & within
        part = take(values, position + start, 0)
        if inside is not None:
            part = where(widened(inside), part, _fill(fill, dtype(part)))
        if weight is not None:
            part = part * cast(widened(weight), dtype(part))
        result = part if result is None else result + part
    return result


def _fill(value: float, own: str) -> Any:
    """A fill value in the dtype of what it fills; for integers the nearest one that there is."""
    return cast(value, own) if is_float(own) or own == "bool" else saturate_cast(round(value), own)


def _read(function: Callable[[Any], Any], images: Any, order: int) -> Any:
    """Applies a function that reads from images; the nearest pixels are moved as they are, in their own dtype."""
    return in_float(function, images) if order else function(images)


def _coordinated(inputs: Shape, coordinates: Shape, *, order: int, fill_mode: str, **_: Any) -> Shape:
    one_of("order", order, (0, 1))
    one_of("fill_mode", fill_mode, _INDEX)
    if coordinates[0] not in (len(inputs), None):
        raise ValueError(
            f"expected `coordinates` of shape ({len(inputs)}, ...) for inputs of shape {tuple(inputs)}, received "
            f"{tuple(coordinates)}."
        )
    return tuple(coordinates[1:])


@export("keras.ops.image.map_coordinates")
@warp_texts
@op(shape=_coordinated, dtype=replace(pixels, free=frozenset({"coordinates"})))
@one_program
def map_coordinates(
    inputs: Tensor, coordinates: Tensor, order: int, fill_mode: str = "constant", fill_value: float = 0
) -> Tensor:
    """Reads a tensor at fractional positions.

    Args:
        inputs: Tensor of any shape.
        coordinates: Float tensor of shape `(inputs.ndim, ...)`: for each axis the positions along it.
        order: 0 for the nearest element, 1 for a linear interpolation.
        {fill}

    Returns:
        A tensor of shape `coordinates.shape[1:]` and the dtype of `inputs`; integers are rounded.

    Raises:
        ValueError: If `order` or `fill_mode` is none of those named, or the shapes do not fit.

    Example:

        >>> map_coordinates([1.0, 3.0], [[0.5, 1.0, 5.0]], 1)
        Array([2., 3., 0.], dtype=float32)
    """
    _coordinated(inputs.shape, coordinates.shape, order=order, fill_mode=fill_mode)
    positions = [cast(coordinates[i], "float32") for i in range(ndim(inputs))]

    def sampled(x: Any) -> Any:
        return _sampled(reshape(x, (-1,)), shape_of(inputs), 0, positions, order, fill_mode, fill_value)

    return _read(sampled, inputs, order)


def _read_shape(images: Shape, x: Shape, y: Shape, **_: Any) -> Shape:
    return (images[0], *broadcast(x, y)[1:], images[3])


@op(shape=_read_shape, dtype=like(0))
def _read_images(images: Tensor, x: Tensor, y: Tensor, order: int, mode: str, fill: float) -> Tensor:
    """Reads `(batch, height, width, channels)` at positions of shape `(batch or 1, rows, columns)`."""
    batch, height, width, channels = shape_of(images)
    start = reshape(arange(batch, dtype="int32") * (height * width), (-1, 1, 1))
    return _sampled(reshape(images, (-1, channels)), (height, width), start, (y, x), order, mode, fill)


def _warped(images: Any, positions: Any, interpolation: str, mode: str, fill: Any, data_format: str) -> Any:
    """Reads a batch of images at positions `(x, y)`, each of shape `(batch or 1, height, width)`."""
    one_of("interpolation", interpolation, _INTERPOLATIONS)
    one_of("fill_mode", mode, _INDEX)
    batched = ndim(images) == 4

    def warped(x: Any) -> Any:
        x = moveaxis(x, axes_of(shape_of(x), data_format)[2], -1)
        x = x if batched else expand_dims(x, 0)
        y = _read_images(x, *positions, _INTERPOLATIONS[interpolation], mode, fill)
        y = y if batched else squeeze(y, 0)
        return moveaxis(y, -1, axes_of(shape_of(images), data_format)[2])

    return _read(warped, images, _INTERPOLATIONS[interpolation])


def _grid(images: Any, data_format: str) -> tuple[Any, Any]:
    """The positions `x` of columns and `y` of rows, of shapes `(1, 1, width)` and `(1, height, 1)`."""
    height, width = (shape_of(images)[axis] for axis in axes_of(shape_of(images), data_format)[:2])
    x, y = arange(width, dtype="float32"), arange(height, dtype="float32")
    return reshape(x, (1, 1, -1)), reshape(y, (1, -1, 1))


def _projected(images: Any, matrix: Any, data_format: str) -> tuple[Any, Any]:
    """Where each pixel's position comes to lie by matrices of shape `(batch or 1, 3, 3)`."""
    x, y = _grid(images, data_format)
    rows = [[reshape(matrix[:, i, j], (-1, 1, 1)) for j in range(3)] for i in range(3)]
    to_x, to_y, depth = (a * x + b * y + c for a, b, c in rows)
    return to_x / depth, to_y / depth


def _fits(images: Shape, numbers: Shape, sizes: Shape, name: str, data_format: str) -> Shape:
    axes_of(images, data_format)
    rank, own = len(images) - 3, tuple(numbers)
    if len(own) not in {len(sizes), rank + len(sizes)} or any(
        n not in (size, None) for n, size in zip(own[::-1], sizes[::-1])
    ):
        raise ValueError(
            f"expected `{name}` of shape {sizes}, or for a batch with the batch in front; received {own} for "
            f"images of shape {tuple(images)}."
        )
    return images


def _affine(
    images: Shape, transform: Shape, *, interpolation: str, fill_mode: str, data_format: str, **_: Any
) -> Shape:
    one_of("interpolation", interpolation, _INTERPOLATIONS)
    one_of("fill_mode", fill_mode, _INDEX)
    return _fits(images, transform, (8,), "transform", data_format)


@export("keras.ops.image.affine_transform")
@warp_texts
@image_texts
@op(shape=_affine, dtype=replace(pixels, free=frozenset({"transform"})))
@one_program
def affine_transform(
    images: Tensor,
    transform: Tensor,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Tensor:
    """Moves, turns, scales or shears images.

    The pixel at `(x, y)` of the result is read at `((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k)`
    with `k = c0 x + c1 y + 1`.

    Args:
        {images}
        transform: Float tensor of shape `(8,)` or `(batch, 8)` with `a0, a1, a2, b0, b1, b2, c0, c1`.
        {interpolation}
        {fill}
        {data_format}

    Returns:
        A tensor of the shape and dtype of `images`; integers are rounded.

    Raises:
        ValueError: If an argument is none of those named, or the shapes do not fit.

    Example:

        >>> import numpy as np
        >>> moved = affine_transform(np.ones((3, 3, 1)), [1, 0, 1, 0, 1, 0, 0, 0], data_format="channels_last")
        >>> moved[0, :, 0]
        array([1., 1., 0.], dtype=float32)
    """
    _affine(
        images.shape,
        transform.shape,
        interpolation=interpolation,
        fill_mode=fill_mode,
        data_format=data_format,
    )
    numbers = reshape(cast(transform, "float32"), (-1, 8))
    matrix = reshape(concatenate([numbers, numbers[:, :1] * 0 + 1], 1), (-1, 3, 3))
    positions = _projected(images, matrix, data_format)
    return _warped(images, positions, interpolation, fill_mode, fill_value, data_format)


def _perspective(
    images: Shape, start_points: Shape, end_points: Shape, *, interpolation: str, data_format: str, **_: Any
) -> Shape:
    one_of("interpolation", interpolation, _INTERPOLATIONS)
    _fits(images, start_points, (4, 2), "start_points", data_format)
    return _fits(images, end_points, (4, 2), "end_points", data_format)


def _adjugate(rows: Sequence[Any]) -> Any:
    """The columns of the adjugate of a matrix given by its rows, each of shape `(batch, 3)`."""
    return [cross(rows[1], rows[2]), cross(rows[2], rows[0]), cross(rows[0], rows[1])]


def _frame(points: Any) -> list[Any]:
    """Three of four points, in homogeneous coordinates, scaled so that they add up to the fourth.

    A matrix of these maps the corners of one fixed figure to the points, whatever the points are.
    """
    points = reshape(cast(points, "float32"), (-1, 4, 2))
    points = concatenate([points, points[:, :, :1] * 0 + 1], -1)
    *three, fourth = (points[:, i] for i in range(4))
    shares = [sum(column * fourth, -1, keepdims=True) for column in _adjugate(three)]
    return [point * share for point, share in zip(three, shares)]


@export("keras.ops.image.perspective_transform")
@warp_texts
@image_texts
@op(shape=_perspective, dtype=replace(pixels, free=frozenset({"start_points", "end_points"})))
@one_program
def perspective_transform(
    images: Tensor,
    start_points: Tensor,
    end_points: Tensor,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Tensor:
    """Distorts images so that four points come to lie on four others.

    Args:
        {images}
        start_points: Float tensor of shape `(4, 2)` or `(batch, 4, 2)`: points `(x, y)` of the images.
        end_points: Tensor of that shape: where they come to lie.
        {interpolation}
        fill_value: The value outside of the images.
        {data_format}

    Returns:
        A tensor of the shape and dtype of `images`; integers are rounded.

    Raises:
        ValueError: If an argument is none of those named, or the shapes do not fit.

    Example:

        >>> import numpy as np
        >>> corners = np.array([[0, 0], [2, 0], [0, 2], [2, 2]], "float32")
        >>> image = np.arange(9.0).reshape(3, 3, 1)
        >>> perspective_transform(image, corners, corners[::-1], data_format="channels_last")[0, :, 0]
        array([8., 7., 6.], dtype=float32)
    """
    _perspective(
        images.shape,
        start_points.shape,
        end_points.shape,
        interpolation=interpolation,
        data_format=data_format,
    )
    start, end = stack(_frame(start_points), 2), stack(_adjugate(_frame(end_points)), 1)
    positions = _projected(images, matmul(start, end), data_format)
    return _warped(images, positions, interpolation, "constant", fill_value, data_format)


def _elastic(shape: Shape, *, interpolation: str, fill_mode: str, data_format: str, **_: Any) -> Shape:
    one_of("interpolation", interpolation, _INTERPOLATIONS)
    one_of("fill_mode", fill_mode, _INDEX)
    axes_of(shape, data_format)
    return shape


@export("keras.ops.image.elastic_transform")
@warp_texts
@image_texts
@op(shape=_elastic, dtype=pixels)
def elastic_transform(
    images: Tensor,
    alpha: float = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    seed: Any = None,
    data_format: str | None = None,
) -> Tensor:
    """Moves pixels by random amounts that change smoothly over the image (Simard et al. 2003).

    Args:
        {images}
        alpha: Factor of the amounts, which lie in `[-1, 1)` before they are smoothed; in a call on tensors also one
            for each image, of shape `(batch, 1, 1, 1)`.
        sigma: Standard deviation of the normal distribution that smooths them, in pixels.
        {interpolation}
        {fill}
        seed: An integer for the same result every time, a `keras.random.SeedGenerator`, or `None`.
        {data_format}

    Returns:
        A tensor of the shape and dtype of `images`; integers are rounded.

    Raises:
        ValueError: If an argument is none of those named.

    Example:

        >>> import numpy as np
        >>> elastic_transform(np.ones((5, 5, 3)), seed=1, data_format="channels_last").shape
        (5, 5, 3)
    """
    _elastic(images.shape, interpolation=interpolation, fill_mode=fill_mode, data_format=data_format)
    height, width = (shape_of(images)[axis] for axis in axes_of(shape_of(images), data_format)[:2])
    batch = shape_of(images)[0] if ndim(images) == 4 else 1
    amounts = uniform((batch, height, width, 2), -1.0, 1.0, "float32", seed) * alpha
    return _displaced(
        images,
        amounts,
        sigma=sigma,
        interpolation=interpolation,
        fill_mode=fill_mode,
        fill_value=fill_value,
        data_format=data_format,
    )


@one_program
def _displaced(
    images: Tensor,
    amounts: Tensor,
    sigma: float,
    interpolation: str,
    fill_mode: str,
    fill_value: float,
    data_format: str,
) -> Tensor:
    """Reads each pixel at a distance from its position, the smoothed `amounts` of `(batch, height, width, 2)`."""
    x, y = _grid(images, data_format)
    window = 2 * int(3 * sigma) + 1
    amounts = gaussian_blur(amounts, (window, window), (sigma, sigma), "channels_last")
    positions = x + amounts[..., 0], y + amounts[..., 1]
    return _warped(images, positions, interpolation, fill_mode, fill_value, data_format)
