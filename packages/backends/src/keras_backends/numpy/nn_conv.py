"""NumPy convolutions: windows as strided views of the input, then one matrix product.

No loop runs over positions of the output; loops over the taps of a kernel remain where they are
cheaper than copying windows. `channels_first` works on a transposed view.
"""

import math

import numpy as np

from keras_backends.geometry import as_tuple, padding_amounts, transposed_crop

_HALF = frozenset({"float16", "bfloat16"})


def conv(inputs, kernel, *, strides=1, padding="valid", data_format="channels_last", dilation_rate=1):
    x, kernel, dtype = _prepare(inputs, kernel, data_format)
    rank = x.ndim - 2
    strides, dilation = as_tuple(strides, rank, "strides"), as_tuple(dilation_rate, rank, "dilation_rate")
    windows = _windows(x, kernel.shape[:rank], strides, padding, dilation)
    groups = x.shape[-1] // kernel.shape[-2]
    y = _product(windows, kernel, groups)
    return _finish(y, dtype, data_format)


def depthwise_conv(
    inputs, kernel, *, strides=1, padding="valid", data_format="channels_last", dilation_rate=1
):
    x, kernel, dtype = _prepare(inputs, kernel, data_format)
    rank = x.ndim - 2
    strides, dilation = as_tuple(strides, rank, "strides"), as_tuple(dilation_rate, rank, "dilation_rate")
    windows = _windows(x, kernel.shape[:rank], strides, padding, dilation)
    positions = windows.shape[: rank + 1]
    y = np.zeros((*positions, *kernel.shape[-2:]), x.dtype)
    for tap in np.ndindex(*kernel.shape[:rank]):
        y += windows[(slice(None),) * (rank + 1) + tap][..., None] * kernel[tap]
    return _finish(y.reshape(*positions, math.prod(y.shape[-2:])), dtype, data_format)


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
    x, kernel, dtype = _prepare(inputs, kernel, data_format)
    rank = x.ndim - 2
    strides, dilation = as_tuple(strides, rank, "strides"), as_tuple(dilation_rate, rank, "dilation_rate")
    extra = _per_axis(output_padding, rank)
    taps, sizes, filters = kernel.shape[:rank], x.shape[1:-1], kernel.shape[-2]
    crops = [transposed_crop(*a) for a in zip(sizes, taps, strides, (padding,) * rank, extra, dilation)]
    full = [(n - 1) * s + (k - 1) * d + 1 for n, k, s, d in zip(sizes, taps, strides, dilation)]
    # A negative crop makes the full result longer, at its end.
    full = [n - min(end, 0) for n, (_, end) in zip(full, crops)]
    y = np.zeros((x.shape[0], *full, filters), x.dtype)
    for tap in np.ndindex(*taps):
        target = tuple(
            slice(t * d, t * d + (n - 1) * s + 1, s) for t, d, n, s in zip(tap, dilation, sizes, strides)
        )
        y[(slice(None), *target)] += x @ kernel[tap].T
    cut = tuple(slice(start, n - max(end, 0)) for n, (start, end) in zip(full, crops))
    return _finish(np.ascontiguousarray(y[(slice(None), *cut)]), dtype, data_format)


def _per_axis(output_padding, rank):
    if output_padding is None or isinstance(output_padding, int):
        return (output_padding,) * rank
    return tuple(output_padding)


def _prepare(inputs, kernel, data_format):
    """The operands with channels last, and in float32 where NumPy has no fast product."""
    dtype = inputs.dtype
    if dtype.name in _HALF:
        inputs, kernel = inputs.astype("float32"), kernel.astype("float32")
    return np.moveaxis(inputs, 1, -1) if data_format == "channels_first" else inputs, kernel, dtype


def _finish(y, dtype, data_format):
    y = y.astype(dtype, copy=False)
    return np.moveaxis(y, -1, 1) if data_format == "channels_first" else y


def _windows(x, taps, strides, padding, dilation):
    """A view of shape `(batch, *positions, *taps, channels)` into the padded input."""
    sizes = x.shape[1:-1]
    pads = [padding_amounts(*a) for a in zip(sizes, taps, strides, (padding,) * len(taps), dilation)]
    if any(map(any, pads)):
        x = np.pad(x, ((0, 0), *pads, (0, 0)))
    positions = tuple(
        max((n - (k - 1) * d - 1) // s + 1, 0) for n, k, s, d in zip(x.shape[1:-1], taps, strides, dilation)
    )
    step = x.strides[1:-1]
    return np.lib.stride_tricks.as_strided(
        x,
        (x.shape[0], *positions, *taps, x.shape[-1]),
        (
            x.strides[0],
            *(n * s for n, s in zip(step, strides)),
            *(n * d for n, d in zip(step, dilation)),
            x.strides[-1],
        ),
        writeable=False,
    )


def _product(windows, kernel, groups):
    """Contracts the taps and channels of the windows with the kernel, for each group by itself."""
    rank = kernel.ndim - 2
    positions, taps = windows.shape[: rank + 1], math.prod(kernel.shape[:rank])
    inner, filters = kernel.shape[-2:]
    count = math.prod(positions)
    if groups == 1:
        return (windows.reshape(count, taps * inner) @ kernel.reshape(-1, filters)).reshape(
            *positions, filters
        )
    columns = windows.reshape(count, taps, groups, inner).transpose(2, 0, 1, 3).reshape(groups, count, -1)
    weights = kernel.reshape(taps * inner, groups, filters // groups).transpose(1, 0, 2)
    return (columns @ weights).transpose(1, 0, 2).reshape(*positions, filters)
