"""Trigonometric and hyperbolic functions, element-wise.

Users find them in `keras.ops`. What is a power, a root, an exponential or a logarithm lives in
`powers`.
"""

import math

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.arithmetic import absolute, add, divide, divide_no_nan, maximum, minimum, multiply
from keras_ops.operations.comparison import equal, isinf, where
from keras_ops.operations.powers import sqrt, square
from keras_ops.rules import (
    DtypeRule,
    Promotion,
    broadcast,
    native_float,
    same,
    to_float,
    wide_float,
)
from keras_ops.sparse import keeps_zeros
from keras_ops.tensor import Tensor


@export(["keras.ops.sin", "keras.ops.numpy.sin"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def sin(x: Tensor) -> Tensor:
    """Returns the sine of angles in radians, element-wise.

    {unary_float}

    Example:

        >>> sin([0.0, 1.0])
        Array([0.        , 0.84147096], dtype=float32)
    """


@export(["keras.ops.cos", "keras.ops.numpy.cos"])
@op(shape=same, dtype=native_float)
def cos(x: Tensor) -> Tensor:
    """Returns the cosine of angles in radians, element-wise.

    {unary_float}

    Example:

        >>> cos([0.0, 1.0])
        Array([1.       , 0.5403023], dtype=float32)
    """


@export(["keras.ops.tan", "keras.ops.numpy.tan"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def tan(x: Tensor) -> Tensor:
    """Returns the tangent of angles in radians, element-wise.

    {unary_float}

    Example:

        >>> tan([0.0, 1.0])
        Array([0.       , 1.5574077], dtype=float32)
    """


@export(["keras.ops.arcsin", "keras.ops.numpy.arcsin"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def arcsin(x: Tensor) -> Tensor:
    """Returns the inverse sine, in `[-pi/2, pi/2]`; NaN outside of `[-1, 1]`.

    {unary_float}

    Example:

        >>> arcsin([0.0, 1.0])
        Array([0.       , 1.5707964], dtype=float32)
    """


@export(["keras.ops.arccos", "keras.ops.numpy.arccos"])
@op(shape=same, dtype=native_float)
def arccos(x: Tensor) -> Tensor:
    """Returns the inverse cosine, in `[0, pi]`; NaN outside of `[-1, 1]`.

    {unary_float}

    Example:

        >>> arccos([0.0, 1.0])
        Array([1.5707964, 0.       ], dtype=float32)
    """


@export(["keras.ops.arctan", "keras.ops.numpy.arctan"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def arctan(x: Tensor) -> Tensor:
    """Returns the inverse tangent, in `(-pi/2, pi/2)`, element-wise.

    {unary_float}

    Example:

        >>> arctan([0.0, 1.0])
        Array([0.       , 0.7853981], dtype=float32)
    """


@export(["keras.ops.sinh", "keras.ops.numpy.sinh"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def sinh(x: Tensor) -> Tensor:
    """Returns the hyperbolic sine, element-wise.

    {unary_float}

    Example:

        >>> sinh([0.0, 1.0])
        Array([0.       , 1.1752012], dtype=float32)
    """


@export(["keras.ops.cosh", "keras.ops.numpy.cosh"])
@op(shape=same, dtype=native_float)
def cosh(x: Tensor) -> Tensor:
    """Returns the hyperbolic cosine, element-wise.

    {unary_float}

    Example:

        >>> cosh([0.0, 1.0])
        Array([1.       , 1.5430806], dtype=float32)
    """


@export(["keras.ops.tanh", "keras.ops.numpy.tanh"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def tanh(x: Tensor) -> Tensor:
    """Returns the hyperbolic tangent, element-wise.

    {unary_float}

    Example:

        >>> tanh([0.0, 1.0])
        Array([0.       , 0.7615942], dtype=float32)
    """


@export(["keras.ops.arcsinh", "keras.ops.numpy.arcsinh"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def arcsinh(x: Tensor) -> Tensor:
    """Returns the inverse hyperbolic sine, element-wise.

    {unary_float}

    Example:

        >>> arcsinh([0.0, 1.0])
        Array([0.        , 0.88137364], dtype=float32)
    """


@export(["keras.ops.arccosh", "keras.ops.numpy.arccosh"])
@op(shape=same, dtype=native_float)
def arccosh(x: Tensor) -> Tensor:
    """Returns the inverse hyperbolic cosine, element-wise; NaN below 1.

    {unary_float}

    Example:

        >>> arccosh([1.0, 2.0])
        Array([0.      , 1.316958], dtype=float32)
    """


@export(["keras.ops.arctanh", "keras.ops.numpy.arctanh"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def arctanh(x: Tensor) -> Tensor:
    """Returns the inverse hyperbolic tangent, element-wise; NaN outside of `[-1, 1]`.

    {unary_float}

    Example:

        >>> arctanh([0.0, 0.5])
        Array([0.        , 0.54930615], dtype=float32)
    """


@export(["keras.ops.arctan2", "keras.ops.numpy.arctan2"])
@op(shape=broadcast, dtype=to_float)
def arctan2(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns the angle of the point `(x2, x1)`, in `[-pi, pi]`.

    Args:
        x1: Tensor of y-coordinates.
        x2: Tensor of x-coordinates, of a shape that broadcasts with that of `x1`.

    Returns:
        A float tensor of the broadcast shape.

    Example:

        >>> arctan2([1.0, 1.0], [1.0, -1.0])
        Array([0.7853982, 2.3561945], dtype=float32)
    """


@export(["keras.ops.deg2rad", "keras.ops.numpy.deg2rad"])
@op(shape=same, dtype=wide_float, sparse=keeps_zeros)
def deg2rad(x: Tensor) -> Tensor:
    """Converts degrees to radians: `x * pi / 180`.

    {unary_float}

    Example:

        >>> deg2rad([90.0, 180.0])
        Array([1.5707964, 3.1415927], dtype=float32)
    """
    return multiply(x, math.pi / 180)


@export(["keras.ops.rad2deg", "keras.ops.numpy.rad2deg"])
@op(shape=same, dtype=wide_float, sparse=keeps_zeros)
def rad2deg(x: Tensor) -> Tensor:
    """Converts radians to degrees: `x * 180 / pi`.

    {unary_float}

    Example:

        >>> rad2deg([0.0, 3.1415927])
        Array([  0., 180.], dtype=float32)
    """
    return multiply(x, 180 / math.pi)


@export(["keras.ops.hypot", "keras.ops.numpy.hypot"])
@op(shape=broadcast, dtype=DtypeRule(then=Promotion.to_wide_float))
def hypot(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns the length `sqrt(x1^2 + x2^2)` of the hypotenuse, without overflow in between.

    {binary_float}

    Example:

        >>> hypot([3.0, 5.0], [4.0, 12.0])
        Array([ 5.      , 12.999999], dtype=float32)
    """
    x1, x2 = absolute(x1), absolute(x2)
    longer, shorter = maximum(x1, x2), minimum(x1, x2)
    # Squares are taken of a ratio of at most one; equal infinities have no ratio.
    ratio = divide_no_nan(shorter, where(isinf(longer), 1.0, longer))
    return multiply(longer, sqrt(add(square(ratio), 1.0)))


@export(["keras.ops.sinc", "keras.ops.numpy.sinc"])
@op(shape=same, dtype=native_float)
def sinc(x: Tensor) -> Tensor:
    """Returns `sin(pi x) / (pi x)`, element-wise, and 1 where `x` is 0.

    {unary_float}

    Example:

        >>> sinc([0.0, 0.5, 1.0])
        Array([ 1.0000000e+00,  6.3661975e-01, -2.7827534e-08], dtype=float32)
    """
    zero = equal(x, 0.0)
    # The untaken branch stays finite, so that its gradient does.
    angle = multiply(where(zero, 1.0, x), math.pi)
    return where(zero, 1.0, divide(sin(angle), angle))
