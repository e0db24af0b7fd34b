"""PyTorch kernels: elementwise arithmetic, comparison, rounding and bits.

The dispatcher calls them by name with tensors of the dtype that the operation's rule asks for, so
torch's own functions mostly stand for themselves; functions are exceptions, each with its reason.
"""

import torch

# One tensor.
arccos = torch.arccos
arccosh = torch.arccosh
arcsin = torch.arcsin
arcsinh = torch.arcsinh
arctan = torch.arctan
arctanh = torch.arctanh
bitwise_invert = bitwise_not = torch.bitwise_not
ceil = torch.ceil
copy = torch.clone
cos = torch.cos
cosh = torch.cosh
deg2rad = torch.deg2rad
erf = torch.erf
erfc = torch.erfc
erfinv = torch.erfinv
exp = torch.exp
exp2 = torch.exp2
expm1 = torch.expm1
fabs = torch.abs
floor = torch.floor
i0 = torch.special.i0
isfinite = torch.isfinite
isinf = torch.isinf
isnan = torch.isnan
isneginf = torch.isneginf
isposinf = torch.isposinf
isreal = torch.isreal
log = torch.log
log10 = torch.log10
log1p = torch.log1p
log2 = torch.log2
logical_not = torch.logical_not
negative = torch.negative
rad2deg = torch.rad2deg
real = torch.real
reciprocal = torch.reciprocal
rsqrt = torch.rsqrt
signbit = torch.signbit
sin = torch.sin
sinc = torch.sinc
sinh = torch.sinh
sqrt = torch.sqrt
square = torch.square
tan = torch.tan
tanh = torch.tanh

# Two tensors.
add = torch.add
arctan2 = torch.arctan2
bitwise_and = torch.bitwise_and
bitwise_left_shift = left_shift = torch.bitwise_left_shift
bitwise_or = torch.bitwise_or
bitwise_right_shift = right_shift = torch.bitwise_right_shift
bitwise_xor = torch.bitwise_xor
divide = true_divide = torch.true_divide
equal = torch.eq
fmax = torch.fmax
fmin = torch.fmin
fmod = torch.fmod
gcd = torch.gcd
greater = torch.greater
greater_equal = torch.greater_equal
hypot = torch.hypot
isclose = torch.isclose
lcm = torch.lcm
less = torch.less
less_equal = torch.less_equal
logaddexp = torch.logaddexp
logaddexp2 = torch.logaddexp2
logical_and = torch.logical_and
logical_or = torch.logical_or
logical_xor = torch.logical_xor
maximum = torch.maximum
minimum = torch.minimum
mod = torch.remainder
multiply = torch.multiply
nextafter = torch.nextafter
not_equal = torch.not_equal
polar = torch.polar
power = torch.pow
subtract = torch.subtract

nan_to_num = torch.nan_to_num


TAKES_NUMBERS = frozenset({"clip", "power"})
"""Five to seven times as fast with numbers: two limits at once, and squares and cubes by multiplication."""


def clip(x, x_min, x_max):
    # torch.clip wants a limit at least.
    return x if x_min is None and x_max is None else torch.clip(x, x_min, x_max)


def abs(x):
    # torch.abs refuses bool.
    return x if x.dtype is torch.bool else torch.abs(x)


absolute = abs


def angle(x):
    # torch.angle takes -0.0 for positive.
    return torch.angle(x) if x.is_complex() else torch.arctan2(torch.zeros_like(x), x)


def cbrt(x):
    # torch has no cube root; a power of a negative number would be NaN.
    return torch.copysign(torch.pow(torch.abs(x), 1 / 3), x)


def conj(x):
    # A real tensor stays as it is; a complex one is not left as a lazily conjugated view.
    return torch.conj_physical(x) if x.is_complex() else x


conjugate = conj


def divide_no_nan(x1, x2):
    # The inner `where` keeps the gradient of the untaken division finite.
    zero = x2 == 0
    return torch.where(zero, 0.0, x1 / torch.where(zero, 1.0, x2))


def floor_divide(x1, x2):
    # torch.floor_divide has no derivative.
    return torch.div(x1, x2, rounding_mode="floor")


def imag(x):
    # torch.imag refuses real tensors.
    return torch.imag(x) if x.is_complex() else torch.zeros_like(x)


def ldexp(x1, x2):
    # torch takes floats for exponents too and promotes them.
    return NotImplemented if x2.is_floating_point() else torch.ldexp(x1, x2)


def round(x, *, decimals):
    if decimals == 0:
        return torch.round(x)
    if x.is_floating_point():
        return torch.round(x, decimals=decimals)
    # torch has no decimals for integers.
    if decimals > 0:
        return x
    unit = 10**-decimals
    return (torch.round(x.double() / unit) * unit).to(x.dtype)


def sign(x):
    result = torch.sgn(x)
    if not x.is_floating_point():
        return result
    # torch.sgn takes NaN for zero, limits do not. They cost less than a choice, but where x is one of them, they
    # have a gradient (also forwards), and without that of x PyTorch makes a tensor that NumPy can not read.
    return torch.where(x == x, result, x) if x.requires_grad else torch.clamp(x.detach(), result, result)


def trunc(x):
    # torch.trunc refuses bool.
    return x if x.dtype is torch.bool else torch.trunc(x)


def where(condition, x1, x2):
    if condition.dtype is not torch.bool:
        condition = condition != 0
    return torch.where(condition) if x1 is None else torch.where(condition, x1, x2)


def view_as_complex(x):
    return torch.view_as_complex(x.contiguous())


def view_as_real(x):
    # torch refuses real tensors.
    return torch.view_as_real(x) if x.is_complex() else torch.stack((x, torch.zeros_like(x)), -1)
