"""Torch kernels of Fourier transforms; complex numbers come and go as pairs of real tensors."""

import torch

from keras_backends.precision import through_float32 as _through_float32
from keras_backends.torch.tensors import cast as _cast
from keras_backends.torch.tensors import dtype as _dtype

_single = _through_float32(_dtype, _cast)


def _of_pairs(transform):
    def kernel(x):
        result = transform(torch.complex(*x))
        return result.real, result.imag

    return _single(kernel)


fft = _of_pairs(torch.fft.fft)
fft2 = _of_pairs(torch.fft.fft2)
ifft2 = _of_pairs(torch.fft.ifft2)
irfft = _single(lambda x, *, fft_length: torch.fft.irfft(torch.complex(*x), fft_length))


@_single
def rfft(x, *, fft_length):
    result = torch.fft.rfft(x, fft_length)
    return result.real, result.imag


def extract_sequences(x, *, sequence_length, sequence_stride):
    return x.unfold(-1, sequence_length, sequence_stride)
