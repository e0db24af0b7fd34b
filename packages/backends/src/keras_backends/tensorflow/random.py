"""TensorFlow random numbers: its stateless functions, so equal seeds give equal numbers."""

import tensorflow as tf

from keras_backends.host import largest_draw
from keras_backends.tensorflow.tensors import DTYPES as _DTYPES


def random_uniform(seed, *, shape, dtype, minval=0.0, maxval=1.0):
    unit = tf.random.stateless_uniform(shape, _words(seed), dtype=_DTYPES[dtype])
    values = unit * (maxval - minval) + minval
    most = largest_draw(minval, maxval, dtype)
    return values if most is None else tf.minimum(values, tf.cast(most, values.dtype))


def random_normal(seed, *, shape, dtype, mean=0.0, stddev=1.0):
    return tf.random.stateless_normal(shape, _words(seed), dtype=_DTYPES[dtype]) * stddev + mean


def random_truncated_normal(seed, *, shape, dtype, mean=0.0, stddev=1.0):
    return tf.random.stateless_truncated_normal(shape, _words(seed), dtype=_DTYPES[dtype]) * stddev + mean


def random_randint(seed, *, shape, minval, maxval, dtype):
    wide = tf.int64 if dtype in ("int64", "uint32", "uint64") else tf.int32
    low, high = tf.cast(minval, wide), tf.cast(maxval, wide)
    drawn = tf.random.stateless_uniform(shape, _words(seed), low, high, dtype=wide)
    return tf.cast(drawn, _DTYPES[dtype])


def random_bernoulli(seed, *, shape, probability):
    return tf.random.stateless_uniform(shape, _words(seed)) < probability


def random_gamma(seed, alpha, *, shape, dtype):
    return tf.cast(tf.random.stateless_gamma(shape, _words(seed), alpha, dtype=alpha.dtype), _DTYPES[dtype])


def random_beta(seed, alpha, beta, *, shape, dtype):
    first, second = tf.unstack(tf.random.split(_words(seed), 2))
    # In float32 both are 0 often where the parameters are small.
    a = tf.random.stateless_gamma(shape, first, tf.cast(alpha, tf.float64), dtype=tf.float64)
    b = tf.random.stateless_gamma(shape, second, tf.cast(beta, tf.float64), dtype=tf.float64)
    return tf.cast(a / (a + b), _DTYPES[dtype])


def random_binomial(seed, counts, probabilities, *, shape, dtype):
    drawn = tf.random.stateless_binomial(shape, _words(seed), counts, probabilities, output_dtype=tf.float32)
    return tf.cast(drawn, _DTYPES[dtype])


def random_categorical(seed, logits, *, num_samples, dtype):
    wide = tf.int64 if dtype in ("int64", "uint32", "uint64") else tf.int32
    drawn = tf.random.stateless_categorical(logits, num_samples, _words(seed), wide)
    return tf.cast(drawn, _DTYPES[dtype])


def random_permutation(seed, *, size):
    return tf.random.experimental.stateless_shuffle(tf.range(size), _words(seed))


def _words(seed):
    """The pair as the 64-bit integers that the functions take."""
    return tf.cast(seed, tf.int64)
