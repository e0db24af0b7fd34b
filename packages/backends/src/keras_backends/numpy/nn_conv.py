"""NumPy convolutions: windows as strided views of the input, copied and multiplied in blocks.

No loop runs over positions of the output, only over blocks of them that fit into the processor's cache, and
over the taps of a kernel where that is cheaper than copying windows. `channels_first` works on a transposed
view; `benchmarks/numpy_convolutions.py` compares with PyTorch.
"""

import math

import numpy as np

from keras_backends.geometry import as_tuple, padding_amounts, require_positions, transposed_crop

_BLOCK = 1 << 18
"""Numbers that a block of copied windows has at most, where one row of positions does not have more."""
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
    # Weights for a whole row of positions: the sums then run over long rows instead of single pixels.
    rows = np.broadcast_to(
        kernel[..., None, :, :], (*kernel.shape[:rank], positions[-1], *kernel.shape[-2:])
    ).copy()
    for block in _blocks(positions, 8 * math.prod(y.shape[2:])):
        part, product = y[block], np.empty_like(y[block])
        for tap in np.ndindex(*kernel.shape[:rank]):
            view = windows[block][(slice(None),) * (rank + 1) + tap]
            part += np.multiply(view[..., None], rows[tap], out=product)
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
