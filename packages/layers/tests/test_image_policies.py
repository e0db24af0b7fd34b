"""Policies: each image undergoes operations of its own, and masks and boxes move with it."""

import numpy as np
import pytest
from keras_backends.selection import active
from keras_layers.preprocessing.image import policies
from keras_layers.preprocessing.image.policies import AugMix, RandAugment
from keras_ops import ops
from keras_ops.tensor import KerasTensor

RNG = np.random.default_rng(4)
IMAGE = RNG.uniform(20, 230, size=(24, 24, 3)).astype("float32")
SAME = np.stack([IMAGE] * 12)
"""One shape for all tests, since some frameworks compile for each."""

POLICIES = [
    (RandAugment, {"factor": 0.8}),
    (AugMix, {"num_chains": 2, "chain_depth": 2, "alpha": 0.5, "all_ops": False}),
]


def _array(x):
    return np.asarray(ops.convert_to_numpy(x))


@pytest.mark.parametrize("cls, init", POLICIES, ids=lambda x: getattr(x, "__name__", ""))
def test_each_image_undergoes_operations_of_its_own(cls, init):
    layer = cls(**init, seed=2, data_format="channels_last")
    again = cls.from_config(layer.get_config())
    assert dir(again) == dir(layer) and again.get_config() == layer.get_config()
    # As many images in all chains as elsewhere.
    same = SAME[:: layer.num_chains] if cls is AugMix else SAME
    result = _array(layer(same))
    assert np.isfinite(result).all() and result.min() >= -0.01 and result.max() <= 255.01
    assert len({image.tobytes() for image in result}) > 3
    np.testing.assert_array_equal(_array(layer(same, training=False)), same)
    np.testing.assert_array_equal(_array(again(same)), result)


def test_each_image_is_what_its_operation_makes_of_it():
    layer = RandAugment(num_ops=1, seed=6, data_format="channels_last")
    images = ops.convert_to_tensor(SAME)
    transformation = layer.get_random_transformation(images)
    result = _array(layer.transform_images(images, transformation))
    drawn = transformation["steps"][0]
    chosen = _array(drawn["chosen"]).astype(int)
    assert len(set(chosen)) > 4
    for number, name in enumerate(layer._names):
        own = {**drawn[name], "input_shape": transformation["input_shape"]}
        expected = _array(getattr(layer, name).change_images(images, own))
        np.testing.assert_allclose(result[chosen == number], expected[chosen == number], rtol=1e-4, atol=1e-2)


def test_masks_and_boxes_move_with_the_images():
    images = np.full((12, 24, 24, 1), 100, "float32")
    images[:, 6:14, 8:18] = 200
    images = np.repeat(images, 3, axis=-1)
    masks = (images[..., :1] == 200).astype("int32")
    boxes = {"boxes": np.float32([[[8, 6, 18, 14]]] * 12), "labels": np.ones((12, 1), "int32")}
    layer = RandAugment(
        num_ops=8, factor=0.2, seed=5, bounding_box_format="xyxy", data_format="channels_last"
    )
    # What is mirrored at the edge is no part of a box.
    layer._geometry.fill_mode = "constant"
    moved = layer({"images": images, "segmentation_masks": masks, "bounding_boxes": boxes})
    found = _array(moved["segmentation_masks"])[..., 0]
    assert set(np.unique(found)) == {0, 1} and np.mean(found != masks[..., 0]) > 0.01
    for mask, box in zip(found, _array(moved["bounding_boxes"]["boxes"])[:, 0]):
        rows, columns = np.nonzero(mask)
        edges = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
        assert (edges[:2] >= box[:2] - 1.01).all() and (edges[2:] <= box[2:] + 1.01).all()
        assert np.abs(edges - box).max() < 5


@pytest.mark.parametrize("cls", [RandAugment, AugMix])
def test_one_generator_serves_all_operations(cls):
    layer = cls(seed=1)
    assert len(layer.variables) == 1 and layer.random_shear.generator is layer.generator


@pytest.mark.parametrize("cls, init", POLICIES, ids=lambda x: getattr(x, "__name__", ""))
def test_images_are_gathered_by_operation_where_their_numbers_can_be_read(cls, init, monkeypatch):
    layer = cls(**init, seed=7, data_format="channels_last")
    images = ops.convert_to_tensor(SAME[:: getattr(layer, "num_chains", 1)])
    transformation = layer.get_random_transformation(images)
    result = _array(layer.transform_images(images, transformation))
    monkeypatch.setattr(policies, "_readable", lambda chosen: False)
    expected = _array(layer.transform_images(images, transformation))
    np.testing.assert_allclose(result, expected, atol=0.01)


def test_compiled_it_draws_as_eager():
    if not active().traits.compiles:
        pytest.skip("The backend compiles nothing.")
    layer = RandAugment(num_ops=1, seed=3, data_format="channels_last")
    images = ops.convert_to_tensor(SAME)
    layer(images)
    state = [v.value for v in layer.non_trainable_variables]
    step = active().compile(lambda state, x: layer.stateless_call([], state, x)[0])
    eager, _ = layer.stateless_call([], state, images)
    distance = np.abs(_array(step(state, images)) - _array(eager))
    # Tones that are rounded to steps may fall on another one.
    assert np.mean(distance > 0.05) < 0.01


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: RandAugment(num_ops=0), "num_ops"),
        (lambda: RandAugment(factor=1.5), "factor"),
        (lambda: RandAugment(interpolation="sinc"), "interpolation"),
        (lambda: AugMix(num_chains=0), "num_chains"),
        (lambda: AugMix(chain_depth=-1), "chain_depth"),
        (lambda: AugMix(alpha=0), "alpha"),
        (lambda: AugMix(alpha="a"), "`alpha` must be a positive number"),
        (lambda: AugMix()(KerasTensor((None, 8, 8, 1))), "AugMix .* 3 channels"),
        (lambda: RandAugment()(KerasTensor((None, 8, 8, 1))), "RandAugment .* 3 channels"),
        (lambda: AugMix(value_range=3), "value_range"),
    ],
)
def test_errors_name_the_argument(make, message):
    with pytest.raises(ValueError, match=message):
        make()
