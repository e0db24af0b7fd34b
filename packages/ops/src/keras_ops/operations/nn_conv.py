"""Convolutions of one, two and three spatial dimensions.

Kernels have the channels last whatever the data format: `(*taps, in, out)`. The arithmetic of
padding is shared with the backends in `keras_backends.geometry`.
"""

from collections.abc import Sequence
from typing import Any, Literal

from keras_backends.api import export
from keras_backends.geometry import as_tuple, output_size, transposed_size

from keras_ops.op import op
from keras_ops.rules import promote
from keras_ops.tensor import Shape, Tensor

Padding = Literal["valid", "same"]


def spatial(shape: Shape, data_format: str) -> Shape:
    """The spatial sizes of a batch of images, sequences or volumes."""
    return shape[2:] if data_format == "channels_first" else shape[1:-1]


def assembled(
    batch: int | None, sizes: Sequence[int | None], channels: int | None, data_format: str
) -> Shape:
    """The shape of a batch with the given spatial sizes and channels."""
    return (batch, channels, *sizes) if data_format == "channels_first" else (batch, *sizes, channels)


def _window_sizes(
    shape: Shape, taps: Shape, strides: Any, padding: str, data_format: str, dilation_rate: Any
) -> list[int | None]:
    rank = len(shape) - 2
    if len(taps) != rank:
        raise ValueError(
            f"expected a kernel with {rank} spatial dimensions for inputs of shape {shape}, received {len(taps)}."
        )
    steps, gaps = as_tuple(strides, rank, "strides"), as_tuple(dilation_rate, rank, "dilation_rate")
    return [
        None if n is None or (k is None and padding == "valid") else _positions(n, k or 1, s, padding, d)
        for n, k, s, d in zip(spatial(shape, data_format), taps, steps, gaps)
    ]


def _positions(size: int, taps: int, stride: int, padding: str, dilation: int) -> int:
    count = output_size(size, taps, stride, padding, dilation)
    if count < 1:
        raise ValueError(
            f"expected spatial sizes of at least {(taps - 1) * dilation + 1} with padding='valid', "
            f"received {size}."
        )
    return count


def _channels(shape: Shape, data_format: str) -> int | None:
    return shape[1 if data_format == "channels_first" else -1]


def _convolved(
    shape: Shape,
    kernel: Shape,
    *,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str,
    dilation_rate: Any = 1,
    **_: Any,
) -> Shape:
    *taps, inner, filters = kernel
    sizes = _window_sizes(shape, tuple(taps), strides, padding, data_format, dilation_rate)
    channels = _channels(shape, data_format)
    if channels is not None and inner is not None and (not inner or channels % inner):
        raise ValueError(
            f"expected a number of input channels divisible by the kernel's {inner}, received {channels} "
            f"(inputs of shape {shape}, kernel of shape {kernel}, {data_format})."
        )
    return assembled(shape[0], sizes, filters, data_format)


@export(["keras.ops.conv", "keras.ops.nn.conv"])
@op(shape=_convolved, dtype=promote, checked=True)
def conv(
    inputs: Tensor,
    kernel: Tensor,
    strides: int | Sequence[int] = 1,
    padding: Literal["valid", "same", "causal"] = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    """Convolution of one, two or three spatial dimensions, in groups if the channels say so.

    Args:
        {spatial_inputs}
        kernel: Tensor of shape `(*taps, channels / groups, filters)`.
        {convolution_options}

    Returns:
        A tensor of shape `(batch, *new_sizes, filters)`, or with the filters at axis 1.

    Raises:
        ValueError: If the shapes do not fit together.

    Example:

        >>> import numpy as np
        >>> conv(np.ones((1, 5, 1)), np.ones((3, 1, 2))).shape
        (1, 3, 2)
    """


def _depthwise(
    shape: Shape,
    kernel: Shape,
    *,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str,
    dilation_rate: Any = 1,
    **_: Any,
) -> Shape:
    *taps, inner, multiplier = kernel
    sizes = _window_sizes(shape, tuple(taps), strides, padding, data_format, dilation_rate)
    channels = _channels(shape, data_format)
    if None not in (channels, inner) and channels != inner:
        raise ValueError(
            f"expected a kernel for {channels} channels, received kernel shape {kernel} for inputs of "
            f"shape {shape} ({data_format})."
        )
    filters = None if None in (inner, multiplier) else inner * multiplier
    return assembled(shape[0], sizes, filters, data_format)


@export(["keras.ops.depthwise_conv", "keras.ops.nn.depthwise_conv"])
@op(shape=_depthwise, dtype=promote, checked=True)
def depthwise_conv(
    inputs: Tensor,
    kernel: Tensor,
    strides: int | Sequence[int] = 1,
    padding: Padding = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    """Convolution of each channel by itself, with one or several filters for each.

    Args:
        {spatial_inputs}
        kernel: Tensor of shape `(*taps, channels, multiplier)`.
        {convolution_options}

    Returns:
        A tensor of shape `(batch, *new_sizes, channels * multiplier)`, or with the channels at axis 1.

    Raises:
        ValueError: If the shapes do not fit together.

    Example:

        >>> import numpy as np
        >>> depthwise_conv(np.ones((1, 5, 2)), np.ones((3, 2, 1))).shape
        (1, 3, 2)
    """


@export(["keras.ops.separable_conv", "keras.ops.nn.separable_conv"])
@op(dtype=promote)
def separable_conv(
    inputs: Tensor,
    depthwise_kernel: Tensor,
    pointwise_kernel: Tensor,
    strides: int | Sequence[int] = 1,
    padding: Padding = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    """Convolution of each channel by itself, then of the channels with each other at each position.

    Args:
        {spatial_inputs}
        depthwise_kernel: Tensor of shape `(*taps, channels, multiplier)`.
        pointwise_kernel: Tensor of shape `(*ones, channels * multiplier, filters)`.
        {convolution_options}

    Returns:
        A tensor of shape `(batch, *new_sizes, filters)`, or with the filters at axis 1.

    Example:

        >>> import numpy as np
        >>> separable_conv(np.ones((1, 5, 2)), np.ones((3, 2, 1)), np.ones((1, 2, 4))).shape
        (1, 3, 4)
    """
    x = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(x, pointwise_kernel, 1, "valid", data_format)


def _transposed(
    shape: Shape,
    kernel: Shape,
    *,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: str,
    dilation_rate: Any = 1,
    **_: Any,
) -> Shape:
    rank = len(shape) - 2
    *taps, filters, inner = kernel
    if len(taps) != rank:
        raise ValueError(
            f"expected a kernel of rank {rank + 2} for inputs of shape {shape}, received {kernel}."
        )
    channels = _channels(shape, data_format)
    if None not in (channels, inner) and channels != inner:
        raise ValueError(
            f"expected a kernel of shape (*taps, filters, {channels}) for inputs of shape {shape} "
            f"({data_format}), received {kernel}."
        )
    steps, gaps = as_tuple(strides, rank, "strides"), as_tuple(dilation_rate, rank, "dilation_rate")
    extra = output_padding if isinstance(output_padding, (tuple, list)) else (output_padding,) * rank
    if any(n is not None and n < 0 for n in extra):
        raise ValueError(f"expected numbers of 0 and more, received output_padding={output_padding}.")
    if 0 in spatial(shape, data_format):
        raise ValueError(
            f"expected spatial sizes of 1 and more, received inputs of shape {shape} ({data_format})."
        )
    sizes = [
        None if n is None else transposed_size(n, k, s, padding, e, d)
        for n, k, s, e, d in zip(spatial(shape, data_format), taps, steps, extra, gaps)
    ]
    return assembled(shape[0], sizes, filters, data_format)


@export(["keras.ops.conv_transpose", "keras.ops.nn.conv_transpose"])
@op(shape=_transposed, dtype=promote, checked=True)
def conv_transpose(
    inputs: Tensor,
    kernel: Tensor,
    strides: int | Sequence[int] = 1,
    padding: Padding = "valid",
    output_padding: int | Sequence[int] | None = None,
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    """Transposed convolution: the gradient of a convolution with respect to its inputs.

    Args:
        {spatial_inputs}
        kernel: Tensor of shape `(*taps, filters, channels)`.
        strides: How much larger the result is.
        padding: `"valid"`, or `"same"` for a result of exactly `size * stride`.
        output_padding: How many elements the result is longer than the shortest one that the
            convolution maps to `inputs`; by default as `padding` says.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        dilation_rate: Distance between neighbouring taps.

    Returns:
        A tensor of shape `(batch, *new_sizes, filters)`, or with the filters at axis 1.

    Raises:
        ValueError: If the shapes do not fit together.

    Example:

        >>> import numpy as np
        >>> conv_transpose(np.ones((1, 5, 1)), np.ones((3, 2, 1)), strides=2, padding="same").shape
        (1, 10, 2)
    """
