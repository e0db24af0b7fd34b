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
    "matmul_of_many": (lambda x: ops.matmul(x, np.ones((5, 4, 2), "float32")), [(S, A)], False),
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
    "concatenate_flat": (lambda x, y: ops.concatenate([x, y], axis=None), [(S, A), (S, B)], True),
    "concatenate_dense": (lambda x, y: ops.concatenate([x, y]), [(S, A), B], False),
    "stack": (lambda x, y: ops.stack([x, y], axis=-1), [(S, A), (S, B)], True),
    "rows": (lambda x: ops.get_item(x, slice(1, 3)), [(S, A)], True),
    "row": (lambda x: ops.get_item(x, -1), [(S, A)], True),
    "part": (lambda x: ops.get_item(x, (..., None, slice(-3, -1))), [(S, A)], True),
    "every_other": (lambda x: ops.get_item(x, slice(None, None, 2)), [(S, A)], True),
    "element": (lambda x: ops.get_item(x, (0, 1)), [(S, A)], False),
    "not_equal": (ops.not_equal, [(S, A), (S, B)], True),
    "not_equal_zero": (ops.not_equal, [(S, A), 0], True),
    "greater": (ops.greater, [(S, A), (S, B)], True),
    "greater_zero": (ops.greater, [(S, A), 0.0], True),
    "greater_number": (ops.greater, [(S, A), -1], False),
    "less_zero": (ops.less, [0, (S, A)], True),
    "less_dense": (ops.less, [(S, A), DENSE_LIKE_A], False),
    "logical_and": (ops.logical_and, [(S, A), DENSE_LIKE_A], True),
    "logical_or": (
        lambda x, y: ops.logical_or(ops.greater(x, 0), ops.not_equal(y, 0)),
        [(S, A), (S, B)],
        True,
    ),
    "any": (lambda x: ops.any(x, axis=1), [(S, A)], True),
    "any_kept": (lambda x: ops.any(x, axis=0, keepdims=True), [(S, A)], True),
    "all": (lambda x, y: ops.all(ops.stack([x, y]), axis=0), [(S, A), (S, B)], True),
    "all_of_all": (ops.all, [(S, A)], False),
    "cast": (lambda x: ops.cast(x, "int32"), [(S, 4 * A)], True),
    "exp": (ops.exp, [(S, A)], False),
    "var": (lambda x: ops.var(x, axis=0), [(S, A)], False),
    "max": (lambda x: ops.max(x, axis=0), [(S, A)], False),
    "max_below_zero": (lambda x: ops.max(x, axis=1), [(S, -DENSE_LIKE_A)], False),
    "max_kept": (lambda x: ops.max(x, axis=-1, keepdims=True, initial=0.6), [(S, A)], False),
    "max_of_all": (ops.max, [(S, A)], False),
    "min": (lambda x: ops.min(x, axis=(0,)), [(S, A)], False),
    "min_of_all": (lambda x: ops.amin(x), [(S, DENSE_LIKE_A)], False),
    "amax_nan": (lambda x: ops.amax(x, axis=1), [(S, np.where(A > 0.6, np.nan, A))], False),
    "max_padded": (lambda x: ops.max(ops.get_item(x, slice(2, 3)), axis=0), [(S, A)], False),
    "take": (lambda x: ops.take(x, [2, 0, 2, -1], axis=0), [(S, A)], True),
    "take_columns": (lambda x: ops.take(x, [[3, 1], [-1, 0]], axis=-1), [(S, A)], True),
    "take_row": (lambda x: ops.take(x, 2, axis=0), [(S, A)], True),
    "take_flat": (lambda x: ops.take(x, [1, 11, -1]), [(S, A)], True),
    "take_of_nothing": (lambda x: ops.take(x, [1, 0], axis=1), [(S, 0 * A)], True),
    "sum_of_nothing": (lambda x: ops.sum(x, axis=1), [(S, 0 * A)], True),
    "take_nothing": (lambda x: ops.take(x, np.zeros((0,), "int32"), axis=1), [(S, A)], True),
    "take_at_sparse": (
        lambda x, y: ops.take(x, ops.cast(y, "int32"), axis=0),
        [DENSE_LIKE_A, (S, np.abs(B[:1]))],
        False,
    ),
    "einsum": (lambda x, w: ops.einsum("ij,jk->ik", x, w), [(S, A), WEIGHTS], False),
    "einsum_right": (lambda x, y: ops.einsum("ij, kj", x, y), [A, (S, B)], False),
    "einsum_both": (lambda x, y: ops.einsum("ij,kj->ki", x, y), [(S, A), (S, B)], True),
    "einsum_split": (
        lambda x, w: ops.einsum("ab,bcd->adc", x, ops.reshape(w, (4, 2, 1))),
        [(S, A), WEIGHTS],
        False,
    ),
    "einsum_of_two": (
        lambda x, w: ops.einsum("abc,bcd->ad", ops.reshape(x, (3, 2, 2)), ops.reshape(w, (2, 2, 2))),
        [(S, A), WEIGHTS],
        False,
    ),
    "einsum_dots": (lambda x, w: ops.einsum("...b,bc->...c", x, w), [(S, A), WEIGHTS], False),
    "einsum_dots_both": (lambda x, y: ops.einsum("...b,cb->c...", x, y), [(S, A), (S, B)], True),
    "einsum_dense": (lambda x: ops.einsum("ij->ji", x), [(S, A)], False),
    "einsum_batch": (lambda x, y: ops.einsum("ij,ij->i", x, y), [(S, A), (S, B)], False),
    "converted": (lambda x: ops.convert_to_tensor(x, sparse=False), [(S, A)], False),
    "kept": (lambda x: ops.convert_to_tensor(x, "float16"), [(S, A)], True),
}
ENCODINGS = {
    "one_hot": (lambda x, sparse: ops.one_hot(x, 4, sparse=sparse), LABELS),
    "one_hot_inner": (lambda x, sparse: ops.one_hot(x, 4, axis=1, dtype="int32", sparse=sparse), LABELS),
    "multi_hot": (lambda x, sparse: ops.multi_hot(x, 4, sparse=sparse), LABELS),
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


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_gradients_of_a_product(sparse, backend, compiled):
    """Of `sum((x @ w)**2)`, for the dense matrix and for the values of the sparse one."""
    indices = np.argwhere(A)
    values = ops.convert_to_tensor(A[A != 0])
    weights, numbers = (
        backend.store(ops.convert_to_tensor(WEIGHTS), True, "w"),
        backend.store(values, True, "v"),
    )

    def loss(storages):
        w, v = map(backend.read, storages)
        x = sparse.make(indices, v, A.shape)
        return ops.sum(ops.square(ops.matmul(ops.multiply(x, 2.0), w))), None

    def run():
        return backend.gradients(loss, [weights, numbers])[1]

    of_weights, of_values = map(ops.convert_to_numpy, (backend.compile(run) if compiled else run)())
    product = 2 * A @ WEIGHTS
    np.testing.assert_allclose(of_weights, 2 * 2 * A.T @ product, rtol=1e-5)
    np.testing.assert_allclose(of_values, (2 * 2 * product @ WEIGHTS.T)[A != 0], rtol=1e-5)


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_gradients_of_what_is_taken(sparse, backend, compiled):
    """Of `sum((einsum(take(x), w))**2)`, with the positions known or not."""
    indices, positions = np.argwhere(A), np.array([2, 0, 2], "int32")
    weights, numbers = (
        backend.store(ops.convert_to_tensor(WEIGHTS), True, "w"),
        backend.store(ops.convert_to_tensor(A[A != 0]), True, "v"),
    )

    def run(positions):
        def loss(storages):
            w, v = map(backend.read, storages)
            x = ops.take(sparse.make(indices, v, A.shape), positions, axis=0)
            return ops.sum(ops.square(ops.einsum("ab,bc->ac", x, w))), None

        return backend.gradients(loss, [weights, numbers])[1]

    function = backend.compile(run) if compiled else run
    of_weights, of_values = map(ops.convert_to_numpy, function(ops.convert_to_tensor(positions)))
    rows = A[positions]
    expected = np.zeros_like(A)
    np.add.at(expected, positions, 2 * (rows @ WEIGHTS) @ WEIGHTS.T)
    np.testing.assert_allclose(of_weights, 2 * rows.T @ (rows @ WEIGHTS), rtol=1e-5)
    np.testing.assert_allclose(of_values, expected[A != 0], rtol=1e-5)


def test_elements_beyond_the_shape_are_dropped(sparse):
    x = sparse.make(np.array([[2, 1], [0, 0], [5, 0]]), ops.convert_to_tensor([4.0, -9.0, 1.0]), (3, 2))
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.abs(x)), [[9, 0], [0, 0], [0, 4]])
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.add(x, x)), [[-18, 0], [0, 0], [0, 8]])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: ops.any(x, axis=0),
        lambda x: ops.all(x, axis=0),
        lambda x: ops.cast(x, "int32"),
        lambda x: ops.logical_and(x, x),
    ],
)
def test_booleans_of_a_user_whose_indices_are_not_known_to_be_unique(sparse, function):
    dense = np.array([[False, True], [False, True]])
    x = sparse.make(np.argwhere(dense), ops.convert_to_tensor([True, True]), (2, 2))
    assert_same(function(x), function, dense)


def test_extremes_of_what_has_no_place_as_a_dense_tensor(sparse):
    values = ops.convert_to_tensor([-2.0, 3.0, -1.0])
    x = sparse.make(np.array([[0, 5], [7, 2], [9, 5]]), values, (2**20, 2**20))
    assert ops.convert_to_numpy(ops.max(x, axis=0))[:6].tolist() == [0, 0, 3, 0, 0, 0]
    assert ops.convert_to_numpy(ops.min(x, axis=1))[:10].tolist() == [-2, 0, 0, 0, 0, 0, 0, 0, 0, -1]
    assert (float(ops.max(x)), float(ops.min(x))) == (3, -2)


def test_wrong_shapes_are_explained(sparse):
    x = made(sparse, (S, A))
    with pytest.raises(ValueError, match=r"matmul.*\(3, 4\)"):
        ops.matmul(x, WEIGHTS[:2])
    with pytest.raises(ValueError, match=r"add.*\(3, 4\)"):
        ops.add(x, ops.transpose(x))


def test_no_sparse_tensors(backend):
    if backend.sparse is not None:
        pytest.skip("the backend has sparse tensors")
    with pytest.raises(ValueError, match=f"convert_to_tensor.*{backend.name}"):
        ops.convert_to_tensor(A, sparse=True)
    assert not is_sparse(ops.convert_to_tensor(A, sparse=False))
