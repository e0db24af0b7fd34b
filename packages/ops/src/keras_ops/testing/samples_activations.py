"""Samples of the activation functions, with their formulas in float64 as the reference.

Values keep a distance from kinks, so that finite differences are meaningful.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_ops.testing.samples import Sample, call

X = np.array([[-7.3, -1.7, -0.4], [0.3, 0.8, 6.9]], "float32")
FAR = np.array([-200.0, -30.0, 30.0, 200.0], "float32")
INTEGERS = np.array([[-3, 0, 5], [7, -8, 2]], "int32")
LOGITS = np.array([[0.2, 1.5, 1.1, -2.0], [-0.3, 0.4, 0.1, 0.25]], "float32")

_erf = np.vectorize(math.erf)


def _sigmoid(x: Any) -> Any:
    return 0.5 + 0.5 * np.tanh(0.5 * np.asarray(x, "float64"))


def _softplus(x: Any) -> Any:
    return np.logaddexp(np.asarray(x, "float64"), 0)


def _elu(x: Any, alpha: float = 1.0) -> Any:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0).astype("float64")))


def _gelu(x: Any, approximate: bool = True) -> Any:
    x = np.asarray(x, "float64")
    if approximate:
        return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + _erf(x / math.sqrt(2)))


def _softmax(x: Any, axis: Any = -1) -> Any:
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _sparsemax(x: Any, axis: int = -1) -> Any:
    """Bisection for the threshold at which the positive excess sums to 1."""
    low, high = np.min(x, axis, keepdims=True) - 1.0, np.max(x, axis, keepdims=True)
    for _ in range(60):
        middle = (low + high) / 2
        too_low = np.sum(np.maximum(x - middle, 0), axis, keepdims=True) > 1
        low, high = np.where(too_low, middle, low), np.where(too_low, high, middle)
    return np.maximum(x - low, 0)


def _glu(x: Any, axis: int = -1) -> Any:
    first, second = np.split(x, 2, axis)
    return first * _sigmoid(second)


def _of(reference: Callable[..., Any], *options: dict[str, Any]) -> list[Sample]:
    """A float tensor, an integer one, and one call per set of options."""
    samples = [call(X, reference=reference), call(INTEGERS, reference=reference)]
    return samples + [call(X, reference=reference, **option) for option in options]


def _smooth(reference: Callable[..., Any], *options: dict[str, Any]) -> list[Sample]:
    """As `_of`, with values so large that a careless formula overflows."""
    return [*_of(reference, *options), call(FAR, reference=reference)]


SAMPLES: dict[str, list[Sample]] = {
    "relu": _of(lambda x: np.maximum(x, 0)),
    "relu6": _of(lambda x: np.clip(x, 0, 6)),
    "leaky_relu": _of(
        lambda x, negative_slope=0.2: np.where(x > 0, x, negative_slope * x), {"negative_slope": 0.7}
    ),
    "sigmoid": _smooth(_sigmoid),
    "log_sigmoid": _smooth(lambda x: -_softplus(-x)),
    "hard_sigmoid": _of(lambda x: np.clip(x / 6 + 0.5, 0, 1)),
    "sparse_sigmoid": _of(lambda x: np.clip((x + 1) / 2, 0, 1)),
    "silu": _smooth(lambda x: x * _sigmoid(x)),
    "hard_silu": _of(lambda x: x * np.clip(x / 6 + 0.5, 0, 1)),
    "softplus": _smooth(_softplus),
    "sparse_plus": _of(lambda x: np.where(x <= -1, 0, np.where(x < 1, (x + 1) ** 2 / 4, x))),
    "squareplus": _of(lambda x, b=4: (x + np.sqrt(x * x + float(b))) / 2, {"b": 1}),
    "softsign": _smooth(lambda x: x / (1 + np.abs(x))),
    "elu": _smooth(_elu, {"alpha": 0.3}),
    "selu": _smooth(lambda x: 1.0507009873554805 * _elu(x, 1.6732632423543772)),
    "celu": _smooth(
        lambda x, alpha=1.0: np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0) / alpha), {"alpha": 0.7}
    ),
    "gelu": _smooth(_gelu, {"approximate": False}),
    "hard_tanh": _of(lambda x: np.clip(x, -1, 1)),
    "tanh_shrink": _of(lambda x: x - np.tanh(x)),
    "hard_shrink": _of(lambda x, threshold=0.5: np.where(np.abs(x) > threshold, x, 0), {"threshold": 1.0}),
    "soft_shrink": _of(
        lambda x, threshold=0.5: np.sign(x) * np.maximum(np.abs(x) - threshold, 0), {"threshold": 1.0}
    ),
    "threshold": [
        call(X, 0.5, -1.0, reference=lambda x, t, v: np.where(x > t, x, v)),
        call(INTEGERS, 1, 7, reference=lambda x, t, v: np.where(x > t, x, v)),
    ],
    "glu": [call(LOGITS, reference=_glu), call(LOGITS, axis=0, reference=_glu)],
    "softmax": [
        call(LOGITS, reference=_softmax),
        call(LOGITS, axis=0, reference=_softmax),
        call(LOGITS, axis=None, reference=_softmax),
        call(LOGITS * 1000, axis=(0, 1), reference=_softmax, differentiable=False),
    ],
    "log_softmax": [
        call(LOGITS, reference=lambda x: np.log(_softmax(x))),
        call(LOGITS, axis=(0, 1), reference=lambda x, axis: np.log(_softmax(x, axis))),
    ],
    "sparsemax": [
        call(LOGITS, reference=_sparsemax),
        call(LOGITS, axis=0, reference=_sparsemax, differentiable=False),
        call(LOGITS * 30, reference=_sparsemax, differentiable=False),
    ],
}
