"""OpenVINO kernels: elementwise arithmetic, comparison, rounding and bits.

They run while a graph is built, on `GraphTensor`s and constants. What OpenVINO has no node for and
nothing here composes (`erfinv`, `gcd`, `nextafter`, complex numbers) has no kernel.
"""

import math

from keras_backends.dtypes import STANDARD_FLOATS
from keras_backends.openvino.graph import (
    GraphTensor,
    binary,
    const,
    convert,
    keeping_nan,
    node,
    opset,
    tensor,
    unary,
    with_nan,
)


def _same(x):
    return x if isinstance(x, GraphTensor) else tensor(node(x))


def _dtype(x):
    return x.dtype if isinstance(x, GraphTensor) else x.dtype.name


def _like(value, x):
    """A scalar constant of the dtype of `x`."""
    return const(value, _dtype(x))


def _or_for_bool(kernel, boolean):
    """`boolean` takes over for dtype bool, with which OpenVINO does no arithmetic."""

    def choose(*xs):
        return (boolean if _dtype(xs[0]) == "bool" else kernel)(*xs)

    return choose


def _of_floats(kernel, otherwise):
    """`otherwise` takes over for bool and integers."""

    def choose(x):
        return (kernel if _dtype(x) in STANDARD_FLOATS else otherwise)(x)

    return choose


def _true(x):
    return tensor(opset.equal(node(x), node(x)))


def _false(x):
    return tensor(opset.not_equal(node(x), node(x)))


def _logical(function):
    """Logic on truth values: everything that is not zero is true."""

    def kernel(*xs):
        return tensor(function(*(node(convert(x, "bool")) for x in xs)))

    return kernel


def _ordering(function):
    """A comparison; OpenVINO orders no booleans, so they count as 0 and 1, and finds NaN greater than numbers."""

    def ordered(*xs):
        result = binary(function)(*xs)
        for x in with_nan(xs):
            result = tensor(opset.logical_and(node(result), opset.equal(x, x)))
        return result

    return _or_for_bool(ordered, lambda x1, x2: binary(function)(convert(x1, "int32"), convert(x2, "int32")))


_and, _or, _xor = binary(opset.logical_and), binary(opset.logical_or), binary(opset.logical_xor)
_not = unary(opset.logical_not)

# One tensor.
abs = absolute = fabs = _or_for_bool(unary(opset.abs), _same)
arccos = unary(opset.acos)
arccosh = unary(opset.acosh)
arcsin = unary(opset.asin)
arcsinh = unary(opset.asinh)
arctan = unary(opset.atan)
arctanh = unary(opset.atanh)
bitwise_invert = bitwise_not = unary(opset.bitwise_not)
ceil = unary(opset.ceiling)
conj = conjugate = copy = real = _same
cos = unary(opset.cos)
cosh = unary(opset.cosh)
erf = unary(opset.erf)
exp = keeping_nan(unary(opset.exp))
floor = unary(opset.floor)
isfinite = _of_floats(unary(opset.is_finite), _true)
isinf = _of_floats(unary(opset.is_inf), _false)
isnan = _of_floats(unary(opset.is_nan), _false)
isneginf = _of_floats(unary(opset.is_inf, attributes={"detect_positive": False}), _false)
isposinf = _of_floats(unary(opset.is_inf, attributes={"detect_negative": False}), _false)
log = unary(opset.log)
logical_not = _logical(opset.logical_not)
negative = unary(opset.negative)
sign = unary(opset.sign)
sin = unary(opset.sin)
sinh = unary(opset.sinh)
sqrt = unary(opset.sqrt)
tan = unary(opset.tan)
tanh = unary(opset.tanh)

# Two tensors.
add = _or_for_bool(binary(opset.add), _or)
bitwise_and = binary(opset.bitwise_and)
bitwise_left_shift = left_shift = binary(opset.bitwise_left_shift)
bitwise_or = binary(opset.bitwise_or)
bitwise_right_shift = right_shift = binary(opset.bitwise_right_shift)
bitwise_xor = binary(opset.bitwise_xor)
divide = true_divide = binary(opset.divide)
equal = binary(opset.equal)
fmod = binary(opset.mod)
greater = _ordering(opset.greater)
greater_equal = _ordering(opset.greater_equal)
less = _ordering(opset.less)
less_equal = _ordering(opset.less_equal)
logical_and = _logical(opset.logical_and)
logical_or = _logical(opset.logical_or)
logical_xor = _logical(opset.logical_xor)
maximum = _or_for_bool(keeping_nan(binary(opset.maximum)), _or)
minimum = _or_for_bool(keeping_nan(binary(opset.minimum)), _and)
mod = binary(opset.floor_mod)
multiply = _or_for_bool(binary(opset.multiply), _and)
not_equal = binary(opset.not_equal)
power = binary(opset.power)
subtract = binary(opset.subtract)


def square(x):
    return tensor(opset.multiply(node(x), node(x)))


def reciprocal(x):
    return tensor(opset.divide(_like(1, x), node(x)))


def imag(x):
    return tensor(opset.broadcast(_like(0, x), const(list(x.shape), "int64")))


@keeping_nan
def expm1(x):
    # W. Kahan's formula: the rounding errors of exp and log cancel where x is small.
    x, one = node(x), _like(1, x)
    e = opset.exp(x)
    excess = opset.subtract(e, one)
    precise = opset.divide(opset.multiply(excess, x), opset.log(e))
    rough = opset.logical_or(opset.equal(excess, opset.negative(one)), opset.is_inf(e))
    return tensor(opset.select(opset.equal(e, one), x, opset.select(rough, excess, precise)))


def log1p(x):
    # The same idea the other way round.
    x, one = node(x), _like(1, x)
    u = opset.add(x, one)
    precise = opset.divide(opset.multiply(opset.log(u), x), opset.subtract(u, one))
    return tensor(opset.select(opset.equal(u, one), x, opset.select(opset.is_inf(u), u, precise)))


def signbit(x):
    if _dtype(x) == "bool":
        return _false(x)
    zero = _like(0, x)
    below = opset.less(node(x), zero)
    if _dtype(x) not in STANDARD_FLOATS:
        return tensor(below)
    # -0.0 is not less than 0, but its reciprocal is.
    return tensor(opset.logical_or(below, opset.less(opset.divide(_like(1, x), node(x)), zero)))


def round(x, *, decimals):
    if _dtype(x) not in STANDARD_FLOATS:
        return _same(x) if decimals >= 0 else NotImplemented
    if decimals == 0:
        return tensor(opset.round(node(x), "half_to_even"))
    unit = _like(10.0 ** (decimals if decimals > 0 else -decimals), x)
    up, down = (opset.multiply, opset.divide) if decimals > 0 else (opset.divide, opset.multiply)
    return tensor(down(opset.round(up(node(x), unit), "half_to_even"), unit))


def trunc(x):
    if _dtype(x) not in STANDARD_FLOATS:
        return _same(x)
    return tensor(
        opset.select(opset.less(node(x), _like(0, x)), opset.ceiling(node(x)), opset.floor(node(x)))
    )


def floor_divide(x1, x2):
    x1, x2, is_float = node(x1), node(x2), _dtype(x1) in STANDARD_FLOATS
    if is_float:
        return tensor(opset.floor(opset.divide(x1, x2)))
    # The division of integers rounds towards zero; without the rest there is nothing to round.
    return tensor(opset.divide(opset.subtract(x1, opset.floor_mod(x1, x2)), x2))


def arctan2(x1, x2):
    y, x, zero, pi = node(x1), node(x2), _like(0, x1), _like(math.pi, x1)
    angle = opset.atan(opset.divide(y, x))
    below = opset.less(y, zero)
    turned = opset.select(below, opset.subtract(angle, pi), opset.add(angle, pi))
    half = opset.multiply(opset.sign(y), _like(math.pi / 2, x1))
    upright = opset.equal(x, zero)
    return tensor(opset.select(upright, half, opset.select(opset.less(x, zero), turned, angle)))


def where(condition, x1, x2):
    if x1 is None:
        return NotImplemented
    return tensor(opset.select(node(convert(condition, "bool")), node(x1), node(x2)))
