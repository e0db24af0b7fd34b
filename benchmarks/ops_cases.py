"""The cases of `ops.py`: an operation of ours, the framework's own call for the same, and its inputs.

A raw call is what a user of the framework would write by hand; on JAX the large ones are jitted as a whole.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np

Case = tuple[Callable[..., Any], Callable[..., Any], Sequence[Any]]
ops = keras.ops
_draw = np.random.default_rng(0)
X, Y = (_draw.uniform(0.1, 0.9, (2, 2)).astype("float32") for _ in range(2))
INDEX, MASK = np.array([1, 0], "int32"), np.array([[True, False], [False, True]])

SAME_NAME_1 = "abs exp log sqrt tanh sin cos floor sign square negative isfinite log1p expm1 ceil"
SAME_NAME_2 = "add subtract multiply divide maximum minimum greater less equal matmul"
"""Called alike here, in torch and in jax.numpy, with one and with two tensors."""


def _same_names(module: Any, **others: Callable[..., Any]) -> dict[str, Case]:
    """Operations beside the functions that have their names, or are given where they have not."""
    table = {}
    for names, arrays in ((SAME_NAME_1, [X]), (SAME_NAME_2, [X, Y])):
        for name in names.split():
            table[name] = getattr(ops, name), others.get(name) or getattr(module, name), arrays
    return table


def _paired(raw: dict[str, Callable[..., Any]]) -> dict[str, Case]:
    """Ours beside the raw calls, for operations that take more than tensors."""
    ours: dict[str, tuple[Callable[..., Any], Sequence[Any]]] = {
        "equal": (ops.equal, [X, Y]),
        "sum": (lambda x: ops.sum(x, axis=-1), [X]),
        "mean": (lambda x: ops.mean(x, axis=-1), [X]),
        "max": (lambda x: ops.max(x, axis=-1), [X]),
        "argmax": (lambda x: ops.argmax(x, axis=-1), [X]),
        "cumsum": (lambda x: ops.cumsum(x, axis=0), [X]),
        "reshape": (lambda x: ops.reshape(x, (4,)), [X]),
        "transpose": (lambda x: ops.transpose(x, (1, 0)), [X]),
        "expand_dims": (lambda x: ops.expand_dims(x, 1), [X]),
        "concatenate": (lambda x, y: ops.concatenate([x, y], 0), [X, Y]),
        "stack": (lambda x, y: ops.stack([x, y], 0), [X, Y]),
        "where": (ops.where, [MASK, X, Y]),
        "take": (lambda x, i: ops.take(x, i, axis=0), [X, INDEX]),
        "cast": (lambda x: ops.cast(x, "float16"), [X]),
        "relu": (ops.relu, [X]),
        "softmax": (ops.softmax, [X]),
        "add a number": (lambda x: ops.add(x, 1.5), [X]),
        "clip": (lambda x: ops.clip(x, 0.2, 0.8), [X]),
    }
    return {name: (ours[name][0], call, ours[name][1]) for name, call in raw.items()}


def _small_torch() -> dict[str, Case]:
    import torch

    return _same_names(torch) | _paired(
        {
            "equal": torch.eq,
            "sum": lambda x: torch.sum(x, -1),
            "mean": lambda x: torch.mean(x, -1),
            "max": lambda x: torch.amax(x, -1),
            "argmax": lambda x: torch.argmax(x, -1),
            "cumsum": lambda x: torch.cumsum(x, 0),
            "reshape": lambda x: torch.reshape(x, (4,)),
            "transpose": lambda x: torch.permute(x, (1, 0)),
            "expand_dims": lambda x: torch.unsqueeze(x, 1),
            "concatenate": lambda x, y: torch.cat([x, y], 0),
            "stack": lambda x, y: torch.stack([x, y], 0),
            "where": torch.where,
            "take": lambda x, i: torch.index_select(x, 0, i),
            "cast": lambda x: x.to(torch.float16),
            "relu": torch.relu,
            "softmax": lambda x: torch.softmax(x, -1),
            "add a number": lambda x: torch.add(x, 1.5),
            "clip": lambda x: torch.clamp(x, 0.2, 0.8),
        }
    )


def _small_jax() -> dict[str, Case]:
    import jax
    import jax.numpy as jnp

    return _same_names(jnp) | _paired(
        {
            "sum": lambda x: jnp.sum(x, axis=-1),
            "mean": lambda x: jnp.mean(x, axis=-1),
            "max": lambda x: jnp.max(x, axis=-1),
            "argmax": lambda x: jnp.argmax(x, axis=-1),
            "cumsum": lambda x: jnp.cumsum(x, axis=0),
            "reshape": lambda x: jnp.reshape(x, (4,)),
            "transpose": lambda x: jnp.transpose(x, (1, 0)),
            "expand_dims": lambda x: jnp.expand_dims(x, 1),
            "concatenate": lambda x, y: jnp.concatenate([x, y], 0),
            "stack": lambda x, y: jnp.stack([x, y], 0),
            "where": jnp.where,
            "take": lambda x, i: jnp.take(x, i, axis=0),
            "cast": lambda x: x.astype("float16"),
            "relu": jax.nn.relu,
            "softmax": jax.nn.softmax,
            "add a number": lambda x: jnp.add(x, 1.5),
            "clip": lambda x: jnp.clip(x, 0.2, 0.8),
        }
    )


def _small_tensorflow() -> dict[str, Case]:
    import tensorflow as tf

    return _same_names(tf.math, isfinite=tf.math.is_finite, matmul=tf.linalg.matmul) | _paired(
        {
            "sum": lambda x: tf.reduce_sum(x, -1),
            "mean": lambda x: tf.reduce_mean(x, -1),
            "max": lambda x: tf.reduce_max(x, -1),
            "argmax": lambda x: tf.argmax(x, -1, tf.int32),
            "cumsum": lambda x: tf.cumsum(x, 0),
            "reshape": lambda x: tf.reshape(x, (4,)),
            "transpose": lambda x: tf.transpose(x, (1, 0)),
            "expand_dims": lambda x: tf.expand_dims(x, 1),
            "concatenate": lambda x, y: tf.concat([x, y], 0),
            "stack": lambda x, y: tf.stack([x, y], 0),
            "where": tf.where,
            "take": lambda x, i: tf.gather(x, i, axis=0),
            "cast": lambda x: tf.cast(x, tf.float16),
            "relu": tf.nn.relu,
            "softmax": tf.nn.softmax,
            "add a number": lambda x: tf.add(x, 1.5),
            "clip": lambda x: tf.clip_by_value(x, 0.2, 0.8),
        }
    )


def _inputs(*shape: int) -> np.ndarray:
    return _draw.normal(size=shape).astype("float32")


def _step(carry: Any, x: Any) -> Any:
    carry = carry * 0.9 + x
    return carry, carry


_OURS: dict[str, Callable[..., Any]] = {
    "matmul 1024": ops.matmul,
    "conv 64x56x56x64": lambda x, k: ops.conv(x, k, 1, "same", data_format="channels_last"),
    "sort 1e6": ops.sort,
    "resize 32 images": lambda x: ops.image.resize(x, (128, 128), data_format="channels_last"),
    "attention 8x512x64": lambda q, k, v: ops.dot_product_attention(q, k, v),
    "scan 1000": lambda c, xs: ops.scan(_step, c, xs),
    "fft 2**20": lambda re, im: ops.fft((re, im)),
}
_INPUTS: dict[str, Callable[[], list[np.ndarray]]] = {
    "matmul 1024": lambda: [_inputs(1024, 1024), _inputs(1024, 1024)],
    "conv 64x56x56x64": lambda: [_inputs(64, 56, 56, 64), _inputs(3, 3, 64, 64)],
    "sort 1e6": lambda: [_inputs(1_000_000)],
    "resize 32 images": lambda: [_inputs(32, 224, 224, 3)],
    "attention 8x512x64": lambda: [_inputs(8, 512, 1, 64) for _ in range(3)],
    "scan 1000": lambda: [_inputs(64), _inputs(1000, 64)],
    "fft 2**20": lambda: [_inputs(2**20), _inputs(2**20)],
}


def _large(raw: dict[str, Callable[..., Any]]) -> dict[str, Case]:
    return {name: (_OURS[name], call, _INPUTS[name]()) for name, call in raw.items()}


def _large_torch() -> dict[str, Case]:
    import torch
    import torch.nn.functional as f

    def conv(x: Any, kernel: Any) -> Any:
        y = f.conv2d(x.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1), padding="same")
        return y.permute(0, 2, 3, 1)

    def resize(x: Any) -> Any:
        return f.interpolate(x.permute(0, 3, 1, 2), (128, 128), mode="bilinear").permute(0, 2, 3, 1)

    def attention(*tensors: Any) -> Any:
        return f.scaled_dot_product_attention(*(x.transpose(1, 2) for x in tensors)).transpose(1, 2)

    def scan(carry: Any, xs: Any) -> Any:
        results = []
        for x in xs.unbind(0):
            carry, y = _step(carry, x)
            results.append(y)
        return carry, torch.stack(results)

    def fft(real: Any, imaginary: Any) -> Any:
        y = torch.fft.fft(torch.complex(real, imaginary))
        return y.real, y.imag

    values = (torch.matmul, conv, lambda x: torch.sort(x).values, resize, attention, scan, fft)
    return _large(dict(zip(_OURS, values)))


def _large_jax() -> dict[str, Case]:
    import jax
    import jax.numpy as jnp

    @jax.jit
    def conv(x: Any, kernel: Any) -> Any:
        layout = ("NHWC", "HWIO", "NHWC")
        return jax.lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=layout)

    @jax.jit
    def resize(x: Any) -> Any:
        return jax.image.resize(x, (len(x), 128, 128, 3), "bilinear", antialias=False)

    @jax.jit
    def fft(real: Any, imaginary: Any) -> Any:
        y = jnp.fft.fft(jax.lax.complex(real, imaginary))
        return y.real, y.imag

    attention = jax.jit(jax.nn.dot_product_attention)
    values = (
        jax.jit(jnp.matmul),
        conv,
        jax.jit(jnp.sort),
        resize,
        attention,
        jax.jit(partial(jax.lax.scan, _step)),
        fft,
    )
    return _large(dict(zip(_OURS, values)))


def _large_tensorflow() -> dict[str, Case]:
    import tensorflow as tf

    def attention(query: Any, key: Any, value: Any) -> Any:
        scores = tf.einsum("bqhd,bkhd->bhqk", query, key) / 8.0
        return tf.einsum("bhqk,bkhd->bqhd", tf.nn.softmax(scores), value)

    def fft(real: Any, imaginary: Any) -> Any:
        y = tf.signal.fft(tf.complex(real, imaginary))
        return tf.math.real(y), tf.math.imag(y)

    def scan(carry: Any, xs: Any) -> Any:
        results = []
        for x in tf.unstack(xs):
            carry, y = _step(carry, x)
            results.append(y)
        return carry, tf.stack(results)

    def scan_in_graph(carry: Any, xs: Any) -> Any:
        ys = tf.scan(lambda carry, x: _step(carry, x)[0], xs, carry)
        return ys[-1], ys

    raw = {
        "matmul 1024": tf.matmul,
        "conv 64x56x56x64": lambda x, k: tf.nn.conv2d(x, k, 1, "SAME"),
        "sort 1e6": tf.sort,
        "resize 32 images": lambda x: tf.image.resize(x, (128, 128)),
        "attention 8x512x64": attention,
        "scan 1000": scan,
        "fft 2**20": fft,
    }
    compiled = (tf.function(f, autograph=False) for f in (_OURS["scan 1000"], scan_in_graph))
    return _large(raw) | {"scan 1000, compiled": (*compiled, _INPUTS["scan 1000"]())}


_MAKERS = {
    "torch": (_small_torch, _large_torch),
    "jax": (_small_jax, _large_jax),
    "tensorflow": (_small_tensorflow, _large_tensorflow),
}
SMALL, LARGE = (
    {name: makers[i]() for name, makers in _MAKERS.items() if name == keras.config.backend()} for i in (0, 1)
)
"""Backend -> name -> case, of the backend in use."""
