"""Mirroring and brightening images by hand, in each framework: what `layers.py` compares preprocessing with."""

from collections.abc import Callable
from typing import Any

import numpy as np


def augmentation(backend: str, images: np.ndarray) -> Callable[[], Any]:
    """Returns a call that mirrors half of the images and changes the brightness of each."""
    return {"torch": _torch, "jax": _jax, "tensorflow": _tensorflow}[backend](images)


def _torch(images: np.ndarray) -> Callable[[], Any]:
    import torch

    x = torch.from_numpy(images)

    def run() -> Any:
        mirrored, factor = torch.rand(2, len(x), 1, 1, 1)
        y = torch.where(mirrored < 0.5, x.flip(2), x)
        return torch.clamp(y + (factor * 0.4 - 0.2) * 255, 0, 255)

    return run


def _jax(images: np.ndarray) -> Callable[[], Any]:
    import jax
    import jax.numpy as jnp

    x, key = jnp.asarray(images), jax.random.key(0)

    @jax.jit
    def step(key: Any, x: Any) -> Any:
        key, own = jax.random.split(key)
        mirrored, factor = jax.random.uniform(own, (2, len(x), 1, 1, 1))
        y = jnp.where(mirrored < 0.5, jnp.flip(x, 2), x)
        return key, jnp.clip(y + (factor * 0.4 - 0.2) * 255, 0, 255)

    def run() -> Any:
        nonlocal key
        key, y = step(key, x)
        return y

    return run


def _tensorflow(images: np.ndarray) -> Callable[[], Any]:
    import tensorflow as tf

    x = tf.constant(images)

    @tf.function
    def step(x: Any) -> Any:
        mirrored, factor = tf.unstack(tf.random.uniform((2, len(images), 1, 1, 1)))
        y = tf.where(mirrored < 0.5, tf.reverse(x, [2]), x)
        return tf.clip_by_value(y + (factor * 0.4 - 0.2) * 255, 0, 255)

    return lambda: step(x)
