"""Convolution and pooling of `keras_ops` against XLA's own, forward and backward, on a CPU.

Prints milliseconds of processor time (the least of several repeats) and the ratio; the choices in
`keras_backends/jax/nn_conv.py` and `nn_pool.py` rest on these figures.

    KERAS_BACKEND=jax JAX_PLATFORMS=cpu python benchmarks/convolutions.py
"""

import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from keras_ops import ops

LAYOUT = ("NHWC", "HWIO", "NHWC")
LAST = {"data_format": "channels_last"}


def milliseconds(function: Callable[..., Any], *args: Any, repeats: int = 5) -> float:
    """The least processor time of a call, after one that compiles."""
    jax.block_until_ready(function(*args))
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        jax.block_until_ready(function(*args))
        best = min(best, time.process_time() - start)
    return best * 1e3


def compare(name: str, ours: Callable[..., Any], xla: Callable[..., Any], *args: Any) -> None:
    """Prints both, forward and with gradients of all arguments."""
    every = tuple(range(len(args)))
    times = []
    for function in (ours, xla):
        forward = jax.jit(function)
        backward = jax.jit(jax.grad(lambda *a, f=function: (f(*a) ** 2).sum(), every))
        times.append((milliseconds(forward, *args), milliseconds(backward, *args)))
    (f1, b1), (f2, b2) = times
    print(
        f"{name:32s} forward {f1:7.2f} of {f2:7.2f} ({f1 / f2:5.2f})  backward {b1:7.2f} of {b2:7.2f} ({b1 / b2:5.2f})"
    )


def convolution(batch: int, size: int, channels: int, filters: int, taps: int, stride: int) -> None:
    x = jax.random.normal(jax.random.key(0), (batch, size, size, channels))
    kernel = jax.random.normal(jax.random.key(1), (taps, taps, channels, filters))
    compare(
        f"conv {size}x{size} {channels}->{filters} taps {taps} /{stride}",
        lambda x, k: ops.conv(x, k, stride, "same", **LAST),
        lambda x, k: lax.conv_general_dilated(x, k, (stride, stride), "SAME", dimension_numbers=LAYOUT),
        x,
        kernel,
    )


def depthwise(batch: int, size: int, channels: int, taps: int, stride: int) -> None:
    x = jax.random.normal(jax.random.key(0), (batch, size, size, channels))
    kernel = jax.random.normal(jax.random.key(1), (taps, taps, channels, 1))

    def xla(x: Any, k: Any) -> Any:
        k = k.reshape(taps, taps, 1, channels)
        strides = (stride, stride)
        return lax.conv_general_dilated(
            x, k, strides, "SAME", dimension_numbers=LAYOUT, feature_group_count=channels
        )

    name = f"depthwise {size}x{size} {channels} taps {taps} /{stride}"
    compare(name, lambda x, k: ops.depthwise_conv(x, k, stride, "same", **LAST), xla, x, kernel)


def pooling(size: int, channels: int, window: int, stride: int) -> None:
    x = jax.random.normal(jax.random.key(0), (32, size, size, channels))
    shape = (1, window, window, 1), (1, stride, stride, 1), "VALID"
    compare(
        f"max_pool {size}x{size} {channels} {window}x{window} /{stride}",
        lambda x: ops.max_pool(x, window, stride, **LAST),
        lambda x: lax.reduce_window(x, -jnp.inf, lax.max, *shape),
        x,
    )
    compare(
        f"average_pool {size}x{size} {channels} {window}x{window} /{stride}",
        lambda x: ops.average_pool(x, window, stride, **LAST),
        lambda x: lax.reduce_window(x, 0.0, lax.add, *shape) / window**2,
        x,
    )


if __name__ == "__main__":
    convolution(16, 2, 256, 256, 3, 1)
    convolution(16, 8, 256, 512, 1, 2)
    convolution(16, 16, 64, 64, 3, 1)
    depthwise(16, 16, 128, 3, 1)
    depthwise(16, 32, 32, 3, 2)
    for window, stride in ((2, 2), (3, 2), (3, 1)):
        pooling(28, 32, window, stride)
