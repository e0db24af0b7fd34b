"""TensorFlow kernels of neural-network operations that are neither elementwise nor windows.

Most are fused versions of composites; they return `NotImplemented` where they do not fit, and the
operation's own body runs.
"""

import tensorflow as tf

from keras_backends.tensorflow.tensors import DTYPES as _DTYPES

_LABELS = (tf.uint8, tf.int8, tf.int32, tf.int64)


def one_hot(x, *, num_classes, axis=-1, dtype="float32", sparse=False):
    labels = x if x.dtype in _LABELS else tf.cast(x, tf.int32)
    native = _DTYPES[dtype]
    if native == tf.bool:
        return tf.one_hot(labels, num_classes, on_value=True, off_value=False, axis=axis)
    if axis < -1:
        axis += len(x.shape) + 1
    return tf.one_hot(labels, num_classes, axis=axis, dtype=native)


def normalize_batch(x, scale=None, offset=None, *, axis=-1, epsilon=1e-3):
    # The kernel wants images, channels last, and raises smaller numbers to its least epsilon.
    if x.shape.rank != 4 or axis not in (-1, 3) or x.dtype != tf.float32 or epsilon <= _LEAST_EPSILON:
        return NotImplemented
    channels = x.shape[3]
    scale = tf.ones(channels) if scale is None else scale
    offset = tf.zeros(channels) if offset is None else offset
    y, mean, variance = tf.compat.v1.nn.fused_batch_norm(x, scale, offset, epsilon=epsilon)
    # It divides by one less than the number of values.
    count = tf.cast(tf.reduce_prod(tf.shape(x)[:3]), x.dtype)
    return y, mean, variance * tf.maximum(count - 1, 1) / count


_LEAST_EPSILON = 1.001e-5


def binary_crossentropy(target, output, *, from_logits=False):
    if not from_logits or target.shape != output.shape:
        return NotImplemented
    return tf.nn.sigmoid_cross_entropy_with_logits(target, output)


def categorical_crossentropy(target, output, *, from_logits=False, axis=-1):
    if not from_logits:
        return NotImplemented
    return tf.nn.softmax_cross_entropy_with_logits(target, output, axis=axis)


def sparse_categorical_crossentropy(target, output, *, from_logits=False, axis=-1):
    rank = len(output.shape)
    if not from_logits or axis not in (-1, rank - 1) or len(target.shape) != rank - 1 or rank < 2:
        return NotImplemented
    return tf.nn.sparse_softmax_cross_entropy_with_logits(tf.cast(target, tf.int64), output)


def alignment_loss(target, output, target_length, output_length, *, mask_index):
    return tf.nn.ctc_loss(
        target, output, target_length, output_length, logits_time_major=False, blank_index=mask_index
    )
