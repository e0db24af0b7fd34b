"""JAX kernels of Fourier transforms; complex numbers come and go as pairs of real arrays."""

import jax as _jax
import jax.numpy as jnp

from keras_backends.jax.tensors import cast as _cast
from keras_backends.jax.tensors import dtype as _dtype
from keras_backends.precision import through_float32 as _through_float32

_single = _through_float32(_dtype, _cast)


def _of_pairs(transform):
    @_jax.jit  # As one program, the parts are not copied together and apart.
    def kernel(x):
        result = transform(_jax.lax.complex(*x))
        return result.real, result.imag

    return _single(kernel)


fft = _of_pairs(jnp.fft.fft)
fft2 = _of_pairs(jnp.fft.fft2)
ifft2 = _of_pairs(jnp.fft.ifft2)


@_single
def irfft(x, *, fft_length):
    if fft_length is None and x[0].shape[-1] < 2:
        raise ValueError("expected transforms of at least one number, received a length of 0.")
    return jnp.fft.irfft(_jax.lax.complex(*x), fft_length)


@_single
def rfft(x, *, fft_length):
    result = jnp.fft.rfft(x, fft_length)
    return result.real, result.imag
