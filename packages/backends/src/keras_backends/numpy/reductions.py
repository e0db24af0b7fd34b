"""NumPy kernels that reduce axes, accumulate along one, or count.

NumPy accumulates small dtypes in wider ones and half precision in itself; here results have the
input's dtype, and half precision is accumulated in float32.
"""

import builtins
import math

import ml_dtypes
import numpy as np

_HALF = frozenset({np.dtype("float16"), np.dtype(ml_dtypes.bfloat16)})
_FAST = np.dtype("float32")


def all(x, *, axis=None, keepdims=False):
    return np.logical_and.reduce(x, axis=axis, keepdims=keepdims)


def any(x, *, axis=None, keepdims=False):
    return np.logical_or.reduce(x, axis=axis, keepdims=keepdims)


def _in_float32(function):
    """The reduction with half precision accumulated in float32, and no dtype wider than the input's."""

    def kernel(x, *, axis=None, keepdims=False, dtype=None):
        if x.dtype in _HALF:
            return function(x, axis=axis, dtype=_FAST, keepdims=keepdims).astype(x.dtype)
        return function(x, axis=axis, dtype=x.dtype, keepdims=keepdims)

    return kernel


sum = _in_float32(np.add.reduce)
prod = _in_float32(np.multiply.reduce)


def mean(x, *, axis=None, keepdims=False):
    # As `np.mean`, in half its time on small arrays.
    total = np.add.reduce(x, axis=axis, dtype=_FAST if x.dtype in _HALF else x.dtype, keepdims=keepdims)
    count = x.size // total.size if total.size else np.prod([x.shape[i] for i in _axes(x, axis)])
    return (total / total.dtype.type(count)).astype(x.dtype, copy=False)


def _axes(x, axis):
    return range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis


def var(x, *, axis=None, keepdims=False):
    wide = x.astype(_FAST) if x.dtype in _HALF else x
    distance = wide - mean(wide, axis=axis, keepdims=True)
    if wide.dtype.kind == "c":
        distance = np.abs(distance)
    return mean(distance * distance, axis=axis, keepdims=keepdims).astype(x.real.dtype, copy=False)


def std(x, *, axis=None, keepdims=False):
    wide = x.astype(_FAST) if x.dtype in _HALF else x
    return np.sqrt(var(wide, axis=axis, keepdims=keepdims)).astype(x.real.dtype, copy=False)


def median(x, *, axis=None, keepdims=False):
    return NotImplemented if x.dtype in _HALF else np.median(x, axis=axis, keepdims=keepdims)


def moments(x, *, axes, keepdims=False, synchronized=False):
    if x.dtype in _HALF or not x.ndim:  # NumPy takes axes of numbers.
        return NotImplemented
    center = mean(x, axis=axes, keepdims=True)
    distance = x - center
    variance = mean(distance * distance, axis=axes, keepdims=keepdims)
    return (center if keepdims else center.reshape(variance.shape)), variance


def _extreme(function):
    def kernel(x, *, axis=None, keepdims=False, initial=None):
        if initial is None:
            return function(x, axis=axis, keepdims=keepdims)
        return function(x, axis=axis, keepdims=keepdims, initial=x.dtype.type(initial))

    return kernel


amax = max = _extreme(np.maximum.reduce)
amin = min = _extreme(np.minimum.reduce)


def logsumexp(x, *, axis=None, keepdims=False):
    # The body takes six steps, of which those with numbers narrow 64 bits.
    if x.dtype in _HALF:
        return NotImplemented
    shift = max(x, axis=axis, keepdims=True, initial=-np.inf)
    shift = np.where(np.isfinite(shift), shift, x.dtype.type(0))
    result = np.log(np.add.reduce(np.exp(x - shift), axis=axis, keepdims=True)) + shift
    return result if keepdims else np.add.reduce(result, axis=axis)


def argmax(x, *, axis=None, keepdims=False):
    return np.argmax(x, axis=axis, keepdims=keepdims)


def argmin(x, *, axis=None, keepdims=False):
    return np.argmin(x, axis=axis, keepdims=keepdims)


def _along(function):
    def kernel(x, *, axis=None, dtype=None):
        x, axis = (x.reshape(-1), 0) if axis is None else (x, axis)
        if x.dtype in _HALF:
            return function(x, axis=axis, dtype=_FAST).astype(x.dtype)
        return function(x, axis=axis, dtype=x.dtype)

    return kernel


cumsum = _along(np.add.accumulate)
cumprod = _along(np.multiply.accumulate)


def bin_counts(x, weights=None, *, minlength=0):
    # Rows count in ranges of their own of one long count.
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1]).astype("int64")
    length = builtins.max(minlength, int(rows.max(initial=-1)) + 1)
    shifted = rows + np.arange(len(rows))[:, None] * length
    flat = None if weights is None else weights.reshape(-1).astype("float64")
    counts = np.bincount(shifted.reshape(-1), flat, len(rows) * length).reshape(*x.shape[:-1], length)
    return counts.astype("int32" if weights is None else weights.dtype)


def histogram(x, *, bins=10, range=None):
    # NumPy counts in its own integers.
    return np.histogram(x, bins, range)


def segment_sum(data, segment_ids, *, num_segments=None, sorted=False):
    return _segmented(np.add, data, segment_ids, num_segments, 0)


def segment_prod(data, segment_ids, *, num_segments=None, sorted=False):
    return _segmented(np.multiply, data, segment_ids, num_segments, 1)


def segment_max(data, segment_ids, *, num_segments=None, sorted=False):
    return _segmented(np.maximum, data, segment_ids, num_segments, _limit(data.dtype, False, "min"))


def segment_min(data, segment_ids, *, num_segments=None, sorted=False):
    return _segmented(np.minimum, data, segment_ids, num_segments, _limit(data.dtype, True, "max"))


def _segmented(ufunc, data, segment_ids, num_segments, start):
    if num_segments is None:
        num_segments = int(segment_ids.max(initial=-1)) + 1
    result = np.full((num_segments, *data.shape[1:]), start, data.dtype)
    inside = (segment_ids >= 0) & (segment_ids < num_segments)
    ufunc.at(result, segment_ids[inside], data[inside])
    return result


def _limit(dtype, of_bools, which):
    if dtype.kind == "b":
        return of_bools
    if dtype.kind in "iu":
        return getattr(np.iinfo(dtype), which)
    return np.inf if which == "max" else -np.inf


def nanmax(x, *, axis=None, keepdims=False):
    # The maximum that prefers numbers is NaN only where there is nothing else.
    return np.fmax.reduce(x, axis=axis, keepdims=keepdims)


def nanmin(x, *, axis=None, keepdims=False):
    return np.fmin.reduce(x, axis=axis, keepdims=keepdims)


def nansum(x, *, axis=None, keepdims=False):
    return sum(np.nan_to_num(x, posinf=np.inf, neginf=-np.inf), axis=axis, keepdims=keepdims)


def corrcoef(x):
    return np.corrcoef(x, dtype=x.dtype) if x.dtype not in _HALF else NotImplemented


def cdist(x, y):
    if x.dtype in _HALF:
        return NotImplemented
    difference = x[..., :, None, :] - y[..., None, :, :]
    return np.sqrt(np.einsum("...i,...i->...", difference, difference))
