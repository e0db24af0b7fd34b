"""Sorting and searching where samples do not reach: specs, invalid targets, sizes, errors."""

import numpy as np
import pytest
from keras_ops import KerasTensor, ops


def array(x):
    return ops.convert_to_numpy(x)


def test_specs_of_positions():
    values, positions = ops.top_k(KerasTensor((None, 5), "float16"), 2)
    assert (values.shape, values.dtype) == ((None, 2), "float16")
    assert (positions.shape, positions.dtype) == ((None, 2), "int32")
    assert [t.shape for t in ops.nonzero(KerasTensor((None, 3)))] == [(None,), (None,)]


@pytest.mark.parametrize(
    ("kwargs", "shapes"),
    [
        ({}, [(None,)]),
        ({"return_inverse": True}, [(None,), (None,)]),
        ({"return_counts": True, "size": 4}, [(4,), (4,)]),
        ({"axis": 1, "return_inverse": True, "return_index": True}, [(None, None), (None,), (3,)]),
    ],
)
def test_specs_of_unique(kwargs, shapes):
    result = ops.unique(KerasTensor((None, 3), "int32"), **kwargs)
    results = list(result) if isinstance(result, tuple) else [result]
    assert [t.shape for t in results] == shapes
    assert {t.dtype for t in results} == {"int32"}


def test_too_many_largest_elements_are_refused():
    with pytest.raises(ValueError, match=r"`k`.*k=4"):
        ops.top_k(KerasTensor((2, 3)), 4)


def test_the_earlier_of_equal_elements_comes_first():
    x = ops.convert_to_tensor(np.array([2, 7, 7, 7, 1], "int32"))
    assert array(ops.argsort(x)).tolist() == [4, 0, 1, 2, 3]


@pytest.mark.parametrize("k", [3, 30])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int32", "bool"])
def test_the_earlier_of_equal_largest_elements_comes_first(dtype, k):
    x = np.resize([0, 1, 1, 0], (2, 50)).astype("int32")
    values, positions = ops.top_k(ops.cast(ops.convert_to_tensor(x), dtype), k)
    assert array(positions).tolist() == np.argsort(-x, kind="stable")[:, :k].tolist()
    assert array(values).astype("int32").tolist() == (-np.sort(-x))[:, :k].tolist()


def test_targets_without_a_valid_score_are_not_among_the_best():
    scores = ops.convert_to_tensor(np.array([[0.1, np.nan, 0.3]] * 4, "float32"))
    targets = ops.convert_to_tensor(np.array([2, 1, -1, 3], "int32"))
    assert array(ops.in_top_k(targets, scores, k=3)).tolist() == [True, False, False, False]


def test_unique_of_several_axes_and_flags():
    x = np.array([[3, 1], [1, 3], [3, 1]], "int32")
    values, index, inverse, counts = ops.unique(
        ops.convert_to_tensor(x), return_index=True, return_inverse=True, return_counts=True, axis=0
    )
    assert array(values).tolist() == [[1, 3], [3, 1]]
    assert array(index).tolist() == [1, 0]
    assert array(inverse).tolist() == [1, 0, 1]
    assert array(counts).tolist() == [1, 2]


def test_unique_fills_up_with_the_first_element():
    values, counts = ops.unique(ops.convert_to_tensor([4, 2, 4]), return_counts=True, size=4)
    assert array(values).tolist() == [2, 4, 2, 2]
    assert array(counts).tolist() == [1, 2, 0, 0]


def test_nothing_is_in_an_empty_set():
    assert array(ops.isin(ops.convert_to_tensor([1, 0]), ops.zeros((0,), "int32"))).tolist() == [False, False]


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "int16", "float16", "bfloat16", "float64"])
def test_every_dtype_sorts(dtype):
    x = ops.cast(ops.convert_to_tensor(np.array([3, 0, 1])), dtype)
    result = ops.sort(x)
    assert ops.dtype(result) == ops.dtype(x)
    assert array(result).astype("int32").tolist() == ([0, 1, 1] if dtype == "bool" else [0, 1, 3])
    assert array(ops.argsort(x)).tolist() == ([1, 0, 2] if dtype == "bool" else [1, 2, 0])
    largest, position = ops.top_k(x, 1)
    assert (array(largest).astype("int32").tolist(), array(position).tolist()) == (
        [1 if dtype == "bool" else 3],
        [0],
    )
