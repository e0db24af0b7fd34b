"""Activation functions as operations: smooth ones, `relu`, and the `softmax` family.

Users find them in `keras.ops`. Those made of straight or quadratic pieces are in `activations_piecewise`;
the functions that layers take by name are in `keras_ops.activations`.
"""

import math
from collections.abc import Sequence

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.arithmetic import (
    absolute,
    add,
    divide,
    maximum,
    minimum,
    multiply,
    negative,
    stop_gradient,
    subtract,
)
from keras_ops.operations.comparison import greater, less, where
from keras_ops.operations.core import cast
from keras_ops.operations.cumulative import cumsum
from keras_ops.operations.joining import split
from keras_ops.operations.powers import erfc, exp, expm1, log, log1p, power, sqrt, square
from keras_ops.operations.ranges import arange
from keras_ops.operations.reductions import max, sum
from keras_ops.operations.shapes import flip, reshape
from keras_ops.operations.sorting import sort
from keras_ops.operations.trigonometry import tanh
from keras_ops.rules import exact_float, native_float, native_number, normalize_axis, same
from keras_ops.sparse import keeps_zeros
from keras_ops.tensor import Shape, Tensor


def _half(x: Shape, *, axis: int) -> Shape:
    axis = normalize_axis(axis, len(x))
    size = x[axis]
    if size is not None and size % 2:
        raise ValueError(f"expected an even size along axis {axis}, received shape {x}.")
    return (*x[:axis], None if size is None else size // 2, *x[axis + 1 :])


@export(["keras.ops.relu", "keras.ops.nn.relu"])
@op(shape=same, dtype=native_number, sparse=keeps_zeros)
def relu(x: Tensor) -> Tensor:
    """Returns `max(x, 0)`, element-wise (rectified linear unit).

    {unary_number}

    Example:

        >>> relu([-2.0, 0.0, 2.0])
        Array([0., 0., 2.], dtype=float32)
    """
    return maximum(x, 0)


@export(["keras.ops.sigmoid", "keras.ops.nn.sigmoid"])
@op(shape=same, dtype=native_float)
def sigmoid(x: Tensor) -> Tensor:
    """Returns `1 / (1 + exp(-x))`, element-wise.

    {unary_float}

    Example:

        >>> sigmoid([-2.0, 0.0, 2.0])
        Array([0.11920292, 0.5       , 0.880797  ], dtype=float32)
    """
    # The exponential of a negative number, which cannot overflow.
    e = exp(negative(absolute(x)))
    return divide(where(less(x, 0.0), e, 1.0), add(e, 1.0))


@export(["keras.ops.log_sigmoid", "keras.ops.nn.log_sigmoid"])
@op(shape=same, dtype=native_float)
def log_sigmoid(x: Tensor) -> Tensor:
    """Returns `log(1 / (1 + exp(-x)))` without overflow, element-wise.

    {unary_float}

    Example:

        >>> log_sigmoid([-2.0, 0.0, 2.0])
        Array([-2.126928 , -0.6931472, -0.126928 ], dtype=float32)
    """
    return negative(softplus(negative(x)))


@export(["keras.ops.silu", "keras.ops.nn.silu", "keras.ops.swish", "keras.ops.nn.swish"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def silu(x: Tensor) -> Tensor:
    """Returns `x * sigmoid(x)`, element-wise; also known as swish.

    {unary_float}

    Example:

        >>> silu([-2.0, 0.0, 2.0])
        Array([-0.23840584,  0.        ,  1.761594  ], dtype=float32)
    """
    return multiply(x, sigmoid(x))


@export(["keras.ops.softplus", "keras.ops.nn.softplus"])
@op(shape=same, dtype=native_float)
def softplus(x: Tensor) -> Tensor:
    """Returns `log(1 + exp(x))` without overflow, element-wise: a smooth `relu`.

    {unary_float}

    Example:

        >>> softplus([-2.0, 0.0, 2.0])
        Array([0.126928 , 0.6931472, 2.126928 ], dtype=float32)
    """
    return add(maximum(x, 0.0), log1p(exp(negative(absolute(x)))))


@export(["keras.ops.squareplus", "keras.ops.nn.squareplus"])
@op(shape=same, dtype=native_float)
def squareplus(x: Tensor, b: float = 4) -> Tensor:
    """Returns `(x + sqrt(x^2 + b)) / 2`, element-wise: a smooth `relu` without exponentials.

    Args:
        x: Tensor of any shape; integers are computed in floatx.
        b: How smooth it is, 4 by default; 0 gives `relu`.

    Returns:
        A float tensor of the shape of `x`.

    Example:

        >>> squareplus([-2.0, 0.0, 2.0])
        Array([0.41421354, 1.        , 2.4142137 ], dtype=float32)
    """
    return multiply(add(x, sqrt(add(square(x), b))), 0.5)


@export(["keras.ops.softsign", "keras.ops.nn.softsign"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def softsign(x: Tensor) -> Tensor:
    """Returns `x / (1 + |x|)`, element-wise.

    {unary_float}

    Example:

        >>> softsign([-2.0, 0.0, 2.0])
        Array([-0.6666667,  0.       ,  0.6666667], dtype=float32)
    """
    return divide(x, add(absolute(x), 1.0))


@export(["keras.ops.elu", "keras.ops.nn.elu"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """Returns `x` where it is positive, else `alpha * (exp(x) - 1)`.

    Args:
        x: Tensor of any shape; integers are computed in floatx.
        alpha: Minus the limit for large negative numbers, 1 by default.

    Returns:
        A float tensor of the shape of `x`.

    Example:

        >>> elu([-2.0, 0.0, 2.0])
        Array([-0.86466473,  0.        ,  2.        ], dtype=float32)
    """
    # The exponential is taken of negative numbers only, so that the gradient stays finite.
    return where(greater(x, 0.0), x, multiply(expm1(minimum(x, 0.0)), alpha))


@export(["keras.ops.selu", "keras.ops.nn.selu"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def selu(x: Tensor) -> Tensor:
    """Returns a scaled `elu`, which keeps mean and variance through many layers.

    {unary_float}

    Example:

        >>> selu([-2.0, 0.0, 2.0])
        Array([-1.5201665,  0.       ,  2.101402 ], dtype=float32)
    """
    return multiply(elu(x, 1.6732632423543772), 1.0507009873554805)


@export(["keras.ops.celu", "keras.ops.nn.celu"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def celu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """Returns `max(x, 0) + min(0, alpha * (exp(x / alpha) - 1))`, element-wise.

    Args:
        x: Tensor of any shape; integers are computed in floatx.
        alpha: Minus the limit for large negative numbers, 1 by default.

    Returns:
        A float tensor of the shape of `x`.

    Example:

        >>> celu([-2.0, 0.0, 2.0])
        Array([-0.86466473,  0.        ,  2.        ], dtype=float32)
    """
    below = multiply(expm1(divide(minimum(x, 0.0), alpha)), alpha)
    return add(relu(x), below)


@export(["keras.ops.gelu", "keras.ops.nn.gelu"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def gelu(x: Tensor, approximate: bool = True) -> Tensor:
    """Returns `x` times the normal distribution function of `x`.

    Args:
        x: Tensor of any shape; integers are computed in floatx.
        approximate: Whether to use a formula with `tanh`, as by default, instead of the exact value.

    Returns:
        A float tensor of the shape of `x`.

    Example:

        >>> gelu([-2.0, 0.0, 2.0])
        Array([-0.04540235,  0.        ,  1.9545977 ], dtype=float32)
    """
    if approximate:
        inner = multiply(add(x, multiply(power(x, 3), 0.044715)), math.sqrt(2 / math.pi))
        return multiply(multiply(x, 0.5), add(tanh(inner), 1.0))
    # `erfc` keeps its digits where `1 + erf` has none left.
    return multiply(multiply(x, 0.5), erfc(multiply(x, -math.sqrt(0.5))))


@export(["keras.ops.tanh_shrink", "keras.ops.nn.tanh_shrink"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def tanh_shrink(x: Tensor) -> Tensor:
    """Returns `x - tanh(x)`, element-wise.

    {unary_float}

    Example:

        >>> tanh_shrink([-2.0, 0.0, 2.0])
        Array([-1.0359724,  0.       ,  1.0359724], dtype=float32)
    """
    return subtract(x, tanh(x))


@export(["keras.ops.glu", "keras.ops.nn.glu"])
@op(shape=_half, dtype=native_float)
def glu(x: Tensor, axis: int = -1) -> Tensor:
    """Halves a tensor along an axis and returns the first half times the `sigmoid` of the second.

    Args:
        x: Tensor of shape `(..., 2 * size, ...)`.
        axis: The axis to halve, the last one by default.

    Returns:
        A tensor of shape `(..., size, ...)`.

    Raises:
        ValueError: If the axis is of odd size.

    Example:

        >>> glu([1.0, 2.0, 0.0, 0.0])
        Array([0.5, 1. ], dtype=float32)
    """
    first, second = split(x, 2, axis=axis)
    return multiply(first, sigmoid(second))


@export(["keras.ops.softmax", "keras.ops.nn.softmax"])
@op(shape=same, dtype=exact_float)
def softmax(x: Tensor, axis: int | Sequence[int] | None = -1) -> Tensor:
    """Returns `exp(x) / sum(exp(x))` along an axis, without overflow.

    Args:
        x: Tensor of any shape; integers are computed in floatx.
        axis: Axis or axes that sum to 1, the last one by default; `None` for all axes together.

    Returns:
        A float tensor of the shape of `x`.

    Example:

        >>> softmax([1.0, 2.0, 3.0])
        Array([0.09003057, 0.24472848, 0.66524094], dtype=float32)
    """
    # Subtracting a constant does not change the result, so its gradient is left out.
    e = exp(subtract(x, stop_gradient(max(x, axis=axis, keepdims=True))))
    return divide(e, sum(e, axis=axis, keepdims=True))


@export(["keras.ops.log_softmax", "keras.ops.nn.log_softmax"])
@op(shape=same, dtype=exact_float)
def log_softmax(x: Tensor, axis: int | Sequence[int] | None = -1) -> Tensor:
    """Returns the logarithm of `softmax` along an axis, without overflow.

    Args:
        x: Tensor of any shape; integers are computed in floatx.
        axis: Axis or axes that sum to 1, the last one by default; `None` for all axes together.

    Returns:
        A float tensor of the shape of `x`.

    Example:

        >>> log_softmax([1.0, 2.0, 3.0])
        Array([-2.407606  , -1.4076059 , -0.40760595], dtype=float32)
    """
    shifted = subtract(x, stop_gradient(max(x, axis=axis, keepdims=True)))
    return subtract(shifted, log(sum(exp(shifted), axis=axis, keepdims=True)))


@export(["keras.ops.sparsemax", "keras.ops.nn.sparsemax"])
@op(shape=same, dtype=native_float)
def sparsemax(x: Tensor, axis: int = -1) -> Tensor:
    """Projects `x` onto the probabilities along an axis: like `softmax`, with exact zeros.

    Args:
        x: Tensor of any shape; integers are computed in floatx.
        axis: Axis that sums to 1, the last one by default.

    Returns:
        A float tensor of the shape of `x`.

    Example:

        >>> sparsemax([1.0, 2.0, 1.5])
        Array([0.  , 0.75, 0.25], dtype=float32)
    """
    size, ndim = x.shape[axis], len(x.shape)
    rank = reshape(arange(1, size + 1, dtype=x.dtype), (size,) + (1,) * (ndim - 1 - axis % ndim))
    descending = flip(sort(x, axis=axis), axis=axis)
    total = cumsum(descending, axis=axis)
    # The support are the largest values that stay positive after their excess over 1 is shared.
    support = cast(greater(add(multiply(rank, descending), 1.0), total), x.dtype)
    count = sum(support, axis=axis, keepdims=True)
    excess = subtract(sum(multiply(support, descending), axis=axis, keepdims=True), 1.0)
    return relu(subtract(x, divide(excess, count)))
