"""TensorFlow kernels that order and search: sorting, positions, unique values.

Bools are ordered as integers, and NaN is put last, where TensorFlow has no order for it.
"""

import operator as _operator

import tensorflow as tf


def _numbers(x):
    return tf.cast(x, tf.int32) if x.dtype == tf.bool else x


def _line(x, axis):
    """The numbers to order, and along which axis."""
    x, axis = (tf.reshape(x, [-1]), 0) if axis is None else (x, _operator.index(axis))
    return _numbers(x), axis


def _with_missing(order, x):
    """`order(x, missing)` for numbers, of which `missing` are NaN, or None where none is: a look is cheap."""
    if not x.dtype.is_floating:
        return order(x, None)
    missing = tf.math.is_nan(x)
    last = tf.where(missing, tf.constant(float("inf"), x.dtype), x)
    return tf.cond(tf.reduce_any(missing), lambda: order(last, missing), lambda: order(x, None))


def sort(x, *, axis=-1):
    numbers, axis = _line(x, axis)

    def order(numbers, missing):
        result = tf.sort(numbers, axis)
        if missing is None:
            return result
        last = tf.sort(tf.cast(missing, tf.int32), axis) > 0
        return tf.where(last, tf.constant(float("nan"), x.dtype), result)

    return tf.cast(_with_missing(order, numbers), x.dtype)


def argsort(x, *, axis=-1):
    numbers, axis = _line(x, axis)
    return _with_missing(lambda numbers, _: tf.argsort(numbers, axis, stable=True), numbers)


def top_k(x, *, k, sorted=True):
    values, index = tf.math.top_k(_numbers(x), k, sorted)
    return tf.cast(values, x.dtype), index


def searchsorted(sorted_sequence, values, *, side="left"):
    sequence, flat = _searchable(sorted_sequence), tf.reshape(_searchable(values), [-1])
    return tf.reshape(tf.searchsorted(sequence, flat, side), tf.shape(values))


def _searchable(x):
    # The search has kernels for these alone.
    if x.dtype in (tf.int32, tf.int64, tf.float32, tf.float64):
        return x
    return tf.cast(x, tf.float32 if x.dtype.is_floating else tf.int64)


def nonzero(x):
    x = tf.reshape(x, [-1]) if x.shape.rank == 0 else x
    positions = tf.where(tf.cast(x, tf.bool))
    return tuple(tf.cast(index, tf.int32) for index in tf.unstack(positions, num=x.shape.rank, axis=1))


def unique_elements(x, *, return_index=False, return_inverse=False, return_counts=False, axis=None):
    numbers = _numbers(x)
    numbers, axis = (tf.reshape(numbers, [-1]), 0) if axis is None else (numbers, axis)
    # They come in the order in which they were met.
    values, inverse, counts = tf.raw_ops.UniqueWithCountsV2(x=numbers, axis=[axis])
    order = _order(values, axis)
    rank = tf.math.invert_permutation(order)
    inverse = tf.gather(rank, inverse)
    results = [tf.cast(tf.gather(values, order, axis=axis), x.dtype)]
    if return_index:
        positions = tf.range(tf.size(inverse))
        results.append(tf.math.unsorted_segment_min(positions, inverse, tf.size(order)))
    if return_inverse:
        results.append(inverse)
    if return_counts:
        results.append(tf.gather(counts, order))
    return results[0] if len(results) == 1 else tuple(results)


def _order(values, axis):
    """The order of slices by their first elements, equal ones by the next, and so on."""
    if values.shape.rank == 1:
        return tf.argsort(values, stable=True)
    rows = tf.experimental.numpy.moveaxis(values, axis, 0)
    rows = tf.reshape(rows, [tf.shape(rows)[0], -1])
    order = tf.range(tf.shape(rows)[0])
    for column in reversed(range(rows.shape[1])):
        order = tf.gather(order, tf.argsort(tf.gather(rows[:, column], order), stable=True))
    return order
