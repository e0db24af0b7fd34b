"""TensorFlow pooling; channels first by transposing, which its CPU kernels need."""

import tensorflow as tf

from keras_backends.geometry import as_tuple, bins, require_positions
from keras_backends.tensorflow.nn_conv import _finished, _prepared


def max_pool(inputs, *, pool_size, strides=None, padding="valid", data_format="channels_last"):
    return _pool(tf.nn.max_pool, inputs, pool_size, strides, padding, data_format)


def average_pool(inputs, *, pool_size, strides=None, padding="valid", data_format="channels_last"):
    return _pool(tf.nn.avg_pool, inputs, pool_size, strides, padding, data_format)


def adaptive_max_pool(inputs, *, output_size, data_format="channels_last"):
    return _adaptive(tf.reduce_max, inputs, output_size, data_format)


def adaptive_average_pool(inputs, *, output_size, data_format="channels_last"):
    return _adaptive(tf.reduce_mean, inputs, output_size, data_format)


def _pool(function, inputs, pool_size, strides, padding, data_format):
    x, channels_first = _prepared(inputs, data_format)
    rank = len(x.shape) - 2
    pools = as_tuple(pool_size, rank, "pool_size")
    strides = pools if strides is None else as_tuple(strides, rank, "strides")
    require_positions(x.shape[1:-1], pools, padding)
    # Without the name of the layout the gradient in three dimensions fails.
    layout = ("NWC", "NHWC", "NDHWC")[rank - 1]
    # The CPU has no kernel for float16 volumes.
    widened = rank == 3 and x.dtype == tf.float16
    y = function(tf.cast(x, tf.float32) if widened else x, pools, strides, padding.upper(), layout)
    return _finished(tf.cast(y, x.dtype) if widened else y, channels_first)


def _adaptive(reduce, inputs, output_size, data_format):
    # The windows are products of intervals, so one axis after the other gives the same result.
    x, channels_first = _prepared(inputs, data_format)
    for axis, count in enumerate(as_tuple(output_size, len(x.shape) - 2, "output_size"), 1):
        keys = [(slice(None),) * axis + (slice(*window),) for window in bins(x.shape[axis], count)]
        x = tf.concat([reduce(x[key], axis=axis, keepdims=True) for key in keys], axis)
    return _finished(x, channels_first)
