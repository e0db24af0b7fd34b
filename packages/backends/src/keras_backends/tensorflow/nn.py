"""TensorFlow kernels of neural-network operations that are neither elementwise nor windows.

Most are fused versions of composites; they return `NotImplemented` where they do not fit, and the
operation's own body runs.
"""

import operator as _operator

import tensorflow as tf

from keras_backends.tensorflow.tensors import DTYPES as _DTYPES

_LABELS = (tf.uint8, tf.int8, tf.int32, tf.int64)


def one_hot(x, *, num_classes, axis=-1, dtype="float32", sparse=False):
    axis = _operator.index(axis)
    labels = x if x.dtype in _LABELS else tf.cast(x, tf.int32)
    if x.dtype.is_floating:  # A number between two classes is neither.
        labels = tf.where(tf.cast(labels, x.dtype) == x, labels, -1)
    native = _DTYPES[dtype]
    if native == tf.bool:
        return tf.one_hot(labels, num_classes, on_value=True, off_value=False, axis=axis)
    if axis < -1:
        axis += len(x.shape) + 1
    return tf.one_hot(labels, num_classes, axis=axis, dtype=native)


squared_difference = tf.math.squared_difference


def normalize_batch(x, scale=None, offset=None, *, axis=-1, epsilon=1e-3):
    if not _are_images(x, axis, epsilon):
        return NotImplemented
    y, mean, variance = tf.compat.v1.nn.fused_batch_norm(x, *_affine(x, scale, offset), epsilon=epsilon)
    # It divides by one less than the number of values.
    count = x.shape[:3].num_elements()
    if count is None:
        count = tf.cast(tf.reduce_prod(tf.shape(x)[:3]), x.dtype)
        return y, mean, variance * tf.maximum(count - 1, 1) / count
    return y, mean, variance * (max(count - 1, 1) / max(count, 1))


def normalize_by_averages(x, mean, variance, offset=None, scale=None, *, axis, epsilon=1e-3):
    # The fused function gives the statistics no gradient, so it does not serve `batch_normalization`.
    if not _are_images(x, axis, epsilon):
        return NotImplemented
    scale, offset = _affine(x, scale, offset)
    given = {"mean": mean, "variance": variance}
    return tf.compat.v1.nn.fused_batch_norm(x, scale, offset, **given, epsilon=epsilon, is_training=False)[0]


def _are_images(x, axis, epsilon):
    """What the fused function takes; it raises smaller numbers to its least epsilon."""
    return x.shape.rank == 4 and axis in (-1, 3) and x.dtype == tf.float32 and epsilon > _LEAST_EPSILON


def _affine(x, scale, offset):
    channels = x.shape[3]
    scale = tf.ones(channels) if scale is None else scale
    return scale, tf.zeros(channels) if offset is None else offset


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
