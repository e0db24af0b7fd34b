"""Random numbers drawn on the host, the same for every backend: NumPy's Philox keyed by a seed.

Random initializers draw their values here. `keras.random` is something else: it draws on the device with
the backend's generator.
"""

import math
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

CHUNK = 1 << 18
"""Values per chunk. Part of the result: another size would give other numbers for the same seed."""

Key = tuple[int, int]
Sampler = Callable[[np.random.Generator, np.ndarray], None]

_WORD = (1 << 64) - 1
_BOUND = 2.0


class _Source(threading.local):
    """A generator per thread, which is set to a place in the stream instead of being made anew."""

    def __init__(self) -> None:
        self.bits = np.random.Philox(0)
        self.generator = np.random.Generator(self.bits)
        self.state = self.bits.state

    def at(self, key: Key, draw: int, chunk: int) -> np.random.Generator:
        self.state["state"] = {"key": key, "counter": (0, 0, chunk, draw)}
        self.bits.state = self.state
        return self.generator


_source = _Source()


def key_of(seed: int) -> Key:
    """Returns the key of an integer seed; any integer will do, also a negative one."""
    return seed & _WORD, (seed >> 64) & _WORD


def fill(shape: Sequence[int], dtype: str, key: Key, draw: int, sampler: Sampler) -> np.ndarray:
    """Returns an array of random values.

    Large arrays are filled by threads, chunk by chunk; every chunk has its own place in the stream, so
    the number of threads does not matter.

    Args:
        shape: Its shape.
        dtype: `"float32"` or `"float64"`.
        key: From `key_of`.
        draw: Number of the draw, for several ones with one key.
        sampler: Fills a flat array from a generator: `uniform`, `normal`, `truncated_normal`.
    """
    out = np.empty(math.prod(shape), dtype)
    starts = range(0, out.size, CHUNK)

    def fill_chunk(start: int) -> None:
        sampler(_source.at(key, draw, start // CHUNK), out[start : start + CHUNK])

    if len(starts) <= 2:
        for start in starts:
            fill_chunk(start)
    else:
        with ThreadPoolExecutor(min(len(starts), os.cpu_count() or 1)) as pool:
            list(pool.map(fill_chunk, starts))
    return out.reshape(shape)


def uniform(generator: np.random.Generator, out: np.ndarray) -> None:
    """Fills `out` with values from 0 up to, not including, 1."""
    generator.random(out=out, dtype=out.dtype.type)


def normal(generator: np.random.Generator, out: np.ndarray) -> None:
    """Fills `out` with values of mean 0 and standard deviation 1."""
    generator.standard_normal(out=out, dtype=out.dtype.type)


def truncated_normal(generator: np.random.Generator, out: np.ndarray) -> None:
    """Fills `out` with normal values, drawing those beyond two standard deviations again."""
    normal(generator, out)
    beyond = np.flatnonzero(np.abs(out) > _BOUND)
    while beyond.size:
        out[beyond] = generator.standard_normal(beyond.size, dtype=out.dtype.type)
        beyond = beyond[np.abs(out[beyond]) > _BOUND]
