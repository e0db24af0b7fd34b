"""JAX kernels of neural-network operations that are neither elementwise nor windows.

Normalizations and losses have none: XLA fuses the bodies that `keras_ops` gives them.
"""

import jax
import jax.numpy as jnp


def one_hot(x, *, num_classes, axis=-1, dtype="float32", sparse=False):
    if sparse:
        return NotImplemented
    return jax.nn.one_hot(x, num_classes, axis=axis, dtype=jnp.dtype(dtype))
