"""Normalizations: batch, layer and root-mean-square.

Statistics are computed in float32 at least, whatever the dtype of the inputs.
"""

from collections.abc import Sequence
from typing import Any

from keras_backends import settings
from keras_backends.api import export
from keras_backends.dtypes import is_float

from keras_ops.documentation import documented
from keras_ops.op import op
from keras_ops.operations.arithmetic import stop_gradient
from keras_ops.operations.core import cast, dtype, ndim, shape
from keras_ops.operations.elementwise import add, multiply, rsqrt, square, subtract
from keras_ops.operations.reductions import mean as average
from keras_ops.operations.shapes import reshape
from keras_ops.operations.statistics import moments
from keras_ops.rules import like, normalize_axes, normalize_axis, promote, same
from keras_ops.tensor import Shape, Tensor

_texts = documented(
    given_statistics="""
        Args:
            x: Tensor of any shape.
            mean: Tensor of shape `(x.shape[axis],)`.
            variance: Tensor of that shape.
            axis: The axis of the channels.
            offset: Tensor of that shape, nothing by default.
            scale: Tensor of that shape, nothing by default.
            epsilon: What is added to the variance.
    """
)


def _statistics_dtype(x: Any) -> str:
    name = dtype(x)
    return name if is_float(name) and name not in ("float16", "bfloat16") else "float32"


def _per_channel(x: Shape, mean: Shape, *_: Shape | None, axis: int, **__: Any) -> Shape:
    size = x[normalize_axis(axis, len(x))]
    if len(mean) != 1 or (None not in (size, mean[0]) and mean[0] != size):
        raise ValueError(
            f"expected `mean` of shape ({size},) for axis={axis} of an input of shape {x}, received {mean}."
        )
    return x


@export(["keras.ops.batch_normalization", "keras.ops.nn.batch_normalization"])
@_texts
@op(shape=_per_channel, dtype=promote, class_name="BatchNorm", checked=True)
def batch_normalization(
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    axis: int,
    offset: Tensor | None = None,
    scale: Tensor | None = None,
    epsilon: float = 1e-3,
) -> Tensor:
    """Normalizes with given statistics per channel: `(x - mean) / sqrt(variance + epsilon) * scale + offset`.

    {given_statistics}

    Returns:
        A tensor of the shape of `x`.

    Raises:
        ValueError: If the shape of `mean` does not fit.

    Example:

        >>> batch_normalization([[1.0, 2.0]], [1.0, 1.0], [1.0, 1.0], -1, epsilon=0.0)
        Array([[0., 1.]], dtype=float32)
    """
    broadcast = [1] * ndim(x)
    broadcast[axis] = -1
    factor = rsqrt(add(variance, epsilon))
    if scale is not None:
        factor = multiply(factor, scale)
    shift = multiply(mean, factor)
    shift = multiply(shift, -1) if offset is None else subtract(offset, shift)
    return add(multiply(x, reshape(factor, broadcast)), reshape(shift, broadcast))


@op(dtype=promote)
def normalize_batch(
    x: Tensor,
    scale: Tensor | None = None,
    offset: Tensor | None = None,
    axis: int = -1,
    epsilon: float = 1e-3,
) -> tuple[Tensor, Tensor, Tensor]:
    """Normalizes with the statistics of the batch itself, as `BatchNormalization` does while training.

    Args:
        x: Tensor of any shape.
        scale: Tensor of shape `(x.shape[axis],)`, nothing by default.
        offset: Tensor of that shape, nothing by default.
        axis: The axis of the channels.
        epsilon: What is added to the variance.

    Returns:
        A tensor of the shape of `x`, and mean and variance of each channel, which have no gradient.

    Example:

        >>> import numpy as np
        >>> y, mean, variance = normalize_batch(np.array([[1.0], [3.0]], "float32"), epsilon=0.0)
        >>> float(mean[0]), float(variance[0]), float(y[1, 0])
        (2.0, 1.0, 1.0)
    """
    axis = normalize_axis(axis, ndim(x))
    mean, variance = moments(x, axes=[i for i in range(ndim(x)) if i != axis])
    y = batch_normalization(x, mean, variance, axis, offset, scale, epsilon)
    return y, stop_gradient(mean), stop_gradient(variance)


@_texts
@op(shape=_per_channel, dtype=promote, checked=True)
def normalize_by_averages(
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    axis: int,
    offset: Tensor | None = None,
    scale: Tensor | None = None,
    epsilon: float = 1e-3,
) -> Tensor:
    """Normalizes with statistics that have no gradient, as `BatchNormalization` does in inference.

    {given_statistics}

    Returns:
        A tensor of the shape of `x`; see `batch_normalization`.

    Example:

        >>> float(normalize_by_averages([[3.0]], [1.0], [4.0], -1, epsilon=0.0)[0, 0])
        1.0
    """
    mean, variance = stop_gradient(mean), stop_gradient(variance)
    return batch_normalization(x, mean, variance, axis, offset, scale, epsilon)


def _along(x: Any, axes: Sequence[int], weight: Any) -> Any:
    """A weight for some axes, shaped to broadcast with the whole tensor."""
    if ndim(weight) != len(axes):
        return weight
    sizes = iter(shape(weight))
    return reshape(weight, [next(sizes) if i in axes else 1 for i in range(ndim(x))])


@export(["keras.ops.layer_normalization", "keras.ops.nn.layer_normalization"])
@op(shape=same, dtype=like(0), class_name="LayerNorm")
def layer_normalization(
    x: Tensor,
    gamma: Tensor | None = None,
    beta: Tensor | None = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
    rms_scaling: bool = False,
) -> Tensor:
    """Normalizes each sample to mean 0 and variance 1 over some axes, then scales and shifts.

    Args:
        x: Tensor of any shape.
        gamma: Scale, a tensor with the sizes of `axis`.
        beta: Shift, a tensor with the sizes of `axis`.
        axis: The axes to normalize over.
        epsilon: What is added to the variance, `keras.config.epsilon()` by default.
        rms_scaling: Divide by the standard deviation without subtracting the mean.

    Returns:
        A tensor of the shape and dtype of `x`.

    Example:

        >>> layer_normalization([1.0, 3.0], epsilon=0.0)
        Array([-1.,  1.], dtype=float32)
    """
    axes = sorted(normalize_axes(axis, ndim(x)))
    compute, result = _statistics_dtype(x), dtype(x)
    wide = cast(x, compute)
    centered = subtract(wide, average(wide, axis=axes, keepdims=True))
    variance = average(square(centered), axis=axes, keepdims=True)
    factor = rsqrt(add(variance, settings.epsilon() if epsilon is None else epsilon))
    y = multiply(wide if rms_scaling else centered, factor)
    if gamma is not None:
        y = multiply(y, cast(_along(x, axes, gamma), compute))
    if beta is not None and not rms_scaling:
        y = add(y, cast(_along(x, axes, beta), compute))
    return cast(y, result)


@export(["keras.ops.rms_normalization", "keras.ops.nn.rms_normalization"])
@op(shape=same, dtype=like(0), class_name="RMSNorm")
def rms_normalization(
    x: Tensor,
    scale: Tensor | None = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
) -> Tensor:
    """Divides each sample by its root mean square over some axes: `x / sqrt(mean(x ** 2) + epsilon) * scale`.

    Args:
        x: Tensor of any shape.
        scale: A number, or a tensor that broadcasts with `x`.
        axis: The axes to normalize over.
        epsilon: What is added to the mean square, `keras.config.epsilon()` by default.

    Returns:
        A tensor of the shape and dtype of `x`.

    Example:

        >>> rms_normalization([2.0, -2.0], epsilon=0.0)
        Array([ 1., -1.], dtype=float32)
    """
    axes = sorted(normalize_axes(axis, ndim(x)))
    compute, result = _statistics_dtype(x), dtype(x)
    wide = cast(x, compute)
    power = average(square(wide), axis=axes, keepdims=True)
    y = multiply(wide, rsqrt(add(power, settings.epsilon() if epsilon is None else epsilon)))
    if scale is not None:
        y = multiply(y, cast(scale, compute))
    return cast(y, result)
