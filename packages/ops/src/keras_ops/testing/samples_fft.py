"""Samples of Fourier transforms."""

import numpy as np

from keras_ops.testing.samples import call

_RANDOM = np.random.default_rng(31)


def _normal(*shape):
    return _RANDOM.normal(size=shape).astype("float32")


def _pair(*shape):
    return _normal(*shape), _normal(*shape)


def _of_pair(transform):
    def reference(x, *args, **kwargs):
        result = transform(x[0] + 1j * x[1], *args, **kwargs)
        return (result.real, result.imag) if np.iscomplexobj(result) else result

    return reference


def _rfft(x, fft_length=None):
    result = np.fft.rfft(x, fft_length)
    return result.real, result.imag


def _sequences(x, length, stride):
    return np.lib.stride_tricks.sliding_window_view(x, length, axis=-1)[..., ::stride, :]


_SIGNAL, _SPECTRUM = _normal(2, 20), _pair(2, 6, 5)

SAMPLES = {
    "fft": [
        call(_pair(5), reference=_of_pair(np.fft.fft)),
        call(_pair(2, 6), reference=_of_pair(np.fft.fft)),
        call((_normal(4).astype("float16"), _normal(4).astype("float16"))),
    ],
    "fft2": [call(_pair(2, 3, 4), reference=_of_pair(np.fft.fft2))],
    "ifft2": [call(_pair(2, 3, 4), reference=_of_pair(np.fft.ifft2))],
    "rfft": [
        call(_normal(2, 7), reference=_rfft),
        call(_normal(8), fft_length=4, reference=_rfft),
        call(np.arange(4, dtype="int32"), fft_length=6, reference=_rfft),
        call(_normal(4).astype("float16")),
    ],
    "irfft": [
        call(_pair(2, 4), reference=_of_pair(np.fft.irfft)),
        call(_pair(4), 5, reference=_of_pair(np.fft.irfft)),
    ],
    "extract_sequences": [
        call(_SIGNAL, 8, 3, reference=_sequences),
        call(np.arange(7, dtype="int32"), 2, 5, reference=_sequences),
    ],
    "stft": [
        call(_SIGNAL, 8, 4, 8),
        call(_SIGNAL, 6, 3, 9, window="hamming", center=False),
        call(_SIGNAL, 6, 3, 8, window=None),
        call(_SIGNAL, 4, 2, 6, window=[1.0, 2.0, 3.0, 4.0]),
    ],
    "istft": [
        call(_SPECTRUM, 8, 4, 8),
        call(_SPECTRUM, 6, 3, 8, window="hamming", length=40),
        call(_SPECTRUM, 7, 3, 8, window=None, center=False),
    ],
}
