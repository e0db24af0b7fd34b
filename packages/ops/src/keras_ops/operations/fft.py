"""Fourier transforms, and the overlapping windows of short-time transforms.

Users find them in `keras.ops`. Complex numbers come and go as pairs of real tensors, the real and
the imaginary parts.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras_backends.api import export

from keras_ops.documentation import documented
from keras_ops.op import op
from keras_ops.operations.core import convert_to_tensor
from keras_ops.operations.core import dtype as dtype_of
from keras_ops.operations.core import shape as shape_of
from keras_ops.operations.elementwise import add, divide, multiply, square, where
from keras_ops.operations.indexing import take
from keras_ops.operations.joining import pad
from keras_ops.operations.shapes import broadcast_to, reshape
from keras_ops.rules import exact_float, float_of, same_dtype
from keras_ops.tensor import KerasTensor, Shape, Tensor

Pair = tuple[Tensor, Tensor]
"""Real and imaginary parts of complex numbers."""

_WINDOWS = {"hann": np.hanning, "hamming": np.hamming}

_texts = documented(
    pair="x: Pair of float tensors of shape `(..., n)`, the real and the imaginary parts.",
    planes="""
        Args:
            x: Pair of float tensors of shape `(..., height, width)`, the real and the imaginary parts.

        Returns:
            A pair of float tensors of the shape of the parts of `x`.

        Raises:
            ValueError: If `x` is not a pair of tensors of one shape with two axes or more.
    """,
    frames="""
        sequence_length: Length of the window.
        sequence_stride: Distance from one window to the next.
        fft_length: Length of the transforms, at least `sequence_length`; the window stands in the middle.
    """,
    window="""
        window: `"hann"`, `"hamming"`, a tensor of shape `(sequence_length,)`, or `None` for no window.
        center: Whether window `i` has its middle at position `i * sequence_stride`, for which the signal
            is continued by its reflection; otherwise it starts there.
    """,
)


def _checked_pair(x: Any, axes: int = 1) -> Shape:
    """The shape of both parts of complex numbers."""
    if not isinstance(x, (tuple, list)) or len(x) != 2:
        raise ValueError(f"expected `x` to be a pair (real, imaginary) of tensors, received x={x!r}.")
    shapes = [part._shape for part in x]
    if len(shapes[0]) < axes or len(shapes[0]) != len(shapes[1]):
        raise ValueError(
            f"expected `x` to be two tensors of one shape with at least {axes} axes, received {shapes}."
        )
    if any(None not in (a, b) and a != b for a, b in zip(*shapes)):
        raise ValueError(
            f"expected real and imaginary parts of one shape, received {shapes[0]} and {shapes[1]}."
        )
    return shapes[0]


def _pair(x: KerasTensor, shape: Shape) -> tuple[KerasTensor, KerasTensor]:
    dtype = float_of(x.dtype)
    return KerasTensor.make(shape, dtype), KerasTensor.make(shape, dtype)


def _transformed(x: Sequence[KerasTensor]) -> tuple[KerasTensor, KerasTensor]:
    return _pair(x[0], _checked_pair(x))


def _transformed_2d(x: Sequence[KerasTensor]) -> tuple[KerasTensor, KerasTensor]:
    return _pair(x[0], _checked_pair(x, 2))


@export("keras.ops.fft")
@_texts
@op(spec=_transformed, dtype=exact_float, module="math", class_name="FFT", checked=True)
def fft(x: Sequence[Tensor]) -> Pair:
    """Discrete Fourier transform along the last axis.

    Args:
        {pair}

    Returns:
        A pair of float tensors of the shape of the parts of `x`.

    Raises:
        ValueError: If `x` is not a pair of tensors of one shape.

    Example:

        >>> fft(([1.0, 0.0], [0.0, 0.0]))
        (Array([1., 1.], dtype=float32), Array([0., 0.], dtype=float32))
    """


@export("keras.ops.fft2")
@_texts
@op(spec=_transformed_2d, dtype=exact_float, module="math", class_name="FFT2", checked=True)
def fft2(x: Sequence[Tensor]) -> Pair:
    """Discrete Fourier transform along the last two axes.

    {planes}

    Example:

        >>> fft2(([[1.0, 2.0]], [[0.0, 0.0]]))[0]
        Array([[ 3., -1.]], dtype=float32)
    """


@export("keras.ops.ifft2")
@_texts
@op(spec=_transformed_2d, dtype=exact_float, module="math", class_name="IFFT2", checked=True)
def ifft2(x: Sequence[Tensor]) -> Pair:
    """Inverse of `fft2`.

    {planes}

    Example:

        >>> ifft2(([[3.0, -1.0]], [[0.0, 0.0]]))[0]
        Array([[1., 2.]], dtype=float32)
    """


def _last(x: Shape) -> int | None:
    if not x:
        raise ValueError("expected `x` to have at least one axis, received a scalar.")
    return x[-1]


def _rfft_spec(x: KerasTensor, fft_length: int | None = None) -> tuple[KerasTensor, KerasTensor]:
    size = _transformed(_last(x._shape) if fft_length is None else fft_length)
    return _pair(x, (*x._shape[:-1], None if size is None else size // 2 + 1))


def _transformed(size: int | None) -> int | None:
    """How many numbers are transformed: at least one."""
    if size is not None and size < 1:
        raise ValueError(f"expected transforms of at least one number, received a length of {size}.")
    return size


@export("keras.ops.rfft")
@op(spec=_rfft_spec, dtype=exact_float, module="math", class_name="RFFT", checked=True)
def rfft(x: Tensor, fft_length: int | None = None) -> Pair:
    """Discrete Fourier transform of real numbers along the last axis, without its redundant half.

    Args:
        x: Real tensor of shape `(..., n)`.
        fft_length: Length that `x` is cut or padded with zeros to, by default `n`.

    Returns:
        A pair of float tensors of shape `(..., fft_length // 2 + 1)`.

    Example:

        >>> rfft([1.0, 2.0])
        (Array([ 3., -1.], dtype=float32), Array([0., 0.], dtype=float32))
    """


def _irfft_spec(x: Sequence[KerasTensor], fft_length: int | None = None) -> KerasTensor:
    *batch, size = _checked_pair(x)
    if fft_length is None and size is not None:
        fft_length = 2 * (size - 1)
    return KerasTensor.make((*batch, _transformed(fft_length)), float_of(x[0].dtype))


@export("keras.ops.irfft")
@_texts
@op(spec=_irfft_spec, dtype=exact_float, module="math", class_name="IRFFT", checked=True)
def irfft(x: Sequence[Tensor], fft_length: int | None = None) -> Tensor:
    """Inverse of `rfft`.

    Args:
        {pair}
        fft_length: Length of the result, by default `2 * (n - 1)`.

    Returns:
        A float tensor of shape `(..., fft_length)`.

    Raises:
        ValueError: If `x` is not a pair of tensors of one shape.

    Example:

        >>> irfft(([3.0, -1.0], [0.0, 0.0]))
        Array([1., 2.], dtype=float32)
    """


def _frame_count(size: int | None, length: int, stride: int) -> int | None:
    for name, value in (("sequence_length", length), ("sequence_stride", stride)):
        if value < 1:
            raise ValueError(f"expected `{name}` to be positive, received {name}={value}.")
    if size is not None and size < length:
        raise ValueError(f"expected a last axis of at least {length}, received {size}.")
    return None if size is None else (size - length) // stride + 1


def _sequences(x: Shape, *, sequence_length: int, sequence_stride: int) -> Shape:
    return (*x[:-1], _frame_count(_last(x), sequence_length, sequence_stride), sequence_length)


@export("keras.ops.extract_sequences")
@op(shape=_sequences, dtype=same_dtype, module="math", checked=True)
def extract_sequences(x: Tensor, sequence_length: int, sequence_stride: int) -> Tensor:
    """Cuts windows out of the last axis; they may overlap.

    Args:
        x: Tensor of shape `(..., n)`.
        sequence_length: Length of the windows.
        sequence_stride: Distance from one window to the next.

    Returns:
        A tensor of shape `(..., windows, sequence_length)`; what is left at the end is dropped.

    Raises:
        ValueError: If `n` is less than `sequence_length`.

    Example:

        >>> extract_sequences([1, 2, 3, 4], 2, 1)
        Array([[1, 2],
               [2, 3],
               [3, 4]], dtype=int32)
    """
    count = _frame_count(shape_of(x)[-1], sequence_length, sequence_stride)
    return take(x, np.arange(count)[:, None] * sequence_stride + np.arange(sequence_length), axis=-1)


def _window(window: Any, sequence_length: int, fft_length: int, dtype: str) -> Tensor | None:
    """The window with zeros on both sides, so that it has the length of the transform."""
    if fft_length < sequence_length:
        raise ValueError(
            f"expected `fft_length` to be at least `sequence_length`, received fft_length={fft_length} and "
            f"sequence_length={sequence_length}."
        )
    if window is None:
        return None
    if isinstance(window, str):
        if window not in _WINDOWS:
            raise ValueError(f"expected `window` to be one of {tuple(_WINDOWS)}, received window={window!r}.")
        window = _WINDOWS[window](sequence_length + 1)[:-1]  # Periodic: the last point is the next first.
    window = convert_to_tensor(window, dtype)
    if tuple(window.shape) != (sequence_length,):
        raise ValueError(
            f"expected `window` of shape {(sequence_length,)}, received shape {tuple(window.shape)}."
        )
    before = (fft_length - sequence_length) // 2
    return pad(window, [(before, fft_length - sequence_length - before)])


def _stft_spec(
    x: KerasTensor,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: Any = "hann",
    center: bool = True,
) -> tuple[KerasTensor, KerasTensor]:
    size = _last(x._shape)
    if center and size is not None:
        size += fft_length // 2 * 2
    return _pair(x, (*x._shape[:-1], _frame_count(size, fft_length, sequence_stride), fft_length // 2 + 1))


@export("keras.ops.stft")
@_texts
@op(spec=_stft_spec, dtype=exact_float, module="math", class_name="STFT", checked=True)
def stft(
    x: Tensor,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: Any = "hann",
    center: bool = True,
) -> Pair:
    """Short-time Fourier transform: `rfft` of overlapping windows along the last axis.

    Args:
        x: Real tensor of shape `(..., n)`.
        {frames}
        {window}

    Returns:
        A pair of float tensors of shape `(..., windows, fft_length // 2 + 1)`.

    Raises:
        ValueError: If `window` is unknown, or the lengths do not fit.

    Example:

        >>> real, imaginary = stft([0.0, 1.0, 2.0, 3.0, 4.0], 4, 2, 4)
        >>> real.shape
        (3, 3)
    """
    weights = _window(window, sequence_length, fft_length, dtype_of(x))
    if center:
        margin = (fft_length // 2, fft_length // 2)
        x = pad(x, [*[(0, 0)] * (len(x.shape) - 1), margin], mode="reflect")
    frames = extract_sequences(x, fft_length, sequence_stride)
    return rfft(frames if weights is None else multiply(frames, weights), fft_length)


def _istft_spec(
    x: Sequence[KerasTensor],
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> KerasTensor:
    *batch, count, _ = _checked_pair(x, 2)
    if length is None and count is not None:
        length = (count - 1) * sequence_stride + fft_length - (fft_length // 2 * 2 if center else 0)
    return KerasTensor.make((*batch, length), float_of(x[0].dtype))


@export("keras.ops.istft")
@_texts
@op(spec=_istft_spec, dtype=exact_float, module="math", class_name="ISTFT", checked=True)
def istft(
    x: Sequence[Tensor],
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> Tensor:
    """Inverse of `stft`: adds up the overlapping windows of a signal.

    Args:
        x: Pair of float tensors of shape `(..., windows, fft_length // 2 + 1)`.
        {frames}
        length: Length of the result, by default that of all windows.
        {window}

    Returns:
        A float tensor of shape `(..., length)`.

    Raises:
        ValueError: If `x` is not a pair of tensors of one shape, or `window` is unknown.

    Example:

        >>> signal = [0.0, 1.0, 2.0, 3.0, 4.0]
        >>> istft(stft(signal, 4, 2, 4), 4, 2, 4).shape
        (4,)
    """
    frames = irfft(x, fft_length)
    weights = _window(window, sequence_length, fft_length, dtype_of(frames))
    if weights is None:
        weights = convert_to_tensor(np.ones(fft_length), dtype_of(frames))
    total = _overlapped(multiply(frames, weights), sequence_stride)
    weight = _overlapped(broadcast_to(square(weights), shape_of(frames)[-2:]), sequence_stride)
    covered = weight > 1e-11
    signal = where(covered, divide(total, where(covered, weight, 1.0)), 0.0)
    start, size = (fft_length // 2 if center else 0), shape_of(signal)[-1]
    end = size - start if length is None else start + length
    if length is not None and isinstance(size, int) and end > size:
        signal = pad(signal, [*[(0, 0)] * (len(signal.shape) - 1), (0, end - size)])
    return signal[..., start:end]


def _overlapped(frames: Tensor, stride: int) -> Tensor:
    """Adds frames of shape `(..., count, length)` up, each `stride` further than the one before."""
    *batch, count, length = shape_of(frames)
    outer, pieces = [(0, 0)] * len(batch), -(-length // stride)
    frames = pad(frames, [*outer, (0, 0), (0, pieces * stride - length)])
    frames = reshape(frames, (*batch, count, pieces, stride))
    total: Any = 0
    for i in range(pieces):
        total = add(total, pad(frames[..., i, :], [*outer, (i, pieces - 1 - i), (0, 0)]))
    whole = reshape(total, (*batch, (count + pieces - 1) * stride))
    return whole[..., : (count - 1) * stride + length]
