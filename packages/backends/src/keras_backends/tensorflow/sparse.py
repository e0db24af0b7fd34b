"""TensorFlow's sparse tensors: their parts, and kernels of operations that keep them sparse.

A `tf.SparseTensor` is taken to have each index once and in order, as TensorFlow's own functions leave it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from keras_backends.contract import SparseTensors
from keras_backends.geometry import slice_window
from keras_backends.tensorflow.tensors import DTYPES as _DTYPES

_MULTIPLIED = frozenset(
    {tf.bfloat16, tf.float16, tf.float32, tf.float64, tf.int32, tf.complex64, tf.complex128}
)
_ADDED = _MULTIPLIED - {tf.bfloat16, tf.float16} | {tf.int64, tf.int16, tf.int8}


def is_sparse(x: Any) -> bool:
    return isinstance(x, tf.SparseTensor)


def make(indices: Any, values: Any, shape: Any) -> tf.SparseTensor:
    indices, shape = tf.cast(indices, tf.int64), tf.cast(shape, tf.int64)
    inside = tf.reduce_all((indices >= 0) & (indices < shape), axis=-1)
    x = tf.SparseTensor(tf.boolean_mask(indices, inside), tf.boolean_mask(values, inside), shape)
    return tf.sparse.reorder(x)


def coordinates(x: tf.SparseTensor) -> tuple[np.ndarray, np.ndarray]:
    return x.indices.numpy(), x.values.numpy()


def parts(x: tf.SparseTensor) -> tuple[Any, Any, Callable[[Any], tf.SparseTensor]]:
    return x.indices, x.values, x.with_values


def aligned(x1: tf.SparseTensor, x2: tf.SparseTensor) -> tuple[Any, Any, Callable[[Any], tf.SparseTensor]]:
    wide = (
        x1.dtype if x1.dtype in _ADDED else tf.float64 if x1.dtype in (tf.uint32, tf.uint64) else tf.float32
    )
    first, second = tf.cast(x1, wide), tf.cast(x2, wide)
    first = tf.sparse.add(first, second.with_values(tf.zeros_like(second.values)))
    second = tf.sparse.add(x1.with_values(tf.zeros(tf.shape(x1.values), wide)), second)
    return tf.cast(first.values, x1.dtype), tf.cast(second.values, x2.dtype), first.with_values


def elements(dense: Any, x: tf.SparseTensor) -> Any:
    rank = dense.shape.rank
    if not rank:
        return dense
    columns = x.indices[:, x.shape.rank - rank :]
    return tf.gather_nd(dense, tf.where(tf.shape(dense, tf.int64) == 1, tf.zeros_like(columns), columns))


def _matmul(x1, x2):
    sparse1, sparse2 = is_sparse(x1), is_sparse(x2)
    if x1.dtype not in _MULTIPLIED or x2.shape.rank > 2 or (sparse1 and sparse2 and x1.shape.rank > 2):
        return NotImplemented
    if sparse1 and sparse2:
        x2 = tf.sparse.to_dense(x2)
    vector1, vector2 = x1.shape.rank == 1, x2.shape.rank == 1
    if vector2:
        x2 = tf.sparse.expand_dims(x2, -1) if is_sparse(x2) else x2[:, None]
    rows = tf.cast(x1.dense_shape, tf.int32)[:-1] if sparse1 else tf.shape(x1)[:-1]
    flat = (tf.sparse.reshape if sparse1 else tf.reshape)(x1, [-1, _size(x1, -1)])
    result = tf.sparse.sparse_dense_matmul(flat, x2)
    columns = [] if vector2 else [_size(x2, -1)]
    known = [*x1.shape[:-1], *([] if vector2 else x2.shape[-1:])]
    if vector1 or vector2 or x1.shape.rank > 2:
        result = tf.reshape(result, tf.concat([rows, columns], 0) if columns else rows)
    return tf.ensure_shape(result, known)


def _size(x, axis):
    if x.shape[axis] is not None:
        return x.shape[axis]
    return tf.cast(x.dense_shape[axis], tf.int32) if is_sparse(x) else tf.shape(x)[axis]


def _transpose(x, *, axes=None):
    return tf.sparse.transpose(x, axes)


def _reshape(x, *, newshape):
    return tf.sparse.reshape(x, newshape if isinstance(newshape, tuple) else (newshape,))


def _concatenate(xs, *, axis=0):
    return NotImplemented if axis is None else tf.sparse.concat(axis, xs)


def _stack(xs, *, axis=0):
    axis %= xs[0].shape.rank + 1
    return tf.sparse.concat(axis, [tf.sparse.expand_dims(x, axis) for x in xs])


def _get_item(x, *, key):
    """Numbers and slices in steps of one, where the shape is known."""
    window = slice_window(key, x.shape) if x.shape.is_fully_defined() else None
    if window is None:
        return NotImplemented
    starts, sizes, shape = window
    return tf.sparse.reshape(tf.sparse.slice(x, starts, sizes), shape)


def _take(x, indices, *, axis=None):
    """For each position the elements that have it on the axis, found in their sorted order."""
    if is_sparse(indices) or not indices.dtype.is_integer or None in indices.shape:
        return NotImplemented
    if axis is None:
        x, axis = tf.sparse.reshape(x, [-1]), 0
    axis = range(x.shape.rank)[axis]
    size, wanted = x.dense_shape[axis], tf.reshape(tf.cast(indices, tf.int64), [-1])
    wanted = tf.where(wanted < 0, wanted + size, wanted)
    inside = tf.reduce_all((wanted >= 0) & (wanted < size))
    with tf.control_dependencies([tf.debugging.Assert(inside, ["indices are out of bounds for axis", axis])]):
        wanted = tf.identity(wanted)
    order = tf.argsort(x.indices[:, axis], stable=True)
    sorted_ = tf.gather(x.indices[:, axis], order)
    starts = tf.searchsorted(sorted_, wanted, "left")
    counts = tf.searchsorted(sorted_, wanted, "right") - starts
    rows = tf.repeat(tf.range(tf.size(wanted)), counts)
    steps = tf.range(tf.size(rows)) - tf.gather(tf.cumsum(counts, exclusive=True), rows)
    taken = tf.gather(order, tf.gather(starts, rows) + steps)
    sizes = tf.constant(indices.shape.as_list(), tf.int64)
    places = _positions(tf.cast(rows, tf.int64), sizes)
    found = tf.gather(x.indices, taken)
    shape = [_static(x, i) for i in range(x.shape.rank)]
    shape[axis : axis + 1] = [tf.constant(n, tf.int64) for n in indices.shape]
    return tf.sparse.reorder(
        tf.SparseTensor(
            tf.concat([found[:, :axis], places, found[:, axis + 1 :]], 1),
            tf.gather(x.values, taken),
            tf.stack(shape) if shape else tf.zeros((0,), tf.int64),
        )
    )


def _sum(x, *, axes):
    """Sums by the index that is left; `tf.sparse.reduce_sum` has no gradient where its result is sparse."""
    kept = [axis for axis in range(x.shape.rank) if axis not in axes]
    if not kept:
        return tf.reduce_sum(x.values)
    sizes = tf.gather(x.dense_shape, kept)
    numbers = tf.reduce_sum(
        tf.gather(x.indices, kept, axis=1) * tf.math.cumprod(sizes, exclusive=True, reverse=True), 1
    )
    numbers, groups = tf.unique(numbers)
    values = tf.math.unsorted_segment_sum(x.values, groups, tf.size(numbers))
    shape = [_static(x, axis) for axis in kept]
    return tf.sparse.reorder(tf.SparseTensor(_positions(numbers, sizes), values, shape))


def _positions(numbers, sizes):
    """The positions `(count, axes)` of elements counted along all axes; `tf.unravel_index` refuses to have none."""
    strides = tf.math.cumprod(sizes, exclusive=True, reverse=True)
    return numbers[:, None] // tf.maximum(strides, 1) % tf.maximum(sizes, 1)


def _static(x, axis):
    return x.dense_shape[axis] if x.shape[axis] is None else tf.constant(x.shape[axis], tf.int64)


def _mean(x, *, axes):
    total, count = _sum(x, axes=axes), tf.reduce_prod(tf.gather(x.dense_shape, axes))
    return total / tf.cast(count, x.dtype)


def _one_hot(x, *, num_classes, axis=-1, dtype="float32", sparse=True):
    rank, native = x.shape.rank, _DTYPES[dtype]
    axis %= rank + 1
    labels = tf.cast(tf.reshape(x, [-1]), tf.int64)
    inside = (labels >= 0) & (labels < num_classes)
    labels = tf.boolean_mask(labels, inside)[:, None]
    places = tf.boolean_mask(tf.where(tf.ones_like(x, tf.bool)), inside)
    indices = tf.concat([places[:, :axis], labels, places[:, axis:]], 1)
    sizes = [tf.shape(x, tf.int64)[i] if size is None else size for i, size in enumerate(x.shape)]
    sizes.insert(axis, num_classes)
    values = tf.cast(tf.ones_like(labels[:, 0]), native)
    encoded = tf.SparseTensor(indices, values, tf.stack([tf.cast(size, tf.int64) for size in sizes]))
    return encoded if axis == rank else tf.sparse.reorder(encoded)


SPARSE = SparseTensors(
    make=make,
    from_dense=tf.sparse.from_dense,
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


def tensors() -> SparseTensors:
    return SPARSE
