"""NumPy kernels of linear algebra; SciPy is no dependency, so triangles and LU factors are made by hand."""

import math

import numpy as np

from keras_backends.numpy.tensors import cast as _cast
from keras_backends.numpy.tensors import dtype as _dtype
from keras_backends.precision import through_float32 as _through_float32

_single = _through_float32(_dtype, _cast)

cholesky = _single(lambda x, *, upper: np.linalg.cholesky(x, upper=upper))
det = _single(np.linalg.det)
eigh = _single(lambda x: tuple(np.linalg.eigh(x)))
inv = _single(np.linalg.inv)
qr = _single(lambda x, *, mode: tuple(np.linalg.qr(x, mode)))
slogdet = _single(lambda x: tuple(np.linalg.slogdet(x)))
pseudo_inverse = _single(lambda x, *, rcond: np.linalg.pinv(x, rcond))
singular_values = _single(lambda x: np.linalg.svd(x, compute_uv=False))
singular_vectors = _single(lambda x, *, full_matrices: tuple(np.linalg.svd(x, full_matrices)))
solve_columns = _single(np.linalg.solve)


@_single
def eig(x):
    # NumPy's results are real where all eigenvalues are; those of other frameworks never are.
    kind = np.result_type(x.dtype, np.complex64)
    return tuple(part.astype(kind) for part in np.linalg.eig(x))


@_single
def solve_triangle(a, b, *, lower):
    return np.linalg.solve(np.tril(a) if lower else np.triu(a), b)


@_single
def lu_factor(x):
    rows, columns = x.shape[-2:]
    lu = x.reshape(math.prod(x.shape[:-2]), rows, columns).copy()
    batch, count = np.arange(len(lu)), min(rows, columns)
    pivots = np.empty((len(lu), count), "int32")
    for k in range(count):
        pivots[:, k] = chosen = k + np.abs(lu[:, k:, k]).argmax(-1)
        lu[batch, k], lu[batch, chosen] = lu[batch, chosen], lu[batch, k]
        pivot = lu[:, k, k, None]
        lu[:, k + 1 :, k] /= np.where(pivot == 0, 1, pivot)
        lu[:, k + 1 :, k + 1 :] -= lu[:, k + 1 :, k, None] * lu[:, k, None, k + 1 :]
    return lu.reshape(x.shape), pivots.reshape(*x.shape[:-2], count)
