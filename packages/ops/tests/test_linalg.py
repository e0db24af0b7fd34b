"""Linear algebra where samples do not reach: what factors make up, derivatives, dtypes, errors."""

import numpy as np
import pytest
from keras_backends.selection import active
from keras_ops import KerasTensor, ops

_RANDOM = np.random.default_rng(5)
_TALL = _RANDOM.normal(size=(2, 4, 3)).astype("float32")
_SQUARE = _RANDOM.normal(size=(2, 3, 3)).astype("float32")
_SYMMETRIC = _SQUARE + np.swapaxes(_SQUARE, -1, -2)

differentiates = pytest.mark.skipif(not active().traits.trainable, reason="takes no derivatives")


def array(x):
    return ops.convert_to_numpy(x)


def close(x, y, tolerance=1e-4):
    np.testing.assert_allclose(array(x), y, rtol=tolerance, atol=tolerance)


def test_singular_vectors_make_up_the_matrix():
    for full in (False, True):
        u, s, v = ops.svd(_TALL, full_matrices=full)
        close(ops.matmul(u[..., :3] * s[:, None], v), _TALL)
        close(ops.matmul(ops.swapaxes(u, -1, -2), u), np.eye(4 if full else 3) + np.zeros((2, 1, 1)))


@pytest.mark.parametrize("mode", ["reduced", "complete"])
def test_orthonormal_columns_and_triangle_make_up_the_matrix(mode):
    q, r = ops.qr(_TALL, mode=mode)
    close(ops.matmul(q, r), _TALL)
    close(ops.tril(r[..., :3, :], -1), np.zeros((2, 3, 3)))


def test_eigenvectors_make_up_the_matrix():
    values, vectors = ops.eigh(_SYMMETRIC)
    close(ops.matmul(vectors * values[:, None], ops.swapaxes(vectors, -1, -2)), _SYMMETRIC)
    values, vectors = map(array, ops.eig(_SQUARE))
    assert values.dtype == vectors.dtype == "complex64"
    close((vectors * values[:, None]) @ np.linalg.inv(vectors), _SQUARE)


def test_pivots_say_which_rows_were_swapped():
    x = np.array([[0, 2, 1, 1], [1, 1, 0, 3], [4, 1, 1, 1], [2, 5, 0, 1]], "float32")
    x = np.stack([x, x[::-1]])
    factors, pivots = map(array, ops.lu_factor(x))
    made = (np.tril(factors, -1) + np.eye(4)) @ np.triu(factors)
    for row, product, swaps in zip(x, made, pivots):
        for i, j in enumerate(swaps):
            row[[i, j]] = row[[j, i]]
        close(product, row)


def test_inverse_of_what_has_none():
    singular = np.array([[1, 2], [2, 4]], "float32")
    close(ops.pinv(singular), singular / 25)
    assert array(ops.matrix_rank(singular)) == 1
    sign, logarithm = map(array, ops.slogdet(np.zeros((2, 2), "float32")))
    assert sign == 0 and logarithm == -np.inf


_POSITIVE = _SQUARE @ np.swapaxes(_SQUARE, -1, -2) + np.eye(3, dtype="float32")
GRADIENTS = {
    # Half the logarithm of the determinant; the squares of all elements.
    "cholesky": (
        lambda x: ops.log(ops.diagonal(ops.cholesky(x), 0, -2, -1)),
        _POSITIVE,
        np.linalg.inv(_POSITIVE) / 2,
    ),
    "eigh": (lambda x: ops.square(ops.eigh(x)[0]), _SYMMETRIC, 2 * _SYMMETRIC),
    # Singular values that repeat.
    "pinv": (ops.pinv, 2 * np.eye(3, dtype="float32"), np.full((3, 3), -0.25)),
}


@differentiates
@pytest.mark.parametrize(("function", "x", "expected"), GRADIENTS.values(), ids=GRADIENTS)
def test_gradients_at_symmetric_matrices(function, x, expected):
    backend = active()
    storage = backend.store(ops.convert_to_tensor(x), True, "x")
    _, (gradient,) = backend.gradients(lambda v: (ops.sum(function(backend.read(v[0]))), None), [storage])
    # Frameworks differ in which triangle they read.
    close((gradient + ops.swapaxes(gradient, -1, -2)) / 2, expected)


@differentiates
def test_jvp():
    x, y = (ops.convert_to_tensor(np.array(v, "float32")) for v in ([1, 2], [3, 4]))
    value, derivative = ops.jvp(lambda a, b: {"product": a["x"] * b}, ({"x": x}, y), ({"x": y}, x))
    close(value["product"], [3, 8])
    close(derivative["product"], [1 + 9, 4 + 16])
    value, derivative, aux = ops.jvp(lambda a: (ops.sum(a * a), a + 1), (x,), (y,), has_aux=True)
    close(value, 5)
    close(derivative, 22)
    close(aux, [2, 3])


def test_jvp_of_specs_and_without_kernel():
    value, derivative = ops.jvp(ops.sum, (KerasTensor((None, 3)),), (KerasTensor((None, 3)),))
    assert value.shape == derivative.shape == () and value is not derivative
    with pytest.raises(ValueError, match="1 primals and 2 tangents"):
        ops.jvp(ops.sum, ([1.0],), ([1.0], [1.0]))
    if not active().traits.trainable:
        with pytest.raises(NotImplementedError, match=r"ops\.jvp differentiates.*KERAS_BACKEND"):
            ops.jvp(ops.sum, ([1.0],), ([1.0],))


@pytest.mark.parametrize("dtype", ["int32", "bool", "float16", "bfloat16"])
@pytest.mark.parametrize("function", [ops.det, ops.inv, ops.cholesky, ops.pinv, lambda x: ops.qr(x)[1]])
def test_integers_and_halves(function, dtype):
    x = ops.cast(np.eye(2), dtype)
    wide = active().dtype_rules.get("det") == "double"
    expected = ("float64" if wide else "float32") if dtype in ("int32", "bool") else dtype
    assert ops.dtype(function(x)) == expected
    spec = function(KerasTensor((2, 2), dtype))
    assert spec.dtype == expected


SPECS = {
    "svd": (lambda x: ops.svd(x, full_matrices=False), (None, 4, 3), [(None, 4, 3), (None, 3), (None, 3, 3)]),
    "qr": (lambda x: ops.qr(x, mode="complete"), (None, 4), [(None, None), (None, 4)]),
    "lu_factor": (ops.lu_factor, (None, 3, 3), [(None, 3, 3), (None, 3)]),
    "solve": (lambda x: ops.solve(x, np.ones((5, 1, 3, 2))), (None, 3, 3), [(5, None, 3, 2)]),
    "lstsq": (lambda x: ops.lstsq(x, np.ones(4)), (None, 3), [(3,)]),
}


@pytest.mark.parametrize(("function", "shape", "expected"), SPECS.values(), ids=SPECS)
def test_specs(function, shape, expected):
    outputs = function(KerasTensor(shape))
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    assert [x.shape for x in outputs] == expected


ERRORS = {
    "det": (lambda x: ops.det(x), r"ops\.det: expected `x` to be square .* received shape \(2, 3\)"),
    "inv": (lambda x: ops.inv(x), r"ops\.inv: .*\(2, 3\)"),
    "cholesky": (lambda x: ops.cholesky(x), r"ops\.cholesky: .*\(2, 3\)"),
    "eigh": (lambda x: ops.eigh(x), r"ops\.eigh: .*\(2, 3\)"),
    "solve": (lambda x: ops.solve(x, x), r"expected `a` to be square .*\(2, 3\)"),
    "rows": (lambda x: ops.lstsq(x, np.ones((3, 2))), r"as many rows .*\(2, 3\) and \(3, 2\)"),
    "mode": (lambda x: ops.qr(x, mode="full"), r"ops\.qr: .*'full'"),
    "rank": (lambda x: ops.svd(x[0]), r"ops\.svd: expected `x` to be matrices.*\(3,\)"),
}


@pytest.mark.parametrize(("call", "message"), ERRORS.values(), ids=ERRORS)
def test_errors_name_what_does_not_fit(call, message):
    x = np.ones((2, 3), "float32")
    for argument in (ops.convert_to_tensor(x), KerasTensor((2, 3))):
        with pytest.raises(ValueError, match=message):
            call(argument)
