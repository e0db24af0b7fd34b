"""NumPy kernels that rearrange: shapes, axes, joining, splitting, padding, diagonals.

Read like a table; a function stands where NumPy names a parameter differently or misses something.
"""

import builtins
import operator

import numpy as np

from keras_backends.geometry import require_count
from keras_backends.numpy.tensors import DTYPES as _DTYPES

broadcast_to = np.broadcast_to
expand_dims = np.expand_dims
flip = np.flip
moveaxis = np.moveaxis
ravel = np.ravel
roll = np.roll
squeeze = np.squeeze
swapaxes = np.swapaxes
transpose = np.transpose
diag = np.diag
diagonal = np.diagonal
concatenate = np.concatenate
stack = np.stack


def reshape(x, *, newshape):
    if (newshape if isinstance(newshape, int) else builtins.min(newshape, default=0)) < -1:
        raise ValueError(f"expected sizes of -1 and more, received newshape={newshape}.")
    return np.reshape(x, newshape)


def tril(x, *, k=0):
    return np.tril(_matrices(x), operator.index(k))


def triu(x, *, k=0):
    return np.triu(_matrices(x), operator.index(k))


def _matrices(x):
    if x.ndim < 2:  # NumPy makes a matrix of a vector.
        raise ValueError(f"expected a tensor of rank 2 or more, received shape {x.shape}.")
    return x


def repeat(x, *, repeats, axis=None):
    return np.repeat(x, repeats, axis=axis)


def tile(x, *, repeats):
    return np.tile(x, repeats)


def split(x, *, indices_or_sections, axis=0):
    return np.split(x, _sections(indices_or_sections), axis=axis)


def array_split(x, *, indices_or_sections, axis=0):
    return np.array_split(x, _sections(indices_or_sections), axis=axis)


def unstack(x, *, num=None, axis=0):
    parts = np.unstack(x, axis=axis)
    require_count(num, len(parts), axis)
    return list(parts)


def pad(x, *, pad_width, mode="constant", constant_values=None):
    if mode == "constant":
        fill = 0 if constant_values is None else constant_values
        return np.pad(x, pad_width, constant_values=fill)
    return np.pad(x, pad_width, mode=mode)


def _sections(value):
    # NumPy takes a tuple of one element for a number of sections only if it is a list.
    return list(value) if isinstance(value, builtins.tuple) else operator.index(value)


def view(x, *, dtype):
    same_width = x.dtype.itemsize == np.dtype(_DTYPES[dtype]).itemsize
    return x.view(_DTYPES[dtype]) if same_width else np.ascontiguousarray(x).view(_DTYPES[dtype])
