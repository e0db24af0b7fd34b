"""JAX pooling: combinations of strided slices.

XLA's reduction over windows has a gradient that is 5 to 15 times slower on a CPU; it remains for large
windows only.
"""

import itertools
import math

import jax.numpy as jnp
from jax import lax

from keras_backends.geometry import as_tuple, bins, output_size, padding_amounts, require_positions

_MANY_TAPS = 32


def max_pool(inputs, *, pool_size, strides=None, padding="valid", data_format="channels_last"):
    x, pools, strides, pads = _prepare(inputs, pool_size, strides, padding, data_format)
    lowest = jnp.array(-jnp.inf if jnp.issubdtype(x.dtype, jnp.floating) else jnp.iinfo(x.dtype).min, x.dtype)
    if math.prod(pools) > _MANY_TAPS:
        y = _reduce_window(x, lowest, lax.max, pools, strides, pads)
    else:
        y, *views = _tap_views(_padded(x, pads, lowest), pools, strides)
        for view in views:
            # Unlike a maximum this gives the gradient to the first of equal values; NaN stays.
            y = jnp.where((y >= view) | (y != y), y, view)
    return _finish(y, data_format)


def average_pool(inputs, *, pool_size, strides=None, padding="valid", data_format="channels_last"):
    x, pools, strides, pads = _prepare(inputs, pool_size, strides, padding, data_format)
    zero = jnp.zeros((), x.dtype)
    if math.prod(pools) > _MANY_TAPS:
        y = _reduce_window(x, zero, lax.add, pools, strides, pads)
    else:
        y = sum(_tap_views(_padded(x, pads, zero), pools, strides))
    if not any(map(any, pads)):
        return _finish(y / math.prod(pools), data_format)
    ones = jnp.ones((1, *x.shape[1:-1], 1), x.dtype)
    return _finish(y / _reduce_window(ones, zero, lax.add, pools, strides, pads), data_format)


def adaptive_max_pool(inputs, *, output_size, data_format="channels_last"):
    return _adaptive(inputs, output_size, data_format, jnp.max)


def adaptive_average_pool(inputs, *, output_size, data_format="channels_last"):
    return _adaptive(inputs, output_size, data_format, jnp.mean)


def _adaptive(inputs, output_size, data_format, reduce):
    # The windows are products of intervals, so one axis after the other gives the same result.
    x = jnp.moveaxis(inputs, 1, -1) if data_format == "channels_first" else inputs
    for axis, count in enumerate(as_tuple(output_size, x.ndim - 2, "output_size"), 1):
        windows = bins(x.shape[axis], count)
        parts = [reduce(lax.slice_in_dim(x, *b, axis=axis), axis=axis, keepdims=True) for b in windows]
        x = jnp.concatenate(parts, axis=axis)
    return _finish(x, data_format)


def _prepare(inputs, pool_size, strides, padding, data_format):
    rank = inputs.ndim - 2
    pools = as_tuple(pool_size, rank, "pool_size")
    strides = pools if strides is None else as_tuple(strides, rank, "strides")
    x = jnp.moveaxis(inputs, 1, -1) if data_format == "channels_first" else inputs
    require_positions(x.shape[1:-1], pools, padding)
    pads = [padding_amounts(n, k, s, padding) for n, k, s in zip(x.shape[1:-1], pools, strides)]
    return x, pools, strides, pads


def _padded(x, pads, fill):
    return jnp.pad(x, ((0, 0), *pads, (0, 0)), constant_values=fill) if any(map(any, pads)) else x


def _finish(y, data_format):
    return jnp.moveaxis(y, -1, 1) if data_format == "channels_first" else y


def _reduce_window(x, initial, combine, pools, strides, pads):
    return lax.reduce_window(x, initial, combine, (1, *pools, 1), (1, *strides, 1), ((0, 0), *pads, (0, 0)))


def _tap_views(x, pools, strides):
    """What each element of the window sees, in the order of the window."""
    positions = [output_size(n, k, s, "valid") for n, k, s in zip(x.shape[1:-1], pools, strides)]
    return [
        lax.slice(
            x,
            (0, *starts, 0),
            (x.shape[0], *(t + (n - 1) * s + 1 for t, n, s in zip(starts, positions, strides)), x.shape[-1]),
            (1, *strides, 1),
        )
        for starts in itertools.product(*map(range, pools))
    ]
