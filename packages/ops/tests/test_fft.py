"""Fourier transforms where samples do not reach: inverses, windows, errors."""

import numpy as np
import pytest
from keras_ops import KerasTensor, ops

_SIGNAL = np.random.default_rng(7).normal(size=(2, 37)).astype("float32")


def array(x):
    return ops.convert_to_numpy(x)


@pytest.mark.parametrize("window", ["hann", "hamming", None, np.arange(1, 9, dtype="float32")])
def test_istft_inverts_stft(window):
    spectrum = ops.stft(_SIGNAL, 8, 3, 10, window=window)
    back = array(ops.istft(spectrum, 8, 3, 10, length=37, window=window))
    np.testing.assert_allclose(back, _SIGNAL, atol=1e-5)


def test_a_length_beyond_the_windows_is_filled_with_zeros():
    result = array(ops.istft(ops.stft(_SIGNAL, 8, 4, 8, center=False), 8, 4, 8, length=50, center=False))
    assert result.shape == (2, 50)
    assert not result[:, 36:].any()


def test_irfft_inverts_rfft_of_any_length():
    for length in (36, 37):
        back = ops.irfft(ops.rfft(_SIGNAL[:, :length]), fft_length=length)
        np.testing.assert_allclose(array(back), _SIGNAL[:, :length], atol=1e-6)


_EAGER, _SPEC = ops.convert_to_tensor(_SIGNAL), KerasTensor((2, 37))
ERRORS = {
    "pair": (lambda: ops.fft((_EAGER, _EAGER, _EAGER)), r"ops\.fft: expected `x` to be a pair"),
    "shapes": (lambda: ops.ifft2((_SPEC, KerasTensor((1, 37)))), r"ops\.ifft2: .*\(2, 37\) and \(1, 37\)"),
    "axes": (lambda: ops.fft2((_EAGER[0], _EAGER[0])), r"ops\.fft2: .*at least 2 axes"),
    "short": (lambda: ops.extract_sequences(_SPEC, 40, 1), "at least 40, received 37"),
    "stride": (lambda: ops.extract_sequences(_EAGER, 4, 0), "sequence_stride=0"),
    "window": (lambda: ops.stft(_EAGER, 8, 4, 8, window="flat"), r"'hann', 'hamming'.*'flat'"),
    "length": (lambda: ops.stft(_EAGER, 8, 4, 4), "fft_length=4 and sequence_length=8"),
    "weights": (lambda: ops.stft(_EAGER, 8, 4, 8, window=np.ones(7)), r"shape \(8,\), received shape \(7,\)"),
}


@pytest.mark.parametrize(("call", "message"), ERRORS.values(), ids=ERRORS)
def test_errors_name_what_does_not_fit(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_specs_of_unknown_lengths():
    real, imaginary = ops.stft(KerasTensor((None, None)), 8, 4, 8)
    assert real.shape == imaginary.shape == (None, None, 5)
    assert ops.istft((real, imaginary), 8, 4, 8).shape == (None, None)
    assert ops.irfft((real, imaginary)).shape == (None, None, 8)
