"""Forms of arguments that every backend takes, or refuses, alike."""

import numpy as np
import pytest
from keras_ops import ops

_M = np.arange(12, dtype="float32").reshape(3, 4)
_NONE = np.zeros((0,), "int32")
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
        ("take", (_M, 0.5), {}),
        ("take", (_M, np.array([0.5], "float32")), {"axis": 0}),
    ],
)
def test_refused(name, args, kwargs):
    arrays = [ops.convert_to_tensor(a) if isinstance(a, np.ndarray) else a for a in args]
    with pytest.raises((ValueError, TypeError)):
        getattr(ops, name)(*arrays, **kwargs)
