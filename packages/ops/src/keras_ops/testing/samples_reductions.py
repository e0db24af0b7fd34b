"""Samples of reductions, of cumulative operations and of order statistics."""

import numpy as np

from keras_ops.testing.samples import Sample, call

_RANDOM = np.random.default_rng(7)
_X = _RANDOM.normal(size=(2, 3, 4)).astype("float32")
_FLAT = _RANDOM.permutation(6).astype("float32")
_INTS = np.array([[3, 0, 2], [1, 5, 0]], "int32")
_BOOLS = np.array([[True, False], [True, True]])
_GAPS = np.where(_RANDOM.random((3, 4)) < 0.3, np.nan, _RANDOM.normal(size=(3, 4))).astype("float32")
_HALF = np.array([[1.5, 2.0], [-3.0, 0.5]], "float16")


def _reduced(reference, *extra: Sample, ints: bool = True, **options) -> list[Sample]:
    """All axes, one, several, kept ones; a scalar; integers if their result has the same dtype."""
    samples = [
        call(_X, reference=reference, **options),
        call(_X, axis=1, reference=reference, **options),
        call(_X, axis=(0, -1), keepdims=True, reference=reference, **options),
        call(_X, axis=[0, 2], **options),
        call(np.float32(2.5).reshape(()), reference=reference, **options),
        call(_HALF, axis=0, **options),
    ]
    if ints:
        samples.append(call(_INTS, axis=-1, reference=reference, **options))
    return [*samples, *extra]


def _skipping(reference, *extra: Sample, **options) -> list[Sample]:
    """The same for operations that skip NaN."""
    return [
        call(_GAPS, reference=reference, differentiable=False, **options),
        call(_GAPS, axis=0, keepdims=True, differentiable=False, **options),
        call(_X, axis=(1, 2), reference=reference, **options),
        call(_INTS, axis=1, reference=reference, **options),
        *extra,
    ]


def _position(reference) -> list[Sample]:
    return [
        call(_X, reference=reference),
        call(_X, axis=1, reference=reference),
        call(_X, axis=-1, keepdims=True, reference=reference),
        call(_X, keepdims=True),
        call(_BOOLS, axis=1, reference=reference),
        call(np.array([[1, 7, 7], [2, 2, 1]], "int32"), axis=1, reference=reference),
    ]


def _along(reference) -> list[Sample]:
    return [
        call(_X, axis=1, reference=reference),
        call(_X, reference=reference),
        call(_INTS, axis=-1, reference=reference),
        call(_BOOLS, axis=0),
        call(_INTS, axis=0, dtype="float32"),
    ]


def _fractions(scale: float, reference, data: np.ndarray = _X) -> list[Sample]:
    # Where two elements trade places the result has a kink.
    few = np.array([0.1, 0.5, 0.9], "float32") * np.float32(scale)
    return [
        call(data, 0.3 * scale, axis=-1, reference=reference, differentiable=False),
        call(data, few, axis=0, keepdims=True, reference=reference, differentiable=False),
        call(data, few, reference=reference, differentiable=False),
        *(
            call(data, 0.4 * scale, axis=0, method=method, reference=reference, differentiable=False)
            for method in ("lower", "higher", "midpoint", "nearest")
        ),
    ]


def _logsumexp(x, axis=None, keepdims=False):
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


_HUGE = np.array([[1000.0, 1000.5], [-1000.0, -1001.0]], "float32")
_EMPTY = np.zeros((0, 3), "float32")

SAMPLES = {
    "sum": _reduced(np.sum, call(_BOOLS), call(_EMPTY, axis=0)),
    "mean": _reduced(np.mean, call(_BOOLS)),
    "var": _reduced(np.var, ints=False),
    "std": _reduced(np.std, ints=False),
    "prod": _reduced(np.prod, call(_INTS, dtype="float32")),
    "max": _reduced(np.max, call(_BOOLS, axis=0), call(_X, axis=1, initial=0.5), call(_EMPTY, initial=1.0)),
    "min": _reduced(np.min, call(_BOOLS, axis=0), call(_X, axis=1, initial=-0.5), call(_EMPTY, initial=1.0)),
    "amax": _reduced(np.max),
    "amin": _reduced(np.min),
    "ptp": _reduced(np.ptp),
    "all": _reduced(np.all, call(_BOOLS, axis=1, reference=np.all)),
    "any": _reduced(np.any, call(_BOOLS, axis=1, reference=np.any)),
    "count_nonzero": [
        call(_INTS, reference=np.count_nonzero),
        call(_INTS, axis=0, reference=np.count_nonzero),
        call(_X, axis=(0, 1), reference=np.count_nonzero),
        call(_BOOLS, axis=1, reference=np.count_nonzero),
    ],
    "logsumexp": _reduced(
        _logsumexp, call(_HUGE, axis=1), call(_EMPTY, axis=0, differentiable=False), ints=False
    ),
    "argmax": _position(np.argmax),
    "argmin": _position(np.argmin),
    "nansum": _skipping(np.nansum),
    "nanprod": _skipping(np.nanprod),
    "nanmax": _skipping(np.nanmax),
    "nanmin": _skipping(np.nanmin),
    "nanmean": _skipping(np.nanmean),
    "nanvar": _skipping(np.nanvar),
    "nanstd": _skipping(np.nanstd),
    "nanargmax": [call(_GAPS, axis=1, reference=np.nanargmax), *_position(np.nanargmax)],
    "nanargmin": [call(_GAPS, axis=1, reference=np.nanargmin), *_position(np.nanargmin)],
    "cumsum": _along(np.cumsum),
    "cumprod": _along(np.cumprod),
    "nancumsum": [call(_GAPS, axis=1, reference=np.nancumsum, differentiable=False), *_along(np.nancumsum)],
    "nancumprod": [
        call(_GAPS, axis=1, reference=np.nancumprod, differentiable=False),
        *_along(np.nancumprod),
    ],
    "vander": [
        call(_FLAT[:3] + 1, reference=np.vander),
        call(_FLAT + 1, 3, increasing=True, reference=np.vander),
        call(_INTS[0], 2, reference=np.vander),
    ],
    "diff": [
        call(_X, reference=np.diff),
        call(_X, n=2, axis=1, reference=np.diff),
        call(_INTS, n=0),
        call(_BOOLS, reference=np.diff),
    ],
    "trapezoid": [
        call(_X, reference=np.trapezoid),
        call(_X, dx=0.5, axis=1, reference=np.trapezoid),
        call(_X, x=np.sort(_FLAT[:3]), axis=1),
        call(_INTS, axis=0),
    ],
    "quantile": _fractions(1.0, np.quantile),
    "percentile": _fractions(100.0, np.percentile),
    "nanquantile": [*_fractions(1.0, np.nanquantile), *_fractions(1.0, np.nanquantile, _GAPS)[:1]],
    "nanpercentile": [*_fractions(100.0, np.nanpercentile), *_fractions(100.0, np.nanpercentile, _GAPS)[:1]],
    "median": _reduced(np.median, differentiable=False),
    "nanmedian": _skipping(np.nanmedian)[:2],
}
