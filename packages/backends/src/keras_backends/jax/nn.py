"""JAX kernels of neural-network operations that are neither elementwise nor windows.

Normalizations, losses and attention need none: XLA fuses the bodies that `keras_ops` gives them. Who insists on
flash attention gets that of cuDNN.
"""

import jax
import jax.numpy as jnp


def one_hot(x, *, num_classes, axis=-1, dtype="float32", sparse=False):
    if sparse:
        return NotImplemented
    return jax.nn.one_hot(x, num_classes, axis=axis, dtype=jnp.dtype(dtype))


def dot_product_attention(
    query,
    key,
    value,
    bias=None,
    mask=None,
    *,
    scale=None,
    is_causal=False,
    flash_attention=None,
    attn_logits_soft_cap=None,
):
    if not flash_attention or attn_logits_soft_cap is not None or jax.default_backend() != "gpu":
        return NotImplemented
    mask = None if mask is None else mask.astype(bool)
    return jax.nn.dot_product_attention(
        query, key, value, bias, mask, scale=scale, is_causal=is_causal, implementation="cudnn"
    )
