"""Samples of statistics, segments and norms."""

import numpy as np

from keras_ops.testing.samples import call

_RANDOM = np.random.default_rng(11)
_X = _RANDOM.normal(size=(2, 3, 4)).astype("float32")
_ROWS = _RANDOM.normal(size=(3, 5)).astype("float32")
_LONG = _RANDOM.normal(size=7).astype("float32")
_SHORT = _RANDOM.normal(size=3).astype("float32")
_INTS = np.array([0, 2, 1, 2, 2], "int32")
_IDS = np.array([0, 0, 2, 1, 2, 2, -1], "int32")
_TABLE = _RANDOM.normal(size=(7, 2)).astype("float32")
_WEIGHTS = np.array([0.5, 1.0, 2.5], "float32")


def _moments(x, axes, keepdims=False):
    return np.mean(x, axes, keepdims=keepdims), np.var(x, axes, keepdims=keepdims)


def _cdist(x, y):
    return np.linalg.norm(x[..., :, None, :] - y[..., None, :, :], axis=-1)


def _normalize(x, axis=-1, order=2):
    return x / np.linalg.norm(x, order, axis, keepdims=True)


_VECTOR_NORMS = (None, 0, 1, 2, 3, -1, np.inf, -np.inf)
_MATRIX_NORMS = ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)

SAMPLES = {
    "average": [
        call(_X, axis=1, weights=_WEIGHTS, reference=np.average),
        call(_X, weights=np.abs(_X), reference=np.average),
        call(_X, axis=(0, 2), reference=np.average),
        call(_INTS, weights=_INTS),
    ],
    "moments": [
        call(_X, axes=(0, 2), reference=_moments),
        call(_X, axes=1, keepdims=True, reference=_moments),
        call(np.full((4, 2), 200, "float16"), axes=0),
    ],
    # The size of the result depends on the values.
    "bincount": [
        call(_INTS, symbolic=False, jit=False),
        call(_INTS, minlength=6, reference=np.bincount, symbolic=False),
        call(_INTS, weights=np.ones(5, "float32"), minlength=4, reference=np.bincount, symbolic=False),
        call(np.stack([_INTS, _INTS[::-1]]), minlength=3, symbolic=False),
    ],
    "bin_counts": [
        call(_INTS, minlength=6, reference=np.bincount, symbolic=False),
        call(_INTS, np.arange(5, dtype="float32"), minlength=4, reference=np.bincount, symbolic=False),
    ],
    # NumPy counts in its own integers.
    "histogram": [
        call(_LONG, bins=4, reference=np.histogram, differentiable=False, symbolic=False),
        call(_LONG, bins=3, range=(-1, 1), reference=np.histogram, differentiable=False, symbolic=False),
        call(np.ones(3, "float32"), bins=2, differentiable=False, symbolic=False),
    ],
    "corrcoef": [call(_ROWS, reference=np.corrcoef), call(_LONG, reference=np.corrcoef, unknown=False)],
    "correlate": [
        *(call(_LONG, _SHORT, mode=mode, reference=np.correlate) for mode in ("valid", "same", "full")),
        *(call(_SHORT, _LONG, mode=mode, reference=np.correlate) for mode in ("valid", "same", "full")),
        call(_INTS, _INTS[:2]),
    ],
    **{
        f"segment_{name}": [
            # JAX has no gradient of products.
            call(_LONG, _IDS, num_segments=3, differentiable=name != "prod"),
            call(_TABLE, _IDS, num_segments=2, differentiable=name != "prod"),
            call(_IDS, np.sort(_INTS.repeat(2)[:7]), num_segments=3, sorted=True),
            call(_LONG, _IDS, symbolic=False, jit=False, differentiable=name != "prod"),
        ]
        for name in ("sum", "prod", "max", "min")
    },
    "norm": [
        # The extreme ones have kinks.
        *(
            call(_X, ord=ord, axis=1, reference=np.linalg.norm, differentiable=ord not in (np.inf, -np.inf))
            for ord in _VECTOR_NORMS
        ),
        *(call(_X, ord=ord, axis=(0, 2), reference=np.linalg.norm) for ord in _MATRIX_NORMS),
        call(_X),
        call(_ROWS, keepdims=True),
        call(_ROWS, ord=2, axis=(0, 1), keepdims=True),
    ],
    "singular_values": [call(_X, differentiable=False), call(_ROWS, differentiable=False)],
    "normalize": [
        call(_X),
        call(_X, axis=1, order=1, reference=_normalize),
        call(_ROWS, axis=0, order=3, reference=_normalize),
        call(_ROWS, epsilon=10.0),
    ],
    "cdist": [
        call(_ROWS, _ROWS[:2] + 1, reference=_cdist),
        call(_X, _X[:, :2] + 1, reference=_cdist),
        call(_INTS[:, None], _INTS[:2, None]),
    ],
}
