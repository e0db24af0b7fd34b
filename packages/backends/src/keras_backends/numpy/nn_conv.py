"""NumPy convolutions: windows as strided views of the input, copied and multiplied in blocks.

No loop runs over positions of the output, only over blocks of them that fit into the processor's cache. A
depthwise convolution multiplies and adds long rows of pixels, tap after tap. `channels_first` works on a
transposed view; `benchmarks/numpy_convolutions.py` compares with PyTorch.
"""

import math

import numpy as np

from keras_backends.geometry import (
    as_tuple,
    output_size,
    padding_amounts,
    require_positions,
    transposed_crop,
)

_BLOCK = 1 << 18
"""Numbers that a block of copied windows has at most, where one row of positions does not have more."""
_ROW = 1 << 10
"""Numbers of a row that are multiplied and added at once in a depthwise convolution, if a pixel has no more."""
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
    channels, multiplier = kernel.shape[-2:]
    if channels == inputs.shape[1 if data_format == "channels_first" else -1] == 1:
        options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
        return conv(inputs, kernel, data_format=data_format, **options)
    x, dtype = np.moveaxis(inputs, 1, -1) if data_format == "channels_first" else inputs, inputs.dtype
    rank, filters = x.ndim - 2, x.shape[-1] * multiplier
    strides, dilation = as_tuple(strides, rank, "strides"), as_tuple(dilation_rate, rank, "dilation_rate")
    sizes, taps = x.shape[1:-1], kernel.shape[:rank]
    weights = kernel.reshape(*taps, 1, filters)
    weights = weights.astype("float32") if dtype.name in _HALF else weights
    require_positions(sizes, taps, padding, dilation)
    windows = list(zip(sizes, taps, strides, (padding,) * rank, dilation))
    pads = [padding_amounts(*window) for window in windows]
    *rows, pixels = (output_size(*window) for window in windows)
    y = np.empty((len(x), *rows, pixels * filters), weights.dtype)
    parts = list(_parts(weights, pixels)) if y.size else []
    for images, source in _row_sources(x, weights, pixels, strides, dilation, pads) if y.size else ():
        _add_taps(_row_taps(source, (*rows, *taps, pixels * filters), strides, dilation), parts, y[images])
    return _finish(y.reshape(*y.shape[:-1], pixels, filters), dtype, data_format)


def _add_taps(windows, parts, y):
    """Multiplies views of shape `(images, *rows, *taps, row)` with weights, and adds over the taps into `y`.

    `einsum` multiplies and adds in one go, over the last axis for one tap after the other, while the sums stay
    in the processor's fastest cache.
    """
    axes = range(windows.ndim + 1)
    for part, factors in parts:
        length, target = factors.shape[-1], y[..., part]
        np.einsum(
            windows[..., part].reshape(*windows.shape[:-1], -1, length),
            axes,
            factors,
            (*axes[y.ndim - 1 : -2], axes[-1]),
            (*axes[: y.ndim - 1], *axes[-2:]),
            out=target.reshape(*y.shape[:-1], -1, length),
        )


def _row_taps(source, shape, strides, dilation):
    """Looks into what `_row_sources` gives: a view of shape `(images, *rows, *taps, row)`."""
    images, *rows, copy, pixel, number = source.strides
    tap = copy if source.shape[-3] > 1 else dilation[-1] * pixel
    steps = [n * s for n, s in zip(rows, strides)], [n * d for n, d in zip(rows, dilation)]
    steps = images, *steps[0], *steps[1], tap, number
    return np.lib.stride_tricks.as_strided(source, (len(source), *shape), steps, writeable=False)


def _parts(weights, pixels):
    """Parts of a row of pixels, and the weights repeated for the pixels that are computed at once in each."""
    *taps, _, filters = weights.shape
    some = max(_ROW // filters, 1)
    some = -(-pixels // -(-pixels // some))
    whole = pixels - pixels % some
    for first, stop, size in ((0, whole, some), (whole, pixels, pixels - whole)):
        if size:
            factors = np.broadcast_to(weights, (*taps, size, filters)).reshape(*taps, size * filters)
            yield slice(first * filters, stop * filters), factors


def _row_sources(x, weights, pixels, strides, dilation, pads):
    """Arrays of shape `(images, *rows, copies, pixels, filters)` in which a row of pixels is contiguous.

    That is the input where it can be, else padded copies of some images at a time, in which each channel
    stands as often as it has filters. Where windows move by more than a pixel along the row, there is a copy for
    each tap, of the pixels that it meets.
    """
    *_, width, channels = x.shape
    filters, stride = weights.shape[-1], strides[-1]
    as_it_is = filters == channels and x.dtype == weights.dtype and not any(map(any, pads))
    if as_it_is and stride == 1 and x.strides[-2:] == (channels * x.itemsize, x.itemsize):
        yield slice(None), x[..., None, :, :]
        return
    offsets = [tap * dilation[-1] for tap in range(weights.shape[-3])] if stride > 1 else [0]
    count = pixels if stride > 1 else width + sum(pads[-1])
    sizes = [n + sum(pad) for n, pad in zip(x.shape[1:-2], pads)]
    images = max(_BLOCK // max(math.prod(sizes) * len(offsets) * count * filters, 1), 1)
    padded = np.zeros((min(images, len(x)), *sizes, len(offsets), count, filters), weights.dtype)
    inside = [slice(before, before + n) for n, (before, _) in zip(x.shape[1:-2], pads)]
    inside = padded.reshape(*padded.shape[:-1], channels, -1)[(slice(None), *inside)]
    for first in range(0, len(x), images):
        part = x[first : first + images]
        for index, offset in enumerate(offsets):
            start = offset - pads[-1][0]
            before, after = max(-(start // stride), 0), min(-((start - width) // stride), count)
            met = part[..., start + before * stride :: stride, :][..., : max(after - before, 0), :]
            inside[: len(part), ..., index, before : before + met.shape[-2], :, :] = met[..., None]
        yield slice(first, first + images), padded[: len(part)]


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
    weights = kernel.reshape(-1, kernel.shape[-1]).T
    for images, rows in _blocks(x.shape[:2], math.prod(sizes[1:]) * weights.shape[1]):
        part = x[images, rows]
        products = (part.reshape(-1, part.shape[-1]) @ weights).reshape(*part.shape[:-1], *taps, filters)
        firsts = rows.start, *(0,) * (rank - 1)
        for tap in np.ndindex(*taps):
            starts = [t * d + first * s for t, d, first, s in zip(tap, dilation, firsts, strides)]
            ends = [start + (n - 1) * s + 1 for start, n, s in zip(starts, part.shape[1:], strides)]
            target = tuple(map(slice, starts, ends, strides))
            y[(images, *target)] += products[(..., *tap, slice(None))]
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
    require_positions(sizes, taps, padding, dilation)
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


def _blocks(positions, row):
    """Indices that cut `(batch, rows, ...)` into whole images, or rows of one, of about `_BLOCK` numbers.

    `row` is how many numbers belong to each row.
    """
    batch, rows = positions[:2]
    images, some = max(_BLOCK // max(row * rows, 1), 1), max(_BLOCK // max(row, 1), 1)
    for first in range(0, batch, images):
        for start in range(0, rows, some if images == 1 else max(rows, 1)):
            yield slice(first, first + images), slice(start, start + some if images == 1 else rows)


def _product(windows, kernel, groups):
    """Contracts the taps and channels of the windows with the kernel, for each group by itself."""
    rank = kernel.ndim - 2
    positions, taps = windows.shape[: rank + 1], math.prod(kernel.shape[:rank])
    inner, filters = kernel.shape[-2:]
    count = math.prod(positions)
    if groups == 1:
        y, weights = np.empty((*positions, filters), windows.dtype), kernel.reshape(-1, filters)
        for block in _blocks(positions, math.prod(windows.shape[2:])):
            part = y[block]
            np.matmul(windows[block].reshape(-1, taps * inner), weights, out=part.reshape(-1, filters))
        return y
    columns = windows.reshape(count, taps, groups, inner).transpose(2, 0, 1, 3).reshape(groups, count, -1)
    weights = kernel.reshape(taps * inner, groups, filters // groups).transpose(1, 0, 2)
    return (columns @ weights).transpose(1, 0, 2).reshape(*positions, filters)
