"""JAX kernels that order and search: sorting, positions, unique values."""

import jax
import jax.numpy as jnp

argsort = jnp.argsort
isin = jnp.isin
sort = jnp.sort


def argpartition(x, *, kth, axis=-1):
    # JAX has it for numbers only and along an axis.
    if x.dtype == bool or axis is None:
        return NotImplemented
    return jnp.argpartition(x, kth, axis=axis)


def top_k(x, *, k, sorted=True):
    if x.dtype == bool:  # XLA's sort of the largest elements knows numbers only.
        values, index = jax.lax.top_k(x.astype("int8"), k)
        return values.astype(bool), index
    return jax.lax.top_k(x, k)


def searchsorted(sorted_sequence, values, *, side="left"):
    return jnp.searchsorted(sorted_sequence, values, side=side)


def nonzero(x):
    return jnp.nonzero(jnp.atleast_1d(x))


def unique_elements(x, *, return_index=False, return_inverse=False, return_counts=False, axis=None):
    results = jnp.unique(
        x, return_index=return_index, return_inverse=return_inverse, return_counts=return_counts, axis=axis
    )
    return _flat_inverse(results, return_index, return_inverse)


def unique(
    x,
    *,
    sorted=True,
    return_index=False,
    return_inverse=False,
    return_counts=False,
    axis=None,
    size=None,
    fill_value=None,
):
    # With a size it can be compiled; the body cannot, because it looks for all elements first.
    if size is None:
        return NotImplemented
    results = jnp.unique(
        x,
        return_index=return_index,
        return_inverse=return_inverse,
        return_counts=return_counts,
        axis=axis,
        size=size,
        fill_value=fill_value,
    )
    return _flat_inverse(results, return_index, return_inverse)


def _flat_inverse(results, return_index, return_inverse):
    if not return_inverse:
        return results
    place = 1 + return_index
    return (*results[:place], results[place].reshape(-1), *results[place + 1 :])
