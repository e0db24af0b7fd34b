"""Operations that run along one axis: cumulative sums and products, powers, differences, integrals.

The forms that skip NaN stand beside the plain ones.
"""

from dataclasses import replace
from typing import Any

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.core import cast
from keras_ops.operations.core import dtype as dtype_of
from keras_ops.operations.core import shape as shape_of
from keras_ops.operations.creation import ones_like, zeros
from keras_ops.operations.elementwise import isnan, multiply, not_equal, where
from keras_ops.operations.joining import concatenate
from keras_ops.operations.reductions import sum
from keras_ops.operations.shapes import expand_dims, flip, repeat, reshape
from keras_ops.rules import exact, native_float, normalize_axis, promote, promote_number
from keras_ops.tensor import Shape, Tensor


def _along(shape: Shape, *, axis: int | None = None, **_: Any) -> Shape:
    """The shape of `x`, or that of `x` flattened for `axis=None`."""
    if axis is not None:
        normalize_axis(axis, len(shape))
        return shape
    total = 1
    for length in shape:
        if length is None:
            return (None,)
        total *= length
    return (total,)


_accumulate_along = replace(promote_number, asked="all")
"""The attribute `dtype`, else the dtype of the tensor, int32 for bool."""


@export(["keras.ops.cumsum", "keras.ops.numpy.cumsum"])
@op(shape=_along, dtype=_accumulate_along)
def cumsum(x: Tensor, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Sums of the elements up to and including each, along an axis.

    {cumulative}

    Example:

        >>> cumsum([[1, 2], [3, 4]], axis=0)
        Array([[1, 2],
               [4, 6]], dtype=int32)
    """


@export(["keras.ops.cumprod", "keras.ops.numpy.cumprod"])
@op(shape=_along, dtype=_accumulate_along)
def cumprod(x: Tensor, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Products of the elements up to and including each, along an axis.

    {cumulative}

    Example:

        >>> cumprod([1, 2, 3, 4])
        Array([ 1,  2,  6, 24], dtype=int32)
    """


@export(["keras.ops.nancumsum", "keras.ops.numpy.nancumsum"])
@op(shape=_along, dtype=_accumulate_along)
def nancumsum(x: Tensor, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Cumulative sum along an axis, with NaN counted as zero.

    {cumulative}

    Example:

        >>> nancumsum([1.0, float("nan"), 3.0])
        Array([1., 1., 4.], dtype=float32)
    """
    return cumsum(without_nan(x, 0.0), axis, dtype)


@export(["keras.ops.nancumprod", "keras.ops.numpy.nancumprod"])
@op(shape=_along, dtype=_accumulate_along)
def nancumprod(x: Tensor, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Cumulative product along an axis, with NaN counted as one.

    {cumulative}

    Example:

        >>> nancumprod([2.0, float("nan"), 3.0])
        Array([2., 2., 6.], dtype=float32)
    """
    return cumprod(without_nan(x, 1.0), axis, dtype)


def _vander_shape(x: Shape, *, N: int | None = None, **_: Any) -> Shape:
    if len(x) != 1:
        raise ValueError(f"expected a tensor with one axis, received one of shape {x}.")
    return (x[0], x[0] if N is None else N)


@export(["keras.ops.vander", "keras.ops.numpy.vander"])
@op(shape=_vander_shape, dtype=promote, checked=True)
def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """Makes a Vandermonde matrix: the powers of each element.

    Args:
        x: Tensor of shape `(n,)`.
        N: Number of powers, from the zeroth on; `n` by default.
        increasing: Whether powers grow from left to right.

    Returns:
        A tensor of shape `(n, N)`.

    Example:

        >>> vander([2, 3], 3)
        Array([[4, 2, 1],
               [9, 3, 1]], dtype=int32)
    """
    size = shape_of(x)[0]
    count = size if N is None else N
    if isinstance(count, int) and count == 0:
        return zeros((size, 0), dtype_of(x))
    # Repeated products are exact for integers and need no power of zero.
    column = expand_dims(x, 1)
    factors = concatenate([ones_like(column), repeat(column, count - 1, 1)], 1)
    powers = cast(cumprod(factors, 1), dtype_of(x))
    return powers if increasing else flip(powers, 1)


def _shortened(shape: Shape, *, n: int = 1, axis: int = -1, **_: Any) -> Shape:
    axis = normalize_axis(axis, len(shape))
    length = shape[axis]
    return (*shape[:axis], None if length is None else max(length - n, 0), *shape[axis + 1 :])


@export(["keras.ops.diff", "keras.ops.numpy.diff"])
@op(shape=_shortened, dtype=exact)
def diff(a: Tensor, n: int = 1, axis: int = -1) -> Tensor:
    """Differences of neighbours along an axis, taken `n` times.

    Args:
        a: Tensor.
        n: How often.
        axis: Axis.

    Returns:
        A tensor with `n` elements less along the axis; of bools, whether neighbours differ.

    Example:

        >>> diff([1, 2, 4, 7])
        Array([1, 2, 3], dtype=int32)
    """
    axis = normalize_axis(axis, len(a.shape))
    before = (slice(None),) * axis
    for _ in range(n):
        upper, lower = a[(*before, slice(1, None))], a[(*before, slice(None, -1))]
        a = not_equal(upper, lower) if dtype_of(a) == "bool" else upper - lower
    return a


def _without_axis(y: Shape, x: Shape | None = None, *, axis: int = -1, **_: Any) -> Shape:
    axis = normalize_axis(axis, len(y))
    return y[:axis] + y[axis + 1 :]


@export(["keras.ops.trapezoid", "keras.ops.numpy.trapezoid"])
@op(shape=_without_axis, dtype=native_float, config=("x",))
def trapezoid(y: Tensor, x: Tensor | None = None, dx: float = 1.0, axis: int = -1) -> Tensor:
    """Integral along an axis by the trapezoidal rule.

    Args:
        y: Values of the function.
        x: Where the values were taken: a tensor of the shape of `y`, or one along the axis.
        dx: Distance of the values where `x` is not given.
        axis: Axis.

    Returns:
        A float tensor without the axis.

    Example:

        >>> trapezoid([1.0, 2.0, 3.0], dx=2.0)
        Array(8., dtype=float32)
    """
    rank = len(y.shape)
    axis = normalize_axis(axis, rank)
    before = (slice(None),) * axis
    means = multiply(y[(*before, slice(1, None))] + y[(*before, slice(None, -1))], 0.5)
    if x is None:
        return multiply(sum(means, axis), dx)
    steps = diff(x, axis=-1 if len(x.shape) == 1 else axis)
    if len(x.shape) == 1 and rank > 1:
        steps = reshape(steps, (-1,) + (1,) * (rank - 1 - axis))
    return sum(means * steps, axis)


def without_nan(x: Tensor, value: float) -> Tensor:
    """Puts `value` in the place of NaN; integers and bools have none."""
    if "float" not in dtype_of(x):
        return x
    return where(isnan(x), value, x)
