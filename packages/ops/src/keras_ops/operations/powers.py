"""Powers, roots, exponentials, logarithms and special functions, element-wise.

Users find them in `keras.ops`. Trigonometric functions live in `trigonometry`.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.arithmetic import (
    absolute,
    add,
    divide,
    floor_divide,
    maximum,
    minimum,
    multiply,
    negative,
    sign,
    subtract,
)
from keras_ops.operations.comparison import greater, isnan, less, where
from keras_ops.operations.core import cast
from keras_ops.rules import (
    broadcast,
    exact_float,
    native_float,
    native_number,
    same,
    to_float,
    wide_float,
)
from keras_ops.sparse import keeps_zeros
from keras_ops.tensor import Tensor

# Abramowitz and Stegun, "Handbook of Mathematical Functions", 9.8.1 and 9.8.2, highest power first.
_I0_SMALL = (0.0045813, 0.0360768, 0.2659732, 1.2067492, 3.0899424, 3.5156229, 1.0)
_I0_LARGE = (
    0.00392377,
    -0.01647633,
    0.02635537,
    -0.02057706,
    0.00916281,
    -0.00157565,
    0.00225319,
    0.01328592,
    0.39894228,
)


def _polynomial(coefficients: Sequence[float], x: Tensor) -> Tensor:
    result = multiply(x, coefficients[0])
    for coefficient in coefficients[1:-1]:
        result = multiply(add(result, coefficient), x)
    return add(result, coefficients[-1])


_ldexp = replace(to_float, free=frozenset({"x2"}))


@export(["keras.ops.exp", "keras.ops.numpy.exp"])
@op(shape=same, dtype=native_float)
def exp(x: Tensor) -> Tensor:
    """Returns the exponential `e^x`, element-wise.

    {unary_float}

    Example:

        >>> exp([0.0, 1.0])
        Array([1.       , 2.7182817], dtype=float32)
    """


@export(["keras.ops.exp2", "keras.ops.numpy.exp2"])
@op(shape=same, dtype=native_float)
def exp2(x: Tensor) -> Tensor:
    """Returns the power `2^x`, element-wise.

    {unary_float}

    Example:

        >>> exp2([0.0, 1.0, 3.0])
        Array([1., 2., 8.], dtype=float32)
    """
    return power(2.0, x)


@export(["keras.ops.expm1", "keras.ops.numpy.expm1"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def expm1(x: Tensor) -> Tensor:
    """Returns `e^x - 1`, element-wise, precise for small `x` too.

    {unary_float}

    Example:

        >>> expm1([0.0, 1e-5])
        Array([0.000000e+00, 1.000005e-05], dtype=float32)
    """


@export(["keras.ops.log", "keras.ops.numpy.log"])
@op(shape=same, dtype=native_float)
def log(x: Tensor) -> Tensor:
    """Returns the natural logarithm, element-wise: `-inf` at 0, NaN below.

    {unary_float}

    Example:

        >>> log([1.0, 10.0])
        Array([0.       , 2.3025851], dtype=float32)
    """


@export(["keras.ops.log10", "keras.ops.numpy.log10"])
@op(shape=same, dtype=native_float)
def log10(x: Tensor) -> Tensor:
    """Returns the logarithm to base 10, element-wise.

    {unary_float}

    Example:

        >>> log10([1.0, 1000.0])
        Array([0., 3.], dtype=float32)
    """
    return divide(log(x), math.log(10))


@export(["keras.ops.log2", "keras.ops.numpy.log2"])
@op(shape=same, dtype=native_float)
def log2(x: Tensor) -> Tensor:
    """Returns the logarithm to base 2, element-wise.

    {unary_float}

    Example:

        >>> log2([1.0, 8.0])
        Array([0., 3.], dtype=float32)
    """
    return divide(log(x), math.log(2))


@export(["keras.ops.log1p", "keras.ops.numpy.log1p"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def log1p(x: Tensor) -> Tensor:
    """Returns `log(1 + x)`, element-wise, precise for small `x` too.

    {unary_float}

    Example:

        >>> log1p([0.0, 1e-5])
        Array([0.00000e+00, 9.99995e-06], dtype=float32)
    """


@export(["keras.ops.logaddexp", "keras.ops.numpy.logaddexp"])
@op(shape=broadcast, dtype=to_float)
def logaddexp(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns `log(exp(x1) + exp(x2))` without overflow.

    {binary_float}

    Example:

        >>> logaddexp([0.0, 1000.0], [0.0, 1000.0])
        Array([6.9314718e-01, 1.0006932e+03], dtype=float32)
    """
    larger, difference, below = _compared(x1, x2)
    # Equal infinities have no difference; their sum is themselves.
    return where(isnan(difference), add(x1, x2), add(larger, log1p(exp(below))))


def _compared(x1: Tensor, x2: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The larger one, the difference, and it again as a number up to 0.

    Chosen, since extremes and magnitudes have no one gradient where both are equal, and the logarithm has.
    """
    difference, is_first = subtract(x1, x2), greater(x1, x2)
    return where(is_first, x1, x2), difference, where(is_first, negative(difference), difference)


@export(["keras.ops.logaddexp2", "keras.ops.numpy.logaddexp2"])
@op(shape=broadcast, dtype=to_float)
def logaddexp2(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns `log2(2^x1 + 2^x2)` without overflow.

    {binary_float}

    Example:

        >>> logaddexp2([0.0, 1000.0], [0.0, 1000.0])
        Array([1.000e+00, 1.001e+03], dtype=float32)
    """
    larger, difference, below = _compared(x1, x2)
    tail = divide(log1p(exp2(below)), math.log(2))
    return where(isnan(difference), add(x1, x2), add(larger, tail))


@export(["keras.ops.power", "keras.ops.numpy.power"])
@op(shape=broadcast, dtype=native_number)
def power(x1: Tensor, x2: Tensor) -> Tensor:
    """Raises `x1` to the power `x2`, element-wise.

    Args:
        x1: Tensor or number: the base.
        x2: Tensor or number, of a shape that broadcasts with that of `x1`: the exponent. An integer base
            takes no negative one.

    Returns:
        A tensor of the broadcast shape, in the common dtype.

    Example:

        >>> power([1, 2, 3], 2)
        Array([1, 4, 9], dtype=int32)
    """


@export(["keras.ops.square", "keras.ops.numpy.square"])
@op(shape=same, dtype=native_number, sparse=keeps_zeros)
def square(x: Tensor) -> Tensor:
    """Returns the square, element-wise.

    {unary_number}

    Example:

        >>> square([1, 2, 3])
        Array([1, 4, 9], dtype=int32)
    """
    return multiply(x, x)


@export(["keras.ops.sqrt", "keras.ops.numpy.sqrt"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def sqrt(x: Tensor) -> Tensor:
    """Returns the square root, element-wise; NaN below 0.

    {unary_float}

    Example:

        >>> sqrt([1.0, 4.0, 9.0])
        Array([1., 2., 3.], dtype=float32)
    """


@export("keras.ops.rsqrt")
@op(shape=same, dtype=native_float, module="math")
def rsqrt(x: Tensor) -> Tensor:
    """Returns the reciprocal of the square root, element-wise.

    {unary_float}

    Example:

        >>> rsqrt([1.0, 4.0, 16.0])
        Array([1.  , 0.5 , 0.25], dtype=float32)
    """
    return reciprocal(sqrt(x))


@export(["keras.ops.cbrt", "keras.ops.numpy.cbrt"])
@op(shape=same, dtype=wide_float, sparse=keeps_zeros)
def cbrt(x: Tensor) -> Tensor:
    """Returns the cube root, element-wise, also of negative numbers.

    {unary_float}

    Example:

        >>> cbrt([8.0, -27.0])
        Array([ 2., -3.], dtype=float32)
    """
    return multiply(sign(x), power(absolute(x), 1 / 3))


@export(["keras.ops.reciprocal", "keras.ops.numpy.reciprocal"])
@op(shape=same, dtype=exact_float)
def reciprocal(x: Tensor) -> Tensor:
    """Returns `1 / x`, element-wise.

    {unary_float}

    Example:

        >>> reciprocal([2.0, 4.0])
        Array([0.5 , 0.25], dtype=float32)
    """
    return divide(1.0, x)


@export(["keras.ops.ldexp", "keras.ops.numpy.ldexp"])
@op(shape=broadcast, dtype=_ldexp)
def ldexp(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns `x1 * 2^x2`, element-wise.

    Args:
        x1: Tensor or number: the mantissa.
        x2: Integer tensor of a shape that broadcasts with that of `x1`: the exponent.

    Returns:
        A float tensor of the broadcast shape.

    Example:

        >>> ldexp([0.75, 0.5], [1, 2])
        Array([1.5, 2. ], dtype=float32)
    """
    exponent = cast(x2, x1.dtype)
    # In two steps, so that 2^x2 does not overflow where the result does not.
    half = floor_divide(exponent, 2.0)
    return multiply(multiply(x1, exp2(half)), exp2(subtract(exponent, half)))


@export("keras.ops.erf")
@op(shape=same, dtype=native_float, module="math", sparse=keeps_zeros)
def erf(x: Tensor) -> Tensor:
    """Returns the error function, element-wise.

    {unary_float}

    Example:

        >>> erf([0.0, 1.0])
        Array([0.        , 0.84270084], dtype=float32)
    """


@export("keras.ops.erfc")
@op(shape=same, dtype=native_float, module="math")
def erfc(x: Tensor) -> Tensor:
    """Returns the complementary error function `1 - erf(x)`, precise for large `x` too.

    {unary_float}

    Example:

        >>> erfc([0.0, 5.0])
        Array([1.0000000e+00, 1.5374597e-12], dtype=float32)
    """


@export("keras.ops.erfinv")
@op(shape=same, dtype=native_float, module="math", sparse=keeps_zeros)
def erfinv(x: Tensor) -> Tensor:
    """Returns the inverse of the error function, element-wise; infinite at -1 and 1.

    {unary_float}

    Example:

        >>> erfinv([0.0, 0.5])
        Array([0.        , 0.47693628], dtype=float32)
    """


@export(["keras.ops.i0", "keras.ops.numpy.i0"])
@op(shape=same, dtype=wide_float)
def i0(x: Tensor) -> Tensor:
    """Returns the modified Bessel function of the first kind, of order 0.

    {unary_float}

    Example:

        >>> i0([0.0, 1.0])
        Array([1.0000001, 1.266066 ], dtype=float32)
    """
    x = absolute(x)
    small = _polynomial(_I0_SMALL, square(divide(minimum(x, 3.75), 3.75)))
    large = _polynomial(_I0_LARGE, divide(3.75, maximum(x, 3.75)))
    return where(less(x, 3.75), small, multiply(divide(exp(x), sqrt(maximum(x, 3.75))), large))
