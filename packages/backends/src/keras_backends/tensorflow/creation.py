"""TensorFlow kernels that make tensors from sizes and numbers; sizes may be tensors in a graph."""

import numpy as np
import tensorflow as tf

from keras_backends.tensorflow.tensors import DTYPES, is_tensor


def _sizes(shape):
    return shape if isinstance(shape, (tuple, list)) or (is_tensor(shape) and shape.shape.rank) else (shape,)


def zeros(*, shape, dtype):
    return tf.zeros(_sizes(shape), DTYPES[dtype])


def ones(*, shape, dtype):
    return tf.ones(_sizes(shape), DTYPES[dtype])


def empty(*, shape, dtype):
    return tf.zeros(_sizes(shape), DTYPES[dtype])


def full(fill_value, *, shape, dtype):
    return tf.broadcast_to(tf.cast(fill_value, DTYPES[dtype]), _sizes(shape))


def eye(*, N, M=None, k=0, dtype):
    rows, columns = tf.range(N)[:, None], tf.range(N if M is None else M)
    return tf.cast(tf.equal(rows + k, columns), DTYPES[dtype])


def tri(*, N, M=None, k=0, dtype):
    rows, columns = tf.range(N)[:, None], tf.range(N if M is None else M)
    return tf.cast(rows + k >= columns, DTYPES[dtype])


def count_up(*, start, stop, step, dtype):
    limits = (start, stop, step)
    native = DTYPES[dtype]
    if not any(is_tensor(x) for x in limits):
        return tf.cast(tf.constant(np.arange(*limits)), native)
    # Counting has kernels for these alone.
    work = native if native in (tf.int32, tf.int64, tf.float32, tf.float64) else None
    work = work or (tf.float32 if native.is_floating else tf.int64)
    return tf.cast(tf.range(*(tf.cast(x, work) for x in limits)), native)


def zeros_like(x, *, dtype):
    return tf.zeros_like(x, DTYPES[dtype])


def ones_like(x, *, dtype):
    return tf.ones_like(x, DTYPES[dtype])
