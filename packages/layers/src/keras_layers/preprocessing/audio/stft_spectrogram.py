"""`STFTSpectrogram`: spectrograms by a convolution whose kernels may be trained.

The kernels start as windowed Fourier bases (`keras.initializers.STFT`). Mel spectrograms, which have no weights,
are in `mel_spectrogram`.
"""

from typing import Any

import numpy as np
from keras_backends import settings
from keras_backends.api import export
from keras_backends.settings import standardize_data_format
from keras_ops import initializers, ops
from keras_ops.tensor import Shape, Tensor

from keras_layers.constructor import checked_bool
from keras_layers.core.arguments import one_of, positive
from keras_layers.input_spec import InputSpec
from keras_layers.layer import Layer

_PARTS = {
    "log": ("real", "imag"),
    "magnitude": ("real", "imag"),
    "psd": ("real", "imag"),
    "real": ("real",),
    "imag": ("imag",),
    "angle": ("real", "imag"),
    "stft": ("real", "imag"),
}
"""Modes, and the parts of the transform that they need."""


@export("keras.layers.STFTSpectrogram")
class STFTSpectrogram(Layer):
    """Computes a spectrogram by the short-time Fourier transform, with kernels that can be trained.

    Args:
        mode: What of the transform is returned: `"log"` (logarithm of the magnitude), `"magnitude"`, `"psd"`
            (power spectral density), `"real"`, `"imag"`, `"angle"`, or `"stft"` (real parts, then imaginary ones).
        frame_length: Number of samples in a frame.
        frame_step: Number of samples from one frame to the next; half of `frame_length` by default.
        fft_length: Length of the transform, an even number of at least `frame_length`, which is the default.
        window: Name of a window: `"hann"`, `"hamming"`, or another of `scipy.signal.get_window`; an array of
            `frame_length` values; or `None` for none.
        periodic: Whether a named window is periodic rather than symmetric.
        scaling: `"density"` divides the window by the root of the sum of its squares, `"spectrum"` by its sum;
            `None` leaves it as it is.
        padding: `"valid"` for whole frames only, or `"same"` for one frame per step.
        expand_dims: Whether the channels stay on an axis of their own, so that the spectrogram is an image.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: Arguments of `keras.Layer`, such as `name`, `dtype` and `trainable`.

    Call arguments:
        inputs: Tensor of shape `(batch, samples, channels)`, or `(batch, channels, samples)` with
            `data_format="channels_first"`.

    Returns:
        Tensor of shape `(batch, frames, channels * bins)`, or `(batch, channels * bins, frames)` with
        `"channels_first"`; with `expand_dims` of shape `(batch, frames, bins, channels)`, or
        `(batch, channels, bins, frames)`. There are `fft_length // 2 + 1` bins, twice as many for `"stft"`.

    Raises:
        ValueError: If an argument is none of these.

    Example:

        >>> STFTSpectrogram("magnitude", frame_length=8)(ops.ones((1, 32, 1))).shape == (1, 7, 5)
        True
    """

    def __init__(
        self,
        mode: str = "log",
        frame_length: int = 256,
        frame_step: int | None = None,
        fft_length: int | None = None,
        window: Any = "hann",
        periodic: bool = False,
        scaling: str | None = "density",
        padding: str = "valid",
        expand_dims: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.mode = one_of(self, "mode", mode, _PARTS)
        self.frame_length = positive(self, "frame_length", frame_length)
        self.frame_step = None if frame_step is None else positive(self, "frame_step", frame_step)
        self.fft_length = None if fft_length is None else positive(self, "fft_length", fft_length)
        self.window = window
        self.periodic = checked_bool(self, "periodic", periodic)
        self.scaling = one_of(self, "scaling", scaling, ("density", "spectrum", None))
        self.padding = one_of(self, "padding", padding, ("valid", "same"))
        self.expand_dims = checked_bool(self, "expand_dims", expand_dims)
        self.data_format = standardize_data_format(data_format)
        if self._length < self.frame_length or self._length % 2:
            raise ValueError(
                f"STFTSpectrogram: `fft_length` must be even and at least `frame_length`, received "
                f"fft_length={fft_length!r} and frame_length={frame_length!r}."
            )
        self.input_spec = InputSpec(ndim=3)
        self.real_kernel: Any = None
        self.imag_kernel: Any = None

    @property
    def _length(self) -> int:
        return self.fft_length or self.frame_length

    @property
    def _step(self) -> int:
        return self.frame_step or max(self.frame_length // 2, 1)

    def build(self, input_shape: Shape) -> None:
        for part in _PARTS[self.mode]:
            kernel = self.add_weight(
                name=f"{part}_kernel",
                shape=(self.frame_length, 1, self._length // 2 + 1),
                initializer=initializers.STFT(part, self.window, self.scaling, self.periodic),
            )
            setattr(self, kernel.name, kernel)

    def call(self, inputs: Tensor) -> Tensor:
        first = self.data_format == "channels_first"
        x = inputs if first else ops.transpose(inputs, (0, 2, 1))
        _, channels, samples = ops.shape(x)
        self._check_samples(samples)
        x = ops.reshape(x, (-1, samples, 1))
        parts = {part: self._frames(x, part) for part in _PARTS[self.mode]}
        x = self._combined(**parts)
        _, frames, bins = ops.shape(x)
        x = ops.reshape(x, (-1, channels, frames, bins))
        if self.expand_dims:
            return ops.transpose(x, (0, 1, 3, 2) if first else (0, 2, 3, 1))
        if first:
            return ops.reshape(ops.transpose(x, (0, 1, 3, 2)), (-1, channels * bins, frames))
        return ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (-1, frames, channels * bins))

    def _check_samples(self, samples: Any) -> None:
        if self.padding == "valid" and isinstance(samples, int) and samples < self.frame_length:
            raise ValueError(
                f"STFTSpectrogram {self.name!r}: with padding='valid' the inputs must have at least one whole frame, "
                f"frame_length={self.frame_length} samples, received {samples}. Use padding='same' or a shorter "
                "`frame_length`."
            )

    def _frames(self, x: Tensor, part: str) -> Tensor:
        """One part of the transform, `(batch * channels, frames, bins)`."""
        kernel = getattr(self, f"{part}_kernel")
        return ops.conv(x, kernel, self._step, self.padding, data_format="channels_last")

    def _combined(self, real: Tensor | None = None, imag: Tensor | None = None) -> Tensor:
        if real is None or imag is None:
            return imag if real is None else real
        if self.mode == "stft":
            return ops.concatenate([real, imag], axis=-1)
        if self.mode == "angle":
            return ops.arctan2(imag, real)
        power = ops.add(ops.square(real), ops.square(imag))
        if self.mode == "psd":
            return ops.multiply(power, self._sides(power.dtype))
        if self.mode == "magnitude":
            some = ops.greater(power, 0)  # Keeps the gradient of the root finite in silence.
            return ops.where(some, ops.sqrt(ops.where(some, power, 1)), 0)
        least = max(settings.epsilon() ** 2, _SMALLEST.get(self.compute_dtype, 0.0))
        return ops.multiply(0.5, ops.log(ops.maximum(power, least)))

    def _sides(self, dtype: str) -> Tensor:
        """Every bin but the first and the last stands for a negative frequency, too."""
        counts = np.full(self._length // 2 + 1, 2.0)
        counts[[0, -1]] = 1.0
        return ops.convert_to_tensor(counts, dtype=dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        first = self.data_format == "channels_first"
        batch, *others = input_shape
        channels, samples = others if first else reversed(others)
        bins = (self._length // 2 + 1) * (2 if self.mode == "stft" else 1)
        frames = None
        if samples is not None and self.padding == "same":
            frames = -(-samples // self._step)
        elif samples is not None:
            self._check_samples(samples)
            frames = (samples - self.frame_length) // self._step + 1
        if self.expand_dims:
            return (batch, channels, bins, frames) if first else (batch, frames, bins, channels)
        both = None if channels is None else channels * bins
        return (batch, both, frames) if first else (batch, frames, both)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if hasattr(self.window, "tolist"):
            config["window"] = self.window.tolist()
        return config


_SMALLEST = {"float16": 6.2e-5}
"""Smallest normal numbers of dtypes in which the square of `epsilon` is none."""
