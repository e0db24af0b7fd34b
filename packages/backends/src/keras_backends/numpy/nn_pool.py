"""NumPy pooling: axis after axis, one strided view per tap of the window, combined element by element.

For the usual small windows this beats copying windows together.
"""

import math

import numpy as np

from keras_backends.geometry import as_tuple, bins, output_size, padding_amounts, require_positions


def max_pool(inputs, *, pool_size, strides=None, padding="valid", data_format="channels_last"):
    x, *window = _prepare(inputs, pool_size, strides, data_format)
    lowest = -np.inf if x.dtype.kind not in "iub" else _lowest(x.dtype)
    result, _ = _combined(np.maximum, x, *window, padding, lowest)
    return _finish(result, data_format)


def average_pool(inputs, *, pool_size, strides=None, padding="valid", data_format="channels_last"):
    x, *window = _prepare(inputs, pool_size, strides, data_format)
    result, positions = _combined(np.add, x.astype(_wide(x.dtype), copy=False), *window, padding, 0)
    counts = np.ones((), result.dtype)
    for n, k, s, count in zip(*window, positions):
        before = padding_amounts(n, k, s, padding)[0]
        start = np.arange(count) * s - before
        counts = np.multiply.outer(counts, np.minimum(start + k, n) - np.maximum(start, 0))
    counts = counts.astype(result.dtype)
    # A number divides faster than windows of one size each by itself.
    same = counts.size and np.all(counts == counts.flat[0])
    np.divide(result, counts.flat[0] if same else counts[..., None], out=result)
    return _finish(result.astype(inputs.dtype, copy=False), data_format)


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


def _combined(combine, x, sizes, pools, strides, padding, fill):
    """All elements of each window combined, and the number of windows along each axis.

    Windows are products of intervals, so one axis after the other gives the same result.
    """
    require_positions(sizes, pools, padding)
    pads = [padding_amounts(n, k, s, padding) for n, k, s in zip(sizes, pools, strides)]
    if math.prod(1 + sum(p) for p in pads) > 1:
        x = np.pad(x, ((0, 0), *pads, (0, 0)), constant_values=fill)
    positions = [output_size(n, k, s, padding) for n, k, s in zip(sizes, pools, strides)]
    for axis, (size, stride, count) in enumerate(zip(pools, strides, positions), 1):
        index = (slice(None),) * axis
        first, *others = (x[(*index, slice(t, t + count * stride, stride))] for t in range(size))
        x = first.copy() if not others else combine(first, others[0])
        for view in others[1:]:
            combine(x, view, out=x)
    return x, positions
