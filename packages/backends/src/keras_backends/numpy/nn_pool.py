"""NumPy pooling: one strided view per tap of the window, combined element by element.

For the usual small windows this beats copying windows together.
"""

import math

import numpy as np

from keras_backends.geometry import as_tuple, bins, output_size, padding_amounts


def max_pool(inputs, *, pool_size, strides=None, padding="valid", data_format="channels_last"):
    x, sizes, pools, strides = _prepare(inputs, pool_size, strides, data_format)
    lowest = -np.inf if x.dtype.kind not in "iub" else _lowest(x.dtype)
    views, _ = _taps(x, sizes, pools, strides, padding, lowest)
    result = next(views).copy()
    for view in views:
        np.maximum(result, view, out=result)
    return _finish(result, data_format)


def average_pool(inputs, *, pool_size, strides=None, padding="valid", data_format="channels_last"):
    x, sizes, pools, strides = _prepare(inputs, pool_size, strides, data_format)
    views, positions = _taps(x.astype(_wide(x.dtype), copy=False), sizes, pools, strides, padding, 0)
    result = next(views).copy()
    for view in views:
        result += view
    counts = np.ones((), result.dtype)
    for n, k, s, count in zip(sizes, pools, strides, positions):
        before = padding_amounts(n, k, s, padding)[0]
        start = np.arange(count) * s - before
        counts = np.multiply.outer(counts, np.minimum(start + k, n) - np.maximum(start, 0))
    return _finish((result / counts[..., None]).astype(x.dtype, copy=False), data_format)


def adaptive_max_pool(inputs, *, output_size, data_format="channels_last"):
    return _adaptive(inputs, output_size, data_format, np.maximum.reduce)


def adaptive_average_pool(inputs, *, output_size, data_format="channels_last"):
    return _adaptive(inputs, output_size, data_format, np.mean)


def _adaptive(inputs, output_size, data_format, reduce):
    # The windows are products of intervals, so one axis after the other gives the same result.
    x = np.moveaxis(inputs, 1, -1) if data_format == "channels_first" else inputs
    for axis, count in enumerate(as_tuple(output_size, x.ndim - 2, "output_size"), 1):
        index = (slice(None),) * axis
        parts = [reduce(x[(*index, slice(*b))], axis=axis, keepdims=True) for b in bins(x.shape[axis], count)]
        x = np.concatenate(parts, axis=axis)
    return _finish(x.astype(inputs.dtype, copy=False), data_format)


def _prepare(inputs, pool_size, strides, data_format):
    rank = inputs.ndim - 2
    x = np.moveaxis(inputs, 1, -1) if data_format == "channels_first" else inputs
    pools = as_tuple(pool_size, rank, "pool_size")
    strides = pools if strides is None else as_tuple(strides, rank, "strides")
    return x, x.shape[1:-1], pools, strides


def _finish(y, data_format):
    return np.moveaxis(y, -1, 1) if data_format == "channels_first" else y


def _wide(dtype):
    return np.float32 if dtype.name in ("float16", "bfloat16") else dtype


def _lowest(dtype):
    return False if dtype.kind == "b" else np.iinfo(dtype).min


def _taps(x, sizes, pools, strides, padding, fill):
    """A view of all positions for each tap of the window, and the number of positions."""
    pads = [padding_amounts(n, k, s, padding) for n, k, s in zip(sizes, pools, strides)]
    if math.prod(1 + sum(p) for p in pads) > 1:
        x = np.pad(x, ((0, 0), *pads, (0, 0)), constant_values=fill)
    positions = [output_size(n, k, s, padding) for n, k, s in zip(sizes, pools, strides)]

    def views():
        for tap in np.ndindex(*pools):
            window = tuple(slice(t, t + c * s, s) for t, c, s in zip(tap, positions, strides))
            yield x[(slice(None), *window)]

    return views(), positions
