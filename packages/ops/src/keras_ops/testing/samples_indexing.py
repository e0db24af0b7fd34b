"""Samples of taking, slicing, indexing and scattering."""

import numpy as np

from keras_ops.testing.samples import call

_X = np.arange(60, dtype="float32").reshape(3, 4, 5)
_M = np.arange(12, dtype="float32").reshape(3, 4)
_V = np.array([3, -1, 2, 7], "int32")
_I = np.array([[2, 0], [-1, 1]], "int32")
_MASK = np.array([True, False, True])
_ALL = slice(None)


def _item(x, key):
    return x[key]


def _block(x, start, shape):
    return x[tuple(slice(s, s + n) for s, n in zip(start, shape))]


def _scattered(at):
    def reference(x, indices, updates, reduction=None):
        result = x.copy()
        where = tuple(np.moveaxis(indices, -1, 0))
        if at is None:
            result[where] = updates
        else:
            at.at(result, where, updates)
        return result

    return reference


_POSITIONS = np.array([[1], [3], [1]], "int32")
_NEW = np.array([5, -4, 2], "int32")
_PAIRS = np.array([[[0, 1], [2, 3]], [[1, 0], [0, 2]]], "int32")
_BLOCK = np.array([[5.0, 2.0], [3.0, 4.0]], "float32")

SAMPLES = {
    "take": [
        call(_X, _I, reference=np.take),
        call(_X, _I, axis=1, reference=np.take),
        call(_M, np.array([2, 2, 0], "uint8"), axis=0, reference=np.take),
        call(_M, 1, axis=-1, reference=np.take),
    ],
    "take_along_axis": [
        call(_M, np.array([[0, 2, 1, 0]], "int32"), axis=0, reference=np.take_along_axis),
        call(_M, np.array([[-1], [0], [2]], "int64"), axis=1, reference=np.take_along_axis),
        call(_X, np.array([5, 59], "int32"), reference=lambda x, i: np.take_along_axis(x, i, None)),
    ],
    # Keys with arrays are calls with several tensors; the shape of what a mask keeps is unknown.
    "get_item": [
        call(_X, 0, reference=_item),
        call(_X, (_ALL, -1), reference=_item),
        call(_X, (Ellipsis, slice(1, None, 2)), reference=_item),
        call(_X, (None, slice(0, 2), 3), reference=_item),
        call(_X, (slice(None, None, -1), Ellipsis, slice(3, 0, -2)), reference=_item),
        call(_X, [2, 0], reference=_item),
        call(_X, (_ALL, [0, -1]), reference=_item),
        call(_X, ([0, 2], _ALL, [1, 4]), reference=_item),
        call(_X, (1, _ALL, [[1, 4]]), reference=_item),
        call(_X, _I, reference=_item),
        call(_X, _MASK, reference=_item, symbolic=False, jit=False),
        call(_X, (_MASK, _ALL, [0, 1]), reference=_item, symbolic=False, jit=False),
    ],
    "unravel_index": [
        call(
            np.array([[7, 0], [3, 11]], "int32"), (3, 4), reference=lambda i, s: list(np.unravel_index(i, s))
        ),
        call(np.array([-1, 5], "int32"), [2, 3]),
    ],
    "slice": [
        call(_X, [1, 0, 2], (2, 3, 1), reference=_block),
        call(_V, np.array([2], "int32"), (2,), reference=_block),
    ],
    "slice_update": [
        call(_M, [1, 2], _BLOCK),
        call(
            _V,
            np.array([1], "int32"),
            np.array([9, 8], "int32"),
            reference=lambda x, i, u: np.array([3, 9, 8, 7]),
        ),
    ],
    "scatter": [
        call(_POSITIONS, _NEW, (4,), reference=lambda i, v, s: np.array([0, 7, 0, -4])),
        call(_PAIRS, _BLOCK, (3, 4), reference=lambda i, v, s: _scattered(np.add)(np.zeros(s), i, v)),
    ],
    "scatter_update": [
        call(_V, _POSITIONS[:2], _NEW[:2], reference=_scattered(None)),
        call(_V, _POSITIONS, _NEW, reduction="add", reference=_scattered(np.add)),
        call(_V, _POSITIONS, _NEW, reduction="max", reference=_scattered(np.maximum)),
        call(_V, _POSITIONS, _NEW, reduction="min", reference=_scattered(np.minimum)),
        call(_V, _POSITIONS, _NEW, reduction="mul", reference=_scattered(np.multiply)),
        call(_M, _PAIRS, _BLOCK, reference=_scattered(None)),
        call(_M, _PAIRS, _BLOCK, reduction="add", reference=_scattered(np.add)),
        call(
            _M,
            np.array([[2], [-3]], "int32"),
            _M[:2] * 0.5,
            reduction="mul",
            reference=_scattered(np.multiply),
            differentiable=False,  # JAX multiplies so, but has no gradient for it.
        ),
    ],
}
