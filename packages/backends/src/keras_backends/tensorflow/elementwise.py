"""TensorFlow kernels: elementwise arithmetic, comparison, rounding and bits.

The dispatcher calls them by name with tensors of the dtype that the operation's rule asks for.
TensorFlow refuses many dtypes that others take (bool and unsigned integers above all), so several
kernels are wrapped; the wrappers say for which dtypes. Composites without an entry run their body.
"""

import builtins

import tensorflow as tf

from keras_backends.contract import CONVERTS_NUMBERS as _SHARED

CONVERTS_NUMBERS = {
    **_SHARED,
    **dict.fromkeys(("mod", "fmod", "gcd", "lcm", "bitwise_and", "bitwise_or", "bitwise_xor"), 2),
    **dict.fromkeys(("left_shift", "right_shift", "bitwise_left_shift", "bitwise_right_shift"), 1),
}

_HALF = frozenset({tf.float16, tf.bfloat16})
_UNSIGNED = frozenset({tf.bool, tf.uint8, tf.uint16, tf.uint32, tf.uint64})


def _or_for_bool(function, boolean):
    """`boolean` takes over for tensors of dtype bool, which `function` refuses."""

    def kernel(*xs):
        return boolean(*xs) if xs[0].dtype is tf.bool else function(*xs)

    return kernel


def _same(x, *_):
    return x


def _unless_unsigned(function, otherwise):
    """`otherwise` takes over for bool and unsigned integers, which `function` refuses."""

    def kernel(x):
        return otherwise(x) if x.dtype in _UNSIGNED else function(x)

    return kernel


def _through(function, dtype, refused):
    """Computes in `dtype` for tensors of the dtypes `refused`, and casts the result back."""

    def kernel(*xs):
        own = xs[0].dtype
        if own in refused:
            return tf.cast(function(*(tf.cast(x, dtype) for x in xs)), own)
        return function(*xs)

    return kernel


def _predicate(function, constant):
    """A test of floats (or of a complex number's parts) that is `constant` for everything else."""
    combine = tf.logical_and if constant else tf.logical_or

    def kernel(x):
        if x.dtype.is_floating:
            return function(x)
        if x.dtype.is_complex:
            return combine(function(tf.math.real(x)), function(tf.math.imag(x)))
        return tf.fill(tf.shape(x), constant) if None in x.shape else tf.constant(constant, shape=x.shape)

    return kernel


def _logical(function):
    def kernel(*xs):
        return function(*(x if x.dtype is tf.bool else tf.not_equal(x, tf.zeros((), x.dtype)) for x in xs))

    return kernel


def _ordering(function):
    """A comparison, for bool in terms of 0 and 1."""
    return _or_for_bool(function, lambda x1, x2: function(tf.cast(x1, tf.uint8), tf.cast(x2, tf.uint8)))


# One tensor.
abs = absolute = fabs = _unless_unsigned(tf.abs, _same)
arccos = tf.acos
arccosh = tf.acosh
arcsin = tf.asin
arcsinh = tf.asinh
arctan = tf.atan
arctanh = tf.atanh
bitwise_invert = bitwise_not = _or_for_bool(tf.bitwise.invert, tf.logical_not)
ceil = tf.math.ceil
conj = conjugate = _or_for_bool(tf.math.conj, _same)
copy = tf.identity
cos = tf.cos
cosh = tf.cosh
erf = tf.math.erf
erfc = tf.math.erfc
erfinv = _through(tf.math.erfinv, tf.float32, _HALF)
exp = tf.exp
expm1 = tf.math.expm1
floor = tf.floor
i0 = _through(tf.math.bessel_i0, tf.float32, _HALF)
imag = _or_for_bool(tf.math.imag, tf.zeros_like)
isfinite = _predicate(tf.math.is_finite, True)
isinf = _predicate(tf.math.is_inf, False)
isnan = _predicate(tf.math.is_nan, False)
log = tf.math.log
log1p = tf.math.log1p
logical_not = _logical(tf.logical_not)
real = _or_for_bool(tf.math.real, _same)
reciprocal = tf.math.reciprocal
rsqrt = tf.math.rsqrt
sin = tf.sin
sinh = tf.sinh
sqrt = tf.sqrt
square = tf.square
tan = tf.tan
tanh = tf.tanh

# Two tensors.
add = _or_for_bool(tf.add, tf.logical_or)
arctan2 = tf.atan2
bitwise_and = _or_for_bool(tf.bitwise.bitwise_and, tf.logical_and)
bitwise_left_shift = left_shift = tf.bitwise.left_shift
bitwise_or = _or_for_bool(tf.bitwise.bitwise_or, tf.logical_or)
bitwise_right_shift = right_shift = tf.bitwise.right_shift
bitwise_xor = _or_for_bool(tf.bitwise.bitwise_xor, tf.math.logical_xor)
divide = true_divide = tf.divide
divide_no_nan = tf.math.divide_no_nan
equal = tf.equal
floor_divide = tf.math.floordiv
greater = _ordering(tf.greater)
greater_equal = _ordering(tf.greater_equal)
less = _ordering(tf.less)
less_equal = _ordering(tf.less_equal)
logical_and = _logical(tf.logical_and)
logical_or = _logical(tf.logical_or)
logical_xor = _logical(tf.math.logical_xor)
maximum = _or_for_bool(tf.maximum, tf.logical_or)
minimum = _or_for_bool(tf.minimum, tf.logical_and)
mod = tf.math.floormod
multiply = _or_for_bool(tf.multiply, tf.logical_and)
not_equal = tf.not_equal
power = _through(tf.pow, tf.int64, _UNSIGNED)
subtract = tf.subtract


def negative(x):
    # Unsigned numbers wrap around, as they do elsewhere.
    return tf.zeros((), x.dtype) - x if x.dtype in _UNSIGNED else tf.negative(x)


def sign(x):
    return tf.cast(x != 0, x.dtype) if x.dtype in _UNSIGNED else tf.sign(x)


def signbit(x):
    if x.dtype.is_floating:
        # Comparing with zero would miss -0.0.
        bits = {2: tf.int16, 4: tf.int32, 8: tf.int64}[x.dtype.size]
        return tf.bitcast(x, bits) < 0
    return tf.zeros_like(x, tf.bool) if x.dtype in _UNSIGNED else x < 0


def round(x, *, decimals):
    if x.dtype.is_floating or x.dtype.is_complex:
        # Multiplying by a negative power would be off by a rounding.
        unit = tf.cast(10.0 ** builtins.abs(decimals), x.dtype)
        if decimals == 0:
            return tf.round(x)
        return tf.round(x * unit) / unit if decimals > 0 else tf.round(x / unit) * unit
    if decimals >= 0:
        return x
    unit = tf.constant(10**-decimals, tf.float64)
    return tf.cast(tf.round(tf.cast(x, tf.float64) / unit) * unit, x.dtype)


def trunc(x):
    return tf.where(x < 0, tf.math.ceil(x), tf.floor(x)) if x.dtype.is_floating else x


def fmod(x1, x2):
    dtype = x1.dtype
    if dtype.is_floating:
        # tf.truncatemod has no derivative, and none of its integers is narrower than 32 bits.
        return tf.sign(x1) * tf.math.floormod(tf.abs(x1), tf.abs(x2))
    return tf.cast(tf.truncatemod(tf.cast(x1, tf.int64), tf.cast(x2, tf.int64)), dtype)


def gcd(x1, x2):
    # Euclid's algorithm for all elements at once; 92 rounds suffice for 64 bits.
    x1, x2, dtype = tf.cast(x1, tf.int64), tf.cast(x2, tf.int64), x1.dtype
    shape = tf.broadcast_dynamic_shape(tf.shape(x1), tf.shape(x2))
    pair = (tf.broadcast_to(tf.abs(x1), shape), tf.broadcast_to(tf.abs(x2), shape))

    def step(a, b):
        done = tf.equal(b, 0)
        return tf.where(done, a, b), tf.where(
            done, b, tf.math.floormod(a, tf.where(done, tf.ones_like(b), b))
        )

    result, _ = tf.while_loop(lambda a, b: tf.reduce_any(tf.not_equal(b, 0)), step, pair)
    return tf.cast(result, dtype)


def nextafter(x1, x2):
    if x1.dtype not in _HALF:
        return tf.math.nextafter(x1, x2)
    # In half precision on the bits, as numbers that are in the order of the floats. (Comparing the
    # floats would take subnormal ones for zero.)
    order1, order2 = _order(x1), _order(x2)
    order = order1 + tf.sign(order2 - order1)
    bits = tf.cast(tf.where(order < 0, -order - 2**15, order), tf.int16)
    return tf.where(tf.math.is_nan(x1) | tf.math.is_nan(x2), x1 + x2, tf.bitcast(bits, x1.dtype))


def _order(x):
    bits = tf.cast(tf.bitcast(x, tf.int16), tf.int32)
    return tf.where(bits < 0, -(bits + 2**15), bits)


def clip(x, x_min, x_max):
    if x_min is not None:
        x = tf.maximum(x, x_min)
    return x if x_max is None else tf.minimum(x, x_max)


def where(condition, x1, x2):
    if condition.dtype != tf.bool:
        condition = tf.cast(condition, tf.bool)
    if x1 is None:
        return tuple(tf.unstack(tf.cast(tf.where(condition), tf.int32), axis=1))
    size = x1.shape
    if size.is_fully_defined() and size == x2.shape:
        # TensorFlow's first operation for this, which cannot broadcast, takes a fifth of the second one's time. It
        # chooses among elements, or among rows.
        if condition.shape == size:
            return tf.raw_ops.Select(condition=condition, x=x1, y=x2)
        if size.rank > 1 and condition.shape == (size[0],) + (1,) * (size.rank - 1):
            return tf.raw_ops.Select(condition=tf.reshape(condition, (-1,)), x=x1, y=x2)
    return tf.where(condition, x1, x2)


def view_as_complex(x):
    return tf.complex(*tf.unstack(x, num=2, axis=-1))


def view_as_real(x):
    return tf.stack((tf.math.real(x), tf.math.imag(x)), axis=-1)


def polar(abs_, angle):
    return tf.complex(abs_ * tf.cos(angle), abs_ * tf.sin(angle))
