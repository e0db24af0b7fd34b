"""NumPy's scalars and arrays as attributes: they mean the Python values that they hold, on every backend."""

import json

import numpy as np
import pytest
from keras_backends.selection import active
from keras_ops import ops
from keras_ops.tensor import KerasTensor

X = np.arange(12, dtype="float32").reshape(3, 4)
ONE, TWO, YES = np.int64(1), np.int32(2), np.bool_(True)


class UserList(list):
    """As layers keep the lists that are assigned to them."""


CALLS = {
    "axis": (ops.sum, {"axis": ONE}, {"axis": 1}),
    "axes": (ops.max, {"axis": np.array([0, 1]), "keepdims": YES}, {"axis": (0, 1), "keepdims": True}),
    "scalars_in_a_tuple": (ops.mean, {"axis": (ONE, np.int8(0))}, {"axis": (1, 0)}),
    "flag": (ops.argmax, {"axis": np.int8(-1), "keepdims": YES}, {"axis": -1, "keepdims": True}),
    "array_without_axes": (ops.cumsum, {"axis": np.array(1)}, {"axis": 1}),
    "shape": (ops.reshape, {"newshape": np.array([2, 6])}, {"newshape": (2, 6)}),
    "size": (ops.reshape, {"newshape": np.int64(12)}, {"newshape": 12}),
    "order": (ops.transpose, {"axes": np.array([1, 0])}, {"axes": (1, 0)}),
    "new_axes": (ops.expand_dims, {"axis": [ONE, np.int64(0)]}, {"axis": (1, 0)}),
    "list_of_another_class": (ops.sum, {"axis": UserList([1, 0])}, {"axis": (1, 0)}),
    "repeats": (
        ops.repeat,
        {"repeats": np.array([1, 2, 0]), "axis": np.int64(0)},
        {"repeats": (1, 2, 0), "axis": 0},
    ),
    "widths": (ops.pad, {"pad_width": np.array([[1, 0], [0, 2]])}, {"pad_width": ((1, 0), (0, 2))}),
    "number": (ops.leaky_relu, {"negative_slope": np.float32(0.5)}, {"negative_slope": 0.5}),
    "count": (ops.one_hot, {"num_classes": np.int64(12)}, {"num_classes": 12}),
    "sections": (ops.split, {"indices_or_sections": TWO, "axis": ONE}, {"indices_or_sections": 2, "axis": 1}),
    "places": (
        ops.roll,
        {"shift": np.array([1, 2]), "axis": np.array([0, 1])},
        {"shift": (1, 2), "axis": (0, 1)},
    ),
    "composite": (ops.logsumexp, {"axis": ONE, "keepdims": YES}, {"axis": 1, "keepdims": True}),
    "normalize": (ops.normalize, {"axis": ONE, "order": TWO}, {"axis": 1, "order": 2}),
}


@pytest.mark.parametrize("name", CALLS)
def test_numpy_values_mean_what_they_hold(name):
    operation, given, plain = CALLS[name]
    x = active().tensor(X.astype("int32") if operation is ops.one_hot else X)
    for got, expected in zip(_list(operation(x, **given)), _list(operation(x, **plain)), strict=True):
        assert np.array_equal(active().numpy(got), active().numpy(expected))
    spec = KerasTensor((3, 4), "int32" if operation is ops.one_hot else "float32")
    symbolic, expected = _list(operation(spec, **given)), _list(operation(spec, **plain))
    assert [(s.shape, s.dtype) for s in symbolic] == [(s.shape, s.dtype) for s in expected]
    config = symbolic[0]._keras_history.operation.get_config()
    assert json.dumps(config) == json.dumps(
        {**expected[0]._keras_history.operation.get_config(), "name": config["name"]}
    )


def test_shapes_of_what_is_created():
    assert tuple(ops.zeros(np.array([2, 3])).shape) == (2, 3)
    assert tuple(ops.ones((TWO, ONE)).shape) == tuple(ops.full(np.array([2, 1]), 5.0).shape) == (2, 1)
    assert tuple(ops.eye(TWO).shape) == (2, 2)


def test_an_error_names_the_values():
    with pytest.raises(ValueError, match="axis"):
        ops.sum(active().tensor(X), axis=np.int64(5))


def _list(result):
    return list(result) if isinstance(result, (list, tuple)) else [result]
