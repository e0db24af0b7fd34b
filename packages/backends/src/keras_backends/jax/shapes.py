"""JAX kernels that rearrange: shapes, axes, joining, splitting, padding, diagonals.

Read like a table; a function stands where JAX names a parameter differently.
"""

import builtins
from itertools import pairwise as _pairwise

import jax.numpy as jnp
import numpy as _np
from jax import lax as _lax

from keras_backends.geometry import require_count
from keras_backends.jax.tensors import DTYPES as _DTYPES

concatenate = jnp.concatenate
diag = jnp.diag
diagonal = jnp.diagonal
expand_dims = jnp.expand_dims
flip = jnp.flip
moveaxis = jnp.moveaxis
ravel = jnp.ravel
roll = jnp.roll
squeeze = jnp.squeeze
stack = jnp.stack
swapaxes = jnp.swapaxes
transpose = jnp.transpose
tril = jnp.tril
triu = jnp.triu


def reshape(x, *, newshape):
    return x.reshape(newshape)


def broadcast_to(x, *, shape):
    return jnp.broadcast_to(x, shape)


def repeat(x, *, repeats, axis=None):
    if axis is not None:
        axis = range(x.ndim)[axis]  # JAX takes axes of numbers.
    if isinstance(repeats, builtins.tuple):
        repeats = jnp.asarray(repeats)
    return jnp.repeat(x, repeats, axis=axis)


def tile(x, *, repeats):
    return jnp.tile(x, repeats)


def split(x, *, indices_or_sections, axis=0):
    return _cut(jnp.split, x, indices_or_sections, axis)


def array_split(x, *, indices_or_sections, axis=0):
    return _cut(jnp.array_split, x, indices_or_sections, axis)


def _cut(split, x, cuts, axis):
    """Cuts by one of JAX's functions, which want positions in order, and inside of the axis."""
    size = x.shape[axis]
    if not isinstance(cuts, int) and isinstance(size, int):
        ends = [builtins.min(builtins.max(i + size if i < 0 else i, 0), size) for i in map(int, cuts)]
        if ends != sorted(ends):  # Parts overlap.
            pairs = _pairwise([0, *ends, size])
            return [_lax.slice_in_dim(x, a, builtins.max(a, b), axis=axis) for a, b in pairs]
        cuts = ends
    return split(x, cuts, axis=axis)


def unstack(x, *, num=None, axis=0):
    parts = jnp.unstack(x, axis=axis)
    require_count(num, len(parts), axis)
    return list(parts)


def pad(x, *, pad_width, mode="constant", constant_values=None):
    pad_width = _np.broadcast_to(pad_width, (x.ndim, 2)).tolist()
    if mode == "constant":
        return jnp.pad(x, pad_width, constant_values=0 if constant_values is None else constant_values)
    return jnp.pad(x, pad_width, mode=mode)


def view(x, *, dtype):
    # The framework adds or takes an axis where the width changes; here the last axis stretches.
    native = _DTYPES[dtype]
    old, new = x.dtype.itemsize, native.itemsize
    if old < new:
        x = jnp.reshape(x, (*x.shape[:-1], x.shape[-1] // (new // old), new // old))
    result = _lax.bitcast_convert_type(x, native)
    return jnp.reshape(result, (*result.shape[:-2], -1)) if old > new else result
