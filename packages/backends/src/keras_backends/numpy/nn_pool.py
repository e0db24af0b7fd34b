"""NumPy pooling: axis after axis, one strided view per place of the window, combined element by element.

For the usual small windows this beats copying windows together. Nothing is padded: a place that lies in the
padding is left out where it does. `benchmarks/numpy_convolutions.py` compares with PyTorch.
"""

import functools
import math

import numpy as np

from keras_backends.geometry import as_tuple, bins, output_size, padding_amounts, require_positions

_BLOCK = 1 << 18
"""Numbers of images that are pooled at once have at most, where one image does not have more."""


def max_pool(inputs, *, pool_size, strides=None, padding="valid", data_format="channels_last"):
    x, *window = _prepare(inputs, pool_size, strides, data_format)
    return _finish(_combined(np.maximum, x, x.dtype, *window, padding), data_format)


def average_pool(inputs, *, pool_size, strides=None, padding="valid", data_format="channels_last"):
    x, *window = _prepare(inputs, pool_size, strides, data_format)
    dtype = np.dtype("float32") if x.dtype.name in ("float16", "bfloat16") else x.dtype
    finish, counts = _division(*window, padding, dtype)
    if counts.ndim and len(x) > 1 and x.strides[-1] == x.itemsize:
        # Long rows divide faster than pixels with a number of their own.
        counts = np.repeat(counts, x.shape[-1], -1)
    result = _combined(np.add, x, dtype, *window, padding, lambda part: finish(part, counts, out=part))
    return _finish(result.astype(x.dtype, copy=False), data_format)


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


@functools.lru_cache(maxsize=256)
def _division(sizes, pools, strides, padding, dtype):
    """What makes averages of sums: a function, and its second operand of shape `(*positions, 1)` or `()`."""
    counts = np.ones((), dtype)
    for n, k, s in zip(sizes, pools, strides):
        start = np.arange(output_size(n, k, s, padding)) * s - padding_amounts(n, k, s, padding)[0]
        counts = np.multiply.outer(counts, np.minimum(start + k, n) - np.maximum(start, 0))
    counts = counts.astype(dtype)
    if not counts.size or np.any(counts != counts.flat[0]):
        return np.divide, counts[..., None]
    # A number divides faster than one for each window, and one that is a power of two is also a factor.
    count = counts.flat[0]
    exact = dtype.kind == "f" and math.frexp(count)[0] == 0.5
    return (np.multiply, 1 / count) if exact else (np.divide, count)


@functools.lru_cache(maxsize=256)
def _places(size, pool, stride, padding):
    """For each place in the window: positions where an element is there, all (None) first, and the elements."""
    before, count = padding_amounts(size, pool, stride, padding)[0], output_size(size, pool, stride, padding)
    some = []
    for start in range(-before, pool - before):
        first, last = max(-(start // stride), 0), min(-((start - size) // stride), count)
        if first >= last:
            continue
        at = start + first * stride
        where = None if (first, last) == (0, count) else slice(first, last)
        some.append((where, slice(at, at + (last - first) * stride, stride)))
    return sorted(some, key=lambda place: place[0] is not None)


def _combined(combine, x, dtype, sizes, pools, strides, padding, finish=None):
    """All elements of each window combined, then finished in place.

    Windows are products of intervals, so one axis after the other gives the same result. Some images go all
    the way before the next, so that what is in between stays in the processor's cache.
    """
    require_positions(sizes, pools, padding)
    images = max(_BLOCK // max(math.prod(x.shape[1:]), 1), 1)
    shape, results = [min(images, len(x)), *x.shape[1:]], []
    for axis, window in enumerate(zip(sizes, pools, strides), 1):
        shape[axis] = output_size(*window, padding)
        shape[0] = len(x) if axis == len(sizes) else shape[0]
        results.append(np.empty_like(x, dtype, shape=shape))
    for first in range(0, len(x), images):
        part = x[first : first + images].astype(dtype, copy=False)
        for axis, (result, *window) in enumerate(zip(results, sizes, pools, strides), 1):
            start = first if result is results[-1] else 0
            out = result[start : start + len(part)]
            _combine_axis(combine, part, axis, _places(*window, padding), out)
            part = out
        if finish is not None:
            finish(part)
    return results[-1]


def _combine_axis(combine, x, axis, places, out):
    index = (slice(None),) * axis
    # The place after the padding has an element at all positions, so the first one always has.
    (_, elements), *others = places
    first = x[(*index, elements)]
    if others and others[0][0] is None:
        combine(first, x[(*index, others.pop(0)[1])], out=out)
    else:
        np.copyto(out, first)
    for where, elements in others:
        target = out if where is None else out[(*index, where)]
        combine(target, x[(*index, elements)], out=target)
