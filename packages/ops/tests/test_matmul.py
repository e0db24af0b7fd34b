"""Products where samples do not reach: dtypes, empty operands, errors, specs."""

import numpy as np
import pytest
from keras_ops import KerasTensor, ops


def array(x):
    return ops.convert_to_numpy(x)


@pytest.mark.parametrize(
    "dtype", ["bool", "uint8", "int8", "int16", "int32", "float16", "bfloat16", "float32"]
)
@pytest.mark.parametrize("product", [ops.matmul, lambda x, y: ops.einsum("ij,jk->ik", x, y), ops.dot])
def test_every_dtype_multiplies(product, dtype):
    x = ops.cast(ops.convert_to_tensor(np.array([[1, 0], [1, 1]])), dtype)
    result = product(x, x)
    widened = dtype == "int8" and product is not ops.dot
    assert ops.dtype(result) == ("int32" if widened else dtype)
    assert array(result).astype("int32").tolist() == [[1, 0], [1 if dtype == "bool" else 2, 1]]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("shape", [(4,), (5, 4), (2, 5, 4)])
@pytest.mark.parametrize("subscripts", ["...x,xy->...y", "... x, xy -> y ...", "xy,...x->...y", "...x,xy"])
def test_an_ellipsis_of_one_operand(subscripts, shape, dtype):
    operands = [np.arange(np.prod(s)).reshape(s) % 5 - 2.0 for s in (shape, (4, 3))]
    if subscripts.startswith("xy"):
        operands.reverse()
    result = ops.einsum(subscripts, *(ops.cast(ops.convert_to_tensor(x), dtype) for x in operands))
    assert array(ops.cast(result, "float32")).tolist() == np.einsum(subscripts, *operands).tolist()


def test_products_of_nothing_are_zero():
    assert array(ops.matmul(ops.ones((2, 0)), ops.ones((0, 3)))).tolist() == [[0, 0, 0]] * 2
    assert array(ops.tensordot(ops.ones((2, 0)), ops.ones((0, 3)), axes=1)).shape == (2, 3)


@pytest.mark.parametrize("call", [ops.matmul, ops.dot, ops.inner, lambda x, y: ops.tensordot(x, y, 1)])
def test_sizes_that_do_not_fit_are_explained(call):
    x, y = (np.ones((2, 3), "float32"), np.ones((4, 5), "float32"))
    with pytest.raises(ValueError, match=r"\(2, 3\) and \(4, 5\)"):
        call(ops.convert_to_tensor(x), ops.convert_to_tensor(y))
    with pytest.raises(ValueError, match=r"\(2, 3\) and \(4, 5\)"):
        call(KerasTensor((2, 3)), KerasTensor((4, 5)))


@pytest.mark.parametrize(
    ("subscripts", "shapes", "expected"),
    [
        ("...ij,jk->...ik", [(None, 2, 3), (3, 4)], (None, 2, 4)),
        ("b...,b...->...", [(None, 3, 1), (None, 1, 4)], (3, 4)),
        ("ab,cb", [(2, 3), (None, 3)], (2, None)),
        ("ii", [(3, 3)], ()),
        (" i j -> j i ", [(2, None)], (None, 2)),
    ],
)
def test_specs_of_einsum(subscripts, shapes, expected):
    assert ops.einsum(subscripts, *(KerasTensor(shape) for shape in shapes)).shape == expected


@pytest.mark.parametrize(
    ("subscripts", "shapes", "message"),
    [
        ("ij,jk", [(2, 3)], "expected 2 tensors"),
        ("ij->k", [(2, 3)], "'k'"),
        ("ij,jk", [(2, 3), (4, 5)], "one size for 'j'"),
        ("ijk", [(2, 3)], "expected 3 axes"),
    ],
)
def test_subscripts_that_do_not_fit_are_explained(subscripts, shapes, message):
    with pytest.raises(ValueError, match=message):
        ops.einsum(subscripts, *(KerasTensor(shape) for shape in shapes))


def test_cross_refuses_vectors_of_other_sizes():
    with pytest.raises(ValueError, match="2 or 3 elements"):
        ops.cross(KerasTensor((2, 4)), KerasTensor((2, 4)))


def test_specs_of_products():
    assert ops.dot(KerasTensor((None, 2, 3)), KerasTensor((5, 3, 4))).shape == (None, 2, 5, 4)
    assert ops.kron(KerasTensor((None, 2)), KerasTensor((3,))).shape == (None, 6)
    assert ops.outer(KerasTensor((None, 2)), KerasTensor((3,))).shape == (None, 3)
    assert ops.cross(KerasTensor((None, 3)), KerasTensor((3,))).shape == (None, 3)


def test_einsum_takes_the_hint_of_numpy_and_nothing_else():
    x = np.eye(2, dtype="float32")
    np.testing.assert_array_equal(array(ops.einsum("ij,jk->ik", x, x, optimize=True)), x)
    with pytest.raises(TypeError, match=r"ops\.einsum: .*\['order'\]"):
        ops.einsum("ij,jk->ik", x, x, order="C")
