"""Resizing of 32 images from 224 to 128 pixels by `keras.ops.image.resize`, beside the framework's own.

Prints milliseconds of processor time (the least of several repeats). The choices between taking pixels
and multiplying with a matrix in `image_resize.py`, and the backends' `image.py`, rest on these figures.

    KERAS_BACKEND=torch python benchmarks/resizing.py
"""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np

CASES = (("nearest", False), ("bilinear", False), ("bilinear", True), ("bicubic", False), ("lanczos3", True))
SIZE = (128, 128)


def _jax(x: Any, method: str, antialias: bool) -> Any:
    import jax

    return jax.image.resize(x, (len(x), *SIZE, x.shape[-1]), method, antialias=antialias)


def _torch(x: Any, method: str, antialias: bool) -> Any:
    import torch

    options = {} if method == "nearest" else {"antialias": antialias}
    y = torch.nn.functional.interpolate(x.movedim(-1, 1), SIZE, mode=method, **options)
    return y.movedim(1, -1)


def _tensorflow(x: Any, method: str, antialias: bool) -> Any:
    import tensorflow as tf

    return tf.image.resize(x, SIZE, method, antialias=antialias)


OWN = {"jax": _jax, "torch": _torch, "tensorflow": _tensorflow}
UNKNOWN = {"torch": {"lanczos3"}}
"""Methods that a framework does not have."""


def milliseconds(function: Callable[[], Any], repeats: int = 10) -> float:
    """The least processor time of a call, after one that compiles."""
    best = float("inf")
    for repeat in range(repeats + 1):
        start = time.process_time()
        keras.ops.convert_to_numpy(function())
        best = best if repeat == 0 else min(best, time.process_time() - start)
    return best * 1e3


def main() -> None:
    backend = keras.config.backend()
    images = np.random.default_rng(0).random((32, 224, 224, 3), "float32")
    x = keras.ops.convert_to_tensor(images)
    own = OWN.get(backend)
    for method, antialias in CASES:
        ours = milliseconds(
            partial(keras.ops.image.resize, x, SIZE, method, antialias, data_format="channels_last")
        )
        line = f"{backend} {method:9s} {'antialias' if antialias else '':9s} {ours:7.2f}"
        if own and method not in UNKNOWN.get(backend, ()):
            line += f" of {milliseconds(partial(own, x, method, antialias)):7.2f}"
        print(line)


if __name__ == "__main__":
    main()
