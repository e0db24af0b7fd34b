"""Reductions, order statistics and statistics where samples do not reach: corners, dtypes, errors."""

import numpy as np
import pytest
from keras_backends.selection import active
from keras_ops import KerasTensor, ops

NAN = float("nan")


def array(x):
    return ops.convert_to_numpy(x)


def test_half_precision_is_accumulated_in_float32():
    x = ops.ones((40000,), "float16")
    assert float(array(ops.sum(x))) == 40000
    assert float(array(ops.mean(x))) == 1
    assert float(array(ops.mean(ops.full((4096,), 1000.0, "bfloat16")))) == 1000


def test_moments_over_no_axes_are_the_elements_and_zeros():
    x = np.array([[1, 2], [3, 5]], "float32")
    mean, variance = ops.moments(ops.convert_to_tensor(x), ())
    assert (array(mean).tolist(), array(variance).tolist()) == (x.tolist(), [[0, 0], [0, 0]])


def test_moments_of_half_precision_saturate_where_they_overflow():
    mean, variance = ops.moments(ops.convert_to_tensor(np.array([60000, -60000], "float16")), 0)
    assert float(array(mean)) == 0
    assert float(array(variance)) == np.finfo("float16").max


@pytest.mark.parametrize(
    ("dtype", "expected"), [("bool", "int32"), ("int8", "int32"), ("uint8", "uint32"), ("float16", "float16")]
)
@pytest.mark.parametrize("name", ["sum", "prod", "nansum", "nanprod"])
def test_small_integers_are_summed_in_32_bits(name, dtype, expected):
    if active().canonical_dtype(expected) != expected:
        expected = "int32"  # PyTorch has no unsigned integers of that size.
    x = ops.ones((3,), dtype)
    assert ops.dtype(getattr(ops, name)(x)) == expected
    assert getattr(ops, name)(KerasTensor((3,), dtype)).dtype == expected


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "all", "any", "prod", "var", "logsumexp"])
def test_no_axes_reduce_nothing(name):
    x = np.array([[1.0, 2.0], [3.0, 4.0]], "float32")
    result = getattr(ops, name)(ops.convert_to_tensor(x), axis=())
    assert tuple(ops.shape(result)) == (2, 2)


@pytest.mark.parametrize("name", ["sum", "max", "argmax", "cumsum", "median"])
def test_an_axis_out_of_range_is_explained(name):
    with pytest.raises(ValueError, match=rf"ops.{name}: expected `axis` in \[-2, 2\).*axis=2"):
        getattr(ops, name)(KerasTensor((2, 3)), axis=2)


def test_the_position_of_nan_is_that_of_the_extreme():
    x = ops.convert_to_tensor(np.array([[1, NAN, 2], [3, 2, 1]], "float32"))
    assert array(ops.argmax(x, axis=1)).tolist() == [1, 0]
    assert array(ops.argmin(x, axis=1)).tolist() == [1, 2]


def test_without_any_number():
    x = ops.convert_to_tensor(np.array([[NAN, NAN], [1, NAN]], "float32"))
    assert array(ops.nanargmax(x, axis=1)).tolist() == [-1, 0]
    assert array(ops.nansum(x, axis=1)).tolist() == [0, 1]
    assert array(ops.nanprod(x, axis=1)).tolist() == [1, 1]
    for name in ("nanmax", "nanmin", "nanmean", "nanvar", "nanmedian"):
        result = array(getattr(ops, name)(x, axis=1))
        assert np.isnan(result[0]), name
        assert np.isfinite(result[1]), name


def test_quantiles_of_what_holds_nan_or_infinity():
    x = ops.convert_to_tensor(np.array([[1, NAN, 2], [np.inf, np.inf, 0]], "float32"))
    result = array(ops.quantile(x, [0.5, 1.0], axis=1))
    assert np.isnan(result[:, 0]).all()
    assert (result[:, 1] == np.inf).all()


def test_an_unknown_method_of_quantiles_is_refused():
    with pytest.raises(ValueError, match=r"`method`.*method='odd'"):
        ops.quantile(ops.ones((3,)), 0.5, method="odd")


def test_average_explains_weights_that_do_not_fit():
    with pytest.raises(ValueError, match="expected `axis` to be an int"):
        ops.average(ops.ones((2, 3)), weights=ops.ones((3,)))


def test_histogram_puts_the_largest_element_into_the_last_bin():
    counts, edges = ops.histogram(ops.convert_to_tensor(np.array([0, 1, 2, 3], "int32")), bins=3)
    assert array(counts).tolist() == [1, 1, 2]
    assert array(edges).tolist() == [0, 1, 2, 3]
    for bad in ({"bins": 0}, {"bins": 2.5}, {"range": (1, 0)}):
        with pytest.raises(ValueError, match="expected"):
            ops.histogram(ops.ones((3,)), **bad)


def test_specs_of_what_counts():
    x = KerasTensor((None, 5), "int32")
    assert ops.bincount(x, minlength=3).shape == (None, None)
    counts, edges = ops.histogram(KerasTensor((None,)), bins=4)
    assert (counts.shape, edges.shape, edges.dtype) == ((4,), (5,), "float32")
    assert ops.segment_sum(KerasTensor((None, 2)), KerasTensor((None,), "int32")).shape == (None, 2)


def test_segments_without_slices():
    x, ids = ops.convert_to_tensor([1.0, 2.0]), ops.convert_to_tensor([0, 5])
    assert array(ops.segment_sum(x, ids, num_segments=2)).tolist() == [1, 0]
    assert array(ops.segment_max(x, ids, num_segments=2)).tolist() == [1, -np.inf]


def test_normalize_refuses_orders_that_are_none():
    for order in (0, 1.5, float("inf")):
        with pytest.raises(ValueError, match="`order`"):
            ops.normalize(ops.ones((2, 2)), order=order)
    assert array(ops.normalize(ops.zeros((1, 2)))).tolist() == [[0, 0]]


def test_norm_refuses_unknown_orders():
    for x, ord in ((ops.ones((2,)), "fro"), (ops.ones((2, 2)), 3), (ops.ones((2, 2, 2)), 1)):
        with pytest.raises(ValueError, match="ord"):
            ops.norm(x, ord)


@pytest.mark.skipif(not active().traits.trainable, reason="no gradients")
def test_the_gradient_between_equal_points_is_zero():
    backend = active()
    x = backend.store(ops.ones((1, 2)), True, "x")
    fixed = ops.ones((1, 2))
    _, (gradient,) = backend.gradients(
        lambda values: (ops.sum(ops.cdist(backend.read(values[0]), fixed)), None), [x]
    )
    assert array(gradient).tolist() == [[0, 0]]


def test_synchronized_moments_without_replicas_are_the_plain_ones():
    x = ops.convert_to_tensor(np.array([[0, 2], [4, 8]], "float32"))
    mean, variance = ops.moments(x, axes=[1], synchronized=True)
    assert (array(mean).tolist(), array(variance).tolist()) == ([1, 6], [1, 4])


@pytest.mark.skipif(active().gradients is None, reason="the backend has no gradients")
@pytest.mark.parametrize("values", [[0.0, 2, 3], [2.0, 0, 3, 0, 5], [2.0, 3, 4, 5], [7.0]])
def test_cumulative_products_have_gradients_at_zeros(values):
    backend, x = active(), np.array([values, [v + 1 for v in values]], "float32")
    storage = backend.store(ops.convert_to_tensor(x), True, "x")
    _, (gradient,) = backend.gradients(
        lambda v: (ops.sum(ops.cumprod(backend.read(v[0]), 1)), None), [storage]
    )
    for row, found in zip(x, array(gradient)):
        # Without the element itself, from its position on.
        others = [np.sum(np.cumprod(np.where(np.arange(len(row)) == i, 1, row))[i:]) for i in range(len(row))]
        assert found.tolist() == others
