"""JAX convolutions.

On a CPU, XLA's own convolution is slow for some shapes by one to two orders of magnitude
(`benchmarks/convolutions.py`); those go through matrix products or sums of shifted products.
"""

import functools
import math

import jax
import jax.numpy as jnp
from jax import lax

from keras_backends.geometry import as_tuple, output_size, padding_amounts, require_positions, transposed_crop

_MANY_TAPS = 32
"""Above so many taps, sums of shifted products make programs too large."""
_SMALL_MAP = 9
"""Up to so many output positions, XLA's convolution on a CPU is far slower than a matrix product."""


def conv(inputs, kernel, *, strides=1, padding="valid", data_format="channels_last", dilation_rate=1):
    rank = inputs.ndim - 2
    strides, dilation = as_tuple(strides, rank, "strides"), as_tuple(dilation_rate, rank, "dilation_rate")
    taps, sizes = kernel.shape[:rank], _sizes(inputs, data_format)
    require_positions(sizes, taps, padding, dilation)
    groups = inputs.shape[_channel_axis(data_format)] // kernel.shape[-2]
    if groups == 1 and _on_cpu():
        positions = math.prod(output_size(*a) for a in zip(sizes, taps, strides, (padding,) * rank, dilation))
        if math.prod(taps) == 1 or (positions <= _SMALL_MAP and math.prod(taps) <= _MANY_TAPS):
            views = _tap_views(inputs, taps, strides, padding, dilation, data_format)
            columns = jnp.concatenate(views, axis=-1) if len(views) > 1 else views[0]
            return _channels(jnp.dot(columns, kernel.reshape(-1, kernel.shape[-1])), data_format)
    return _convolve(inputs, kernel, strides, padding, dilation, data_format, groups)


def depthwise_conv(
    inputs, kernel, *, strides=1, padding="valid", data_format="channels_last", dilation_rate=1
):
    rank = inputs.ndim - 2
    strides, dilation = as_tuple(strides, rank, "strides"), as_tuple(dilation_rate, rank, "dilation_rate")
    taps, (channels, multiplier) = kernel.shape[:rank], kernel.shape[rank:]
    require_positions(_sizes(inputs, data_format), taps, padding, dilation)
    if _on_cpu() and math.prod(taps) <= _MANY_TAPS:
        views = _tap_views(inputs, taps, strides, padding, dilation, data_format)
        weights = kernel.reshape(-1, channels, multiplier)
        y = sum(view[..., None] * weights[i] for i, view in enumerate(views))
        return _channels(y.reshape(*y.shape[:-2], channels * multiplier), data_format)
    kernel = kernel.reshape(*taps, 1, channels * multiplier)
    return _convolve(inputs, kernel, strides, padding, dilation, data_format, channels)


def conv_transpose(
    inputs,
    kernel,
    *,
    strides=1,
    padding="valid",
    output_padding=None,
    data_format="channels_last",
    dilation_rate=1,
):
    rank = inputs.ndim - 2
    strides, dilation = as_tuple(strides, rank, "strides"), as_tuple(dilation_rate, rank, "dilation_rate")
    if output_padding is None or isinstance(output_padding, int):
        output_padding = (output_padding,) * rank
    sizes, taps = _sizes(inputs, data_format), kernel.shape[:rank]
    crops = [
        transposed_crop(*a) for a in zip(sizes, taps, strides, (padding,) * rank, output_padding, dilation)
    ]
    edges = [(k - 1) * d for k, d in zip(taps, dilation)]
    return lax.conv_general_dilated(
        inputs,
        jnp.flip(kernel, axis=tuple(range(rank))),
        window_strides=(1,) * rank,
        padding=[(edge - start, edge - end) for edge, (start, end) in zip(edges, crops)],
        lhs_dilation=strides,
        rhs_dilation=dilation,
        dimension_numbers=_dimension_numbers(rank, data_format, "OI"),
    )


def _convolve(inputs, kernel, strides, padding, dilation, data_format, groups):
    rank = inputs.ndim - 2
    sizes, taps = _sizes(inputs, data_format), kernel.shape[:rank]
    return lax.conv_general_dilated(
        inputs,
        kernel,
        window_strides=strides,
        padding=[padding_amounts(*a) for a in zip(sizes, taps, strides, (padding,) * rank, dilation)],
        rhs_dilation=dilation,
        dimension_numbers=_dimension_numbers(rank, data_format, "IO"),
        feature_group_count=groups,
    )


@functools.cache
def _on_cpu():
    return jax.default_backend() == "cpu"


def _channel_axis(data_format):
    return 1 if data_format == "channels_first" else -1


def _sizes(inputs, data_format):
    return inputs.shape[2:] if data_format == "channels_first" else inputs.shape[1:-1]


def _channels(y, data_format):
    return jnp.moveaxis(y, -1, 1) if data_format == "channels_first" else y


def _dimension_numbers(rank, data_format, kernel_channels):
    space = "DHW"[3 - rank :]
    layout = f"N{space}C" if data_format == "channels_last" else f"NC{space}"
    return layout, space + kernel_channels, layout


def _tap_views(inputs, taps, strides, padding, dilation, data_format):
    """What each tap of the kernel sees: arrays of shape `(batch, *positions, channels)`."""
    x = jnp.moveaxis(inputs, 1, -1) if data_format == "channels_first" else inputs
    per_axis = list(zip(x.shape[1:-1], taps, strides, (padding,) * len(taps), dilation))
    pads = [padding_amounts(*a) for a in per_axis]
    if any(map(any, pads)):
        x = jnp.pad(x, ((0, 0), *pads, (0, 0)))
    positions = [output_size(*a) for a in per_axis]
    views = []
    for i in range(math.prod(taps)):
        starts, rest = [], i
        for size in reversed(taps):
            rest, tap = divmod(rest, size)
            starts.insert(0, tap)
        starts = [tap * d for tap, d in zip(starts, dilation)]
        limits = [start + (n - 1) * s + 1 for start, n, s in zip(starts, positions, strides)]
        views.append(lax.slice(x, (0, *starts, 0), (x.shape[0], *limits, x.shape[-1]), (1, *strides, 1)))
    return views
