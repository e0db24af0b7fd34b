"""Resizing of images: every new pixel is a weighted sum of old ones, first down, then across.

The weights of one axis form a small matrix. `resize` computes it in NumPy once per pair of sizes;
`scale_and_translate`, whose scale may be a tensor, computes it with operations.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np
from keras_backends.api import export
from keras_backends.selection import active

from keras_ops.op import op
from keras_ops.operations.core import cast, convert_to_tensor, dtype, ndim
from keras_ops.operations.core import shape as shape_of
from keras_ops.operations.elementwise import absolute, maximum, minimum, sinc, where
from keras_ops.operations.image_layout import (
    axes_of,
    framed,
    image_texts,
    in_float,
    one_of,
    pair,
    pixels,
    replaced,
)
from keras_ops.operations.indexing import get_item, take
from keras_ops.operations.matmul import tensordot
from keras_ops.operations.reductions import sum
from keras_ops.operations.shapes import moveaxis
from keras_ops.programs import one_program
from keras_ops.rules import same_dtype
from keras_ops.state import state
from keras_ops.tensor import Shape, Tensor

_OPS = SimpleNamespace(
    arange=lambda n: convert_to_tensor(np.arange(n), "float32"),
    absolute=absolute,
    maximum=maximum,
    sinc=sinc,
    where=where,
    sum=sum,
)
"""The operations that weights are computed with, named as in NumPy."""


def _triangle(x: Any, xp: Any) -> Any:
    return xp.maximum(1 - x, 0)


def _cubic(x: Any, xp: Any) -> Any:
    """Keys's cubic with a = -1/2."""
    near = ((1.5 * x - 2.5) * x) * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return xp.where(x < 1, near, xp.where(x < 2, far, 0))


def _lanczos(radius: int) -> Callable[..., Any]:
    return lambda x, xp: xp.where(x < radius, xp.sinc(x) * xp.sinc(x / radius), 0)


_KERNELS = {
    "bilinear": _triangle,
    "bicubic": _cubic,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
}
_INTERPOLATIONS = ("nearest", *_KERNELS)
_METHODS = {"linear": "bilinear", "trilinear": "bilinear", "triangle": "bilinear", "cubic": "bicubic"}
_METHODS |= {"tricubic": "bicubic"} | {name: name for name in _KERNELS}
_FEW = {True: 4, False: 2}
"""Up to so many pixels per sum, taking them one by one is quicker than a product with the matrix; more of
them where the terms are fused into one program."""


def _weights(
    size: Any, scale: Any, translation: Any, target: int, kernel: Any, antialias: bool, xp: Any
) -> Any:
    """The matrix of shape `(target, size)` that scales an axis and moves it by `translation`."""
    centers = (xp.arange(target) + 0.5 - translation) / scale - 0.5
    width = xp.maximum(1 / scale, 1.0) if antialias else 1.0
    weights = kernel(xp.absolute(centers[:, None] - xp.arange(size)) / width, xp)
    total = xp.sum(weights, 1, keepdims=True)
    weights = xp.where(xp.absolute(total) > 1e-4, weights / xp.where(total == 0, 1, total), 0)
    inside = (centers >= -0.5) & (centers <= size - 0.5)
    return xp.where(inside[:, None], weights, 0)


@lru_cache(maxsize=256)
@active().unread
def _matrix(size: int, target: int, interpolation: str, antialias: bool) -> np.ndarray:
    """The matrix of shape `(target, size)` that resizes an axis."""
    return _weights(size, target / size, 0.0, target, _KERNELS[interpolation], antialias, np)


@lru_cache(maxsize=256)
def _terms(size: int, target: int, interpolation: str, antialias: bool, most: int) -> list[tuple[Any, Any]]:
    """The same as a list of terms: positions of pixels and their weights, one for each new pixel.

    It is empty where the sums are long, and has weights of `None` where a pixel is only moved.
    """
    if interpolation == "nearest":
        return [(((2 * np.arange(target) + 1) * size // (2 * target)).astype("int32"), None)]
    matrix = _matrix(size, target, interpolation, antialias)
    counted = np.abs(matrix) > 1e-9
    first, last = counted.argmax(1), size - 1 - counted[:, ::-1].argmax(1)
    count = int((last - first).max()) + 1
    if count > most:
        return []
    positions = [np.minimum(first + i, size - 1) for i in range(count)]
    inside = [first + i < size for i in range(count)]
    rows = np.arange(target)
    return [(p.astype("int32"), matrix[rows, p] * ok) for p, ok in zip(positions, inside)]


def _resized_axis(x: Any, axis: int, target: int, interpolation: str, antialias: bool) -> Any:
    size = shape_of(x)[axis]
    if size == target:
        return x
    most = _FEW[state.backend.traits.compiles_each_operation]
    terms = _terms(size, target, interpolation, antialias, most)
    if not terms:
        matrix = convert_to_tensor(_matrix(size, target, interpolation, antialias), dtype(x))
        return moveaxis(tensordot(x, matrix, ((axis,), (1,))), -1, axis)
    parts = []
    for positions, weights in terms:
        part = take(x, positions, axis)
        if weights is not None:
            part = part * convert_to_tensor(weights.reshape([-1] + [1] * (ndim(x) - axis - 1)), dtype(x))
        parts.append(part)
    result = parts[0]
    for part in parts[1:]:
        result = result + part
    return result


def _checked(
    shape: Shape,
    *,
    size: Any,
    interpolation: str,
    crop_to_aspect_ratio: bool,
    pad_to_aspect_ratio: bool,
    fill_mode: str,
    data_format: str,
    **_: Any,
) -> Shape:
    height, width, _channels = axes_of(shape, data_format)
    sizes = pair("size", size)
    if any(n < 1 for n in sizes):
        raise ValueError(f"expected positive sizes, received size={size}.")
    one_of("interpolation", interpolation, _INTERPOLATIONS)
    one_of("fill_mode", fill_mode, ("constant",))
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("expected one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio`, received both.")
    return replaced(shape, {height: int(sizes[0]), width: int(sizes[1])})


def _fitted(images: Any, size: tuple[int, int], crop: bool, fill_value: float, data_format: str) -> Any:
    """Crops or pads images, the same on both sides, to the ratio of the two sizes."""
    shape = shape_of(images)
    axes = axes_of(shape, data_format)[:2]
    height, width = (shape[axis] for axis in axes)
    dynamic = not (isinstance(height, int) and isinstance(width, int))
    wanted = (width * size[0] // size[1], height * size[1] // size[0])
    if crop:
        key = [slice(None)] * len(shape)
        for axis, old, new in zip(axes, (height, width), wanted):
            new = maximum(1, minimum(old, new)) if dynamic else max(1, min(old, new))
            key[axis] = slice((old - new) // 2, (old - new) // 2 + new)
        return get_item(images, tuple(key))
    margins = {}
    for axis, old, new in zip(axes, (height, width), wanted):
        missing = maximum(new - old, 0) if dynamic else max(new - old, 0)
        margins[axis] = (missing // 2,) * 2  # Alike on both sides, so one row may be missing.
    return framed(images, margins, fill_value)


@export("keras.ops.image.resize")
@image_texts
@op(shape=_checked, dtype=same_dtype)
@one_program
def resize(
    images: Tensor,
    size: Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Tensor:
    """Resizes images.

    Args:
        {images}
        size: New height and width.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.
        antialias: Whether pixels of a smaller image average over all old ones that they cover.
        crop_to_aspect_ratio: Whether the edges are cut off where the ratio of height to width changes,
            instead of distorting the images.
        pad_to_aspect_ratio: Whether margins are added in that case.
        fill_mode: How margins are filled: `"constant"`.
        fill_value: What margins are filled with.
        {data_format}

    Returns:
        A tensor of the dtype of `images` with the new sizes; integers are rounded.

    Raises:
        ValueError: If an argument is none of those named, or both ways to keep the ratio are asked for.

    Example:

        >>> resize([[[1.0], [3.0]]], (1, 4), data_format="channels_last")[0, :, 0]
        array([1. , 1.5, 2.5, 3. ], dtype=float32)
    """
    _checked(
        images.shape,
        size=size,
        interpolation=interpolation,
        crop_to_aspect_ratio=crop_to_aspect_ratio,
        pad_to_aspect_ratio=pad_to_aspect_ratio,
        fill_mode=fill_mode,
        data_format=data_format,
    )
    if crop_to_aspect_ratio or pad_to_aspect_ratio:
        images = _fitted(images, size, crop_to_aspect_ratio, fill_value, data_format)
        return resize(images, size, interpolation, antialias, data_format=data_format)

    if interpolation != "nearest" and dtype(images) not in ("float32", "float64"):
        return in_float(lambda x: resize(x, size, interpolation, antialias, data_format=data_format), images)
    for axis, target in zip(axes_of(shape_of(images), data_format), size):
        images = _resized_axis(images, axis, int(target), interpolation, antialias)
    return images


def _placed(images: Shape, *_: Shape, output_shape: Any, spatial_dims: Any, method: str, **__: Any) -> Shape:
    one_of("method", method, _METHODS)
    if len(output_shape) != len(images):
        raise ValueError(f"expected `output_shape` to have {len(images)} sizes, received {output_shape}.")
    return tuple(output_shape)


@export("keras.ops.image.scale_and_translate")
@op(shape=_placed, dtype=replace(pixels, free=frozenset({"scale", "translation"})), call=("output_shape",))
@one_program
def scale_and_translate(
    images: Tensor,
    output_shape: Sequence[int],
    scale: Tensor,
    translation: Tensor,
    spatial_dims: Sequence[int],
    method: str,
    antialias: bool = True,
) -> Tensor:
    """Scales and moves images: the pixel at `x` goes to `x * scale + translation`.

    Args:
        images: Tensor of any shape.
        output_shape: Shape of the result, which differs from that of `images` in `spatial_dims` only.
        scale: Float tensor of shape `(len(spatial_dims),)`.
        translation: Float tensor of that shape.
        spatial_dims: The axes that are scaled and moved.
        method: `"linear"`, `"cubic"`, `"lanczos3"` or `"lanczos5"`.
        antialias: Whether pixels of a smaller image average over all old ones that they cover.

    Returns:
        A tensor of shape `output_shape`; 0 where nothing of `images` comes to lie.

    Raises:
        ValueError: If `method` is none of those named, or `output_shape` has another rank.

    Example:

        >>> scale_and_translate([1.0, 3.0], (4,), [2.0], [0.0], (0,), "linear")
        Array([1. , 1.5, 2.5, 3. ], dtype=float32)
    """
    _placed(images.shape, output_shape=output_shape, spatial_dims=spatial_dims, method=method)
    kernel = _KERNELS[_METHODS[method]]

    def placed(x: Any) -> Any:
        for i, axis in enumerate(spatial_dims):
            numbers = cast(scale[i], "float32"), cast(translation[i], "float32")
            matrix = _weights(shape_of(x)[axis], *numbers, int(output_shape[axis]), kernel, antialias, _OPS)
            axis = axis % ndim(x)
            x = moveaxis(tensordot(x, cast(matrix, dtype(x)), ((axis,), (1,))), -1, axis)
        return x

    return in_float(placed, images)
