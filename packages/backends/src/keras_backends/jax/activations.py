"""JAX kernels: activation functions.

Those of `jax.nn` that are plain compiled functions stand for themselves. The others go through
`custom_jvp`, which costs an eager call up to 200 microseconds, and are written out here and compiled.
"""

import functools
import math

import jax
import jax.numpy as jnp

elu = jax.nn.elu
celu = jax.nn.celu
hard_silu = jax.nn.hard_silu
hard_sigmoid = jax.nn.hard_sigmoid
leaky_relu = jax.nn.leaky_relu
log_sigmoid = jax.nn.log_sigmoid
selu = jax.nn.selu
sigmoid = jax.nn.sigmoid
silu = jax.nn.silu
softplus = jax.nn.softplus
softsign = jax.nn.soft_sign


@jax.jit
def relu(x):
    # Unlike that of `maximum`, the gradient at zero is zero; NaN stays NaN.
    return jnp.where(x <= 0, jnp.zeros_like(x), x)


@jax.jit
def relu6(x):
    return jnp.where(x <= 0, jnp.zeros_like(x), jnp.where(x >= 6, jnp.full_like(x, 6), x))


@functools.partial(jax.jit, static_argnames="approximate")
def gelu(x, *, approximate):
    if approximate:
        return 0.5 * x * (1 + jnp.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * (x * x * x))))
    return 0.5 * x * jax.lax.erfc(-x * math.sqrt(0.5))


@functools.partial(jax.jit, static_argnames="axis")
def softmax(x, *, axis):
    # Subtracting a constant does not change the result, so its gradient is left out.
    e = jnp.exp(x - jax.lax.stop_gradient(jnp.max(x, axis=axis, keepdims=True, initial=-jnp.inf)))
    return e / jnp.sum(e, axis=axis, keepdims=True)


def hard_tanh(x):
    # JAX's clips unsigned integers at what -1 becomes in them.
    return NotImplemented if jnp.issubdtype(x.dtype, jnp.unsignedinteger) else jax.nn.hard_tanh(x)


@functools.partial(jax.jit, static_argnames="axis")
def log_softmax(x, *, axis):
    shifted = x - jax.lax.stop_gradient(jnp.max(x, axis=axis, keepdims=True, initial=-jnp.inf))
    return shifted - jnp.log(jnp.sum(jnp.exp(shifted), axis=axis, keepdims=True))
