"""Forms of arguments that every backend takes, or refuses, alike."""

import numpy as np
import pytest
from keras_ops import KerasTensor, ops

_M = np.arange(12, dtype="float32").reshape(3, 4)
_NONE = np.zeros((0,), "int32")
_NO_LABELS = np.zeros((2, 0), "int32")
_ONES = np.ones((2, 2), "float32")


def _written(row, column):
    result = _M.copy()
    result[row : row + 2, column : column + 2] = 1
    return result


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "expected"),
    [
        ("roll", (_M, 3), {"axis": (0, 1)}, np.roll(_M, 3, (0, 1))),
        ("roll", (_M, (1, 2)), {"axis": 1}, np.roll(_M, 3, 1)),
        ("bincount", (_NONE,), {"minlength": 2}, [0, 0]),
        ("bincount", (_NONE,), {"minlength": 2, "weights": np.zeros((0,), "float32")}, [0, 0]),
        ("bincount", (_NONE.reshape(2, 0),), {"minlength": 1}, [[0], [0]]),
        ("pad", (_M, ((1,), (2,))), {}, np.pad(_M, ((1, 1), (2, 2)))),
        ("clip", (_M, None, None), {}, _M),
        ("slice", (_M, (2, 3), (2, 2)), {}, _M[1:, 2:]),
        ("one_hot", (np.array([0.7, 1.0], "float32"), 2), {}, [[0, 0], [0, 1]]),
        ("slice_update", (_M, (2, 3), _ONES), {}, _written(1, 2)),
        # Starts below zero count from the end, and windows that stick out are moved inside.
        ("slice", (_M, (-2, -9), (2, 2)), {}, _M[1:, :2]),
        ("slice", (_M, np.array([-3, -1], "int32"), (2, 2)), {}, _M[:2, 2:]),
        ("slice_update", (_M, (-2, -9), _ONES), {}, _written(1, 0)),
        ("slice_update", (_M, np.array([-1, -3], "int32"), _ONES), {}, _written(1, 1)),
        ("multi_hot", (_NO_LABELS, 3), {}, np.zeros((2, 3))),
        ("multi_hot", (_NO_LABELS, 3), {"axis": 0}, np.zeros((3, 0))),
        ("multi_hot", (_NO_LABELS[0], 3), {"dtype": "int32"}, np.zeros(3)),
        ("multi_hot", (_NO_LABELS[:0], 3), {}, np.zeros((0, 3))),
    ],
)
def test_accepted(name, args, kwargs, expected):
    arrays = [ops.convert_to_tensor(a) if isinstance(a, np.ndarray) else a for a in args]
    assert ops.convert_to_numpy(getattr(ops, name)(*arrays, **kwargs)).tolist() == np.array(expected).tolist()


@pytest.mark.parametrize(
    ("name", "args", "kwargs"),
    [
        ("pad", (_M, -1), {}),
        ("pad", (_M, -1), {"mode": "edge"}),
        ("searchsorted", (_M[0], _M[0]), {"side": "mid"}),
        ("slice", (_M, (1, 1), (2, -1)), {}),
        ("slice", (_M, (0, 0), (4, 2)), {}),
        ("slice_update", (_M, (0, 0), np.ones((2, 5), "float32")), {}),
        ("take", (_M, 0.5), {}),
        ("take", (_M, np.array([0.5], "float32")), {"axis": 0}),
    ],
)
def test_refused(name, args, kwargs):
    arrays = [ops.convert_to_tensor(a) if isinstance(a, np.ndarray) else a for a in args]
    with pytest.raises((ValueError, TypeError)):
        getattr(ops, name)(*arrays, **kwargs)


@pytest.mark.parametrize("q", [-0.5, 1.5, float("nan"), [0.5, 1.5], np.array([-0.25, 0.5], "float32")])
@pytest.mark.parametrize(("name", "scale"), [("quantile", 1), ("nanpercentile", 100)])
def test_quantiles_outside_their_range_are_refused(name, scale, q):
    q = q * scale if isinstance(q, (float, np.ndarray)) else [scale * number for number in q]
    function, message = getattr(ops, name), rf"ops\.{name}: expected `q` .*\[0, {scale}\], received"
    for x in (ops.convert_to_tensor(_M), KerasTensor(_M.shape)):
        with pytest.raises(ValueError, match=message):
            function(x, q)


def test_quantiles_at_the_ends_of_their_range():
    for q, scale in [(ops.quantile, 1), (ops.percentile, 100)]:
        ends = ops.convert_to_numpy(q(ops.convert_to_tensor(_M), [0, scale]))
        assert ends.tolist() == [_M.min(), _M.max()]
