"""JAX kernels of products that contract axes, and of singular values.

The other products reduce to `matmul` by their bodies where JAX has nothing faster.
"""

import functools

import jax
import jax.numpy as jnp

dot = jnp.dot
inner = jnp.inner
kron = jnp.kron
matmul = jnp.matmul
outer = jnp.outer
vdot = jnp.vdot


def int8_product(x1, x2):
    return jnp.matmul(x1, x2, preferred_element_type=jnp.int32)


@functools.partial(jax.jit, static_argnames="axes", inline=True)
def affine(x, kernel, bias, *, axes=1):
    return jnp.tensordot(x, kernel, axes) + bias


def tensordot(x1, x2, *, axes=2):
    return jnp.tensordot(x1, x2, axes=axes)


def einsum(*operands, subscripts):
    return jnp.einsum(subscripts, *operands)
