"""Margins, factors and noise: what the small layers compute, and the errors of their arguments."""

import numpy as np
import pytest
from keras_layers.regularization.activity_regularization import ActivityRegularization
from keras_layers.regularization.noise import AlphaDropout, GaussianDropout, GaussianNoise
from keras_layers.regularization.spatial_dropout import SpatialDropout1D, SpatialDropout2D, SpatialDropout3D
from keras_layers.reshaping.cropping import Cropping1D, Cropping2D, Cropping3D
from keras_layers.reshaping.up_sampling import UpSampling1D, UpSampling2D, UpSampling3D
from keras_layers.reshaping.zero_padding import ZeroPadding1D, ZeroPadding2D, ZeroPadding3D
from keras_ops import ops
from keras_ops.tensor import KerasTensor

RNG = np.random.default_rng(4)
MARGINS = {1: (1, 2), 2: ((1, 0), (2, 1)), 3: ((1, 0), (2, 1), (0, 1))}
CROPPING = {1: Cropping1D, 2: Cropping2D, 3: Cropping3D}
PADDING = {1: ZeroPadding1D, 2: ZeroPadding2D, 3: ZeroPadding3D}
GROWING = {1: UpSampling1D, 2: UpSampling2D, 3: UpSampling3D}
SPATIAL = {1: SpatialDropout1D, 2: SpatialDropout2D, 3: SpatialDropout3D}
FORMATS = ("channels_last", "channels_first")


def _array(x):
    return ops.convert_to_numpy(x)


def _pairs(rank):
    return [MARGINS[1]] if rank == 1 else list(MARGINS[rank])


@pytest.mark.parametrize("data_format", FORMATS)
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_padding_and_cropping_are_inverse(rank, data_format):
    x = RNG.normal(size=(2, 3, 4, 5, 2)[: rank + 1] + (2,)).astype("float32")
    pairs = _pairs(rank)
    first = data_format == "channels_first"
    widths = [(0, 0), *([(0, 0)] if first else []), *pairs, *([] if first else [(0, 0)])]
    padded = PADDING[rank](MARGINS[rank], data_format=data_format)(x)
    np.testing.assert_array_equal(_array(padded), np.pad(x, widths))
    if rank > 1 or not first:
        formats = {} if rank == 1 else {"data_format": data_format}
        np.testing.assert_array_equal(_array(CROPPING[rank](MARGINS[rank], **formats)(padded)), x)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_margins_may_be_one_number(rank):
    pairs = ((2, 2),) * rank
    for layer, name in ((PADDING[rank](2), "padding"), (CROPPING[rank](2), "cropping")):
        assert layer.get_config()[name] == (pairs[0] if rank == 1 else pairs)
    if rank > 1:
        assert PADDING[rank]((2,) * rank).padding == pairs


def test_margins_of_unknown_sizes():
    x = KerasTensor((None, None, 5, 3))
    assert Cropping2D(1)(x).shape == (None, None, 3, 3)
    assert ZeroPadding2D(1)(x).shape == (None, None, 7, 3)
    assert UpSampling2D(2)(x).shape == (None, None, 10, 3)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_steps_are_repeated(rank):
    x = RNG.normal(size=(2, 3, 4, 5)[: rank + 1] + (2,)).astype("float32")
    size = (2, 1, 3)[:rank]
    expected = x
    for axis, factor in enumerate(size, start=1):
        expected = np.repeat(expected, factor, axis=axis)
    layer = GROWING[rank](size[0] if rank == 1 else size)
    np.testing.assert_array_equal(_array(layer(x)), expected)


@pytest.mark.parametrize("data_format", FORMATS)
def test_images_grow_smoothly(data_format):
    x = np.arange(2 * 3 * 3 * 3, dtype="float32").reshape(2, 3, 3, 3)
    layer = UpSampling2D(2, data_format=data_format, interpolation="bilinear")
    result = layer(x)
    assert tuple(result.shape) == layer.compute_output_shape(x.shape)
    assert np.isclose(_array(result).mean(), x.mean())
    assert len(np.unique(_array(result))) > x.size


@pytest.mark.parametrize("data_format", FORMATS)
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_feature_maps_are_dropped_as_a_whole(rank, data_format):
    if rank == 1 and data_format == "channels_first":
        pytest.skip("sequences have one format")
    formats = {} if rank == 1 else {"data_format": data_format}
    layer = SPATIAL[rank](0.5, seed=1, **formats)
    shape = (20, *(3,) * rank, 30) if data_format == "channels_last" else (20, 30, *(3,) * rank)
    result = _array(layer(np.ones(shape, "float32"), training=True))
    axes = tuple(range(1, rank + 1)) if data_format == "channels_last" else tuple(range(2, rank + 2))
    assert np.array_equal(result.min(axes), result.max(axes))
    assert 0.4 < (result == 0).mean() < 0.6 and set(np.unique(result)) == {0, 2}


@pytest.mark.parametrize(
    ("make", "mean", "std"),
    [
        (lambda: GaussianNoise(0.5, seed=1), 0, 0.5),
        (lambda: GaussianDropout(0.5, seed=1), 0, 0),
        (lambda: AlphaDropout(0.3, seed=1), None, None),
    ],
)
def test_noise_is_for_training_only(make, mean, std):
    x = np.zeros((60, 60), "float32")
    np.testing.assert_array_equal(_array(make()(x)), x)
    if std is not None:
        result = _array(make()(x, training=True))
        assert abs(result.mean() - mean) < 0.05 and abs(result.std() - std) < 0.05


def test_noise_keeps_the_moments_it_promises():
    x = RNG.normal(size=(100, 100)).astype("float32")
    result = _array(AlphaDropout(0.3, seed=1)(x, training=True))
    assert abs(result.mean()) < 0.05 and abs(result.std() - 1) < 0.05
    rows = _array(AlphaDropout(0.5, noise_shape=(None, 1), seed=1)(x, training=True))
    assert 30 < (rows.std(axis=1) < 1e-3).sum() < 70
    factors = _array(GaussianDropout(0.2, seed=1)(np.ones((100, 100), "float32"), training=True))
    assert abs(factors.mean() - 1) < 0.05 and abs(factors.std() - 0.5) < 0.05


def test_everything_is_dropped_at_rate_one():
    x = np.ones((3, 4), "float32")
    np.testing.assert_array_equal(_array(AlphaDropout(1.0)(x, training=True)), np.zeros_like(x))


def test_a_penalty_on_what_passes():
    layer = ActivityRegularization(l1=0.5, l2=0.25)
    layer(np.array([[1.0, -3.0], [2.0, 0.0]], "float32"))
    assert np.isclose(float(layer.losses[0]), (0.5 * 6 + 0.25 * 14) / 2)


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: Cropping1D((1, 2, 3)), "cropping"),
        (lambda: Cropping2D(-1), "cropping"),
        (lambda: Cropping2D(2)(np.ones((1, 4, 5, 1), "float32")), "cropping"),
        (lambda: ZeroPadding2D(((1, 2), 3, 4)), "padding"),
        (lambda: ZeroPadding3D("same"), "padding"),
        (lambda: UpSampling1D(0), "size"),
        (lambda: UpSampling2D((1, 2, 3)), "size"),
        (lambda: UpSampling2D(interpolation="linear"), "interpolation"),
        (lambda: GaussianNoise(-1), "stddev"),
        (lambda: GaussianDropout(1), "rate"),
        (lambda: AlphaDropout(0.5, noise_shape="all"), "noise_shape"),
        (lambda: AlphaDropout(0.5, noise_shape=(1,))(np.ones((2, 2), "float32"), training=True), "rank"),
    ],
)
def test_errors_name_the_argument(make, argument):
    with pytest.raises(ValueError, match=argument):
        make()
