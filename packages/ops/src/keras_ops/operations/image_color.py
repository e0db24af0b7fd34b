"""Images in other colour spaces: grayscale and hue, saturation, value."""

from typing import Any

from keras_backends.api import export
from keras_backends.dtypes import is_float

from keras_ops.op import op
from keras_ops.operations.core import cast, dtype, ndim
from keras_ops.operations.elementwise import clip, mod, where
from keras_ops.operations.image_layout import axes_of, image_texts, pixels, replaced
from keras_ops.operations.indexing import take
from keras_ops.operations.joining import stack
from keras_ops.operations.reductions import max, min, sum
from keras_ops.operations.shapes import expand_dims, reshape
from keras_ops.programs import one_program
from keras_ops.tensor import KerasTensor, Shape, Tensor, known

_LUMA = (0.2989, 0.587, 0.114)


def _colours(shape: Shape, data_format: str) -> int:
    """The axis of the colours, of which there are three."""
    shape = known(tuple(shape))
    axis = axes_of(shape, data_format)[2]
    if shape[axis] not in (3, None):
        raise ValueError(
            f"expected images with 3 channels at axis {axis} ({data_format}), received shape {shape}."
        )
    return axis


def _along(axis: int, rank: int) -> list[int]:
    """The shape in which three numbers broadcast along an axis."""
    return [3 if i == axis else 1 for i in range(rank)]


def _gray(shape: Shape, *, data_format: str) -> Shape:
    return replaced(shape, {_colours(shape, data_format): 1})


@export("keras.ops.image.rgb_to_grayscale")
@image_texts
@op(shape=_gray, dtype=pixels, class_name="RGBToGrayscale")
@one_program
def rgb_to_grayscale(images: Tensor, data_format: str | None = None) -> Tensor:
    """Brightness of colours: `0.2989 * red + 0.587 * green + 0.114 * blue`.

    Args:
        {images}
        {data_format}

    Returns:
        A tensor of the shape and dtype of `images`, with one channel.

    Raises:
        ValueError: If there are not three channels.

    Example:

        >>> rgb_to_grayscale([[[1.0, 1.0, 0.0]]], data_format="channels_last")
        Array([[[0.8859]]], dtype=float32)
    """
    given, axis = dtype(images), _colours(images.shape, data_format)
    computed = given if given in ("float32", "float64") else "float32"
    weights = reshape(cast(_LUMA, computed), _along(axis, ndim(images)))
    return cast(sum(cast(images, computed) * weights, axis, keepdims=True), given)


def _float_colours(images: Any, data_format: str) -> int:
    if not is_float(dtype(images)):
        raise ValueError(f"expected images of a float dtype, received dtype {dtype(images)!r}.")
    return _colours(images.shape, data_format)


def _converted(images: KerasTensor, *, data_format: str) -> KerasTensor:
    _float_colours(images, data_format)
    return images


@export("keras.ops.image.rgb_to_hsv")
@image_texts
@op(spec=_converted, dtype=pixels, class_name="RGBToHSV")
@one_program
def rgb_to_hsv(images: Tensor, data_format: str | None = None) -> Tensor:
    """Hue, saturation and value of colours.

    Args:
        {images} Of a float dtype, with values in `[0, 1]`.
        {data_format}

    Returns:
        A tensor of the shape and dtype of `images`, with values in `[0, 1]`.

    Raises:
        ValueError: If the dtype is no float dtype, or there are not three channels.

    Example:

        >>> rgb_to_hsv([[[0.5, 0.25, 0.25]]], data_format="channels_last")
        Array([[[0. , 0.5, 0.5]]], dtype=float32)
    """
    axis = _float_colours(images, data_format)
    red, green, blue = (take(images, i, axis) for i in range(3))
    value = max(images, axis)
    spread = value - min(images, axis)
    some = where(spread == 0, 1, spread)
    hue = where(value == green, (blue - red) / some + 2, (red - green) / some + 4)
    hue = mod(where(value == red, (green - blue) / some, hue) / 6, 1)
    return stack([hue, spread / where(value == 0, 1, value), value], axis)


@export("keras.ops.image.hsv_to_rgb")
@image_texts
@op(spec=_converted, dtype=pixels, class_name="HSVToRGB")
@one_program
def hsv_to_rgb(images: Tensor, data_format: str | None = None) -> Tensor:
    """Red, green and blue of colours given by hue, saturation and value.

    Args:
        {images} Of a float dtype, with values in `[0, 1]`.
        {data_format}

    Returns:
        A tensor of the shape and dtype of `images`.

    Raises:
        ValueError: If the dtype is no float dtype, or there are not three channels.

    Example:

        >>> hsv_to_rgb([[[0.0, 0.5, 0.5]]], data_format="channels_last")
        Array([[[0.5 , 0.25, 0.25]]], dtype=float32)
    """
    axis = _float_colours(images, data_format)
    hue, saturation, value = (expand_dims(take(images, i, axis), axis) for i in range(3))
    offsets = reshape(cast([5, 3, 1], dtype(images)), _along(axis, ndim(images)))
    distance = mod(hue * 6 + offsets, 6)
    return value * (1 - saturation * clip(where(distance < 2, distance, 4 - distance), 0, 1))
