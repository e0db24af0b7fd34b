"""TensorFlow kernels of linear algebra."""

import tensorflow as tf

from keras_backends.precision import through_float32 as _through_float32
from keras_backends.tensorflow.tensors import cast as _cast
from keras_backends.tensorflow.tensors import dtype as _dtype

_single = _through_float32(_dtype, _cast)

det = _single(tf.linalg.det)
eig = _single(lambda x: tuple(tf.linalg.eig(x)))
eigh = _single(lambda x: tuple(tf.linalg.eigh(x)))
inv = _single(tf.linalg.inv)
qr = _single(lambda x, *, mode: tuple(tf.linalg.qr(x, full_matrices=mode == "complete")))
slogdet = _single(lambda x: tuple(tf.linalg.slogdet(x)))
singular_values = _single(lambda x: tf.linalg.svd(x, compute_uv=False))


@_single
def cholesky(x, *, upper):
    factor = tf.linalg.cholesky(x)
    return tf.linalg.adjoint(factor) if upper else factor


@_single
def singular_vectors(x, *, full_matrices):
    s, u, v = tf.linalg.svd(x, full_matrices)
    return u, s, tf.linalg.adjoint(v)


@_single
def pseudo_inverse(x, *, rcond):
    """With the gradient of Golub and Pereyra (1973): that of the singular vectors is wrong where values repeat."""

    @tf.custom_gradient
    def inverse(x):
        def gradient(upstream):
            p, g = pseudo_inverse(x, rcond=rcond), tf.linalg.adjoint(upstream)
            q = tf.linalg.adjoint(p)
            left, right = g @ p @ q, q @ p @ g
            return left - x @ p @ left + right - right @ p @ x - tf.linalg.adjoint(p @ g @ p)

        return tf.linalg.pinv(x, rcond), gradient

    return inverse(x)


def _together(a, b):
    """Both with the batch axes that they have when broadcast, which solvers do not do."""
    batch = tf.broadcast_dynamic_shape(tf.shape(a)[:-2], tf.shape(b)[:-2])
    return (tf.broadcast_to(x, tf.concat([batch, tf.shape(x)[-2:]], 0)) for x in (a, b))


@_single
def solve_columns(a, b):
    alike = a.shape[:-2].is_fully_defined() and a.shape[:-2] == b.shape[:-2]
    return tf.linalg.solve(*((a, b) if alike else _together(a, b)))


@_single
def solve_triangle(a, b, *, lower):
    return tf.linalg.triangular_solve(a, b, lower=lower)


@_single
def lu_factor(x):
    """TensorFlow says which row comes where in the end; LAPACK, and we, which rows were swapped in turn."""
    factors, order = tf.linalg.lu(x)
    rows = tf.range(tf.shape(x)[-1]) + tf.zeros_like(order)
    pivots = tf.TensorArray(tf.int32, tf.shape(x)[-1], element_shape=order.shape[:-1])

    def swap(k, rows, pivots):
        here, wanted = rows[..., k, None], order[..., k, None]
        chosen = tf.argmax(tf.cast(rows == wanted, tf.int32), -1, tf.int32)
        swapped = tf.where(rows == wanted, here, rows)
        at_k = tf.range(tf.shape(x)[-1]) == k
        return k + 1, tf.where(at_k, wanted, swapped), pivots.write(k, chosen)

    _, _, pivots = tf.while_loop(lambda k, *_: k < tf.shape(x)[-1], swap, (0, rows, pivots))
    rank = len(x.shape) - 1
    return factors, tf.ensure_shape(tf.transpose(pivots.stack(), [*range(1, rank), 0]), order.shape)


def jvp(primals, tangents, *, function):
    with tf.autodiff.ForwardAccumulator(list(primals), list(tangents)) as accumulator:
        outputs, aux = function(*primals)
    return outputs, [accumulator.jvp(x, tf.UnconnectedGradients.ZERO) for x in outputs], aux
