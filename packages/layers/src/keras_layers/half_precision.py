"""Says, once per dtype, that a mixed precision policy does not pay on the hardware in use.

`call_stages` asks when a layer with such a policy is built. Whether 16-bit floats are fast is found by
multiplying two small matrices, since frameworks do not tell.
"""

import functools
import time
import warnings

import numpy as np
from keras_backends.selection import active

SIZE = 64
WORTH_SAYING = 2.0
"""How many times slower than float32 a product has to be."""


def slowdown(dtype: str) -> float:
    """Returns how much longer a product of small matrices takes in `dtype` than in float32."""
    backend = active()
    with backend.outside_trace(), backend.inference():
        return _seconds(dtype) / _seconds("float32")


def _seconds(dtype: str) -> float:
    backend = active()
    matmul = backend.kernels["matmul"]
    x = backend.tensor(np.ones((SIZE, SIZE), "float32"), dtype)
    backend.numpy(matmul(x, x))
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        backend.numpy(matmul(x, x))
        best = min(best, time.perf_counter() - start)
    return best


@functools.cache
def warn_if_slow(dtype: str) -> None:
    """Warns if computing in `dtype` is slower than in float32; at most once per dtype."""
    ratio = slowdown(dtype)
    if ratio > WORTH_SAYING:
        warnings.warn(
            f"The dtype policy 'mixed_{dtype}' asks for computations in {dtype}, which the hardware in use does "
            f"not speed up: a matrix product takes {ratio:.0f} times as long as in float32. It still saves "
            "memory; for speed use the policy 'float32' here.",
            stacklevel=2,
        )
