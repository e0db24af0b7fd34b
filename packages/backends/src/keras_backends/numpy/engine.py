"""The NumPy backend's engine: abstract evaluation by running on zeros. It takes no gradients.

Used by the backend's table only.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from keras_backends.contract import Spec
from keras_backends.numpy import tensors
from keras_backends.tracing import KnownSpec, trace_by_sizes


def trace(fn: Callable[[list[Any]], list[Any]], specs: Sequence[Spec]) -> list[Spec]:
    """Runs `fn` on zeros of two sizes; what it computes is thrown away."""

    def run(known: list[KnownSpec]) -> list[KnownSpec]:
        with np.errstate(all="ignore"):
            results = fn([np.zeros(shape, tensors.DTYPES[dtype]) for shape, dtype in known])
        return [(tensors.shape(x), tensors.dtype(x)) for x in results]

    return trace_by_sizes(run, specs)


def seed(value: int) -> None:
    """Seeds NumPy's legacy generator, for code that calls `np.random` itself."""
    np.random.seed(value % 2**32)
