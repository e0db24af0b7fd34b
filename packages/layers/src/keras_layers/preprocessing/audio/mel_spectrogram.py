"""`MelSpectrogram`: power of a sound by time and by pitch as the ear hears it.

It computes by `ops.stft` and has no weights; `stft_spectrogram` has the layer whose transform can be trained.
"""

from typing import Any

import numpy as np
from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Shape, Tensor

from keras_layers.constructor import checked_bool
from keras_layers.core.arguments import positive
from keras_layers.preprocessing.data_layer import DataLayer


@export("keras.layers.MelSpectrogram")
class MelSpectrogram(DataLayer):
    """Computes mel spectrograms of sounds.

    The short-time Fourier transform of overlapping frames gives magnitudes by frequency, which triangular
    windows of equal widths on the mel scale sum up.

    Args:
        fft_length: Length of the transform.
        sequence_stride: Number of samples from one frame to the next.
        sequence_length: Number of samples in a frame, at most `fft_length`, which is the default.
        window: Name of the window, `"hann"` or `"hamming"`; an array of `sequence_length` values; or `None`.
        sampling_rate: Samples per second.
        num_mel_bins: Number of bands.
        min_freq: Lowest frequency of the bands, in hertz.
        max_freq: Highest frequency, in hertz; half of the sampling rate by default.
        power_to_db: Whether the result is in decibels.
        top_db: Decibels of which a result may fall below the loudest one.
        mag_exp: What magnitudes are raised to: 1 for magnitude, 2 for power.
        min_power: Least power, before decibels are taken.
        ref_power: Power of 0 decibels.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of shape `(samples,)` or `(batch, samples)`, more than half of `fft_length` samples.

    Returns:
        Tensor of shape `(num_mel_bins, frames)` or `(batch, num_mel_bins, frames)`.

    Example:

        >>> layer = MelSpectrogram(fft_length=16, sequence_stride=8, num_mel_bins=4, sampling_rate=1000)
        >>> layer(ops.ones((2, 64))).shape == (2, 4, 9)
        True
    """

    def __init__(
        self,
        fft_length: int = 2048,
        sequence_stride: int = 512,
        sequence_length: int | None = None,
        window: Any = "hann",
        sampling_rate: int = 16000,
        num_mel_bins: int = 128,
        min_freq: float = 20.0,
        max_freq: float | None = None,
        power_to_db: bool = True,
        top_db: float = 80.0,
        mag_exp: float = 2.0,
        min_power: float = 1e-10,
        ref_power: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.fft_length = positive(self, "fft_length", fft_length)
        self.sequence_stride = positive(self, "sequence_stride", sequence_stride)
        self.sequence_length = positive(self, "sequence_length", sequence_length or fft_length)
        self.window = window
        self.sampling_rate = sampling_rate
        self.num_mel_bins = positive(self, "num_mel_bins", num_mel_bins)
        self.min_freq = min_freq
        self.max_freq = max_freq or int(sampling_rate / 2)
        self.power_to_db = checked_bool(self, "power_to_db", power_to_db)
        self.top_db = top_db
        self.mag_exp = mag_exp
        self.min_power = min_power
        self.ref_power = ref_power
        if self.sequence_length > self.fft_length:
            raise ValueError(
                f"MelSpectrogram: `sequence_length` must be at most `fft_length`, received "
                f"sequence_length={sequence_length!r} and fft_length={fft_length!r}."
            )
        if not 0 <= self.min_freq < self.max_freq <= self.sampling_rate / 2:
            raise ValueError(
                "MelSpectrogram: expected 0 <= `min_freq` < `max_freq` <= sampling_rate / 2, received "
                f"min_freq={min_freq!r}, max_freq={max_freq!r} and sampling_rate={sampling_rate!r}."
            )

    def call(self, inputs: Tensor) -> Tensor:
        if 0 in inputs.shape[:-1]:  # Nothing has no loudest part.
            return ops.zeros(self.compute_output_shape(inputs.shape), self.compute_dtype)
        dtype = self.compute_dtype if self.compute_dtype in _WIDE else "float32"
        real, imaginary = ops.stft(
            ops.cast(inputs, dtype), self.sequence_length, self.sequence_stride, self.fft_length, self.window
        )
        magnitudes = ops.power(ops.square(real) + ops.square(imaginary), self.mag_exp / 2)
        bands = self.linear_to_mel_weight_matrix(
            self.num_mel_bins,
            self.fft_length // 2 + 1,
            self.sampling_rate,
            self.min_freq,
            self.max_freq,
            dtype=dtype,
        )
        powers = ops.matmul(magnitudes, bands)
        if self.power_to_db:
            powers = self._decibels(powers)
        return ops.cast(ops.swapaxes(powers, -1, -2), self.compute_dtype)

    def _decibels(self, powers: Tensor) -> Tensor:
        least = max(self.min_power, 1e-30)
        reference = 10.0 * np.log10(max(least, self.ref_power))
        decibels = 10.0 * ops.log10(ops.maximum(powers, least)) - float(reference)
        return ops.maximum(decibels, ops.max(decibels) - self.top_db)

    def linear_to_mel_weight_matrix(
        self,
        num_mel_bins: int = 20,
        num_spectrogram_bins: int = 129,
        sampling_rate: float = 8000,
        lower_edge_hertz: float = 125.0,
        upper_edge_hertz: float = 3800.0,
        dtype: str = "float32",
    ) -> Tensor:
        """Returns the matrix that sums frequencies up to bands, whose mel is `1127 ln(1 + hertz / 700)`.

        Args:
            num_mel_bins: Number of bands.
            num_spectrogram_bins: Number of frequencies, from 0 to half of the sampling rate.
            sampling_rate: Samples per second.
            lower_edge_hertz: Where the lowest band begins.
            upper_edge_hertz: Where the highest band ends.
            dtype: Dtype of the matrix.

        Returns:
            Tensor of shape `(num_spectrogram_bins, num_mel_bins)`.

        Example:

            >>> MelSpectrogram().linear_to_mel_weight_matrix(4, 9).shape == (9, 4)
            True
        """
        pitches = _mel(np.linspace(0.0, sampling_rate / 2.0, num_spectrogram_bins)[1:, None])
        edges = np.linspace(_mel(lower_edge_hertz), _mel(upper_edge_hertz), num_mel_bins + 2)
        lower, middle, upper = edges[:-2], edges[1:-1], edges[2:]
        rising, falling = (pitches - lower) / (middle - lower), (upper - pitches) / (upper - middle)
        bands = np.maximum(0.0, np.minimum(rising, falling))
        return ops.convert_to_tensor(np.pad(bands, [(1, 0), (0, 0)]), dtype=dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        *batch, samples = input_shape
        frames = None
        if samples is not None:
            frames = (samples + self.fft_length // 2 * 2 - self.fft_length) // self.sequence_stride + 1
        return (*batch, self.num_mel_bins, frames)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if hasattr(self.window, "tolist"):
            config["window"] = self.window.tolist()
        return config


_WIDE = ("float32", "float64")


def _mel(hertz: Any) -> Any:
    return 1127.0 * np.log1p(np.asarray(hertz) / 700.0)
