"""Arithmetic and signs, element-wise.

Users find them in `keras.ops`; all other families of operations build on them. Comparisons live in
`comparison`, powers in `powers`.
"""

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.comparison import equal, greater, isnan, where
from keras_ops.operations.core import cast
from keras_ops.rules import (
    DtypeRule,
    Promotion,
    broadcast,
    exact,
    exact_number,
    magnitude,
    native,
    native_float,
    native_number,
    promote,
    promote_number,
    same,
    to_float,
)
from keras_ops.sparse import keeps_zeros, product, quotient, union
from keras_ops.tensor import Tensor


@export(["keras.ops.add", "keras.ops.numpy.add"])
@op(shape=broadcast, dtype=native, sparse=union)
def add(x1: Tensor, x2: Tensor) -> Tensor:
    """Adds two tensors, element-wise.

    Booleans are joined by `or`.

    {binary}

    Example:

        >>> add([1, 2, 3], 10)
        Array([11, 12, 13], dtype=int32)
    """


@export(["keras.ops.subtract", "keras.ops.numpy.subtract"])
@op(shape=broadcast, dtype=native, sparse=union)
def subtract(x1: Tensor, x2: Tensor) -> Tensor:
    """Subtracts `x2` from `x1`, element-wise.

    {binary}

    Example:

        >>> subtract([1, 2, 3], 1)
        Array([0, 1, 2], dtype=int32)
    """


@export(["keras.ops.multiply", "keras.ops.numpy.multiply"])
@op(shape=broadcast, dtype=native, sparse=product)
def multiply(x1: Tensor, x2: Tensor) -> Tensor:
    """Multiplies two tensors, element-wise.

    Booleans are joined by `and`.

    {binary}

    Example:

        >>> multiply([1, 2, 3], 10)
        Array([10, 20, 30], dtype=int32)
    """


@export(["keras.ops.divide", "keras.ops.numpy.divide"])
@op(shape=broadcast, dtype=native_float, sparse=quotient)
def divide(x1: Tensor, x2: Tensor) -> Tensor:
    """Divides `x1` by `x2`, element-wise; the quotient of integers is a float.

    {binary}

    Example:

        >>> divide([1, 2, 3], 2)
        Array([0.5, 1. , 1.5], dtype=float32)
    """


@export(["keras.ops.true_divide", "keras.ops.numpy.true_divide"])
@op(shape=broadcast, dtype=native_float, sparse=quotient)
def true_divide(x1: Tensor, x2: Tensor) -> Tensor:
    """Divides `x1` by `x2`, element-wise; another name of `divide`.

    {binary}

    Example:

        >>> true_divide([1, 2, 3], 2)
        Array([0.5, 1. , 1.5], dtype=float32)
    """
    return divide(x1, x2)


@export(["keras.ops.divide_no_nan", "keras.ops.numpy.divide_no_nan"])
@op(shape=broadcast, dtype=to_float, sparse=quotient)
def divide_no_nan(x1: Tensor, x2: Tensor) -> Tensor:
    """Divides `x1` by `x2`, element-wise, and returns 0 where `x2` is 0.

    {binary_float}

    Example:

        >>> divide_no_nan([1.0, 2.0], [0.0, 4.0])
        Array([0. , 0.5], dtype=float32)
    """
    zero = equal(x2, 0.0)
    # The untaken division stays finite, so that its gradient does.
    return where(zero, 0.0, divide(x1, where(zero, 1.0, x2)))


@export(["keras.ops.floor_divide", "keras.ops.numpy.floor_divide"])
@op(shape=broadcast, dtype=promote_number, sparse=quotient)
def floor_divide(x1: Tensor, x2: Tensor) -> Tensor:
    """Divides `x1` by `x2` and rounds down, element-wise.

    Args:
        x1: Tensor or number.
        x2: Tensor or number, of a shape that broadcasts with that of `x1`.

    Returns:
        A tensor of the broadcast shape, in the common dtype (int32 for two booleans).

    Example:

        >>> floor_divide([-7, 7], 2)
        Array([-4,  3], dtype=int32)
    """


@export(["keras.ops.mod", "keras.ops.numpy.mod"])
@op(shape=broadcast, dtype=native_number, sparse=quotient)
def mod(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns the remainder of `x1 / x2` rounded down; it has the sign of `x2`.

    {binary}

    Example:

        >>> mod([-7, 7], 3)
        Array([2, 1], dtype=int32)
    """


@export(["keras.ops.fmod", "keras.ops.numpy.fmod"])
@op(shape=broadcast, dtype=native_number, sparse=quotient)
def fmod(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns the remainder of `x1 / x2` rounded towards zero; it has the sign of `x1`.

    {binary}

    Example:

        >>> fmod([-7, 7], 3)
        Array([-1,  1], dtype=int32)
    """


@export(["keras.ops.maximum", "keras.ops.numpy.maximum"])
@op(shape=broadcast, dtype=promote, sparse=union)
def maximum(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns the larger of two values, element-wise; NaN wins.

    {binary}

    Example:

        >>> maximum([1, 5], [3, 2])
        Array([3, 5], dtype=int32)
    """


@export(["keras.ops.minimum", "keras.ops.numpy.minimum"])
@op(shape=broadcast, dtype=promote, sparse=union)
def minimum(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns the smaller of two values, element-wise; NaN wins.

    {binary}

    Example:

        >>> minimum([1, 5], [3, 2])
        Array([1, 2], dtype=int32)
    """


@export(["keras.ops.fmax", "keras.ops.numpy.fmax"])
@op(shape=broadcast, dtype=promote)
def fmax(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns the larger of two values, element-wise, and the other one where one is NaN.

    {binary}

    Example:

        >>> fmax([1.0, float('nan')], [3.0, 2.0])
        Array([3., 2.], dtype=float32)
    """
    return where(isnan(x1), x2, where(isnan(x2), x1, maximum(x1, x2)))


@export(["keras.ops.fmin", "keras.ops.numpy.fmin"])
@op(shape=broadcast, dtype=promote)
def fmin(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns the smaller of two values, element-wise, and the other one where one is NaN.

    {binary}

    Example:

        >>> fmin([1.0, float('nan')], [3.0, 2.0])
        Array([1., 2.], dtype=float32)
    """
    return where(isnan(x1), x2, where(isnan(x2), x1, minimum(x1, x2)))


@export(["keras.ops.negative", "keras.ops.numpy.negative"])
@op(shape=same, dtype=exact_number, sparse=keeps_zeros)
def negative(x: Tensor) -> Tensor:
    """Returns `-x`, element-wise.

    Args:
        x: Tensor of any shape.

    Returns:
        A tensor of the shape and dtype of `x` (int32 for booleans). Unsigned integers wrap around.

    Example:

        >>> negative([1, -2])
        Array([-1,  2], dtype=int32)
    """


@export(["keras.ops.abs", "keras.ops.numpy.abs"])
@op(shape=same, dtype=magnitude, sparse=keeps_zeros)
def abs(x: Tensor) -> Tensor:
    """Returns the absolute value, element-wise.

    Args:
        x: Tensor of any shape.

    Returns:
        A tensor of the shape and dtype of `x`; of a complex tensor, a real one.

    Example:

        >>> abs([1, -2])
        Array([1, 2], dtype=int32)
    """
    return absolute(x)


@export(["keras.ops.absolute", "keras.ops.numpy.absolute"])
@op(shape=same, dtype=magnitude, sparse=keeps_zeros)
def absolute(x: Tensor) -> Tensor:
    """Returns the absolute value, element-wise.

    Args:
        x: Tensor of any shape.

    Returns:
        A tensor of the shape and dtype of `x`; of a complex tensor, a real one.

    Example:

        >>> absolute([1, -2])
        Array([1, 2], dtype=int32)
    """


@export(["keras.ops.fabs", "keras.ops.numpy.fabs"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def fabs(x: Tensor) -> Tensor:
    """Returns the absolute value as a float, element-wise.

    {unary_float}

    Example:

        >>> fabs([1, -2])
        Array([1., 2.], dtype=float32)
    """
    return absolute(x)


@export(["keras.ops.sign", "keras.ops.numpy.sign"])
@op(shape=same, dtype=exact_number, sparse=keeps_zeros)
def sign(x: Tensor) -> Tensor:
    """Returns -1, 0 or 1 by the sign of `x`, element-wise; NaN stays NaN.

    {unary_number}

    Example:

        >>> sign([-3, 0, 5])
        Array([-1,  0,  1], dtype=int32)
    """


@export(["keras.ops.copy", "keras.ops.numpy.copy"])
@op(shape=same, dtype=exact, sparse=keeps_zeros)
def copy(x: Tensor) -> Tensor:
    """Returns a copy.

    {unary}

    Example:

        >>> copy([1, 2])
        Array([1, 2], dtype=int32)
    """


@export("keras.ops.stop_gradient")
@op(shape=same, dtype=exact, module="core", sparse=keeps_zeros)
def stop_gradient(variable: Tensor) -> Tensor:
    """Returns `variable` as a constant: no gradient flows through it.

    Args:
        variable: Tensor of any shape.

    Returns:
        A tensor of the same values.

    Example:

        >>> stop_gradient([1.0, 2.0])
        Array([1., 2.], dtype=float32)
    """


@export(["keras.ops.gcd", "keras.ops.numpy.gcd"])
@op(shape=broadcast, dtype=native_number)
def gcd(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns the greatest common divisor of integers, element-wise.

    {binary}

    Example:

        >>> gcd([12, 18], 8)
        Array([4, 2], dtype=int32)
    """


@export(["keras.ops.lcm", "keras.ops.numpy.lcm"])
@op(shape=broadcast, dtype=native_number)
def lcm(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns the least common multiple of integers, element-wise.

    {binary}

    Example:

        >>> lcm([4, 6], 10)
        Array([20, 30], dtype=int32)
    """
    divisor = gcd(x1, x2)
    # The divisor is zero where both numbers are, and so is the multiple.
    return absolute(multiply(floor_divide(x1, where(equal(divisor, 0), 1, divisor)), x2))


@export(["keras.ops.heaviside", "keras.ops.numpy.heaviside"])
@op(shape=broadcast, dtype=DtypeRule(then=Promotion.to_wide_float))
def heaviside(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns 0 where `x1` is negative, `x2` where it is 0, 1 where it is positive.

    Args:
        x1: Tensor or number.
        x2: Tensor or number, of a shape that broadcasts with that of `x1`: the value at 0.

    Returns:
        A float tensor of the broadcast shape.

    Example:

        >>> heaviside([-2.0, 0.0, 3.0], 0.5)
        Array([0. , 0.5, 1. ], dtype=float32)
    """
    return where(isnan(x1), x1, where(equal(x1, 0.0), x2, cast(greater(x1, 0.0), x1.dtype)))
