"""The error function and its relatives, which NumPy itself does not have.

`elementwise` and `activations` list them as kernels. Everything is computed in the dtype of the
input if that is float32 or float64, else in float32.
"""

from collections.abc import Callable, Sequence

import numpy as np

# W. J. Cody, "Rational Chebyshev approximation for the error function", Math. Comp. 23 (1969):
# numerators and denominators, highest power first, for |x| <= 0.46875, |x| <= 4 and |x| > 4.
_SMALL = (
    (
        1.85777706184603153e-1,
        3.16112374387056560e0,
        1.13864154151050156e2,
        3.77485237685302021e2,
        3.20937758913846947e3,
    ),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3),
)
_MIDDLE = (
    (
        2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1,
        2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
        1.23033935479799725e3,
    ),
    (
        1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
        3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
    ),
)  # fmt: skip
_LARGE = (
    (
        1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
        1.60837851487422766e-2, 6.58749161529837803e-4,
    ),
    (
        1.0, 2.56852019228982242e0, 1.87295284992346725e0, 5.27905102951428412e-1, 6.05183413124413191e-2,
        2.33520497626869185e-3,
    ),
)  # fmt: skip
_INVERSE_ROOT_PI = 0.5641895835477563

# M. Giles, "Approximating the erfinv function", GPU Computing Gems 2 (2010): a polynomial in
# w = -log(1 - x^2) for w < 5 and one in sqrt(w) beyond.
_INVERSE_CENTRAL = (
    2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503,
    -0.00417768164, 0.246640727, 1.50140941,
)  # fmt: skip
_INVERSE_TAIL = (
    -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613,
    0.00943887047, 1.00167406, 2.83297682,
)  # fmt: skip


def _polynomial(coefficients: Sequence[float], x: np.ndarray) -> np.ndarray:
    result = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        result *= x
        result += x.dtype.type(coefficient)
    return result


def _in_float(function: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """Computes in float32 or float64 and returns the dtype that came in."""

    def wrapped(x: np.ndarray) -> np.ndarray:
        dtype = x.dtype
        wide = np.asarray(x, dtype if dtype in (np.float32, np.float64) else np.float32)
        with np.errstate(all="ignore"):
            return function(wide).astype(dtype, copy=False)

    wrapped.__name__ = function.__name__.lstrip("_")
    wrapped.__doc__ = function.__doc__
    return wrapped


def _tail(y: np.ndarray) -> np.ndarray:
    """Complementary error function for y > 0.46875."""
    numerator, denominator = _MIDDLE
    middle = _polynomial(numerator, np.minimum(y, 4)) / _polynomial(denominator, np.minimum(y, 4))
    z = 1 / np.square(np.maximum(y, 4))
    numerator, denominator = _LARGE
    large = z * _polynomial(numerator, z) / _polynomial(denominator, z)
    large = (_INVERSE_ROOT_PI - large) / np.maximum(y, 4)
    # exp(-y^2) as a product of two, so that rounding y^2 costs no digits.
    head = np.trunc(y * 16) / 16
    decay = np.exp(-head * head) * np.exp(-(y - head) * (y + head))
    return np.where(np.isinf(y), y.dtype.type(0), decay * np.where(y <= 4, middle, large))


def _core(x: np.ndarray) -> np.ndarray:
    """Error function for |x| <= 0.46875."""
    z = np.square(np.clip(x, -0.5, 0.5))
    return x * _polynomial(_SMALL[0], z) / _polynomial(_SMALL[1], z)


@_in_float
def erf(x: np.ndarray) -> np.ndarray:
    y = np.abs(x)
    return np.where(y <= 0.46875, _core(x), np.copysign(1 - _tail(y), x))


@_in_float
def erfc(x: np.ndarray) -> np.ndarray:
    y = np.abs(x)
    tail = _tail(y)
    return np.where(y <= 0.46875, 1 - _core(x), np.where(x > 0, tail, 2 - tail))


@_in_float
def erfinv(x: np.ndarray) -> np.ndarray:
    w = -np.log1p(-x * x)
    tail = np.where(w < 5, x.dtype.type(0), np.sqrt(np.maximum(w, 5)) - 3)
    y = x * np.where(w < 5, _polynomial(_INVERSE_CENTRAL, w - 2.5), _polynomial(_INVERSE_TAIL, tail))
    for _ in range(2 if x.dtype == np.float64 else 1):
        # One step of Halley's method; the complement keeps its digits where x is close to +-1.
        excess = np.where(np.abs(y) < 0.5, erf(y) - x, np.sign(x) * ((1 - np.abs(x)) - erfc(np.abs(y))))
        step = excess / (2 * _INVERSE_ROOT_PI * np.exp(-y * y))
        y = np.where(np.isfinite(step), y - step / (1 + y * step), y)
    return np.where(
        np.abs(x) == 1, np.copysign(x.dtype.type(np.inf), x), np.where(np.abs(x) > 1, x.dtype.type(np.nan), y)
    )
