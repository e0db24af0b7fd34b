"""The models of `layers.py` as JAX functions `(weights, x, training) -> (output, new running statistics)`."""

from typing import Any

import jax
import jax.numpy as jnp


def lstm(weights: Any, x: Any, training: bool) -> Any:
    kernel, recurrent, bias = weights

    def step(carry: Any, x: Any) -> Any:
        h, c = carry
        i, f, g, o = jnp.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    zeros = jnp.zeros((len(x), recurrent.shape[0]))
    return jax.lax.scan(step, (zeros, zeros), jnp.swapaxes(x, 0, 1))[0][0], []


def gru(weights: Any, x: Any, training: bool) -> Any:
    kernel, recurrent, bias = weights

    def step(h: Any, x: Any) -> Any:
        z, r, n = jnp.split(x @ kernel + bias[0], 3, axis=-1)
        own_z, own_r, own_n = jnp.split(h @ recurrent + bias[1], 3, axis=-1)
        z, r = jax.nn.sigmoid(z + own_z), jax.nn.sigmoid(r + own_r)
        n = jnp.tanh(n + r * own_n)
        return n + z * (h - n), None

    return jax.lax.scan(step, jnp.zeros((len(x), recurrent.shape[0])), jnp.swapaxes(x, 0, 1))[0], []


def attention(weights: Any, x: Any, training: bool, causal: bool = False) -> Any:
    pairs = zip(weights[:6:2], weights[1:6:2], strict=True)
    query, key, value = (jnp.einsum("bsf,fhd->bshd", x, kernel) + bias for kernel, bias in pairs)
    result = jax.nn.dot_product_attention(query, key, value, is_causal=causal)
    return jnp.einsum("bshd,hdf->bsf", result, weights[6]) + weights[7], []


def causal(weights: Any, x: Any, training: bool) -> Any:
    return attention(weights, x, training, True)


def convolutions(weights: Any, x: Any, training: bool) -> Any:
    for kernel, bias in zip(weights[::2], weights[1::2], strict=True):
        strides = (1, 1) if len(bias) == 32 else (2, 2)
        layout = ("NHWC", "HWIO", "NHWC")
        x = jax.lax.conv_general_dilated(x, kernel, strides, "SAME", dimension_numbers=layout)
        x = jnp.maximum(x + bias, 0)
    return x.mean((1, 2)), []


def normalization(weights: Any, x: Any, training: bool) -> Any:
    gamma, beta, mean, variance = weights
    state = []
    if training:
        of_batch, of_squares = x.mean((0, 1, 2)), jnp.square(x).mean((0, 1, 2))
        own = of_batch, of_squares - jnp.square(of_batch)
        state = [0.99 * old + 0.01 * new for old, new in zip((mean, variance), own, strict=True)]
        mean, variance = own
    y = (x - mean) * jax.lax.rsqrt(variance + 1e-3) * gamma + beta
    return y.mean((1, 2)), state


FORWARD = {
    "LSTM(128) x 64": lstm,
    "GRU(128) x 64": gru,
    "attention 8x512x64": attention,
    "causal attention 8x512x64": causal,
    "3 Conv2D 32x32x32x3": convolutions,
    "BatchNormalization 64x32x32x32": normalization,
}
"""Case -> function."""
