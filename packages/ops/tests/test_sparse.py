"""Sparse tensors: each rule's results equal the dense ones, and are sparse where their specs say so."""

import numpy as np
import pytest
from keras_backends.selection import active, load
from keras_ops import ops
from keras_ops.operations import all_operations
from keras_ops.sparse import is_sparse, keeps_zeros
from keras_ops.state import backend_scope
from keras_ops.tensor import KerasTensor

A = np.array([[0, 0.5, 0, -0.25], [0, 0, 0, 0], [0.75, 0, 0, 1]], "float32")
B = np.array([[0.5, 2, 0, 0], [0, 0, 0, 0], [0, 0, 3, -1]], "float32")
ROW = np.array([[1, 2, 3, 4]], "float32")
WEIGHTS = np.arange(8, dtype="float32").reshape(4, 2)
DENSE_LIKE_A = np.arange(1, 13, dtype="float32").reshape(3, 4)
LABELS = np.array([[1, -1, 7], [0, 3, 3]], "int32")

S = "sparse"
CASES = {
    "add": (ops.add, [(S, A), (S, B)], True),
    "add_dense": (ops.add, [(S, A), DENSE_LIKE_A], False),
    "add_broadcast": (ops.add, [(S, A), (S, B[:1])], True),
    "maximum": (ops.maximum, [(S, A), (S, B)], True),
    "minimum": (ops.minimum, [(S, A), (S, B)], True),
    "subtract": (ops.subtract, [(S, A), (S, B)], True),
    "multiply": (ops.multiply, [(S, A), (S, B)], True),
    "multiply_dense": (ops.multiply, [ROW, (S, A)], True),
    "multiply_number": (ops.multiply, [(S, A), 3], True),
    "multiply_widened": (ops.multiply, [(S, A[:1]), DENSE_LIKE_A], True),
    "divide": (ops.divide, [(S, A), DENSE_LIKE_A], True),
    "divide_number": (ops.divide, [(S, A), 2.0], True),
    "divide_by": (ops.divide_no_nan, [DENSE_LIKE_A, (S, A)], False),
    "matmul": (ops.matmul, [(S, A), WEIGHTS], False),
    "matmul_right": (ops.matmul, [A.T, (S, B)], False),
    "matmul_vector": (ops.matmul, [(S, A), ROW[0]], False),
    "matmul_both": (ops.matmul, [(S, A), (S, B.T.copy())], True),
    "matmul_batch": (lambda x, y: ops.matmul(ops.expand_dims(x, 0), y), [(S, A), WEIGHTS], False),
    "dot": (ops.dot, [(S, A), WEIGHTS], False),
    "sum": (lambda x: ops.sum(x, axis=1), [(S, A)], True),
    "sum_kept": (lambda x: ops.sum(x, axis=0, keepdims=True), [(S, A)], True),
    "sum_all": (ops.sum, [(S, A)], False),
    "mean": (lambda x: ops.mean(x, axis=-1), [(S, A)], True),
    "reshape": (lambda x: ops.reshape(x, (2, -1)), [(S, A)], True),
    "transpose": (ops.transpose, [(S, A)], True),
    "swapaxes": (lambda x: ops.swapaxes(x, 0, 1), [(S, A)], True),
    "ravel": (ops.ravel, [(S, A)], True),
    "expand_dims": (lambda x: ops.expand_dims(x, (0, -1)), [(S, A)], True),
    "squeeze": (lambda x: ops.squeeze(x, 0), [(S, A[:1])], True),
    "concatenate": (lambda x, y: ops.concatenate([x, y], axis=-1), [(S, A), (S, B)], True),
    "concatenate_dense": (lambda x, y: ops.concatenate([x, y]), [(S, A), B], False),
    "cast": (lambda x: ops.cast(x, "int32"), [(S, 4 * A)], True),
    "exp": (ops.exp, [(S, A)], False),
    "var": (lambda x: ops.var(x, axis=0), [(S, A)], False),
    "take": (lambda x: ops.take(x, [2, 0], axis=0), [(S, A)], False),
    "converted": (lambda x: ops.convert_to_tensor(x, sparse=False), [(S, A)], False),
    "kept": (lambda x: ops.convert_to_tensor(x, "float16"), [(S, A)], True),
}
ENCODINGS = {
    "one_hot": (lambda x, sparse: ops.one_hot(x, 4, sparse=sparse), LABELS),
    "one_hot_inner": (lambda x, sparse: ops.one_hot(x, 4, axis=1, dtype="int32", sparse=sparse), LABELS),
    "multi_hot": (lambda x, sparse: ops.multi_hot(x, 4, sparse=sparse), LABELS),
    "multi_hot_one": (lambda x, sparse: ops.multi_hot(x, 4, sparse=sparse), LABELS[1]),
    "bincount": (lambda x, sparse: ops.bincount(x, minlength=5, sparse=sparse), LABELS[1]),
}


@pytest.fixture
def backend():
    return active()


@pytest.fixture
def sparse(backend):
    if backend.sparse is None:
        pytest.skip("the backend has no sparse tensors")
    return backend.sparse()


def made(sparse, operand):
    """The operand as a sparse tensor, where it is marked as one."""
    if not isinstance(operand, tuple):
        return operand
    return sparse.from_dense(ops.convert_to_tensor(operand[1]))


def spec(operand):
    if isinstance(operand, tuple):
        return KerasTensor(operand[1].shape, "float32", sparse=True)
    return KerasTensor(operand.shape, "float32") if isinstance(operand, np.ndarray) else operand


def assert_same(result, function, *operands):
    """The result is what the function makes of dense arrays on the NumPy backend, which compiles nothing."""
    with backend_scope(load("numpy")):
        expected = function(*operands)
    got = ops.convert_to_numpy(result)
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(got, expected, rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_rule(sparse, name):
    function, operands, stays = CASES[name]
    result = function(*(made(sparse, x) for x in operands))
    assert_same(result, function, *(x[1] if isinstance(x, tuple) else x for x in operands))
    assert is_sparse(result) == stays
    symbolic = function(*map(spec, operands))
    assert (symbolic.sparse, symbolic.shape, symbolic.dtype) == (stays, result.shape, ops.dtype(result))


UNARY = [
    op
    for op in all_operations().values()
    if op.sparse is keeps_zeros and op.name not in ("cast", "saturate_cast")
]


@pytest.mark.parametrize("op", UNARY, ids=lambda op: op.name)
def test_keeps_zeros(sparse, op):
    """The operation leaves zeros what they are, and its sparse result equals the dense one."""
    result = op.dispatcher(made(sparse, (S, A)))
    assert_same(result, op.dispatcher, A)
    symbolic = op.dispatcher(spec((S, A)))
    assert is_sparse(result) and symbolic.sparse and symbolic.dtype == ops.dtype(result)


@pytest.mark.parametrize("name", ENCODINGS)
def test_encoding(backend, name):
    function, labels = ENCODINGS[name]
    if backend.sparse is None:
        for x in (labels, KerasTensor(labels.shape, "int32")):
            with pytest.raises(ValueError, match=f"sparse tensors.*{backend.name}"):
                function(x, True)
        return
    result = function(labels, True)
    assert is_sparse(result)
    assert_same(result, function, labels, False)
    assert function(KerasTensor(labels.shape, "int32"), True).sparse
