"""Layers that change colours, blur, erase and mix: what they do to each image, to labels, boxes and masks."""

import numpy as np
import pytest
from keras_backends.selection import active
from keras_layers.preprocessing.image.equalization import (
    ContrastLimitedAdaptiveHistogramEqualization,
    Equalization,
)
from keras_layers.preprocessing.image.mixing import CutMix, MixUp
from keras_layers.preprocessing.image.random_color import (
    RandomColorDegeneration,
    RandomContrast,
    RandomGrayscale,
    RandomHue,
    RandomSaturation,
)
from keras_layers.preprocessing.image.random_color_jitter import RandomColorJitter
from keras_layers.preprocessing.image.random_erasing import RandomErasing
from keras_layers.preprocessing.image.random_filters import RandomGaussianBlur, RandomSharpness
from keras_layers.preprocessing.image.random_tones import (
    AutoContrast,
    RandomInvert,
    RandomPosterization,
    Solarization,
)
from keras_layers.testing.kit import CHECKS, Sample
from keras_ops import ops, tree
from keras_ops.naming import clear_session
from keras_ops.tensor import KerasTensor

RNG = np.random.default_rng(9)
IMAGE = RNG.uniform(20, 230, size=(6, 5, 3)).astype("float32")
SAME = np.stack([IMAGE] * 8)
"""Eight times the same image, so that results differ by the draws only."""
BATCH = RNG.uniform(20, 230, size=(4, 6, 5, 3)).astype("float32")

RANDOM = [
    (RandomContrast, {"factor": 0.9}),
    (RandomSaturation, {"factor": (0.1, 0.9)}),
    (RandomHue, {"factor": 0.9}),
    (RandomColorDegeneration, {"factor": 0.9}),
    (RandomGrayscale, {"factor": 0.5}),
    (RandomInvert, {"factor": (0.5, 0.5)}),
    (RandomPosterization, {"factor": (1, 6)}),
    (Solarization, {"addition_factor": 0.5, "threshold_factor": 0.9}),
    (RandomSharpness, {"factor": 0.9}),
    (RandomGaussianBlur, {"kernel_size": (3, 5)}),
    (RandomErasing, {}),
    (RandomErasing, {"fill_value": 7.0}),
    (RandomColorJitter, {"brightness_factor": 0.3, "hue_factor": 0.5}),
]
FIXED = [
    (AutoContrast, {}),
    (Equalization, {"bins": 64}),
    (ContrastLimitedAdaptiveHistogramEqualization, {"tile_grid_size": (2, 3), "clip_limit": 2.0}),
]
MIXING = [(MixUp, {"alpha": 1.0}), (CutMix, {"factor": (0.3, 0.6)})]


def _ids(pairs):
    return [cls.__name__ for cls, _ in pairs]


def _array(x):
    return np.asarray(ops.convert_to_numpy(x))


def _make(cls, init, **more):
    seed = {} if (cls, init) in FIXED else {"seed": 3}
    return cls(**init, data_format="channels_last", **seed, **more)


@pytest.mark.parametrize("cls, init", RANDOM, ids=_ids(RANDOM))
def test_each_image_has_a_draw_of_its_own(cls, init):
    layer = _make(cls, init)
    result = _array(layer(SAME))
    assert result.dtype == "float32" and result.min() >= -1e-3 and result.max() <= 255.001
    assert len({image.tobytes() for image in result}) > 1
    np.testing.assert_array_equal(_array(_make(cls, init)(SAME)), result)
    np.testing.assert_array_equal(_array(layer(SAME, training=False)), SAME)


@pytest.mark.parametrize("cls, init", RANDOM[:-1] + FIXED, ids=_ids(RANDOM[:-1] + FIXED))
def test_channels_first_a_single_image_and_integers_are_treated_alike(cls, init):
    images = SAME.round()
    expected = _array(_make(cls, init)(images))
    layer = cls(**init, data_format="channels_first", **({} if (cls, init) in FIXED else {"seed": 3}))
    if not isinstance(layer, RandomErasing) or layer.fill_value is not None:
        result = _array(layer(images.transpose(0, 3, 1, 2))).transpose(0, 2, 3, 1)
        np.testing.assert_allclose(result, expected, atol=1e-3)
    if cls in (RandomHue, RandomGrayscale, AutoContrast):
        whole = _array(_make(cls, init, dtype="uint8")(images.astype("uint8")))
        assert whole.dtype == "uint8"
        np.testing.assert_allclose(whole, expected, atol=0.51)
    if cls is RandomHue:
        single = _array(_make(cls, init)(images[0]))
        np.testing.assert_allclose(single, _array(_make(cls, init)(images[:1]))[0], atol=1e-3)


SCALING = [RANDOM[2], RANDOM[7]]


@pytest.mark.parametrize("cls, init", SCALING, ids=_ids(SCALING))
def test_the_range_of_values_scales_the_result(cls, init):
    expected = _array(_make(cls, init)(SAME))
    moved = _array(_make(cls, init, value_range=(-1, 1))(SAME * np.float32(2 / 255) - 1))
    distance = np.abs((moved + 1) * (255 / 2) - expected)
    assert np.mean(distance > 0.05) < 0.01


@pytest.mark.parametrize("cls, init", RANDOM + FIXED + MIXING, ids=_ids(RANDOM + FIXED + MIXING))
def test_configs_make_twins(cls, init):
    layer = _make(cls, init)
    config = layer.get_config()
    again = cls.from_config(config)
    assert again.get_config() == config and dir(again) == dir(layer)
    assert len(layer.weights) == len(again.weights) == 0


def test_compiled_calls_draw_as_eager_ones():
    if not active().traits.compiles:
        pytest.skip("The backend compiles nothing.")
    layer = _make(*RANDOM[9])
    layer(BATCH)
    state = [v.value for v in layer.non_trainable_variables]
    step = active().compile(lambda state, x: layer.stateless_call([], state, x)[0])
    eager, _ = layer.stateless_call([], state, ops.convert_to_tensor(BATCH))
    np.testing.assert_allclose(
        _array(step(state, ops.convert_to_tensor(BATCH))), _array(eager), rtol=1e-4, atol=1e-3
    )


KIT = [FIXED[2], MIXING[1]]


@pytest.mark.parametrize("cls, init", KIT, ids=_ids(KIT))
def test_what_holds_for_every_layer(cls, init):
    init = {**init, "data_format": "channels_last"}
    sample = Sample(cls, init, (3, 6, 6, 3), call={"training": True}, random=cls is CutMix)
    for check in CHECKS:
        clear_session(free_memory=False)
        check(sample)


def test_what_belongs_to_an_image_stays_when_only_colours_change():
    layer = RandomInvert((1.0, 1.0), bounding_box_format="xyxy")
    boxes = {"boxes": np.float32([[[1, 1, 3, 3]]] * 4), "labels": np.int32([[2]] * 4)}
    masks = RNG.integers(0, 3, size=(4, 6, 5, 1))
    data = {"images": BATCH, "labels": np.arange(4), "bounding_boxes": boxes, "segmentation_masks": masks}
    result = layer(data)
    np.testing.assert_allclose(_array(result["images"]), 255 - BATCH, rtol=1e-5)
    for part, given in (("labels", data["labels"]), ("segmentation_masks", masks)):
        np.testing.assert_array_equal(_array(result[part]), given)
    np.testing.assert_array_equal(_array(result["bounding_boxes"]["boxes"]), boxes["boxes"])


def test_saturation_at_one_half_and_a_whole_turn_of_hue_change_nothing():
    np.testing.assert_allclose(_array(RandomSaturation((0.5, 0.5))(BATCH)), BATCH, rtol=1e-5)
    there = RandomHue((1.0, 1.0), data_format="channels_last")
    np.testing.assert_allclose(_array(there(_array(there(BATCH)))), BATCH, rtol=1e-3, atol=1e-2)


def test_equalized_tones_are_equally_frequent():
    ramp = (np.linspace(0, 1, 64).reshape(1, 8, 8, 1) ** 3 * 200).astype("float32")
    result = np.sort(_array(Equalization(data_format="channels_last")(ramp)).ravel())
    assert result[0] == 0 and result[-1] == 255
    counts = np.histogram(result, bins=2, range=(0, 255))[0]
    assert abs(counts[0] - counts[1]) <= 2 * np.sum(ramp < 1)


def test_tiles_that_do_not_fit_and_the_limit_of_contrast():
    layer = ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(4, 3), data_format="channels_last")
    result = _array(layer(BATCH))
    assert result.shape == BATCH.shape and result.min() >= 0 and result.max() <= 255
    flat = np.full((1, 6, 5, 3), 100, "float32")
    limited = _array(layer(flat))
    np.testing.assert_allclose(limited, limited[0, 0, 0, 0], rtol=1e-5)
    assert abs(limited[0, 0, 0, 0] - 100) < 10


def test_an_erased_rectangle_has_the_area_asked_for():
    layer = RandomErasing(
        (1.0, 1.0), scale=(0.25, 0.25), fill_value=-1.0, data_format="channels_last", seed=1
    )
    erased = _array(layer(np.ones((40, 40, 40, 1), "float32")))[..., 0] == -1
    assert np.abs(erased.mean(axis=(1, 2)) - 0.25).max() < 0.04
    for image in erased:
        rows, columns = image.any(axis=1), image.any(axis=0)
        assert image[np.ix_(rows, columns)].all()


@pytest.mark.parametrize("cls, init", MIXING, ids=_ids(MIXING))
def test_labels_are_mixed_as_images_are(cls, init):
    numbers = np.arange(4, dtype="float32")
    images = np.broadcast_to(numbers[:, None, None, None], (4, 10, 10, 3)).astype("float32")
    result = _make(cls, init)({"images": images, "labels": np.eye(4, dtype="int32")})
    labels = _array(result["labels"])
    np.testing.assert_allclose(labels.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(_array(result["images"]).mean(axis=(1, 2, 3)), labels @ numbers, atol=1e-4)
    assert labels.max(axis=1).min() < 1
    for numbers in (np.arange(4), np.arange(4, dtype="uint8")[:, None]):
        with pytest.raises(ValueError, match="one_hot"):
            _make(cls, init)({"images": images, "labels": numbers})
    alone = {"images": images, "labels": np.float32([[0.0], [1.0]] * 2)}
    assert _array(_make(cls, init)(alone)["labels"]).shape == (4, 1)


@pytest.mark.parametrize("cls, init", MIXING, ids=_ids(MIXING))
def test_boxes_and_masks_of_both_images_are_there(cls, init):
    layer = _make(cls, init, bounding_box_format="xywh")
    boxes = {"boxes": np.float32([[[0, 0, 10, 10]]] * 4), "labels": np.arange(4, dtype="int32")[:, None]}
    masks = np.broadcast_to(np.arange(4)[:, None, None, None], (4, 10, 10, 1)).astype("int32")
    images = np.broadcast_to(masks, (4, 10, 10, 3)).astype("float32")
    data = {"images": images, "bounding_boxes": boxes, "segmentation_masks": masks}
    result = layer(data)
    specs = layer.compute_output_spec(tree.map_structure(lambda x: KerasTensor(x.shape, x.dtype.name), data))
    for spec, x in zip(tree.flatten(specs), tree.flatten(result), strict=True):
        assert (spec.shape, spec.dtype) == (tuple(x.shape), ops.dtype(x))
    mixed, found = _array(result["images"]), _array(result["segmentation_masks"])[..., 0]
    corners, labels = (_array(result["bounding_boxes"][part]) for part in ("boxes", "labels"))
    assert corners.shape == (4, 2, 4) and set(labels[:, 0]) == set(range(4))
    for image, mask, box, own in zip(mixed, found, corners[:, 1], labels):
        if cls is CutMix:
            np.testing.assert_array_equal(image[..., 0], mask)
            x, y, width, height = box.astype(int)
            assert (mask[y : y + height, x : x + width] == own[1]).all()
            assert own[0] == own[1] or (mask == own[1]).sum() == width * height
        else:
            assert len(set(mask.ravel())) == 1 and mask[0, 0] in own


COLOURED = [RANDOM[2], RANDOM[3], RANDOM[4], RANDOM[-1]]


@pytest.mark.parametrize("cls, init", COLOURED, ids=_ids(COLOURED))
def test_layers_of_colours_refuse_gray_images_while_training(cls, init):
    layer = _make(cls, init)
    for gray in (BATCH[..., :1], KerasTensor((None, 6, 5, 1))):
        with pytest.raises(ValueError, match=f"{cls.__name__} .* 3 channels"):
            layer(gray, training=True)
        assert layer(gray, training=False).shape[1:] == (6, 5, 1)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: RandomContrast(1.5), "factor"),
        (lambda: RandomHue((-0.1, 0.5)), "factor"),
        (lambda: RandomSharpness("much"), "factor"),
        (lambda: RandomPosterization(9), "factor"),
        (lambda: RandomPosterization((1.5, 2)), "integer"),
        (lambda: RandomGrayscale(2.0), "factor"),
        (lambda: Solarization(threshold_factor=2), "threshold_factor"),
        (lambda: AutoContrast(value_range=(1, 0)), "value_range"),
        (lambda: Equalization(bins=0), "bins"),
        (lambda: RandomGaussianBlur(kernel_size=0), "kernel_size"),
        (lambda: RandomErasing(scale=(0.1, 2.0)), "scale"),
        (lambda: RandomColorJitter(hue_factor=2.0), "RandomColorJitter: `hue_factor`"),
        (lambda: RandomColorJitter(contrast_factor=2.0), "RandomColorJitter: `contrast_factor`"),
        (lambda: MixUp(alpha=0.0), "alpha"),
        (lambda: MixUp(alpha="a"), "`alpha` must be a positive number"),
        (lambda: CutMix(factor=2.0), "factor"),
        (lambda: ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(2, 0)), "tile_grid_size"),
    ],
)
def test_errors_name_the_argument(make, message):
    with pytest.raises(ValueError, match=message):
        make()
