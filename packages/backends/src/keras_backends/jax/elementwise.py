"""JAX kernels: elementwise arithmetic, comparison, rounding and bits.

The dispatcher calls them by name with arrays of the dtype that the operation's rule asks for.
Functions of `jax.numpy` are compiled once per shape and dispatched in C++, so they mostly stand for
themselves; compositions are compiled as a whole, which costs one dispatch instead of several.
"""

import functools

import jax
import jax.numpy as jnp

# One array.
abs = absolute = jnp.absolute
arccos = jnp.arccos
arccosh = jnp.arccosh
arcsin = jnp.arcsin
arcsinh = jnp.arcsinh
arctan = jnp.arctan
arctanh = jnp.arctanh
bitwise_invert = bitwise_not = jnp.invert
cbrt = jnp.cbrt
ceil = jnp.ceil
conj = conjugate = jnp.conjugate
copy = jnp.copy
cos = jnp.cos
cosh = jnp.cosh
deg2rad = jnp.deg2rad
erf = jax.lax.erf
erfc = jax.lax.erfc
erfinv = jax.lax.erf_inv
exp = jnp.exp
exp2 = jnp.exp2
expm1 = jnp.expm1
fabs = jnp.fabs
floor = jnp.floor
i0 = jnp.i0
imag = jnp.imag
isfinite = jnp.isfinite
isinf = jnp.isinf
isnan = jnp.isnan
isneginf = jnp.isneginf
isposinf = jnp.isposinf
isreal = jnp.isreal
log = jnp.log
log10 = jnp.log10
log1p = jnp.log1p
log2 = jnp.log2
logical_not = jnp.logical_not
negative = jnp.negative
rad2deg = jnp.rad2deg
real = jnp.real
reciprocal = jnp.reciprocal
rsqrt = jax.lax.rsqrt
sign = jnp.sign
signbit = jnp.signbit
sin = jnp.sin
sinc = jnp.sinc
sinh = jnp.sinh
sqrt = jnp.sqrt
square = jnp.square
tan = jnp.tan
tanh = jnp.tanh
trunc = jnp.trunc

# Two arrays.
add = jnp.add
arctan2 = jnp.arctan2
bitwise_and = jnp.bitwise_and
bitwise_left_shift = left_shift = jnp.left_shift
bitwise_or = jnp.bitwise_or
bitwise_right_shift = right_shift = jnp.right_shift
bitwise_xor = jnp.bitwise_xor
divide = true_divide = jnp.true_divide
equal = jnp.equal
floor_divide = jnp.floor_divide
fmax = jnp.fmax
fmin = jnp.fmin
fmod = jnp.fmod
gcd = jnp.gcd
greater = jnp.greater
greater_equal = jnp.greater_equal
heaviside = jnp.heaviside
hypot = jnp.hypot
lcm = jnp.lcm
ldexp = jnp.ldexp
less = jnp.less
less_equal = jnp.less_equal
logaddexp = jnp.logaddexp
logaddexp2 = jnp.logaddexp2
logical_and = jnp.logical_and
logical_or = jnp.logical_or
logical_xor = jnp.logical_xor
maximum = jnp.maximum
minimum = jnp.minimum
mod = jnp.mod
multiply = jnp.multiply
nextafter = jnp.nextafter
not_equal = jnp.not_equal
power = jnp.power
subtract = jnp.subtract

where = jnp.where


def round(x, *, decimals):
    if jnp.issubdtype(x.dtype, jnp.inexact):
        return jnp.round(x, decimals)
    # jnp.round has no negative decimals for integers.
    return x if decimals >= 0 else _round_integer(x, 10**-decimals)


@functools.partial(jax.jit, static_argnums=1)
def _round_integer(x, unit):
    # In integers: float32 has not enough digits, and float64 may be off. Halves go to the even multiple.
    quotient, rest = jnp.divmod(x, unit)
    up = (2 * rest > unit) | ((2 * rest == unit) & (quotient % 2 == 1))
    return (quotient + up.astype(x.dtype)) * unit


def isclose(x1, x2, *, rtol, atol, equal_nan):
    return jnp.isclose(x1, x2, rtol, atol, equal_nan)


@jax.jit
def divide_no_nan(x1, x2):
    # The inner `where` keeps the gradient of the untaken division finite.
    zero = x2 == 0
    return jnp.where(zero, 0, jnp.true_divide(x1, jnp.where(zero, 1, x2)))


def clip(x, x_min, x_max):
    return jnp.clip(x, x_min, x_max)


def nan_to_num(x, *, nan, posinf, neginf):
    return jnp.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


@jax.jit
def view_as_complex(x):
    real, imaginary = jnp.moveaxis(x, -1, 0)
    return jax.lax.complex(real, imaginary)


@jax.jit
def view_as_real(x):
    return jnp.stack((jnp.real(x), jnp.imag(x)), axis=-1)


@jax.jit
def polar(abs_, angle):
    return jax.lax.complex(abs_ * jnp.cos(angle), abs_ * jnp.sin(angle))
