"""JAX kernels that reduce axes, accumulate along one, or count.

`jax.numpy` sums small integers in wider ones where it is not told otherwise; here results have the
input's dtype, which the operation's rule has widened already.
"""

import builtins
import math

import jax
import jax.numpy as jnp

all = jnp.all
any = jnp.any
amax = jnp.max
amin = jnp.min
argmax = jnp.argmax
argmin = jnp.argmin
logsumexp = jax.scipy.special.logsumexp
mean = jnp.mean
nanmax = jnp.nanmax
nanmin = jnp.nanmin
std = jnp.std
var = jnp.var


def _median_by(function):
    def kernel(x, *, axis=None, keepdims=False):
        # Bodies know what the median of nothing is, keep numbers without axes, and sum no two halves.
        if not x.size or not x.ndim or x.dtype.itemsize < 4:
            return NotImplemented
        return function(x, axis=axis, keepdims=keepdims)

    return kernel


median = _median_by(jnp.median)
nanmedian = _median_by(jnp.nanmedian)


def sum(x, *, axis=None, keepdims=False):
    return jnp.sum(x, axis=axis, keepdims=keepdims, dtype=x.dtype)


def prod(x, *, axis=None, keepdims=False, dtype=None):
    return jnp.prod(x, axis=axis, keepdims=keepdims, dtype=x.dtype)


def max(x, *, axis=None, keepdims=False, initial=None):
    return jnp.max(x, axis=axis, keepdims=keepdims, initial=initial)


def min(x, *, axis=None, keepdims=False, initial=None):
    return jnp.min(x, axis=axis, keepdims=keepdims, initial=initial)


def cumsum(x, *, axis=None, dtype=None):
    return jnp.cumsum(x, axis=axis, dtype=x.dtype)


def cumprod(x, *, axis=None, dtype=None):
    return jnp.cumprod(x, axis=axis, dtype=x.dtype)


def count_nonzero(x, *, axis=None):
    return jnp.count_nonzero(x, axis=axis)


def bin_counts(x, weights=None, *, minlength=0):
    x = x.astype("int32")
    # A compiled function needs the length beforehand.
    traced = isinstance(x, jax.core.Tracer)
    length = minlength if traced else builtins.max(minlength, int(x.max(initial=0)) + 1 if x.size else 0)
    ones = jnp.ones(x.shape, int) if weights is None else weights
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    counts = jax.vmap(lambda ids, values: jax.ops.segment_sum(values, ids, length))
    return counts(rows, ones.reshape(rows.shape)).reshape(*x.shape[:-1], length)


def _segmented(function):
    def kernel(data, segment_ids, *, num_segments=None, sorted=False):
        return function(data, segment_ids, num_segments, indices_are_sorted=sorted)

    return kernel


segment_max = _segmented(jax.ops.segment_max)
segment_min = _segmented(jax.ops.segment_min)
segment_prod = _segmented(jax.ops.segment_prod)
segment_sum = _segmented(jax.ops.segment_sum)
