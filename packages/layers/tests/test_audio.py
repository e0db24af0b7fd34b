"""Spectrograms against NumPy's Fourier transform, and the errors of their constructors."""

import numpy as np
import pytest
from keras_layers.preprocessing.audio.mel_spectrogram import MelSpectrogram
from keras_layers.preprocessing.audio.stft_spectrogram import STFTSpectrogram
from keras_ops import ops
from keras_ops.tensor import KerasTensor

SOUND = np.random.default_rng(5).normal(size=(2, 37, 2)).astype("float32")


def _array(x):
    return np.asarray(ops.convert_to_numpy(x))


def _transform(sound, length, step, fft_length):
    """Transform of the frames of each channel, `(batch, channels, frames, bins)`."""
    frames = (sound.shape[1] - length) // step + 1
    cut = np.stack([sound[:, i * step : i * step + length] for i in range(frames)], axis=1)
    window = np.hanning(length)[:, None]
    return np.moveaxis(np.fft.rfft(cut * window / np.sqrt(np.sum(window**2)), fft_length, axis=2), -1, 1)


MODES = {
    "log": lambda x: np.log(np.abs(x)),
    "magnitude": np.abs,
    "real": np.real,
    "imag": np.imag,
    "stft": lambda x: np.concatenate([x.real, x.imag], axis=-1),
}


@pytest.mark.parametrize("mode", MODES)
def test_a_spectrogram_is_the_transform_of_frames(mode):
    expected = MODES[mode](_transform(SOUND, 8, 3, 12))
    for first, expand in ((False, True), (True, False)):
        layer = STFTSpectrogram(
            mode, 8, 3, 12, expand_dims=expand, data_format="channels_first" if first else "channels_last"
        )
        result = _array(layer(np.swapaxes(SOUND, 1, 2) if first else SOUND))
        wanted = expected.transpose(0, 1, 3, 2) if first else expected.transpose(0, 2, 3, 1)
        wanted = wanted if expand else wanted.reshape(2, -1, wanted.shape[-1])
        np.testing.assert_allclose(result, wanted, atol=1e-3 if mode == "log" else 1e-5)


def test_power_of_both_sides_sums_to_the_energy_of_the_frames():
    sound = SOUND[:, :32, :1]
    layer = STFTSpectrogram("psd", 8, 8, window=None, scaling="density")
    power = _array(layer(sound)).sum(axis=-1)
    np.testing.assert_allclose(power, np.square(sound).reshape(2, 4, 8).sum(axis=-1), rtol=1e-4)


def test_one_frame_per_step_with_padding():
    assert STFTSpectrogram("real", 8, 5, padding="same")(SOUND).shape == (2, 8, 10)
    assert STFTSpectrogram(frame_length=8)(SOUND).shape == (2, 8, 10)
    assert np.isfinite(_array(STFTSpectrogram(frame_length=8)(0 * SOUND))).all()


def test_a_tone_is_loudest_in_its_band():
    layer = MelSpectrogram(
        fft_length=128, sequence_stride=64, num_mel_bins=10, sampling_rate=4000, top_db=30.0
    )
    tones = np.sin(2 * np.pi * np.array([[300.0], [1500.0]]) * np.arange(512) / 4000).astype("float32")
    result = _array(layer(tones))
    bands = _array(layer.linear_to_mel_weight_matrix(10, 65, 4000, 20.0, 2000))
    middle = result[:, :, 4]
    for sound, hertz in zip(middle, (300.0, 1500.0)):
        assert sound.argmax() == bands[round(hertz / 4000 * 128)].argmax()
    assert result.min() >= result.max() - 30.0 - 1e-3
    np.testing.assert_allclose(_array(layer(tones[0])), result[0], atol=1e-3)


def test_a_batch_may_be_empty():
    nothing = np.zeros((0, 64), "float32")
    mel = MelSpectrogram(fft_length=16, sequence_stride=8, num_mel_bins=4, sampling_rate=1000)
    assert mel(nothing).shape == (0, 4, 9) and mel(np.ones((1, 64), "float32")).shape == (1, 4, 9)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: STFTSpectrogram("power"), "mode"),
        (lambda: STFTSpectrogram(frame_length=8, fft_length=6), "fft_length"),
        (lambda: STFTSpectrogram(frame_length=7), "even"),
        (lambda: STFTSpectrogram(frame_step=0), "frame_step"),
        (lambda: STFTSpectrogram(scaling="both"), "scaling"),
        (lambda: STFTSpectrogram(padding="causal"), "padding"),
        (lambda: STFTSpectrogram(frame_length=8)(SOUND[0]), "ndim=3"),
        (lambda: STFTSpectrogram(frame_length=64)(SOUND[:, :10]), "received 10"),
        (lambda: STFTSpectrogram(frame_length=64)(KerasTensor((None, 10, 1))), "received 10"),
        (lambda: MelSpectrogram(fft_length=8, sequence_length=9), "sequence_length"),
        (lambda: MelSpectrogram(min_freq=9000.0), "min_freq"),
    ],
)
def test_errors_name_the_argument(make, message):
    with pytest.raises(ValueError, match=message):
        make()
