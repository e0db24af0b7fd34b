"""Filters over images and what is measured with them: blur, edges, structural similarity."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.core import cast, convert_to_tensor, dtype, ndim
from keras_ops.operations.core import shape as shape_of
from keras_ops.operations.image_layout import axes_of, image_texts, in_float, pair, pixels
from keras_ops.operations.joining import stack
from keras_ops.operations.nn_conv import depthwise_conv
from keras_ops.operations.reductions import mean
from keras_ops.operations.shapes import expand_dims, squeeze
from keras_ops.programs import one_program
from keras_ops.rules import to_float
from keras_ops.tensor import Shape, Tensor


def _filtered(images: Any, filters: Sequence[np.ndarray], padding: str, data_format: str) -> Any:
    """Runs each filter of shape `(rows, columns)` over what the one before left, channel by channel."""
    channels = shape_of(images)[axes_of(shape_of(images), data_format)[2]]
    x = images if ndim(images) == 4 else expand_dims(images, 0)
    for taps in filters:
        kernel = np.repeat(taps[:, :, None, None], channels, 2)
        x = depthwise_conv(x, convert_to_tensor(kernel, dtype(images)), 1, padding, data_format)
    return x if ndim(images) == 4 else squeeze(x, 0)


def _bell(size: int, sigma: float) -> np.ndarray:
    """A normal distribution's density at `size` positions around its mean, with sum 1."""
    weights = np.exp(-0.5 * np.square((np.arange(size) - (size - 1) / 2) / sigma))
    return weights / weights.sum()


def _bells(sizes: Sequence[int], sigmas: Sequence[float]) -> list[np.ndarray]:
    """The filters along the rows and down the columns, which make the one in two dimensions."""
    return [_bell(sizes[0], sigmas[0])[None, :], _bell(sizes[1], sigmas[1])[:, None]]


def _blurred(shape: Shape, *, kernel_size: Any, sigma: Any, data_format: str) -> Shape:
    if min(pair("kernel_size", kernel_size)) < 1 or min(pair("sigma", sigma)) <= 0:
        raise ValueError(f"expected positive numbers, received kernel_size={kernel_size}, sigma={sigma}.")
    axes_of(shape, data_format)
    return shape


@export("keras.ops.image.gaussian_blur")
@image_texts
@op(shape=_blurred, dtype=pixels)
@one_program
def gaussian_blur(
    images: Tensor,
    kernel_size: Sequence[int] = (3, 3),
    sigma: Sequence[float] = (1.0, 1.0),
    data_format: str | None = None,
) -> Tensor:
    """Blurs images: each pixel becomes an average of its surroundings with normally distributed weights.

    Args:
        {images}
        kernel_size: Columns and rows of the surroundings. What lies outside of the images counts as 0.
        sigma: Standard deviation of the weights across and down.
        {data_format}

    Returns:
        A tensor of the shape and dtype of `images`; integers are rounded.

    Raises:
        ValueError: If a pair is none, or has numbers that are not positive.

    Example:

        >>> import numpy as np
        >>> float(gaussian_blur(np.ones((5, 5, 1), "float32"), data_format="channels_last")[2, 2, 0])
        1.0
    """
    _blurred(images.shape, kernel_size=kernel_size, sigma=sigma, data_format=data_format)
    filters = _bells(kernel_size, sigma)
    return in_float(lambda x: _filtered(x, filters, "same", data_format), images)


def _edges(shape: Shape, *, data_format: str) -> Shape:
    axes_of(shape, data_format)
    return (*shape, 2)


@export("keras.ops.image.sobel_edges")
@image_texts
@op(shape=_edges, dtype=to_float)
@one_program
def sobel_edges(images: Tensor, data_format: str | None = None) -> Tensor:
    """How steeply images change down and across, by Sobel's filters.

    Args:
        {images}
        {data_format}

    Returns:
        A float tensor of the shape of `images` with an axis of size 2 behind: the change from row to
        row, and from column to column. What lies outside of the images counts as 0.

    Example:

        >>> import numpy as np
        >>> ramp = np.tile(np.arange(5.0, dtype="float32"), (5, 1))[..., None]
        >>> sobel_edges(ramp, data_format="channels_last")[2, 2, 0]
        array([0., 8.], dtype=float32)
    """
    smooth, change = np.array([[1.0, 2.0, 1.0]]), np.array([[-1.0, 0.0, 1.0]])
    down = _filtered(images, [change.T, smooth], "same", data_format)
    across = _filtered(images, [smooth.T, change], "same", data_format)
    return stack([down, across], -1)


def _compared(image1: Shape, image2: Shape, *, filter_size: int, data_format: str, **_: Any) -> Shape:
    axes = axes_of(image1, data_format, "image1")
    pairs = list(zip(image1, image2))
    if len(image1) != len(image2) or any(None not in p and p[0] != p[1] and 1 not in p for p in pairs):
        raise ValueError(
            f"expected images of one shape, received shapes {tuple(image1)} and {tuple(image2)}."
        )
    if any(image1[axis] is not None and image1[axis] < filter_size for axis in axes[:2]):
        raise ValueError(
            f"expected images of at least {filter_size} rows and columns (`filter_size`), received shape "
            f"{tuple(image1)}."
        )
    return image1[:-3]


@export("keras.ops.image.ssim")
@image_texts
@op(shape=_compared, dtype=to_float, class_name="SSIM")
@one_program
def ssim(
    image1: Tensor,
    image2: Tensor,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> Tensor:
    """Structural similarity of images: 1 for equal ones, less the more they differ (Wang et al. 2004).

    Args:
        image1: Tensor of shape `(batch, height, width, channels)`, with the channels at axis 1 for
            `data_format="channels_first"`.
        image2: Tensor of that shape.
        max_val: The range of the values: the largest minus the smallest there can be.
        filter_size: Rows and columns of the surroundings that are compared.
        filter_sigma: Standard deviation of their weights.
        k1: Small number that keeps the comparison of means steady.
        k2: Small number that keeps the comparison of variances steady.
        {data_format}

    Returns:
        A float tensor of shape `(batch,)`.

    Raises:
        ValueError: If the shapes differ, or the images are smaller than the filter.

    Example:

        >>> import numpy as np
        >>> ssim(np.ones((1, 12, 12, 1)), np.ones((1, 12, 12, 1)), data_format="channels_last").shape
        (1,)
    """
    _compared(image1.shape, image2.shape, filter_size=filter_size, data_format=data_format)
    filters = _bells((filter_size,) * 2, (filter_sigma,) * 2)
    given = dtype(image1)
    if given in ("float16", "bfloat16"):  # The difference of squares below would have no digits left.
        image1, image2 = cast(image1, "float32"), cast(image2, "float32")

    def local(x: Any) -> Any:
        return _filtered(x, filters, "valid", data_format)

    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    mean1, mean2 = local(image1), local(image2)
    product, squares = mean1 * mean2, mean1 * mean1 + mean2 * mean2
    covariance = local(image1 * image2) - product
    variances = local(image1 * image1 + image2 * image2) - squares
    luminance = (2 * product + c1) / (squares + c1)
    structure = (2 * covariance + c2) / (variances + c2)
    return cast(mean(luminance * structure, (-3, -2, -1)), given)
