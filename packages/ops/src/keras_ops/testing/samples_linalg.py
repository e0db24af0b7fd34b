"""Samples of linear algebra."""

import numpy as np

from keras_ops.testing.samples import call

_RANDOM = np.random.default_rng(29)


def _normal(*shape):
    return _RANDOM.normal(size=shape).astype("float32")


# Well conditioned, so that differences of float32 say something about gradients.
_SQUARE = _normal(2, 3, 3) + 4 * np.eye(3, dtype="float32")
_ONE = _SQUARE[0]
_SYMMETRIC = (_SQUARE + np.swapaxes(_SQUARE, -1, -2)) / 2 + np.diag([0.0, 2.0, 4.0]).astype("float32")
_TALL, _WIDE = (_normal(*shape) + 4 * np.eye(*shape[-2:], dtype="float32") for shape in ((2, 4, 3), (3, 5)))
_HALF = _ONE.astype("float16")
_INTS = np.array([[2, 1], [1, 3]], "int32")
_LOWER = np.tril(_SQUARE)


def _solve(a, b):
    return np.linalg.solve(a, b[..., None])[..., 0] if b.ndim == a.ndim - 1 else np.linalg.solve(a, b)


def _triangular(a, b, lower=False):
    return _solve(np.tril(a) if lower else np.triu(a), b)


def _from_factor(x, upper=False):
    return np.linalg.inv(np.swapaxes(x, -1, -2) @ x if upper else x @ np.swapaxes(x, -1, -2))


# Eigenvectors, singular vectors and orthonormal columns are unique up to signs, so the tests of linear
# algebra compare what they make up.
_SIGNS = {"portable": False}

SAMPLES = {
    "det": [
        call(_ONE, reference=np.linalg.det),
        call(_SQUARE, reference=np.linalg.det),
        call(_INTS, reference=np.linalg.det),
        call(_HALF),
    ],
    "slogdet": [
        call(_SQUARE, reference=np.linalg.slogdet),
        call(-_ONE, reference=np.linalg.slogdet),
        call(_HALF),
    ],
    "logdet": [call(_SQUARE, reference=lambda x: np.linalg.slogdet(x)[1])],
    "inv": [call(_SQUARE, reference=np.linalg.inv), call(_INTS, reference=np.linalg.inv), call(_HALF)],
    # Frameworks differ in which triangle they read, so no gradient of a single element is alike.
    "cholesky": [
        call(_SYMMETRIC, reference=np.linalg.cholesky, differentiable=False),
        call(
            _SYMMETRIC,
            upper=True,
            reference=lambda x, upper: np.linalg.cholesky(x, upper=upper),
            differentiable=False,
        ),
    ],
    "cholesky_inverse": [
        call(_LOWER, reference=_from_factor),
        call(np.swapaxes(_LOWER, -1, -2), upper=True, reference=_from_factor),
    ],
    "eig": [call(_SYMMETRIC, differentiable=False, **_SIGNS)],
    "eigh": [call(_SYMMETRIC, differentiable=False, **_SIGNS), call(_INTS, **_SIGNS)],
    "lu_factor": [
        call(_normal(3, 3), differentiable=False),
        call(_normal(2, 4, 4), differentiable=False),
        call(_INTS),
    ],
    "qr": [
        call(_TALL, **_SIGNS),
        call(_TALL, "complete", differentiable=False, **_SIGNS),
        call(_WIDE, mode="complete", differentiable=False, **_SIGNS),
        call(_HALF, differentiable=False, **_SIGNS),
    ],
    "singular_values": [
        call(_normal(2, 4, 3), reference=lambda x: np.linalg.svd(x, compute_uv=False)),
        call(_normal(3, 5).astype("float16")),
    ],
    "singular_vectors": [call(_TALL, False, **_SIGNS), call(_WIDE, True, differentiable=False, **_SIGNS)],
    "svd": [
        call(_TALL, full_matrices=False, **_SIGNS),
        call(_WIDE, differentiable=False, **_SIGNS),
        call(_WIDE, compute_uv=False, reference=lambda x, compute_uv: np.linalg.svd(x, compute_uv=False)),
        call(_HALF, differentiable=False, **_SIGNS),
    ],
    "matrix_rank": [
        call(np.stack([_ONE, np.ones_like(_ONE)]), reference=np.linalg.matrix_rank),
        call(_ONE, tol=100.0, reference=lambda x, tol: np.linalg.matrix_rank(x, tol)),
    ],
    "pseudo_inverse": [call(_TALL, 1e-6, reference=np.linalg.pinv)],
    "pinv": [
        call(_TALL, reference=np.linalg.pinv),
        call(_WIDE, rcond=0.5, reference=lambda x, rcond: np.linalg.pinv(x, rcond)),
    ],
    "solve_columns": [call(_SQUARE, _normal(1, 3, 2), reference=_solve)],
    "solve_triangle": [call(_SQUARE, _normal(1, 3, 2), True, reference=_triangular)],
    "solve": [
        call(_SQUARE, _normal(2, 3, 2), reference=_solve),
        call(_SQUARE, _normal(2, 3), reference=_solve),
        call(_ONE, _normal(2, 3, 2), reference=_solve),
        call(_INTS, _INTS, reference=_solve),
        call(_HALF, _HALF),
    ],
    "solve_triangular": [
        call(_SQUARE, _normal(2, 3), reference=_triangular),
        call(_SQUARE, _normal(2, 3, 2), lower=True, reference=_triangular),
    ],
    "lstsq": [
        call(_normal(4, 2), _normal(4), reference=lambda a, b: np.linalg.lstsq(a, b)[0]),
        call(_WIDE, _normal(3, 2), reference=lambda a, b: np.linalg.lstsq(a, b)[0]),
        call(_TALL, _normal(2, 4)),
    ],
    # Where nothing is differentiated there is no kernel, so the tests of linear algebra call it.
    "jvp": [],
}
