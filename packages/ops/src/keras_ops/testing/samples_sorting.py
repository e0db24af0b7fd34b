"""Samples of sorting and searching."""

import numpy as np

from keras_ops.testing.samples import call

_X = np.random.default_rng(3).permutation(24).reshape(2, 3, 4).astype("float32")
_TIES = np.array([[3, 1, 3, 0], [2, 2, 2, 7]], "int32")
_SORTED = np.array([-1.0, 0.5, 0.5, 2.0], "float32")
_VALUES = np.array([[0.5, -3.0], [2.5, 2.0]], "float32")
_BOOLS = np.array([True, False, True])


def _searched(sorted_sequence, values, side="left"):
    return np.searchsorted(sorted_sequence, values, side)


# The positions that `top_k` and `unique` return are of the framework's own integers, which a spec
# does not know; the tests of sorting compare their specs.
SAMPLES = {
    "sort": [
        call(_X, reference=np.sort),
        call(_X, axis=1, reference=np.sort),
        call(_TIES, axis=None, reference=np.sort),
        call(_BOOLS, reference=np.sort),
        call(np.array([2.0, np.nan, 1.0], "float32"), reference=np.sort, differentiable=False),
    ],
    "argsort": [
        call(_X, reference=np.argsort),
        call(_X, axis=0, reference=np.argsort),
        call(_TIES, reference=lambda x: np.argsort(x, kind="stable")),
        call(_TIES, axis=None, reference=lambda x, axis: np.argsort(x, axis, kind="stable")),
    ],
    "argpartition": [call(_X, 1, deterministic=False), call(_X, 2, axis=1, deterministic=False)],
    "top_k": [
        call(_X, 2, symbolic=False),
        call(_TIES[:1], 4, symbolic=False),
        call(_BOOLS, 1, symbolic=False),
    ],
    "in_top_k": [
        call(np.array([1, 0], "int32"), _X[0, :2], k=1),
        call(np.array([3, 9], "int32"), _X[0, :2], k=3),
    ],
    "searchsorted": [
        call(_SORTED, _VALUES, reference=_searched),
        call(_SORTED, _VALUES, side="right", reference=_searched),
        call(np.array([1, 4], "int32"), np.array([4, 0, 9], "int32"), reference=_searched),
    ],
    "digitize": [call(_VALUES, _SORTED, reference=np.digitize), call(_TIES, np.array([1, 3], "int32"))],
    "unique": [
        call(_TIES, reference=np.unique, symbolic=False, jit=False),
        call(_TIES, size=6, fill_value=-1, symbolic=False),
        call(_TIES, size=3, return_counts=True, return_index=True, symbolic=False),
        call(_TIES, axis=1, return_inverse=True, symbolic=False, jit=False),
    ],
    "unique_elements": [
        call(_TIES, return_index=True, return_counts=True, symbolic=False, jit=False, reference=np.unique),
        call(_X[:, :1], axis=0, symbolic=False, jit=False, differentiable=False, reference=np.unique),
    ],
    "nonzero": [
        call(_TIES, reference=np.nonzero, symbolic=False, jit=False),
        call(_BOOLS, symbolic=False, jit=False),
    ],
    "isin": [
        call(_TIES, np.array([[0, 7]], "int32"), reference=np.isin),
        call(_TIES, np.array([3, 2], "int32"), invert=True, reference=np.isin),
        call(_X, np.array([4.0], "float32"), assume_unique=True, reference=np.isin),
    ],
}
