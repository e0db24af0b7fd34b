"""JAX kernels of linear algebra."""

import jax as _jax
import jax.numpy as jnp

from keras_backends.jax.tensors import cast as _cast
from keras_backends.jax.tensors import dtype as _dtype
from keras_backends.precision import through_float32 as _through_float32

_single = _through_float32(_dtype, _cast)

cholesky = _single(lambda x, *, upper: jnp.linalg.cholesky(x, upper=upper))
det = _single(jnp.linalg.det)
eig = _single(lambda x: tuple(jnp.linalg.eig(x)))
eigh = _single(lambda x: tuple(jnp.linalg.eigh(x)))
inv = _single(jnp.linalg.inv)
lu_factor = _single(_jax.scipy.linalg.lu_factor)
qr = _single(lambda x, *, mode: tuple(jnp.linalg.qr(x, mode)))
slogdet = _single(lambda x: tuple(jnp.linalg.slogdet(x)))
singular_values = _single(lambda x: jnp.linalg.svd(x, compute_uv=False))
singular_vectors = _single(lambda x, *, full_matrices: tuple(jnp.linalg.svd(x, full_matrices)))
pseudo_inverse = _single(lambda x, *, rcond: jnp.linalg.pinv(x, rtol=rcond))
solve_columns = _single(jnp.linalg.solve)


@_single
def solve_triangle(a, b, *, lower):
    batch = jnp.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a, b = (jnp.broadcast_to(x, batch + x.shape[-2:]) for x in (a, b))
    return _jax.lax.linalg.triangular_solve(a, b, left_side=True, lower=lower)


def jvp(primals, tangents, *, function):
    outputs, derivatives, aux = _jax.jvp(
        lambda *xs: function(*xs), tuple(primals), tuple(tangents), has_aux=True
    )
    return outputs, derivatives, aux
