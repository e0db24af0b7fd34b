"""The models of `layers.py` as TensorFlow functions `(weights, x, training) -> (output, new running statistics)`."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf


def _loop(step: Callable[..., Any], x: Any, states: tuple[Any, ...]) -> Any:
    xs, count = tf.transpose(x, (1, 0, 2)), x.shape[1]

    def body(i: Any, *states: Any) -> Any:
        return (i + 1, *step(xs[i], *states))

    return tf.while_loop(lambda i, *_: i < count, body, (0, *states), maximum_iterations=count)[1]


def lstm(weights: Any, x: Any, training: bool) -> Any:
    kernel, recurrent, bias = weights

    def step(x: Any, h: Any, c: Any) -> Any:
        i, f, g, o = tf.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        return tf.sigmoid(o) * tf.tanh(c), c

    zeros = tf.zeros((x.shape[0], recurrent.shape[0]))
    return _loop(step, x, (zeros, zeros)), []


def gru(weights: Any, x: Any, training: bool) -> Any:
    kernel, recurrent, bias = weights

    def step(x: Any, h: Any) -> Any:
        z, r, n = tf.split(x @ kernel + bias[0], 3, axis=-1)
        own_z, own_r, own_n = tf.split(h @ recurrent + bias[1], 3, axis=-1)
        z, r = tf.sigmoid(z + own_z), tf.sigmoid(r + own_r)
        n = tf.tanh(n + r * own_n)
        return (n + z * (h - n),)

    return _loop(step, x, (tf.zeros((x.shape[0], recurrent.shape[0])),)), []


def attention(weights: Any, x: Any, training: bool, causal: bool = False) -> Any:
    pairs = zip(weights[:6:2], weights[1:6:2], strict=True)
    query, key, value = (tf.einsum("bsf,fhd->bhsd", x, kernel) + bias[:, None] for kernel, bias in pairs)
    scores = tf.matmul(query, key, transpose_b=True) * weights[0].shape[-1] ** -0.5
    if causal:
        size = x.shape[1]
        scores = tf.where(tf.linalg.band_part(tf.ones((size, size), tf.bool), -1, 0), scores, -1e9)
    result = tf.matmul(tf.nn.softmax(scores), value)
    return tf.einsum("bhsd,hdf->bsf", result, weights[6]) + weights[7], []


def causal(weights: Any, x: Any, training: bool) -> Any:
    return attention(weights, x, training, True)


def convolutions(weights: Any, x: Any, training: bool) -> Any:
    for kernel, bias in zip(weights[::2], weights[1::2], strict=True):
        strides = 1 if bias.shape[0] == 32 else 2
        x = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, kernel, strides, "SAME"), bias))
    return tf.reduce_mean(x, (1, 2)), []


def normalization(weights: Any, x: Any, training: bool) -> Any:
    gamma, beta, mean, variance = weights
    given = {} if training else {"mean": mean, "variance": variance}
    y, *own = tf.compat.v1.nn.fused_batch_norm(x, gamma, beta, epsilon=1e-3, is_training=training, **given)
    state = [0.99 * old + 0.01 * new for old, new in zip((mean, variance), own[:2], strict=True)]
    return tf.reduce_mean(y, (1, 2)), state if training else []


FORWARD = {
    "LSTM(128) x 64": lstm,
    "GRU(128) x 64": gru,
    "attention 8x512x64": attention,
    "causal attention 8x512x64": causal,
    "3 Conv2D 32x32x32x3": convolutions,
    "BatchNormalization 64x32x32x32": normalization,
}
"""Case -> function."""
