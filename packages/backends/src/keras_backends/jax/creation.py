"""JAX kernels that make tensors from sizes and numbers.

Outside of traces NumPy makes the values on the host and they are placed on the device: XLA would
compile a function for every new shape, which takes milliseconds.
"""

import jax
import jax.numpy as jnp
import numpy as np

# There is no public way to ask whether a trace is under way.
from jax._src.core import trace_state_clean as _trace_state_clean

from keras_backends.jax.tensors import DTYPES, canonical_dtype

_LARGE = 2**20
"""Elements from which filling on the device is worth compiling for."""


def _native(dtype):
    return DTYPES[canonical_dtype(dtype)]


def _sizes(shape):
    return tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)


def _filled(shape, value, dtype):
    shape, dtype = _sizes(shape), _native(dtype)
    if _trace_state_clean() and np.prod(shape) < _LARGE:
        return jax.device_put(np.full(shape, value, dtype))
    return jnp.full(shape, value, dtype)


def zeros(*, shape, dtype):
    return _filled(shape, 0, dtype)


def ones(*, shape, dtype):
    return _filled(shape, 1, dtype)


def empty(*, shape, dtype):
    return _filled(shape, 0, dtype)


def full(fill_value, *, shape, dtype):
    return jnp.full(_sizes(shape), fill_value, _native(dtype))


def eye(*, N, M=None, k=0, dtype):
    if _trace_state_clean():
        return jax.device_put(np.eye(N, M, k, _native(dtype)))
    return jnp.eye(N, M, k, _native(dtype))


def tri(*, N, M=None, k=0, dtype):
    if _trace_state_clean():
        return jax.device_put(np.tri(N, M, k, _native(dtype)))
    return jnp.tri(N, M, k, _native(dtype))


def count_up(*, start, stop, step, dtype):
    # A sequence's size is part of its shape, so the arguments are concrete even in a trace.
    values = np.arange(*(np.asarray(x) for x in (start, stop, step))).astype(_native(dtype))
    return jax.device_put(values) if _trace_state_clean() else jnp.asarray(values)


def zeros_like(x, *, dtype):
    return _filled(x.shape, 0, dtype)


def ones_like(x, *, dtype):
    return _filled(x.shape, 1, dtype)
