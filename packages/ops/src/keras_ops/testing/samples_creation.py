"""Samples of operations that make tensors."""

import numpy as np

from keras_ops.testing.samples import call

_X = np.random.default_rng(5).normal(size=(2, 3)).astype("float32")
_INTS = np.array([1, 2, 3], "int32")
_ENDS = np.array([1.0, 2.0, 0.5], "float32")


def _filled(name):
    return [
        call((2, 3), reference=getattr(np, name)),
        call(4, "int32", reference=getattr(np, name)),
        call([], "bool"),
        call((0, 2), "bfloat16"),
    ]


SAMPLES = {
    "zeros": _filled("zeros"),
    "ones": _filled("ones"),
    "empty": [call((2, 3), deterministic=False), call(2, "int8", deterministic=False)],
    "full": [
        call((2, 3), 1.5, reference=np.full),
        call((2, 3), _ENDS, reference=np.full),
        call(3, 7, "int32", reference=np.full),
        call((2,), True),
    ],
    "zeros_like": [call(_X, reference=np.zeros_like), call(_X, "int32", reference=np.zeros_like)],
    "ones_like": [call(_X, reference=np.ones_like), call(_X, "bool", reference=np.ones_like)],
    "empty_like": [
        call(_X, deterministic=False, differentiable=False),
        call(_X, "int32", deterministic=False),
    ],
    "full_like": [
        call(_X, 3, reference=np.full_like),
        call(_INTS, 1.5, reference=np.full_like),
        call(_X, 2, "int32", reference=np.full_like),
    ],
    "array": [call(_X, reference=np.array), call([[1, 2], [3, 4]]), call(_INTS, "float32")],
    "eye": [
        call(3, reference=np.eye),
        call(2, 4, 1, "int32", reference=np.eye),
        call(3, k=-1, reference=np.eye),
    ],
    "identity": [call(3, reference=np.identity), call(2, "bool", reference=np.identity)],
    "tri": [
        call(3, reference=np.tri),
        call(2, 4, 1, "int32", reference=np.tri),
        call(3, k=-1, reference=np.tri),
    ],
    "meshgrid": [
        call(_INTS, _ENDS[:2], reference=np.meshgrid),
        call(
            _INTS,
            _ENDS[:2],
            _ENDS,
            indexing="ij",
            reference=lambda *x, indexing: np.meshgrid(*x, indexing="ij"),
        ),
        call(_INTS),
    ],
    "count_up": [call(0, 5, 2, "int32"), call(1.0, 0.0, -0.25, "float32")],
    "arange": [
        call(5, reference=np.arange),
        call(2, 9, 3, reference=np.arange),
        call(1.0, 2.0, 0.25, reference=np.arange),
        call(0, 3, dtype="float16"),
    ],
    "linspace": [
        call(0.0, 3.0, 4, reference=np.linspace),
        call(_ENDS, 4.0, 3, axis=-1, reference=np.linspace),
        call(_ENDS, _ENDS[::-1].copy(), 5, endpoint=False, retstep=True, reference=np.linspace),
        call(0, 10, 5, dtype="int32"),
        call(_ENDS, 4.0, 1),
    ],
    "logspace": [
        call(0.0, 2.0, 5, reference=np.logspace),
        call(_ENDS, 2.0, 3, base=2, axis=1, reference=np.logspace),
    ],
    "geomspace": [
        call(1.0, 8.0, 4, reference=np.geomspace),
        call(_ENDS, 4.0, 3, endpoint=False, axis=-1, reference=np.geomspace),
        call(-1.0, -100.0, 3, reference=np.geomspace),
    ],
}
