"""TensorFlow kernels: activation functions that TensorFlow has fused.

`elementwise` holds everything that is no activation; activations without an entry run their body.
"""

import math

import tensorflow as tf

log_sigmoid = tf.math.log_sigmoid
relu = tf.nn.relu
relu6 = tf.nn.relu6
selu = tf.nn.selu
sigmoid = tf.sigmoid
silu = tf.nn.silu
softplus = tf.math.softplus
softsign = tf.nn.softsign


def elu(x, *, alpha):
    result = tf.nn.elu(x)
    return result if alpha == 1 else tf.where(x > 0, result, tf.cast(alpha, x.dtype) * result)


def gelu(x, *, approximate):
    if approximate:
        return tf.nn.gelu(x, approximate=True)
    # tf.nn.gelu adds 1 to `erf`, which loses all digits for large negative numbers.
    return 0.5 * x * tf.math.erfc(x * -math.sqrt(0.5))


def leaky_relu(x, *, negative_slope):
    return tf.nn.leaky_relu(x, negative_slope)


def softmax(x, *, axis):
    return tf.nn.softmax(x, axis) if isinstance(axis, int) else NotImplemented


def log_softmax(x, *, axis):
    return tf.nn.log_softmax(x, axis) if isinstance(axis, int) else NotImplemented
