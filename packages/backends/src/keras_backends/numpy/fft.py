"""NumPy kernels of Fourier transforms; complex numbers come and go as pairs of real arrays."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view as _sliding_window_view

from keras_backends.numpy.tensors import cast as _cast
from keras_backends.numpy.tensors import dtype as _dtype
from keras_backends.precision import through_float32 as _through_float32

_single = _through_float32(_dtype, _cast)


def _of_pairs(transform):
    def kernel(x):
        real, imaginary = x
        result = transform(real + 1j * imaginary)
        return result.real, result.imag

    return _single(kernel)


fft = _of_pairs(np.fft.fft)
fft2 = _of_pairs(np.fft.fft2)
ifft2 = _of_pairs(np.fft.ifft2)
irfft = _single(lambda x, *, fft_length: np.fft.irfft(x[0] + 1j * x[1], fft_length))


@_single
def rfft(x, *, fft_length):
    result = np.fft.rfft(x, fft_length)
    return result.real, result.imag


def extract_sequences(x, *, sequence_length, sequence_stride):
    return _sliding_window_view(x, sequence_length, axis=-1)[..., ::sequence_stride, :]
