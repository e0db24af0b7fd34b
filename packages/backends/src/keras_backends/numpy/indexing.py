"""NumPy kernels that read and write at positions: taking, slicing, scattering.

Indices arrive in any integer dtype, as tensors or as Python numbers.
"""

import builtins

import numpy as np

from keras_backends.geometry import require_sizes as _require_sizes

_REDUCTIONS = {
    None: None,
    "add": np.add,
    "max": np.maximum,
    "min": np.minimum,
    "mul": np.multiply,
}


def take(x, indices, *, axis=None):
    return np.take(x, indices, axis=axis)


def take_along_axis(x, indices, *, axis=None):
    if axis is None:
        return np.take_along_axis(x, indices.reshape(-1), axis=None)
    # NumPy broadcasts the indices against x but not x's other axes of size 1 against the indices.
    axis = range(x.ndim)[axis]
    shape = np.broadcast_shapes(*[tuple(n for i, n in enumerate(t.shape) if i != axis) for t in (x, indices)])
    full = [(*shape[:axis], t.shape[axis], *shape[axis:]) for t in (x, indices)]
    return np.take_along_axis(np.broadcast_to(x, full[0]), np.broadcast_to(indices, full[1]), axis=axis)


def get_item(x, *, key):
    return x[key]


def slice(inputs, *, start_indices, shape):
    return inputs[_window(inputs, start_indices, shape)]


def slice_update(inputs, updates, *, start_indices):
    result = inputs.copy()
    result[_window(inputs, start_indices, updates.shape)] = updates
    return result


def scatter_update(inputs, indices, updates, *, reduction=None):
    result = inputs.copy()
    where = builtins.tuple(np.moveaxis(indices, -1, 0))
    if reduction is None:
        result[where] = updates
    else:
        _REDUCTIONS[reduction].at(result, where, updates)
    return result


def _window(x, start, shape):
    """The slices of a window. Starts below zero count from the end, and it is moved inside, as XLA does."""
    _require_sizes(shape, x.shape)
    starts = []
    for begin, n, size in zip(map(int, start), x.shape, shape):
        begin += n if begin < 0 else 0
        starts.append(builtins.max(0, builtins.min(begin, n - size)))
    return builtins.tuple(builtins.slice(s, s + size) for s, size in zip(starts, shape))
