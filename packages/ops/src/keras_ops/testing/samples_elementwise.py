"""Samples of the elementwise operations: arithmetic, comparison, powers, angles, bits, complex numbers.

Values keep a distance from kinks and poles, so that finite differences are meaningful.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_ops.testing.samples import Sample, call

REAL = np.array([[-1.7, -0.4, 0.3], [0.8, 1.6, 2.3]], "float32")
OTHER = np.array([[0.6, -2.2, 1.1], [-0.7, 3.4, 0.5]], "float32")
ROW = np.array([0.9, -1.3, 2.1], "float32")
POSITIVE = np.abs(REAL)
UNIT = REAL / 3
SPECIAL = np.array([0.0, -0.0, 1.0, np.inf, -np.inf, np.nan], "float32")
INTEGERS = np.array([[-3, 0, 5], [7, -8, 2]], "int32")
COUNTS = np.array([[1, 4, 6], [9, 12, 5]], "int32")
SMALL = np.array([[1, 2, 3], [0, 1, 4]], "int8")
BYTES = np.array([0, 3, 200], "uint8")
TRUTH = np.array([[True, False, True], [False, False, True]])
COMPLEX = np.array([[1 + 2j, -0.5j, 3], [-1 - 1j, 0.5, 2j]], "complex64")

_erf = np.vectorize(math.erf, otypes=["float32"])
_erfc = np.vectorize(math.erfc, otypes=["float32"])


def _as_float(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` computed in float32, as operations compute on integers and booleans."""
    return lambda *xs: function(*(np.asarray(x, "float32") for x in xs))


def _unary(reference: Callable[..., Any], x: np.ndarray = REAL, floats: bool = True) -> list[Sample]:
    """A float tensor and an integer one, whose result is a float where `floats` says so."""
    integers = np.round(np.abs(x)).astype("int32") if x.dtype.kind == "f" else COUNTS
    return [
        call(x, reference=reference),
        call(integers, reference=_as_float(reference) if floats else reference),
    ]


def _binary(reference: Callable[..., Any], x1: np.ndarray = REAL, x2: np.ndarray = OTHER) -> list[Sample]:
    return [
        call(x1, x2, reference=reference),
        call(x1, ROW if x1.dtype.kind == "f" else x2[0], reference=reference),
        call(x1, 2, reference=reference),
    ]


def _float_binary(reference: Callable[..., Any]) -> list[Sample]:
    return [*_binary(reference), call(COUNTS, SMALL + np.int8(1), reference=_as_float(reference))]


def _tests(reference: Callable[..., Any]) -> list[Sample]:
    return [call(SPECIAL, reference=reference), call(INTEGERS, reference=reference)]


def _integers(reference: Callable[..., Any]) -> list[Sample]:
    return [call(COUNTS, SMALL + np.int8(1), reference=reference), call(COUNTS, 6, reference=reference)]


SAMPLES: dict[str, list[Sample]] = {
    # Arithmetic.
    "add": [*_binary(np.add), call(TRUTH, TRUTH, reference=np.add), call(COMPLEX, REAL, reference=np.add)],
    "subtract": _binary(np.subtract),
    "multiply": [*_binary(np.multiply), call(COMPLEX, COMPLEX, reference=np.multiply)],
    "divide": _float_binary(np.divide),
    "true_divide": _float_binary(np.divide),
    "divide_no_nan": [
        call(REAL, OTHER, reference=np.divide),
        call(
            ROW,
            np.array([2.0, 0.0, 4.0], "float32"),
            reference=lambda x, y: np.array([0.45, 0.0, 0.525]),
            differentiable=False,
        ),
    ],
    "floor_divide": _binary(np.floor_divide, REAL, OTHER) + [call(INTEGERS, 3, reference=np.floor_divide)],
    "mod": _binary(np.mod) + [call(INTEGERS, 3, reference=np.mod)],
    "fmod": _binary(np.fmod) + [call(INTEGERS, 3, reference=np.fmod)],
    "maximum": _binary(np.maximum) + [call(TRUTH, TRUTH[::-1], reference=np.maximum)],
    "minimum": _binary(np.minimum) + [call(TRUTH, TRUTH[::-1], reference=np.minimum)],
    "fmax": _binary(np.fmax) + [call(SPECIAL, SPECIAL[::-1], reference=np.fmax, differentiable=False)],
    "fmin": _binary(np.fmin) + [call(SPECIAL, SPECIAL[::-1], reference=np.fmin, differentiable=False)],
    "negative": [*_unary(np.negative, floats=False), call(BYTES, reference=np.negative)],
    "abs": [*_unary(np.abs, floats=False), call(TRUTH), call(COMPLEX, reference=np.abs)],
    "absolute": [*_unary(np.abs, floats=False), call(BYTES, reference=np.abs)],
    "fabs": _unary(np.fabs),
    "sign": [*_unary(np.sign, floats=False), call(SPECIAL, reference=np.sign, differentiable=False)],
    "copy": _unary(np.copy, floats=False),
    "stop_gradient": [call(REAL, reference=np.copy, differentiable=False)],
    "gcd": _integers(np.gcd),
    "lcm": [*_integers(np.lcm), call(np.array([0, 0, 4], "int32"), np.array([0, 3, -6], "int32"))],
    "heaviside": [
        call(REAL, OTHER, reference=np.heaviside),
        call(SPECIAL, 0.5, reference=np.heaviside, differentiable=False),
    ],
    # Rounding.
    "floor": _unary(np.floor),
    "ceil": _unary(np.ceil),
    "trunc": [*_unary(np.trunc, floats=False), call(TRUTH)],
    "round": [
        call(REAL * 10, reference=np.round),
        call(REAL * 10, 1, reference=lambda x, d: np.round(x, d), differentiable=False),
        call(np.array([0.5, 1.5, 2.5, -0.5], "float32"), reference=np.round, differentiable=False),
        call(np.array([-86, 65, 94, 25, -15], "int32"), decimals=-1, reference=np.round),
    ],
    "nextafter": [call(REAL, OTHER, reference=np.nextafter, differentiable=False, jit=False)],
    # Comparison and choice.
    **{
        name: [
            call(REAL, np.array([[0.0, -0.4, 1.0]], "float32"), reference=getattr(np, name)),
            call(INTEGERS, 2, reference=getattr(np, name)),
            call(TRUTH, TRUTH[::-1], reference=getattr(np, name)),
        ]
        for name in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
    },
    **{
        name: [
            call(TRUTH, TRUTH[::-1], reference=getattr(np, name)),
            call(INTEGERS, REAL, reference=getattr(np, name)),
        ]
        for name in ("logical_and", "logical_or", "logical_xor")
    },
    "logical_not": [call(TRUTH, reference=np.logical_not), *_tests(np.logical_not)],
    **{
        name: _tests(getattr(np, name))
        for name in ("isfinite", "isinf", "isnan", "isneginf", "isposinf", "signbit")
    },
    "isreal": [*_tests(np.isreal), call(COMPLEX, reference=np.isreal)],
    "where": [
        call(TRUTH, REAL, OTHER, reference=np.where),
        call(TRUTH, ROW, 0.5, reference=np.where),
        call(INTEGERS, REAL, OTHER, reference=np.where),
        call(TRUTH, SMALL, REAL, reference=np.where),
        call(TRUTH[:, :1], REAL, OTHER, reference=np.where),
    ],
    "select": [
        call([TRUTH, ~TRUTH], [REAL, OTHER], reference=np.select),
        call([TRUTH, TRUTH[:1]], [REAL, OTHER], 9.0, reference=np.select),
    ],
    "isclose": [
        call(REAL, REAL + np.float32(1e-6), reference=np.isclose),
        call(REAL, OTHER, 0.1, 0.5, reference=np.isclose),
        call(SPECIAL, SPECIAL, equal_nan=True, reference=np.isclose),
        call(COUNTS, SMALL, atol=2, reference=np.isclose),
    ],
    "allclose": [
        # On NumPy the result is a Python bool, which has no spec.
        call(REAL, REAL + np.float32(1e-6), reference=np.allclose, symbolic=False),
        call(REAL, OTHER, reference=np.allclose, symbolic=False),
    ],
    "clip": [
        call(REAL, -1.0, 1.0, reference=np.clip),
        call(REAL, None, ROW, reference=lambda x, low, high: np.minimum(x, high)),
        call(REAL, ROW, None, reference=lambda x, low, high: np.maximum(x, low)),
        call(INTEGERS, -2, 3, reference=np.clip),
        call(INTEGERS, -1.5, 2.5, reference=np.clip),
    ],
    "nan_to_num": [
        call(SPECIAL, reference=np.nan_to_num, differentiable=False),
        call(SPECIAL, nan=1.0, posinf=2.0, neginf=-2.0, reference=np.nan_to_num, differentiable=False),
        call(INTEGERS, reference=np.nan_to_num),
    ],
    # Powers.
    "exp": [*_unary(np.exp), call(COMPLEX, reference=np.exp)],
    "exp2": _unary(np.exp2),
    "expm1": _unary(np.expm1),
    "log": _unary(np.log, POSITIVE + 1),
    "log10": _unary(np.log10, POSITIVE + 1),
    "log2": _unary(np.log2, POSITIVE + 1),
    "log1p": _unary(np.log1p, POSITIVE),
    "logaddexp": [
        *_float_binary(np.logaddexp),
        call(SPECIAL[:5], SPECIAL[:5], reference=np.logaddexp, differentiable=False),
    ],
    "logaddexp2": _float_binary(np.logaddexp2),
    "power": [
        call(POSITIVE, OTHER, reference=np.power),
        call(REAL, 2, reference=np.power),
        call(SMALL, 3, reference=lambda x, y: np.power(x.astype("int8"), 3)),
        call(2.0, REAL, reference=np.power),
    ],
    "square": [*_unary(np.square, floats=False), call(TRUTH), call(COMPLEX, reference=np.square)],
    "sqrt": _unary(np.sqrt, POSITIVE + 1),
    "rsqrt": _unary(lambda x: 1 / np.sqrt(x), POSITIVE + 1),
    "cbrt": _unary(np.cbrt, REAL * 3),
    "reciprocal": _unary(np.reciprocal, POSITIVE + 1),
    "ldexp": [call(REAL, SMALL, reference=np.ldexp), call(COUNTS, SMALL)],
    "erf": _unary(_erf),
    "erfc": [*_unary(_erfc), call(REAL * 3, reference=_erfc)],
    "erfinv": [call(UNIT), call(np.zeros(3, "int32"))],
    "i0": [*_unary(lambda x: np.i0(x).astype("float32")), call(REAL * 4, reference=np.i0)],
    # Angles.
    **{
        name: _unary(getattr(np, name))
        for name in ("sin", "cos", "arctan", "sinh", "cosh", "tanh", "arcsinh")
    },
    "tan": _unary(np.tan, UNIT),
    **{name: [call(UNIT, reference=getattr(np, name))] for name in ("arcsin", "arccos", "arctanh")},
    "arccosh": _unary(np.arccosh, POSITIVE + 1),
    "arctan2": _float_binary(np.arctan2),
    "deg2rad": _unary(np.deg2rad, REAL * 90),
    "rad2deg": _unary(np.rad2deg),
    "hypot": [
        *_float_binary(np.hypot),
        call(
            np.array([3e38, 0.0, np.inf], "float32"),
            np.array([1e38, 0.0, 1.0], "float32"),
            reference=np.hypot,
            differentiable=False,
        ),
    ],
    "sinc": [*_unary(np.sinc), call(np.zeros(2, "float32"), reference=np.sinc)],
    # Bits.
    **{
        name: [
            call(COUNTS, SMALL, reference=getattr(np, name)),
            call(COUNTS, 6, reference=getattr(np, name)),
            call(TRUTH, TRUTH[::-1], reference=getattr(np, name)),
        ]
        for name in ("bitwise_and", "bitwise_or", "bitwise_xor")
    },
    **{
        name: [call(COUNTS, reference=np.invert), call(TRUTH, reference=np.invert)]
        for name in ("bitwise_invert", "bitwise_not")
    },
    **{
        name: [call(COUNTS, SMALL, reference=reference), call(COUNTS, 2, reference=reference)]
        for name, reference in {
            "left_shift": np.left_shift,
            "bitwise_left_shift": np.left_shift,
            "right_shift": np.right_shift,
            "bitwise_right_shift": np.right_shift,
        }.items()
    },
    # Complex numbers.
    **{
        name: [call(COMPLEX, reference=getattr(np, name)), call(REAL, reference=getattr(np, name))]
        for name in ("real", "imag", "conj")
    },
    "conjugate": [call(COMPLEX, reference=np.conj), call(TRUTH)],
    "angle": [
        call(COMPLEX, reference=np.angle),
        call(REAL, reference=np.angle),
        call(
            np.array([0.0, -0.0, -2.0], "float32"),
            reference=lambda x: np.array([0, np.pi, np.pi]),
            differentiable=False,
        ),
    ],
    "polar": [call(POSITIVE, OTHER, reference=lambda r, a: r * np.exp(1j * a))],
    "view_as_complex": [call(REAL[:, :2], reference=lambda x: x[:, 0] + 1j * x[:, 1])],
    "view_as_real": [
        call(COMPLEX, reference=lambda x: np.stack([x.real, x.imag], -1)),
        call(REAL, reference=lambda x: np.stack([x, np.zeros_like(x)], -1)),
    ],
}
