"""JAX random numbers: the seed pair is a threefry key, so equal seeds give equal numbers anywhere.

In a program XLA draws a number again wherever it is used, up to once for each pixel of an image that one factor
is for; few numbers are therefore drawn apart.
"""

import jax
import jax.numpy as jnp

from keras_backends.host import largest_draw

_FEW = 1 << 12
"""Numbers that a program draws before they are used. More of them cost less where they are used: no pass is made."""


def random_uniform(seed, *, shape, dtype, minval=0.0, maxval=1.0):
    values = jax.random.uniform(_key(seed), shape, jnp.dtype(dtype), minval, maxval)
    most = largest_draw(minval, maxval, dtype)
    return _once(values if most is None else jnp.minimum(values, most))


def random_normal(seed, *, shape, dtype, mean=0.0, stddev=1.0):
    return _once(jax.random.normal(_key(seed), shape, jnp.dtype(dtype)) * stddev + mean)


def random_truncated_normal(seed, *, shape, dtype, mean=0.0, stddev=1.0):
    # Half precision has too few digits for the tails that inverting the distribution needs.
    drawn = "float32" if dtype in ("float16", "bfloat16") else dtype
    unit = jax.random.truncated_normal(_key(seed), -2.0, 2.0, shape, jnp.dtype(drawn))
    return _once((unit * stddev + mean).astype(dtype))


def random_randint(seed, *, shape, minval, maxval, dtype):
    return _once(jax.random.randint(_key(seed), shape, minval, maxval, jnp.dtype(dtype)))


def random_bernoulli(seed, *, shape, probability):
    return jax.random.bernoulli(_key(seed), probability, shape)


def random_gamma(seed, alpha, *, shape, dtype):
    return jax.random.gamma(_key(seed), alpha, shape, alpha.dtype).astype(dtype)


def random_beta(seed, alpha, beta, *, shape, dtype):
    return jax.random.beta(_key(seed), alpha, beta, shape, alpha.dtype).astype(dtype)


def random_binomial(seed, counts, probabilities, *, shape, dtype):
    return jax.random.binomial(_key(seed), counts, probabilities, shape).astype(dtype)


def random_categorical(seed, logits, *, num_samples, dtype):
    drawn = jax.random.categorical(_key(seed), logits[:, None, :], shape=(logits.shape[0], num_samples))
    return drawn.astype(dtype)


def random_permutation(seed, *, size):
    return jax.random.permutation(_key(seed), size)


def _once(values):
    # In an export, sizes may be unknown; such are not compared with numbers.
    known = isinstance(values, jax.core.Tracer) and all(isinstance(size, int) for size in values.shape)
    return jax.lax.optimization_barrier(values) if known and values.size <= _FEW else values


def _key(seed):
    return jax.random.wrap_key_data(seed, impl="threefry2x32")
