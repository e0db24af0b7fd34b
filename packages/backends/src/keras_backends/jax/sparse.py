"""JAX's sparse tensors, BCOO: their parts, and kernels of operations that keep them sparse.

`jax.experimental.sparse` takes long to import, so the backend's table loads this module when the first sparse
tensor is met. Inside compiled functions the number of elements is fixed: surplus ones are padding, with
an index beyond the shape and the value zero.
"""

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import sparse as jsparse
from jax.experimental.sparse import BCOO

from keras_backends.contract import SparseTensors
from keras_backends.geometry import slice_window
from keras_backends.host import Coordinates


def make(indices: Any, values: Any, shape: Any) -> BCOO:
    shape = tuple(map(int, shape))
    indices, values = jnp.asarray(indices, "int32"), jnp.asarray(values)
    inside = ((indices >= 0) & (indices < jnp.asarray(shape, "int32"))).all(axis=-1)
    beyond = jnp.asarray(shape, "int32")
    data = jnp.where(inside, values, jnp.zeros_like(values))
    return BCOO((data, jnp.where(inside[:, None], indices, beyond)), shape=shape)


def placed(x: Coordinates) -> BCOO:
    """A batch on the device, padded to a power of two, so that compiled functions meet few sizes."""
    count = len(x.values)
    width = 1 << max(0, count - 1).bit_length()
    indices = np.empty((width, len(x.shape)), "int32")
    indices[:count], indices[count:] = x.indices, x.shape
    values = np.zeros(width, x.values.dtype)
    values[:count] = x.values
    return BCOO((jnp.asarray(values), jnp.asarray(indices)), shape=x.shape)


@jax.jit
def densify(x: BCOO) -> jax.Array:
    return _addable(x).todense().astype(x.dtype)


def from_dense(x: Any) -> BCOO:
    traced = isinstance(x, jax.core.Tracer)
    return BCOO.fromdense(x, nse=x.size if traced else None)


def coordinates(x: BCOO) -> tuple[np.ndarray, np.ndarray]:
    x = _flat(x)
    indices, values = np.asarray(x.indices), np.asarray(x.data)
    inside = (indices < np.asarray(x.shape)).all(axis=-1)
    return indices[inside], values[inside]


def _flat(x: BCOO) -> BCOO:
    """Without axes whose elements are all there (BCOO calls them batch and dense)."""
    return x.update_layout(n_batch=0, n_dense=0) if x.n_batch or x.n_dense else x


def _unique(x: BCOO) -> BCOO:
    """With each index once. NumPy counts them where they are known, so that gradients may be traced."""
    count = x.nse
    if not isinstance(x.indices, jax.core.Tracer):
        indices = np.asarray(x.indices)
        count = len(np.unique(indices[(indices < np.asarray(x.shape)).all(axis=-1)], axis=0))
    return _merged(x, max(1, count))


@partial(jax.jit, static_argnums=1)
def _merged(x: BCOO, count: int) -> BCOO:
    merged = jsparse.bcoo_sum_duplicates(_addable(x), nse=count)
    return BCOO(
        (merged.data.astype(x.dtype), merged.indices),
        shape=x.shape,
        indices_sorted=merged.indices_sorted,
        unique_indices=merged.unique_indices,
    )


def _addable(x: BCOO) -> BCOO:
    """With numbers for booleans, which can not be added up, as elements of one index are."""
    return BCOO((x.data.astype("int8"), x.indices), shape=x.shape) if x.dtype == bool else x


@jax.jit
def _padded(x1: BCOO, x2: BCOO) -> tuple[BCOO, BCOO]:
    """The two with the indices of both, each with zeros at those of the other."""
    indices = jnp.concatenate([x1.indices, x2.indices])
    first = jnp.concatenate([x1.data, jnp.zeros(x2.data.shape, x1.dtype)])
    second = jnp.concatenate([jnp.zeros(x1.data.shape, x2.dtype), x2.data])
    return BCOO((first, indices), shape=x1.shape), BCOO((second, indices), shape=x1.shape)


def parts(x: BCOO) -> tuple[Any, Any, Callable[[Any], BCOO]]:
    x = _flat(x)
    if not x.unique_indices:
        x = _unique(x)

    def rebuild(values: Any) -> BCOO:
        return BCOO((values, x.indices), shape=x.shape, indices_sorted=x.indices_sorted, unique_indices=True)

    return x.indices, x.data, rebuild


def aligned(x1: BCOO, x2: BCOO) -> tuple[Any, Any, Callable[[Any], BCOO]]:
    first, second = _padded(_addable(_flat(x1)), _addable(_flat(x2)))
    _, values1, rebuild = parts(first)
    return values1.astype(x1.dtype), parts(second)[1].astype(x2.dtype), rebuild


@jax.jit
def elements(dense: Any, x: BCOO) -> Any:
    if not dense.ndim:
        return dense
    columns = x.indices[:, x.ndim - dense.ndim :]
    at = [jnp.where(size == 1, 0, columns[:, i]) for i, size in enumerate(dense.shape)]
    inside = (x.indices < jnp.asarray(x.shape, "int32")).all(axis=-1)
    # Padding gets a one, which zero can be divided by.
    return jnp.where(inside, dense[tuple(at)], jnp.ones((), dense.dtype))


def _matmul(x1, x2):
    sparse1, sparse2 = isinstance(x1, BCOO), isinstance(x2, BCOO)
    if x2.ndim > 2 or x1.dtype == jnp.int8 or (sparse1 and sparse2 and x1.ndim > 2):
        return NotImplemented
    x1, x2 = _flat(x1) if sparse1 else x1, _flat(x2) if sparse2 else x2
    return _product(x1, x2)


@jax.jit
def _product(x1, x2):
    contracted = ((x1.ndim - 1,), (0,))
    return jsparse.bcoo_dot_general(x1, x2, dimension_numbers=(contracted, ((), ())))


def _transpose(x, *, axes=None):
    return _flat(x).transpose(axes)


def _reshape(x, *, newshape):
    sizes = newshape if isinstance(newshape, tuple) else (newshape,)
    known = prod(size for size in sizes if size != -1)
    sizes = tuple(prod(x.shape) // max(1, known) if size == -1 else size for size in sizes)
    return _reshaped(_flat(x), sizes)


@partial(jax.jit, static_argnums=1)
def _reshaped(x, sizes):
    return jsparse.bcoo_reshape(x, new_sizes=sizes)


def _concatenate(xs, *, axis=0):
    if axis is None:
        return NotImplemented
    return _joined(list(map(_flat, xs)), axis % xs[0].ndim)


@partial(jax.jit, static_argnums=1)
def _joined(xs, axis):
    return jsparse.bcoo_concatenate(xs, dimension=axis)


def _stack(xs, *, axis=0):
    axis %= xs[0].ndim + 1
    shape = (*xs[0].shape[:axis], 1, *xs[0].shape[axis:])
    return _joined([_reshaped(_flat(x), shape) for x in xs], axis)


def _get_item(x, *, key):
    """Numbers and slices in steps of one."""
    window = slice_window(key, x.shape)
    if window is None:
        return NotImplemented
    starts, sizes, shape = window
    return _windowed(_flat(x), starts, tuple(a + n for a, n in zip(starts, sizes)), shape)


@partial(jax.jit, static_argnums=(1, 2, 3))
def _windowed(x, starts, ends, shape):
    return jsparse.bcoo_reshape(
        jsparse.bcoo_slice(x, start_indices=starts, limit_indices=ends), new_sizes=shape
    )


def _take(x, indices, *, axis=None):
    """For each position the elements that have it on the axis."""
    if isinstance(indices, BCOO) or not jnp.issubdtype(indices.dtype, jnp.integer):
        return NotImplemented
    x = _flat(x)
    if not x.nse:  # Elements are gathered below, padding at least.
        x = make(np.asarray([x.shape]), jnp.zeros((1,), x.dtype), x.shape)
    if axis is None:
        x, axis = _reshaped(x, (prod(x.shape),)), 0
    axis = range(x.ndim)[axis]
    shape = (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])
    if any(isinstance(part, jax.core.Tracer) for part in (x.indices, indices)):
        if indices.size * x.nse > max(prod(shape), 1):
            return NotImplemented  # The dense result has fewer elements than there are pairs.
        taken, rows = (a.ravel() for a in jnp.indices((x.nse, indices.size), "int32"))
        wanted = jnp.where(indices < 0, indices + x.shape[axis], indices).ravel()
        return _rearranged(x, taken, rows, x.indices[taken, axis] == wanted[rows], axis, indices.shape, shape)
    wanted, found = np.asarray(indices).ravel(), np.asarray(x.indices)
    found = np.where((found < np.asarray(x.shape)).all(axis=-1), found[:, axis], x.shape[axis])
    wanted = np.where(wanted < 0, wanted + x.shape[axis], wanted)
    order = np.argsort(found, kind="stable")
    starts, ends = (np.searchsorted(found[order], wanted, side) for side in ("left", "right"))
    # Positions out of bounds take nothing.
    counts = np.where((wanted >= 0) & (wanted < x.shape[axis]), ends - starts, 0)
    rows = np.repeat(np.arange(len(wanted)), counts)
    steps = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    taken = order[np.repeat(starts, counts) + steps]
    # Padded to a power of two, so that few programs are compiled.
    width = 1 << max(0, len(rows) - 1).bit_length()
    padded = (np.resize(np.append(a, 0), width) if width > len(a) else a for a in (taken, rows))
    taken, rows = (jnp.asarray(a, "int32") for a in padded)
    inside = np.arange(width) < counts.sum()
    return _rearranged(x, taken, rows, jnp.asarray(inside), axis, indices.shape, shape)


@partial(jax.jit, static_argnums=(4, 5, 6))
def _rearranged(x, taken, rows, inside, axis, places, shape):
    """The elements `taken`, with their place `rows` among `places` in an axis; those not `inside` are padding."""
    found = x.indices[taken]
    columns = jnp.unravel_index(rows, places) if places else ()
    parts = [found[:, :axis], *(c[:, None].astype(found.dtype) for c in columns), found[:, axis + 1 :]]
    indices = jnp.concatenate(parts, axis=1) if shape else jnp.zeros((len(rows), 0), found.dtype)
    beyond = (found < jnp.asarray(x.shape, found.dtype)).all(axis=-1) & inside
    data = jnp.where(beyond, x.data[taken], jnp.zeros((), x.dtype))
    return BCOO((data, jnp.where(beyond[:, None], indices, jnp.asarray(shape, found.dtype))), shape=shape)


@partial(jax.jit, static_argnames="axes")
def _sum(x, *, axes):
    return jsparse.bcoo_reduce_sum(_flat(x), axes=axes)


@partial(jax.jit, static_argnames="axes")
def _mean(x, *, axes):
    total = _sum(x, axes=axes)
    count = prod(x.shape[axis] for axis in axes)
    return BCOO((total.data / jnp.asarray(count, x.dtype), total.indices), shape=total.shape)


@partial(jax.jit, static_argnames=("num_classes", "axis", "dtype", "sparse"))
def _one_hot(x, *, num_classes, axis=-1, dtype="float32", sparse=True):
    axis = axis % (x.ndim + 1)
    shape = (*x.shape[:axis], num_classes, *x.shape[axis:])
    labels = x.ravel().astype("int32")
    inside = (labels >= 0) & (labels < num_classes)
    rows = list(jnp.indices(x.shape, "int32").reshape(x.ndim, -1))
    rows.insert(axis, jnp.where(inside, labels, num_classes))
    return BCOO(
        (inside.astype(dtype), jnp.stack(rows, axis=-1)),
        shape=shape,
        indices_sorted=axis == x.ndim,
        unique_indices=True,
    )


SPARSE = SparseTensors(
    make=make,
    from_dense=from_dense,
    coordinates=coordinates,
    parts=parts,
    aligned=aligned,
    elements=elements,
    kernels={
        "matmul": _matmul,
        "transpose": _transpose,
        "reshape": _reshape,
        "concatenate": _concatenate,
        "stack": _stack,
        "get_item": _get_item,
        "take": _take,
        "sum": _sum,
        "mean": _mean,
        "one_hot": _one_hot,
    },
)
