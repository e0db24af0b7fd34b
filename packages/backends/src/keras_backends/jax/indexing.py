"""JAX kernels that read and write at positions: taking, slicing, scattering."""

import builtins

import jax.numpy as jnp
from jax import lax

_SCATTER = {None: "set", "add": "add", "max": "max", "min": "min", "mul": "multiply"}


def take(x, indices, *, axis=None):
    if not (x.size or indices.size) and axis is not None:  # JAX would leave out the axes of the indices.
        axis = range(x.ndim)[axis]
        return jnp.zeros((*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]), x.dtype)
    return jnp.take(x, indices, axis=axis)


def take_along_axis(x, indices, *, axis=None):
    return jnp.take_along_axis(x, indices.reshape(-1) if axis is None else indices, axis=axis)


def get_item(x, *, key):
    # JAX takes no lists as index tensors.
    if isinstance(key, list):
        key = jnp.asarray(key)
    elif isinstance(key, builtins.tuple):
        key = builtins.tuple(jnp.asarray(k) if isinstance(k, list) else k for k in key)
    return x[key]


def slice(inputs, *, start_indices, shape):
    return lax.dynamic_slice(inputs, builtins.tuple(start_indices), shape)


def slice_update(inputs, updates, *, start_indices):
    return lax.dynamic_update_slice(inputs, updates, builtins.tuple(start_indices))


def scatter_update(inputs, indices, updates, *, reduction=None):
    target = inputs.at[builtins.tuple(jnp.moveaxis(indices, -1, 0))]
    return getattr(target, _SCATTER[reduction])(updates)
