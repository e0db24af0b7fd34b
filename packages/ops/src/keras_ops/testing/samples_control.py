"""Samples of branches, loops and scans; they call the operations behind the functions, on flat tensors."""

import numpy as np

from keras_ops import ops
from keras_ops.testing.samples import call

_X = np.array([0.5, -1.0, 2.0], "float32")
_M = np.arange(6, dtype="float32").reshape(3, 2)
_COUNT = np.array(0, "int32")


_BRANCHES = [lambda x: [ops.negative(x)], lambda x: [ops.square(x)]]


def _running(carry, x):
    total = ops.add(carry[0], x[0])
    return [total], [total, ops.multiply(x[0], 2.0)]


SAMPLES = {
    "cond": [
        call(
            np.array(True),
            lambda: [ops.ones((2,))],
            lambda: [ops.zeros((2,))],
            reference=lambda *_: [np.ones(2)],
        ),
        call(np.array(False), lambda: [ops.ones(()), ops.ones(3)], lambda: [ops.zeros(()), ops.zeros(3)]),
    ],
    "switch": [
        call(np.array(i, "int32"), _X, branches=_BRANCHES, reference=lambda i, x, branches: [x**2])
        for i in (1, 7)
    ],
    "while_loop": [
        call(
            [_COUNT, _X],
            lambda i, x: ops.less(i, 3),
            lambda i, x: (ops.add(i, 1), ops.multiply(x, 2.0)),
            reference=lambda *_: [3, _X * 8],
            differentiable=False,
        ),
        call(
            [_COUNT],
            lambda i: ops.less(i, 9),
            lambda i: (ops.add(i, 1),),
            maximum_iterations=4,
            reference=lambda *_, **__: [4],
        ),
    ],
    "fori_loop": [
        call(
            [_X],
            1,
            4,
            lambda i, x: (ops.multiply(x, ops.cast(i, "float32")),),
            reference=lambda *_: [_X * 6],
        ),
    ],
    "scan": [
        call(
            [_X[0]], [_X], _running, 3, reference=lambda *_: ([1.5 + _X[0]], [_X[0] + np.cumsum(_X), _X * 2])
        ),
        call([_M[0]], [_M], _running, 3, reverse=True),
    ],
    "map": [call([_M], lambda x: [ops.sum(x)], reference=lambda *_: [_M.sum(1)])],
    "vectorized_map": [call([_M], lambda x: [ops.sum(x)], reference=lambda *_: [_M.sum(1)])],
    "associative_scan": [
        call(
            [_M], lambda a, b: [ops.add(a[0], b[0])], reference=lambda *_: [np.cumsum(_M, 0)], unknown=False
        ),
        call(
            [_X, _X],
            lambda a, b: [ops.multiply(a[0], b[0]), ops.add(a[1], b[1])],
            reverse=True,
            unknown=False,
        ),
    ],
}
