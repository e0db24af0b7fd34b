"""Forms of arguments that every backend takes, or refuses, alike."""

import numpy as np
import pytest
from keras_ops import KerasTensor, ops, tree

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
        ("take", (_M[:0], _NO_LABELS), {"axis": 0}, np.zeros((2, 0, 4))),
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


_NAN = float("nan")
_BYTES = np.array([0, 1, 255, 128], "uint8")
_CUBES = [np.random.default_rng(i).normal(size=(2, 3, 2)).astype("float32") for i in range(2)]


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "expected"),
    [
        ("hard_tanh", (_BYTES,), {}, [0, 1, 1, 1]),
        ("softmax", (np.zeros((2, 0), "float32"),), {}, np.zeros((2, 0))),
        ("log_softmax", (np.zeros((2, 0), "float32"),), {}, np.zeros((2, 0))),
        ("median", (np.zeros((0, 2), "float32"),), {}, _NAN),
        ("median", (np.zeros((0, 2), "float32"),), {"axis": 1, "keepdims": True}, np.zeros((0, 1))),
        ("median", (np.array(2.5, "float32"),), {"keepdims": True}, 2.5),
        ("median", (np.array([60000, 60000], "float16"),), {}, 60000),
        ("nanmedian", (np.zeros((0, 2), "float32"),), {"axis": 0}, [_NAN, _NAN]),
        ("quantile", (np.zeros((2, 0), "float32"), [0.5]), {"axis": 1}, [[_NAN, _NAN]]),
        ("nanpercentile", (np.zeros((2, 0), "float32"), 50), {"axis": 0}, []),
        ("matrix_rank", (np.zeros((2, 3, 0), "float32"),), {}, [0, 0]),
        ("kron", _CUBES, {}, np.kron(*_CUBES)),
        ("view", (np.array(1, "float32"),), {"dtype": "int32"}, 1065353216),
        ("pad", (_M[0], (7, 5)), {"mode": "reflect"}, np.pad(_M[0], (7, 5), "reflect")),
        ("pad", (_M[0], (9, 4)), {"mode": "symmetric"}, np.pad(_M[0], (9, 4), "symmetric")),
        ("pad", (_M[0, :1], 2), {"mode": "reflect"}, np.zeros(5)),
        ("slice", (_M, np.array([1, 2]), np.array([1, 1])), {}, _M[1:2, 2:3]),
        ("scatter", (np.array([[-1], [0]]), np.array([2.0, 3.0], "float32"), (3,)), {}, [3, 0, 2]),
        ("arange", (5, 2), {}, []),
        ("full", ((2,), 2**40), {}, [2.0**40] * 2),
        ("full", ((2,), 2.5), {"dtype": "int32"}, [2, 2]),
    ],
)
def test_corners(name, args, kwargs, expected):
    arrays = [ops.convert_to_tensor(a) if isinstance(a, np.ndarray) else a for a in args]
    result = ops.convert_to_numpy(getattr(ops, name)(*arrays, **kwargs))
    assert result.shape == np.shape(expected)
    np.testing.assert_allclose(result.astype("float64"), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "message"),
    [
        ("percentile", (_M, 50), {"method": "median"}, "in ops.quantile: expected `method` to be one of"),
        (
            "bincount",
            (np.array([1]), _M[0]),
            {},
            r"expected `weights` of the shape of `x`, received \(4,\) for \(1,\)",
        ),
        ("average", (_M,), {"axis": 0, "weights": np.ones(2, "float32")}, ""),
        ("bitwise_not", (_M,), {}, "Received: x=<tensor of shape"),
        ("diag", (np.zeros((2, 2, 2), "float32"),), {}, "rank 1 or 2"),
        ("view_as_complex", (np.zeros((2, 3), "float32"),), {}, ""),
        ("top_k", (_M, -1), {}, "`k`"),
        ("rfft", (_M,), {"fft_length": 0}, "at least one number, received a length of 0"),
        ("irfft", ((_M[:, :1], _M[:, :1]),), {}, "at least one number, received a length of 0"),
        ("irfft", ((_M, _M),), {"fft_length": 0}, "at least one number, received a length of 0"),
    ],
)
def test_refusals_name_the_operation_that_was_called(name, args, kwargs, message):
    args = tree.map_structure(lambda a: ops.convert_to_tensor(a) if isinstance(a, np.ndarray) else a, args)
    with pytest.raises((ValueError, TypeError), match=rf"^ops\.{name}: .*{message}"):
        getattr(ops, name)(*args, **kwargs)


@pytest.mark.parametrize("cuts", [[-1], [3, 1], [2, 9], [1, 1], [-9, 2]])
def test_cuts_from_the_end_and_back(cuts):
    parts = ops.split(ops.convert_to_tensor(_M), cuts, axis=1)
    assert [ops.convert_to_numpy(x).tolist() for x in parts] == [x.tolist() for x in np.split(_M, cuts, 1)]
    assert [x.shape for x in ops.split(KerasTensor(_M.shape), cuts, axis=1)] == [x.shape for x in parts]


@pytest.mark.parametrize("x", [2**40, [1, -(2**40)], [[2**31]]])
def test_integers_beyond_int32_are_not_taken_for_others(x):
    for function in (ops.convert_to_tensor, ops.sum):
        with pytest.raises(ValueError, match=r"(integers|numbers) that int32 holds.*received"):
            function(x)
    assert (
        ops.convert_to_numpy(ops.convert_to_tensor(x, "float32")).tolist() == np.array(x, "float32").tolist()
    )


_SCALAR = np.float32(1).reshape(())
_WITH_AXIS = (  # noqa: SIM905 - a table to read
    "sum mean max min amax amin prod var std all any ptp logsumexp count_nonzero argmax argmin nansum nanmax "
    "nanmean nanargmax cumsum cumprod sort argsort softmax log_softmax flip squeeze moments repeat"
).split()


@pytest.mark.parametrize("name", _WITH_AXIS)
@pytest.mark.parametrize("axis", [0, -1])
def test_a_number_has_no_axis(name, axis):
    x, function = ops.convert_to_tensor(_SCALAR), getattr(ops, name)
    options = {"axes" if name == "moments" else "axis": axis, **({"repeats": 2} if name == "repeat" else {})}
    for number in (x, 1.0, KerasTensor(())):
        for _ in range(2):
            with pytest.raises(ValueError, match=rf"ops\.{name}: .*`axis` in \[0, 0\)"):
                function(number, **options)


_IMAGES = np.ones((1, 4, 4, 2), "float32")


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "message"),
    [
        ("prod", (_M,), {"axis": (0, 0)}, "distinct axes.*axis="),
        ("nanprod", (_M,), {"axis": (1, -1)}, "distinct axes"),
        ("expand_dims", (_M,), {"axis": (0, 0)}, "distinct axes"),
        ("squeeze", (_M[:1, None],), {"axis": (0, 0)}, "distinct axes"),
        ("moveaxis", (_SCALAR, 0, 0), {}, "`source` in"),
        ("swapaxes", (_SCALAR, 0, 0), {}, "`axis1` in"),
        ("sort", (_M,), {"axis": 0.5}, "`axis` to be an integer"),
        ("stack", ([_M, _M],), {"axis": 0.5}, "`axis` to be an integer"),
        ("one_hot", (np.array([1]), 3), {"axis": 0.5}, "`axis` to be an integer"),
        ("segment_sum", (_M, np.array([0.0, 1.0, 1.0], "float32")), {"num_segments": 2}, "an integer dtype"),
        ("segment_max", (_M, np.array([0, 1])), {"num_segments": 2}, "a segment for each slice"),
        ("segment_min", (_M, np.array(0)), {"num_segments": 2}, "to have one axis"),
        ("scatter", (np.array([[0.0]], "float32"), _M[0, :1], (3,)), {}, "`indices` of an integer dtype"),
        ("scatter", (np.array([[0], [1]]), _M[:, 0], (4,)), {}, r"`values` of shape \(2,\), received \(3,\)"),
        ("scatter_update", (_M, np.array([[0, 1, 2]]), _M[0, :1]), {}, "up to 2 positions"),
        ("tensordot", (_M, _M[:1]), {"axes": 1}, "contracted axes to have one size"),
        ("tensordot", (_M, _M), {"axes": -99}, "`axes` from 0 to 2"),
        ("reshape", (_M, -99), {}, "newshape"),
        ("broadcast_to", (_M, (-1, 4)), {}, "broadcasts"),
        ("tril", (_M[0],), {}, "rank 2 or more"),
        ("triu", (_M[0],), {}, "rank 2 or more"),
        ("unstack", (_M,), {"num": 4}, "expected num=3"),
        ("split", (_M, 0), {}, "one part or more"),
        ("hsplit", (_M, 1.5), {}, ""),
        ("fft", ((_M[:1], _M),), {}, "parts of one shape"),
        ("irfft", ((_M[:1], _M),), {}, "parts of one shape"),
        ("extract_sequences", (_M,), {"sequence_length": 2, "sequence_stride": -1}, "`sequence_stride`"),
        ("extract_sequences", (_M,), {"sequence_length": 9, "sequence_stride": 1}, "at least 9"),
        ("categorical_crossentropy", (_M[:1], _M), {}, "of the same shape"),
        ("sparse_categorical_crossentropy", (np.array([1]), _M), {}, r"`target` of shape \(3,\)"),
        ("batch_normalization", (_M, _SCALAR, _M[0]), {"axis": -1}, r"`mean` of shape \(4,\)"),
        ("cross", (_M, _M), {}, "2 or 3 elements"),
        ("vander", (_M,), {}, "one axis"),
        ("cholesky", (np.ones((2, 1, 3), "float32"),), {}, "square matrices"),
        ("dot_product_attention", (_IMAGES, _IMAGES[:, :, :0], _IMAGES), {}, "divisible"),
        ("conv", (_IMAGES, np.ones((2, 2, 0, 3), "float32")), {}, "divisible"),
        ("conv_transpose", (_IMAGES[:, :0], np.ones((2, 2, 3, 2), "float32")), {}, "sizes of 1"),
        ("conv_transpose", (_IMAGES, _IMAGES), {"strides": 2, "output_padding": -1}, "output_padding"),
        ("view", (_SCALAR,), {"dtype": "uint8"}, "at least one axis"),
        ("rearrange", (_M, 3), {}, "a pattern with '->'"),
        ("get_item", (_M, 1.5), {}, ""),
        ("average", (_M,), {"axis": "a"}, ""),
    ],
)
def test_what_kernels_would_take_silently_is_refused(name, args, kwargs, message):
    args = tree.map_structure(lambda a: ops.convert_to_tensor(a) if isinstance(a, np.ndarray) else a, args)
    specs = tree.map_structure(lambda a: KerasTensor(a.shape, ops.dtype(a)) if ops.is_tensor(a) else a, args)
    for given in (args, specs, args):
        with pytest.raises((ValueError, TypeError), match=rf"ops\.{name}: .*{message}"):
            getattr(ops, name)(*given, **kwargs)


def test_an_axis_that_is_named_twice_is_rolled_twice():
    shifted = ops.roll(ops.convert_to_tensor(_M), (1, 1), axis=(0, 0))
    assert ops.convert_to_numpy(shifted).tolist() == np.roll(_M, 2, 0).tolist()
    assert ops.roll(KerasTensor(_M.shape), (1, 1), axis=(0, 0)).shape == _M.shape
