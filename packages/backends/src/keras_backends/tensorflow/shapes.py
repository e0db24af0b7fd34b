"""TensorFlow kernels that rearrange: shapes, axes, joining, splitting, padding, diagonals.

They work in graphs too, where sizes may be unknown until run time (`shape` gives tensors for those).
"""

import builtins
import operator as _operator
from itertools import pairwise as _pairwise

import numpy as _np
import tensorflow as tf

from keras_backends.geometry import distinct_axes, require_count
from keras_backends.tensorflow.tensors import DTYPES as _DTYPES


def shape(x):
    """Sizes as numbers where they are known, as tensors otherwise."""
    static = x.shape.as_list()
    if None not in static:
        return builtins.tuple(static)
    dynamic = tf.shape(x)
    return builtins.tuple(dynamic[i] if n is None else n for i, n in enumerate(static))


def reshape(x, *, newshape):
    return tf.reshape(x, newshape if isinstance(newshape, builtins.tuple) else (newshape,))


def ravel(x):
    return tf.reshape(x, (-1,))


def transpose(x, *, axes=None):
    # The gradient of a transposition takes no negative axes.
    return tf.transpose(x, None if axes is None else [range(len(x.shape))[a] for a in axes])


def broadcast_to(x, *, shape):
    return tf.broadcast_to(x, shape)


def expand_dims(x, *, axis):
    if isinstance(axis, int):
        return tf.expand_dims(x, axis)
    rank = len(x.shape) + len(axis)
    for a in sorted(distinct_axes(axis, rank)):
        x = tf.expand_dims(x, a)
    return x


def squeeze(x, *, axis=None):
    known = x.shape.rank is not None
    if axis is None:
        axis = [i for i, n in enumerate(x.shape) if n == 1] if known else []
        return tf.squeeze(x, axis) if axis or not known else x
    axes = axis if isinstance(axis, builtins.tuple) else (axis,)
    if known:  # TensorFlow takes an axis twice.
        axes = distinct_axes(axes, len(x.shape))
    return tf.squeeze(x, axes) if axes else x


def flip(x, *, axis=None):
    rank = len(x.shape)
    axes = range(rank) if axis is None else axis if isinstance(axis, builtins.tuple) else (axis,)
    axes = [range(rank)[a] for a in axes]  # Of numbers, TensorFlow reverses any axis.
    if rank > 3 and x.shape[-1] == 3 and axes == [rank - 2]:
        # Mirroring the rows of images with three channels is quick, but for three axes only.
        rows = tf.reshape(x, (-1, *shape(x)[-2:]))
        return tf.reshape(tf.reverse(rows, [1]), shape(x))
    return tf.reverse(x, axes)


def roll(x, *, shift, axis=None):
    if axis is None:
        return tf.reshape(tf.roll(tf.reshape(x, (-1,)), shift, 0), tf.shape(x))
    return tf.roll(x, *(pair.tolist() for pair in _np.broadcast_arrays(shift, axis)))


def repeat(x, *, repeats, axis=None):
    if axis is not None and x.shape.rank is not None:
        axis = range(len(x.shape))[axis]  # TensorFlow takes axes of numbers.
    return _tileable(x, lambda x: tf.repeat(x, repeats, axis=axis))


def tile(x, *, repeats):
    repeats = builtins.tuple(repeats) if isinstance(repeats, (builtins.tuple, list)) else (repeats,)
    rank = builtins.max(len(repeats), len(x.shape))
    repeats = (1,) * (rank - len(repeats)) + repeats
    if len(x.shape) < rank:
        x = tf.reshape(x, (*(1,) * (rank - len(x.shape)), *shape(x)))
    return _tileable(x, lambda x: tf.tile(x, repeats))


def _tileable(x, function):
    # TensorFlow's Tile has no kernel for uint16.
    return tf.cast(function(tf.cast(x, tf.int32)), x.dtype) if x.dtype == tf.uint16 else function(x)


def concatenate(xs, *, axis=0):
    if axis is None:
        xs, axis = [tf.reshape(x, (-1,)) for x in xs], 0
    return tf.concat(xs, axis)


def stack(x, *, axis=0):
    return tf.stack(x, _operator.index(axis))


def split(x, *, indices_or_sections, axis=0):
    size = x.shape[axis]
    if isinstance(indices_or_sections, int):
        if size is not None and size % indices_or_sections:
            raise ValueError(f"An axis of size {size} has no {indices_or_sections} equal parts.")
        return tf.split(x, indices_or_sections, axis)
    return _cut(x, indices_or_sections, axis)


def array_split(x, *, indices_or_sections, axis=0):
    if not isinstance(indices_or_sections, int):
        return _cut(x, indices_or_sections, axis)
    size, count = shape(x)[axis], indices_or_sections
    if count < 1:
        raise ValueError(f"expected at least one part, received indices_or_sections={count}.")
    least = builtins.min if isinstance(size, int) else tf.minimum
    # The first `size % count` parts get one more.
    return _cut(x, [i * (size // count) + least(i, size % count) for i in range(1, count)], axis)


def _cut(x, cuts, axis):
    """Parts between the cuts; a cut beyond the end gives empty parts, one below zero counts from the end."""
    size = shape(x)[axis]
    cuts = [c + size if isinstance(c, (int, _np.integer)) and c < 0 else c for c in cuts]
    if isinstance(size, int) and all(isinstance(c, (int, _np.integer)) for c in cuts):
        least, most = builtins.min, builtins.max
    else:
        least, most = tf.minimum, tf.maximum
    edges = [0, *(most(least(c, size), 0) for c in cuts), size]
    if least is builtins.min and edges != sorted(edges):  # Parts overlap.
        return [tf.gather(x, tf.range(a, most(a, b)), axis=axis) for a, b in _pairwise(edges)]
    return tf.split(x, [most(b - a, 0) for a, b in _pairwise(edges)], axis)


def unstack(x, *, num=None, axis=0):
    require_count(num, x.shape[axis], axis)
    return tf.unstack(x, num, axis)


def diag(x, *, k=0):
    if len(x.shape) > 2:
        raise ValueError(f"expected a tensor of rank 1 or 2, received shape {tuple(x.shape)}.")
    return tf.linalg.diag(x, k=k) if len(x.shape) == 1 else diagonal(x, offset=k)


def diagonal(x, *, offset=0, axis1=0, axis2=1):
    rank = len(x.shape)
    first, second = range(rank)[axis1], range(rank)[axis2]
    rest = [i for i in range(rank) if i not in (first, second)]
    x = tf.transpose(x, (*rest, first, second))
    rows, columns = x.shape[-2:]
    if None not in (rows, columns) and not -rows < offset < columns:
        return x[..., 0, :0]  # TensorFlow refuses diagonals outside of the matrix.
    return tf.linalg.diag_part(x, k=offset)


def tril(x, *, k=0):
    return tf.where(_at_most(x, k), x, tf.zeros((), x.dtype))


def triu(x, *, k=0):
    return tf.where(_at_most(x, k - 1), tf.zeros((), x.dtype), x)


def _at_most(x, k):
    """Where the column is at most `k` more than the row."""
    rows, columns = shape(x)[-2:]
    return tf.range(columns) - tf.range(rows)[:, None] <= k


def pad(x, *, pad_width, mode="constant", constant_values=None):
    widths = _np.broadcast_to(pad_width, (len(x.shape), 2)).tolist()
    if any(n < 0 for pair in widths for n in pair):
        raise ValueError(f"expected non-negative numbers, received pad_width={pad_width}.")
    if mode == "constant":
        fill = 0 if constant_values is None else constant_values
        return tf.pad(x, widths, constant_values=tf.cast(fill, x.dtype))
    if mode in ("reflect", "symmetric") and all(
        builtins.max(pair) < (size or 1) for size, pair in zip(x.shape, widths)
    ):
        return tf.pad(x, widths, mode.upper())
    for axis, (before, after) in enumerate(widths):
        if before or after:
            size = shape(x)[axis]
            x = tf.gather(x, _inside(tf.range(-before, size + after), size, mode), axis=axis)
    return x


def _inside(where, size, mode):
    """Positions outside of an axis, brought inside."""
    if mode == "edge":
        return tf.clip_by_value(where, 0, size - 1)
    if mode == "wrap":
        return where % size
    # There and back again; what is reflected does not repeat the ends.
    repeated = 1 if mode == "symmetric" else 0
    period = tf.maximum(2 * size - 2 + 2 * repeated, 1)
    where = where % period
    return tf.minimum(where, period - repeated - where)


def view(x, *, dtype):
    # The framework adds or takes an axis where the width changes; here the last axis stretches.
    native = _DTYPES[dtype]
    old, new = x.dtype.size, native.size
    if old < new:
        x = tf.reshape(x, (*x.shape[:-1], x.shape[-1] // (new // old), new // old))
    result = tf.bitcast(x, native)
    return tf.reshape(result, (*result.shape[:-2], -1)) if old > new else result
