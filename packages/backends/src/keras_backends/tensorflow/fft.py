"""TensorFlow kernels of Fourier transforms; complex numbers come and go as pairs of real tensors."""

import tensorflow as tf

from keras_backends.precision import through_float32 as _through_float32
from keras_backends.tensorflow.tensors import cast as _cast
from keras_backends.tensorflow.tensors import dtype as _dtype

_single = _through_float32(_dtype, _cast)


def _parts(x):
    return tf.math.real(x), tf.math.imag(x)


def _of_pairs(transform):
    def kernel(x):
        real, imaginary = x
        return _parts(transform(tf.complex(real, imaginary)))

    return _single(kernel)


fft = _of_pairs(tf.signal.fft)
fft2 = _of_pairs(tf.signal.fft2d)
ifft2 = _of_pairs(tf.signal.ifft2d)


@_single
def rfft(x, *, fft_length):
    _refuse_nothing(x.shape[-1] if fft_length is None else fft_length)
    return _parts(tf.signal.rfft(_resized(x, fft_length), None if fft_length is None else [fft_length]))


@_single
def irfft(x, *, fft_length):
    size = x[0].shape[-1]
    if fft_length is None:
        _refuse_nothing(size if size is None else 2 * (size - 1))
        return tf.signal.irfft(tf.complex(*x))
    _refuse_nothing(fft_length)
    return tf.signal.irfft(_resized(tf.complex(*x), fft_length // 2 + 1), [fft_length])


def _refuse_nothing(length):
    """Refuses transforms of no numbers, which end the process here: TensorFlow's library asserts."""
    if length is not None and length < 1:
        raise ValueError(f"expected transforms of at least one number, received a length of {length}.")


def _resized(x, size):
    """Cuts or pads the last axis here: the transforms do so too, but their gradients know nothing of it."""
    if size is None or x.shape[-1] == size:
        return x
    x = x[..., :size]
    missing = size - (tf.shape(x)[-1] if x.shape[-1] is None else x.shape[-1])
    return tf.pad(x, [(0, 0)] * (len(x.shape) - 1) + [(0, missing)])


def extract_sequences(x, *, sequence_length, sequence_stride):
    return tf.signal.frame(x, sequence_length, sequence_stride)
