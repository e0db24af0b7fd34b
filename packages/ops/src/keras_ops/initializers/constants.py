"""Initializers without chance: constants, the identity, and Fourier bases.

The random ones are in `randoms`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras_backends.api import export

from keras_ops.initializers.base import HostInitializer, host_dtype
from keras_ops.state import state
from keras_ops.tensor import standardize_shape


@export(["keras.initializers.Constant", "keras.initializers.constant"])
class Constant(HostInitializer):
    """One value everywhere.

    Args:
        value: A number, or an array that broadcasts to the shapes it is called with; default 0.

    Example:

        >>> [float(x) for x in Constant(3.0)((2,))]
        [3.0, 3.0]
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def host_values(self, shape: Sequence[int], dtype: str) -> np.ndarray:
        value = state.backend.numpy(self.value) if state.backend.is_tensor(self.value) else self.value
        return _full(shape, value, dtype)


@export(["keras.initializers.Zeros", "keras.initializers.zeros"])
class Zeros(HostInitializer):
    """Zeros.

    Example:

        >>> [float(x) for x in Zeros()((2,))]
        [0.0, 0.0]
    """

    def host_values(self, shape: Sequence[int], dtype: str) -> np.ndarray:
        return np.zeros(standardize_shape(shape), host_dtype(dtype))


@export(["keras.initializers.Ones", "keras.initializers.ones"])
class Ones(HostInitializer):
    """Ones.

    Example:

        >>> [float(x) for x in Ones()((2,))]
        [1.0, 1.0]
    """

    def host_values(self, shape: Sequence[int], dtype: str) -> np.ndarray:
        return _full(shape, 1, dtype)


def _full(shape: Sequence[int], value: Any, dtype: str) -> np.ndarray:
    return np.full(standardize_shape(shape), value, host_dtype(dtype))


@export(
    [
        "keras.initializers.Identity",
        "keras.initializers.IdentityInitializer",
        "keras.initializers.identity",
    ]
)
class Identity(HostInitializer):
    """The identity matrix, for shapes of two axes.

    Args:
        gain: Factor, default 1.

    Raises:
        ValueError: If it is called with another number of axes.

    Example:

        >>> [[float(x) for x in row] for row in Identity(2.0)((2, 2))]
        [[2.0, 0.0], [0.0, 2.0]]
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def host_values(self, shape: Sequence[int], dtype: str) -> np.ndarray:
        shape = standardize_shape(shape)
        if len(shape) != 2:
            raise ValueError(f"Identity: expected a shape of two axes. Received: shape={shape}")
        return self.gain * np.eye(*shape, dtype=host_dtype(dtype))

    def get_config(self) -> dict[str, Any]:
        """Returns the gain, unless it is 1; readers that know no gain then read the same config."""
        return {} if self.gain == 1 else {"gain": self.gain}


@export(["keras.initializers.STFT", "keras.initializers.STFTInitializer", "keras.initializers.stft"])
class STFT(HostInitializer):
    """Real or imaginary part of windowed Fourier bases, for the kernels of a convolution.

    The kernel of shape `(frame_length, channels, bins)` is `window[n] * cos(2 pi n k / fft_length)`, or
    `-sin`, with `fft_length = 2 * (bins - 1)`.

    Args:
        side: `"real"` or `"imag"`.
        window: Name of a window: `"hann"`, `"hamming"`, or another of `scipy.signal.get_window`; an
            array of `frame_length` values; or `None` for none. Default `"hann"`.
        scaling: `"density"` divides by the root of the sum of the window's squares, `"spectrum"` by its
            sum; `None` leaves it. Default `"density"`.
        periodic: Whether the window is periodic rather than symmetric, default `False`.

    Raises:
        ValueError: If `side` or `scaling` is another word, or the shape has not three axes.

    Example:

        >>> STFT("real", window=None, scaling=None)((4, 1, 3)).shape == (4, 1, 3)
        True
    """

    def __init__(
        self,
        side: str = "real",
        window: Any = "hann",
        scaling: str | None = "density",
        periodic: bool = False,
    ) -> None:
        if side not in ("real", "imag"):
            raise ValueError(f"STFT: expected `side` to be 'real' or 'imag'. Received: side={side!r}")
        if scaling not in ("density", "spectrum", None):
            raise ValueError(
                f"STFT: expected `scaling` to be 'density', 'spectrum' or None. Received: scaling={scaling!r}"
            )
        self.side = side
        self.window = window
        self.scaling = scaling
        self.periodic = periodic

    def host_values(self, shape: Sequence[int], dtype: str) -> np.ndarray:
        shape = standardize_shape(shape)
        if len(shape) != 3:
            raise ValueError(
                f"STFT: expected a shape `(frame_length, channels, bins)`. Received: shape={shape}"
            )
        length, _, bins = shape
        # In float32, as the weights: the incumbent's signs of what should be 0 at the last frequency.
        unit = np.float32(2 * np.pi / max(2 * (bins - 1), 1))
        angles = unit * np.outer(np.arange(length), np.arange(bins)).astype("float32")
        basis = np.cos(angles) if self.side == "real" else -np.sin(angles)
        window = self._window(length)
        if self.scaling == "density":
            window = window / np.sqrt(np.sum(window**2))
        elif self.scaling == "spectrum":
            window = window / np.sum(window)
        kernel = np.broadcast_to((window[:, None] * basis)[:, None, :], shape)
        return kernel.astype(host_dtype(dtype))

    def _window(self, length: int) -> np.ndarray:
        if self.window is None:
            return np.ones(length)
        if not isinstance(self.window, str):
            return np.asarray(self.window, "float64")
        if self.window in _RAISED_COSINES:
            mean = _RAISED_COSINES[self.window]
            period = max(length if self.periodic else length - 1, 1)
            return mean - (1 - mean) * np.cos(2 * np.pi * np.arange(length) / period)
        try:
            from scipy.signal import get_window
        except ImportError:
            raise ImportError(
                f"STFT: the window {self.window!r} needs SciPy: pip install scipy. Built in are "
                f"{', '.join(map(repr, _RAISED_COSINES))}."
            ) from None
        return get_window(self.window, length, fftbins=self.periodic)


_RAISED_COSINES = {"hann": 0.5, "hamming": 0.54}
"""Windows `mean - (1 - mean) * cos`, which need no SciPy."""
