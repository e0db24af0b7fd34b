"""Tensors made of sizes and numbers: dtypes, sequences, windows, errors."""

import numpy as np
import pytest
from keras_ops import KerasTensor, ops


def array(x):
    return ops.convert_to_numpy(x)


def test_the_default_dtype_is_floatx():
    for made in (ops.zeros(2), ops.ones(2), ops.empty(2), ops.full(2, 1), ops.eye(2), ops.tri(2)):
        assert ops.dtype(made) == "float32"


@pytest.mark.parametrize(
    "dtype", ["bool", "uint8", "int8", "int16", "int32", "float16", "bfloat16", "float64"]
)
def test_every_dtype_is_made(dtype):
    expected = ops.dtype(ops.cast(ops.zeros(1), dtype))
    for made in (
        *(ops.zeros((2,), dtype), ops.ones((2,), dtype), ops.full((2,), 1, dtype), ops.eye(2, dtype=dtype)),
        *(ops.tri(2, dtype=dtype), ops.arange(2, dtype=dtype), ops.zeros_like(ops.ones(2), dtype)),
    ):
        assert ops.dtype(made) == expected


def test_sizes_may_be_numpy_integers():
    assert tuple(ops.shape(ops.zeros((np.int64(2), np.int32(3))))) == (2, 3)
    assert tuple(ops.shape(ops.ones(np.int64(2)))) == (2,)


def test_arange_counts_by_fractions_and_backwards():
    assert array(ops.arange(0, 1, 0.25)).tolist() == [0, 0.25, 0.5, 0.75]
    assert array(ops.arange(3, 0, -1)).tolist() == [3, 2, 1]
    assert array(ops.arange(ops.convert_to_tensor(3))).tolist() == [0, 1, 2]
    assert ops.arange(KerasTensor((), "int32")).shape == (None,)


def test_linspace_hits_both_ends():
    result = array(ops.linspace(0.1, 0.7, 7))
    assert (result[0], result[-1]) == (np.float32(0.1), np.float32(0.7))
    assert tuple(ops.shape(ops.linspace(0.0, 1.0, 0))) == (0,)
    with pytest.raises(ValueError, match="`num`"):
        ops.linspace(0.0, 1.0, -1)


def test_specs_of_spaced_numbers():
    x, y = KerasTensor((None,)), KerasTensor((3,))
    assert ops.linspace(x, y, 4).shape == (4, 3)
    values, step = ops.linspace(x, 1.0, 4, retstep=True, axis=-1)
    assert (values.shape, step.shape) == ((None, 4), (None,))
    assert ops.logspace(x, x, 4, axis=-1).shape == (None, 4)
    assert ops.geomspace(x, x, 4, dtype="float16").dtype == "float16"


def test_meshgrid_keeps_dtypes_and_refuses_other_ranks():
    a, b = ops.meshgrid(ops.convert_to_tensor([1, 2]), ops.convert_to_tensor([0.5]))
    assert (ops.dtype(a), ops.dtype(b)) == ("int32", "float32")
    assert [t.shape for t in ops.meshgrid(KerasTensor((None,)), KerasTensor((4,)))] == [(4, None)] * 2
    with pytest.raises(ValueError, match="at most one axis"):
        ops.meshgrid(ops.ones((2, 2)))
    with pytest.raises(ValueError, match="indexing='xz'"):
        ops.meshgrid(ops.ones(2), indexing="xz")


@pytest.mark.parametrize("name", ["bartlett", "blackman", "hamming", "hanning"])
@pytest.mark.parametrize("length", [0, 1, 2, 7])
def test_windows(name, length):
    result = getattr(ops, name)(ops.convert_to_tensor(length))
    assert ops.dtype(result) == "float32"
    np.testing.assert_allclose(array(result), getattr(np, name)(length), atol=1e-6)


def test_kaiser_window():
    np.testing.assert_allclose(array(ops.kaiser(7, 3.5)), np.kaiser(7, 3.5), atol=1e-6)


def test_array_keeps_or_takes_a_dtype():
    assert ops.dtype(ops.array([1, 2])) == "int32"
    assert ops.dtype(ops.array([True])) == "bool"
    assert ops.dtype(ops.array([1.0], dtype="float16")) == "float16"


@pytest.mark.parametrize(("dtype", "largest"), [("uint8", 255), ("uint16", 65535), ("int16", 32767)])
def test_saturate_cast_stops_at_the_limits_of_the_dtype_that_was_asked_for(dtype, largest):
    result = ops.saturate_cast(np.array([-1e9, 1e9], "float32"), dtype)
    assert int(ops.convert_to_numpy(result)[1]) == largest
