"""Window functions for signal processing, such as `keras.ops.hanning`.

They are short and depend on nothing but their length, so NumPy computes them on the host.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from keras_backends import settings
from keras_backends.api import export

from keras_ops.documentation import documented
from keras_ops.operations.core import convert_to_numpy, convert_to_tensor

_texts = documented(
    length="""
        Args:
            x: Length, an int or an int tensor without axes.

        Returns:
            A float tensor of shape `(x,)`.
    """
)


def _window(function: Callable[..., np.ndarray], x: Any, *parameters: float) -> Any:
    length = int(x) if isinstance(x, int) else int(convert_to_numpy(x))
    return convert_to_tensor(function(length, *parameters), settings.floatx())


@export(["keras.ops.bartlett", "keras.ops.numpy.bartlett"])
@_texts
def bartlett(x: Any) -> Any:
    """Bartlett window: a triangle that starts and ends at zero.

    {length}

    Example:

        >>> bartlett(5)
        Array([0. , 0.5, 1. , 0.5, 0. ], dtype=float32)
    """
    return _window(np.bartlett, x)


@export(["keras.ops.blackman", "keras.ops.numpy.blackman"])
@_texts
def blackman(x: Any) -> Any:
    """Blackman window: a taper of three cosine terms.

    {length}

    Example:

        >>> blackman(3)
        Array([-1.3877788e-17,  1.0000000e+00, -1.3877788e-17], dtype=float32)
    """
    return _window(np.blackman, x)


@export(["keras.ops.hamming", "keras.ops.numpy.hamming"])
@_texts
def hamming(x: Any) -> Any:
    """Hamming window: a raised cosine on a pedestal.

    {length}

    Example:

        >>> hamming(3)
        Array([0.08, 1.  , 0.08], dtype=float32)
    """
    return _window(np.hamming, x)


@export(["keras.ops.hanning", "keras.ops.numpy.hanning"])
@_texts
def hanning(x: Any) -> Any:
    """Hann window: a raised cosine that starts and ends at zero.

    {length}

    Example:

        >>> hanning(5)
        Array([0. , 0.5, 1. , 0.5, 0. ], dtype=float32)
    """
    return _window(np.hanning, x)


@export(["keras.ops.kaiser", "keras.ops.numpy.kaiser"])
def kaiser(x: Any, beta: float) -> Any:
    """Kaiser window: a taper made of a Bessel function.

    Args:
        x: Length, an int or an int tensor without axes.
        beta: Shape: 0 for a rectangle, larger for a narrower window.

    Returns:
        A float tensor of shape `(x,)`.

    Example:

        >>> kaiser(3, 0.0)
        Array([1., 1., 1.], dtype=float32)
    """
    return _window(np.kaiser, x, float(convert_to_numpy(beta)))
