"""Torch kernels of linear algebra."""

import torch

from keras_backends.precision import through_float32 as _through_float32
from keras_backends.torch.tensors import cast as _cast
from keras_backends.torch.tensors import dtype as _dtype

_single = _through_float32(_dtype, _cast)

cholesky = _single(torch.linalg.cholesky)
det = _single(torch.linalg.det)
eig = _single(lambda x: tuple(torch.linalg.eig(x)))
eigh = _single(lambda x: tuple(torch.linalg.eigh(x)))
inv = _single(torch.linalg.inv)
qr = _single(lambda x, *, mode: tuple(torch.linalg.qr(x, mode)))
slogdet = _single(lambda x: tuple(torch.linalg.slogdet(x)))
singular_values = _single(torch.linalg.svdvals)
singular_vectors = _single(lambda x, *, full_matrices: tuple(torch.linalg.svd(x, full_matrices)))
pseudo_inverse = _single(lambda x, *, rcond: torch.linalg.pinv(x, rtol=rcond))
solve_columns = _single(torch.linalg.solve)
solve_triangle = _single(lambda a, b, *, lower: torch.linalg.solve_triangular(a, b, upper=not lower))


@_single
def lu_factor(x):
    # The one that checks nothing: a singular matrix has factors too.
    factors, pivots, _ = torch.linalg.lu_factor_ex(x)
    return factors, pivots - 1  # LAPACK counts from one.


def jvp(primals, tangents, *, function):
    return torch.func.jvp(function, tuple(primals), tuple(tangents), has_aux=True)
