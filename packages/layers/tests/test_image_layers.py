"""Layers that resize, crop and move images: labels, boxes and masks follow, images differ, seeds repeat."""

import numpy as np
import pytest
from keras_backends.selection import active, load
from keras_layers.bounding_boxes.formats import convert_format
from keras_layers.preprocessing.image.center_crop import CenterCrop
from keras_layers.preprocessing.image.factors import checked_value_range, factor_range
from keras_layers.preprocessing.image.max_num_bounding_boxes import MaxNumBoundingBoxes
from keras_layers.preprocessing.image.pipeline import Pipeline
from keras_layers.preprocessing.image.random_brightness import RandomBrightness
from keras_layers.preprocessing.image.random_crop import RandomCrop
from keras_layers.preprocessing.image.random_elastic_transform import RandomElasticTransform
from keras_layers.preprocessing.image.random_flip import RandomFlip
from keras_layers.preprocessing.image.random_perspective import RandomPerspective
from keras_layers.preprocessing.image.random_rotation import RandomRotation
from keras_layers.preprocessing.image.random_shear import RandomShear
from keras_layers.preprocessing.image.random_translation import RandomTranslation
from keras_layers.preprocessing.image.random_zoom import RandomZoom
from keras_layers.preprocessing.image.resizing import Resizing
from keras_layers.preprocessing.rescaling import Rescaling
from keras_layers.testing.kit import CHECKS, Sample
from keras_ops import ops, tree
from keras_ops.naming import clear_session
from keras_ops.state import backend_scope
from keras_ops.tensor import KerasTensor

LAST = {"data_format": "channels_last"}
SHAPE = (3, 5, 6, 2)
TRAINED = {"call": {"training": True}, "random": True, "half": False}

SAMPLES = [
    Sample(Resizing, {"height": 3, "width": 4, "pad_to_aspect_ratio": True, **LAST}, SHAPE),
    Sample(CenterCrop, {"height": 4, "width": 3, "data_format": "channels_first"}, SHAPE, half=False),
    Sample(RandomFlip, {"mode": "vertical", "seed": 1, **LAST}, SHAPE, call={"training": True}, random=True),
    Sample(RandomCrop, {"height": 3, "width": 2, "data_format": "channels_first"}, SHAPE, **TRAINED),
    Sample(RandomTranslation, {"height_factor": 0.2, "width_factor": (0.1, 0.3), **LAST}, SHAPE, **TRAINED),
    Sample(RandomPerspective, {"factor": (0.5, 1.0), "scale": 0.3, **LAST}, SHAPE, **TRAINED),
    Sample(RandomElasticTransform, {"interpolation": "nearest", **LAST}, SHAPE, **TRAINED),
    Sample(MaxNumBoundingBoxes, {"max_number": 3, "fill_value": 0}, SHAPE, half=False),
]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.cls.__name__)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_layer(check, sample):
    clear_session(free_memory=False)
    check(sample)


def _array(x):
    return np.asarray(ops.convert_to_numpy(x))


SIZE = (24, 32)


def _data(box_format="xyxy"):
    """Two images of black with a white box each, and all that belongs to them."""
    boxes = np.array([[[12, 8, 22, 14]], [[9, 6, 19, 17]]], "float32")
    masks = np.zeros((2, *SIZE, 1), "int32")
    for mask, (left, top, right, bottom) in zip(masks, boxes[:, 0].astype(int)):
        mask[top:bottom, left:right] = 1
    return {
        "images": masks.astype("float32") * np.array([100.0, 200.0, 50.0], "float32"),
        "labels": np.array([3, 4], "int32"),
        "bounding_boxes": {
            "boxes": convert_format(boxes, "xyxy", box_format, *SIZE),
            "labels": np.array([[5], [6]], "int32"),
        },
        "segmentation_masks": masks,
        "weights": np.array([0.5, 1.0], "float32"),
    }


FIXED = {
    "flip": lambda **k: RandomFlip(seed=3, **k),
    "down and left": lambda **k: RandomTranslation((0.25, 0.25), (-0.25, -0.25), fill_mode="constant", **k),
    "quarter": lambda **k: RandomRotation((0.25, 0.25), fill_mode="constant", **k),
    "turn": lambda **k: RandomRotation((0.1, 0.1), fill_mode="constant", **k),
    "in": lambda **k: RandomZoom((-0.3, -0.3), (-0.2, -0.2), **k),
    "out": lambda **k: RandomZoom((0.3, 0.3), fill_mode="constant", **k),
    "shear": lambda **k: RandomShear((0.3, 0.3), (0.1, 0.1), fill_mode="constant", seed=2, **k),
    "window": lambda **k: RandomCrop(20, 28, seed=5, **k),
    "large window": lambda **k: RandomCrop(30, 36, **k),
    "middle": lambda **k: CenterCrop(11, 18, **k),
    "large middle": lambda **k: CenterCrop(36, 36, **k),
    "stretch": lambda **k: Resizing(48, 40, **k),
    "stretch and crop": lambda **k: Resizing(48, 48, crop_to_aspect_ratio=True, **k),
    "stretch and pad": lambda **k: Resizing(48, 48, pad_to_aspect_ratio=True, **k),
    "perspective": lambda **k: RandomPerspective((1.0, 1.0), scale=0.5, seed=1, **k),
}
"""Layers that leave a part of the boxes of `_data` in the image."""


def _around(mask):
    rows, columns = np.nonzero(mask[..., 0])
    return [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


@pytest.mark.parametrize("name", FIXED)
def test_boxes_and_masks_move_with_the_pixels(name):
    layer = FIXED[name](bounding_box_format="xyxy", **LAST)
    result = tree.map_structure(_array, layer(_data(), training=True))
    images, masks = result["images"], result["segmentation_masks"]
    # Between pixels images are blurred, masks are not.
    assert np.mean((images[..., :1] > 50) != (masks > 0.5)) < 0.03
    np.testing.assert_allclose(images[..., 1], images[..., 0] * 2, rtol=1e-4, atol=1e-3)
    for box, mask in zip(result["bounding_boxes"]["boxes"], masks):
        np.testing.assert_allclose(box[0], _around(mask), atol=1.3)
    assert result["labels"].tolist() == [3, 4] and result["weights"].tolist() == [0.5, 1.0]
    assert result["bounding_boxes"]["labels"].tolist() == [[5], [6]]
    assert masks.shape == (*images.shape[:3], 1)


@pytest.mark.parametrize("name", ["flip", "turn", "stretch and pad"])
def test_boxes_are_the_same_in_any_format(name):
    corners = FIXED[name](bounding_box_format="xyxy", **LAST)(_data(), training=True)
    height, width = _array(corners["images"]).shape[1:3]
    layer = FIXED[name](bounding_box_format="rel_center_xywh", **LAST)
    result = layer(_data("rel_center_xywh"), training=True)["bounding_boxes"]["boxes"]
    again = convert_format(result, "rel_center_xywh", "xyxy", height, width)
    np.testing.assert_allclose(_array(again), _array(corners["bounding_boxes"]["boxes"]), atol=2e-3)


@pytest.mark.parametrize("name", ["down and left", "window", "large middle"])
def test_a_single_image_and_channels_first_change_alike(name):
    layer = FIXED[name](bounding_box_format="xyxy", **LAST)
    data = _data()
    batch = tree.map_structure(_array, layer(tree.map_structure(lambda x: x[:1], data), training=True))
    layer = FIXED[name](bounding_box_format="xyxy", **LAST)
    single = tree.map_structure(_array, layer(tree.map_structure(lambda x: x[0], data), training=True))
    for one, many in zip(tree.flatten(single), tree.flatten(batch)):
        np.testing.assert_allclose(one, many[0], rtol=1e-5, atol=1e-5)
    first = FIXED[name](data_format="channels_first")
    moved = first(np.moveaxis(data["images"][:1], -1, 1), training=True)
    np.testing.assert_allclose(np.moveaxis(_array(moved), 1, -1), batch["images"], rtol=1e-5, atol=1e-4)


RANDOM = {
    RandomFlip: {},
    RandomBrightness: {"factor": 0.3},
    RandomTranslation: {"height_factor": 0.4, "width_factor": 0.4},
    RandomRotation: {"factor": 0.5},
    RandomZoom: {"height_factor": 0.5},
    RandomShear: {"x_factor": 0.5, "y_factor": 0.5},
    RandomCrop: {"height": 3, "width": 3},
    RandomPerspective: {"factor": (1.0, 1.0)},
    RandomElasticTransform: {"factor": (1.0, 1.0), "scale": (1.0, 1.0)},
}


@pytest.mark.parametrize("cls", RANDOM, ids=lambda cls: cls.__name__)
def test_images_of_a_batch_differ_and_seeds_repeat(cls):
    image = np.random.default_rng(2).uniform(0, 200, (9, 10, 1)).astype("float32")
    images = np.stack([image] * 8)
    layer, twin = cls(**RANDOM[cls], seed=4, **LAST), cls(**RANDOM[cls], seed=4, **LAST)
    first, second = _array(layer(images, training=True)), _array(layer(images, training=True))
    assert len(np.unique(first.reshape(8, -1).round(3), axis=0)) > 2
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(_array(twin(images, training=True)), first)
    one, two = (
        layer.transform_images(
            ops.convert_to_tensor(images), layer.get_random_transformation(images, training=True, seed=9)
        )
        for _ in range(2)
    )
    np.testing.assert_array_equal(_array(one), _array(two))


@pytest.mark.parametrize("cls", RANDOM, ids=lambda cls: cls.__name__)
def test_nothing_random_happens_unless_training(cls):
    layer = cls(**RANDOM[cls], bounding_box_format="xyxy", **LAST)
    data = _data()
    for one, other in zip(tree.flatten(layer(data, training=False)), tree.flatten(data)):
        np.testing.assert_array_equal(_array(one), _array(other))
    assert layer.get_random_transformation(data, training=False) is None
    assert _array(layer(data["images"].astype("uint8"), training=False)).dtype == "float32"


@pytest.mark.skipif(
    active().name not in ("numpy", "tensorflow"),
    reason="a second framework in the process is slow; numpy stands for all backends but tensorflow",
)
def test_in_a_pipeline_of_tensorflow():
    tf = pytest.importorskip("tensorflow")
    box = {"bounding_box_format": "xyxy", **LAST}
    chain = Pipeline([CenterCrop(11, 18, **box), RandomFlip(**box), RandomCrop(8, 9, **box)])
    resize = Resizing(6, 5, crop_to_aspect_ratio=True, **box)
    data = tree.map_structure(lambda x: np.asarray(x)[0], _data())
    # Sizes, and the number of boxes, that nobody knows when the layers are traced.
    signature = tree.map_structure(lambda x: tf.TensorSpec([None] * x.ndim, x.dtype), data)
    signature["images"] = tf.TensorSpec((None, None, 3), "float32")
    signature["segmentation_masks"] = tf.TensorSpec((None, None, 1), "int32")
    signature["bounding_boxes"]["boxes"] = tf.TensorSpec((None, 4), "float32")

    dataset = tf.data.Dataset.from_generator(lambda: iter([data] * 6), output_signature=signature)
    assert dataset.map(resize).element_spec["images"].shape == (6, 5, 3)
    boxes = tf.ragged.constant([[[1.0, 2.0, 3.0, 4.0]], []], inner_shape=(4,))
    ragged = {"images": np.ones((2, 6, 6, 3)), "bounding_boxes": {"boxes": boxes}}
    dense = tf.data.Dataset.from_tensors(ragged).map(MaxNumBoundingBoxes(2, bounding_box_format="xyxy"))
    assert next(dense.as_numpy_iterator())["bounding_boxes"]["boxes"][:, :, 3].tolist() == [[4, -1], [-1, -1]]
    dataset = dataset.batch(6).map(chain)
    assert dataset.element_spec["images"].shape[1:] == (8, 9, 3)
    first, second = (next(dataset.as_numpy_iterator()) for _ in range(2))
    assert first["bounding_boxes"]["boxes"].shape == (6, 1, 4)
    assert len(np.unique(first["images"].reshape(6, -1), axis=0)) > 1
    assert not np.array_equal(first["images"], second["images"])


def test_draws_on_another_backend_have_their_own_state():
    images = np.full((8, 4, 4, 3), 100.0, "float32")
    layer = RandomBrightness(0.5, seed=3, **LAST)
    before = _array(layer.generator.state.value)
    with backend_scope(load("numpy")):
        one, two = (layer(images, training=True) for _ in range(2))
    assert isinstance(one, np.ndarray) and not np.array_equal(one, two)
    assert np.array_equal(_array(layer.generator.state.value), before) == (active().name != "numpy")


def test_elastic_masks_move_with_their_images():
    mask = np.random.default_rng(0).integers(0, 5, (4, 30, 30, 1)).astype("int32")
    layer = RandomElasticTransform((1.0, 1.0), (1.0, 1.0), interpolation="nearest", **LAST)
    result = layer({"images": mask.astype("float32"), "segmentation_masks": mask}, training=True)
    moved = _array(result["segmentation_masks"])
    np.testing.assert_array_equal(_array(result["images"]), moved)
    assert not np.array_equal(moved, mask) and moved.dtype == "int32"


@pytest.mark.parametrize("cls", RANDOM, ids=lambda cls: cls.__name__)
def test_a_batch_may_be_empty(cls):
    layer = cls(**RANDOM[cls], **LAST)
    masks = np.zeros((0, 4, 4), "int32")
    result = layer({"images": np.zeros((0, 4, 4, 3)), "segmentation_masks": masks}, training=True)
    size = (3, 3) if cls is RandomCrop else (4, 4)
    assert _array(result["images"]).shape == (0, *size, 3)
    assert _array(result["segmentation_masks"]).shape == (0, *size)


def test_a_perspective_moves_corners_to_where_it_says():
    layer = RandomPerspective((1.0, 1.0), scale=0.8, seed=3, bounding_box_format="xyxy", **LAST)
    images = np.ones((2, 11, 21, 1), "float32")
    transformation = layer.get_random_transformation(images)
    whole = {"boxes": np.array([[[0.5, 0.5, 20.5, 10.5]]] * 2, "float32")}
    moved = _array(layer.transform_bounding_boxes(whole, transformation)["boxes"])[:, 0]
    corners = _array(transformation["corners"]) * [20, 10] + 0.5
    np.testing.assert_allclose(moved, np.concatenate([corners.min(1), corners.max(1)], -1), atol=1e-3)


@pytest.mark.parametrize("number", [1, 2, 4])
def test_every_image_has_a_number_of_boxes(number):
    layer = MaxNumBoundingBoxes(number, bounding_box_format="xyxy")
    boxes = {"boxes": np.ones((2, 2, 4), "float32"), "labels": np.array([[1, 2], [3, 4]], "int32")}
    data = {"images": np.zeros((2, 3, 3, 1), "float32"), "bounding_boxes": boxes}
    result = tree.map_structure(_array, layer(data))["bounding_boxes"]
    assert result["boxes"].shape == (2, number, 4)
    assert result["labels"].tolist() == [[*row, -1, -1][:number] for row in ([1, 2], [3, 4])]
    specs = {
        "images": KerasTensor((None, 3, 3, 1)),
        "bounding_boxes": {"boxes": KerasTensor((None, 2, 4)), "labels": KerasTensor((None, 2), "int32")},
    }
    spec = layer(specs)["bounding_boxes"]
    assert spec["boxes"].shape == (None, number, 4) and spec["labels"].dtype == "int32"
    one = layer({"images": data["images"][0], "bounding_boxes": tree.map_structure(lambda x: x[0], boxes)})
    np.testing.assert_array_equal(_array(one["bounding_boxes"]["boxes"]), result["boxes"][0])


def test_a_pipeline_is_its_layers():
    layers = [Rescaling(1 / 255), CenterCrop(4, 4, **LAST), RandomBrightness((0.5, 0.5), (0, 1), **LAST)]
    pipeline = Pipeline(layers, name="p")
    images = np.full((2, 6, 6, 3), 51.0, "float32")
    np.testing.assert_allclose(
        _array(pipeline(images, training=False)), np.full((2, 4, 4, 3), 0.2), rtol=1e-5
    )
    np.testing.assert_allclose(_array(pipeline(images, training=True)), np.full((2, 4, 4, 3), 0.7), rtol=1e-5)
    assert pipeline(KerasTensor((None, 6, 6, 3))).shape == (None, 4, 4, 3)
    config = pipeline.get_config()
    again = Pipeline.from_config(config)
    assert again.get_config() == config and len(again.layers) == 3
    assert not pipeline.weights and len(list(pipeline._flatten_layers())) == 4
    chain = Pipeline(
        [CenterCrop(12, 16, bounding_box_format="xyxy", **LAST), FIXED["flip"](bounding_box_format="xyxy")]
    )
    assert _array(chain(_data())["segmentation_masks"]).shape == (2, 12, 16, 1)


def test_symbolic_data_has_the_shapes_of_real_data():
    layer = Resizing(5, 7, **LAST)
    data = {
        "images": KerasTensor((None, 4, 4, 3)),
        "segmentation_masks": KerasTensor((None, 4, 4, 1), "int32"),
    }
    result = layer(data)
    assert result["images"].shape == (None, 5, 7, 3)
    assert (result["segmentation_masks"].shape, result["segmentation_masks"].dtype) == (
        (None, 5, 7, 1),
        "int32",
    )
    assert layer.compute_output_shape({"images": (2, 4, 4, 3), "labels": (2,)}) == {
        "images": (2, 5, 7, 3),
        "labels": (2,),
    }


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_masks_may_lack_the_axis_of_channels(data_format):
    layer = Resizing(5, 7, data_format=data_format)
    masks = np.random.default_rng(1).integers(0, 9, (2, 10, 14)).astype("int32")
    images = masks[..., None] if data_format == "channels_last" else masks[:, None]
    data = {"images": images, "segmentation_masks": masks}
    result = _array(layer(data)["segmentation_masks"])
    np.testing.assert_array_equal(result, masks[:, 1::2, 1::2])
    spec = layer(tree.map_structure(lambda x: KerasTensor((None, *x.shape[1:]), "int32"), data))
    assert spec["segmentation_masks"].shape == (None, 5, 7)
    assert layer.compute_output_shape(tree.map_structure(np.shape, data))["segmentation_masks"] == (2, 5, 7)
    single = layer(tree.map_structure(lambda x: x[0], data))["segmentation_masks"]
    np.testing.assert_array_equal(_array(single), result[0])


def test_integer_layers_keep_numbers_of_boxes_and_labels():
    layer = CenterCrop(3, 3, dtype="uint8", bounding_box_format="xyxy", **LAST)
    boxes = {"boxes": np.array([[[2.0, 2.0, 4.5, 4.25]]], "float32"), "labels": np.array([[1.5]], "float32")}
    result = layer({"images": np.ones((1, 6, 6, 3), "uint8"), "bounding_boxes": boxes})
    assert _array(result["images"]).dtype == "uint8"
    assert _array(result["bounding_boxes"]["boxes"]).tolist() == [[[1.0, 1.0, 3.0, 3.0]]]
    assert _array(result["bounding_boxes"]["labels"]).tolist() == [[1.5]]
    darker = RandomBrightness((-0.5, -0.5), dtype="uint8", **LAST)(np.full((1, 2, 2, 3), 100, "uint8"))
    assert _array(darker).dtype == "uint8" and (_array(darker) == 0).all()


def test_methods_about_points_and_boxes():
    shift = RandomTranslation(0.1, 0.1)
    x, y = shift.get_transformed_x_y(2.0, 3.0, np.array([1.0, 0, 5, 0, 2, 1, 0, 0]))
    assert (float(x), float(y)) == (7.0, 7.0)
    boxes = {"boxes": np.array([[0.1, 0.2, 0.3, 0.4]], "float32")}
    moved = shift.get_shifted_bbox(boxes, 0.5, 0.25)["boxes"]
    np.testing.assert_allclose(_array(moved), [[0.6, 0.45, 0.8, 0.65]], rtol=1e-5)
    clipped = RandomZoom(0.1).get_clipped_bbox(boxes, 0.35, 0.3, 0.5, 0.2)["boxes"]
    np.testing.assert_allclose(_array(clipped), [[0.2, 0.3, 0.3, 0.35]], rtol=1e-5)


def test_factors():
    assert factor_range(None, np.float32(0.5), bounds=(0, 1)) == (0, 0.5)
    assert factor_range(None, [0.3, -0.2]) == (-0.2, 0.3)
    assert factor_range(None, None, default=0.1) == (-0.1, 0.1)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: RandomRotation(2.0), r"`factor` must lie in \[-1.0, 1.0\]"),
        (lambda: RandomTranslation("a lot", 0.1), "`height_factor` must be a number"),
        (lambda: RandomShear(x_factor=(-0.1, 0.1)), r"`x_factor` must lie in \[0, 1\]"),
        (lambda: RandomZoom(0.1, fill_mode="mirror"), "fill_mode='mirror'"),
        (lambda: RandomZoom(0.1, interpolation="cubic"), "interpolation='cubic'"),
        (lambda: RandomFlip("sideways"), "mode='sideways'"),
        (lambda: RandomFlip(bounding_box_format="corners"), "bounding_box_format='corners'"),
        (lambda: CenterCrop(0, 3), "`height` must be a positive integer"),
        (lambda: Resizing(3, 3, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True), "received both"),
        (lambda: checked_value_range(None, (1, 0)), "ascending"),
        (lambda: RandomFlip()(np.ones((3, 3), "float32")), "3 axes, or 4 with a batch"),
        (lambda: RandomFlip()({"labels": np.ones(3)}), "must hold `images`"),
        (
            lambda: RandomFlip()({"images": np.ones((3, 3, 1)), "id": 7}),
            "received 7 of type int under the key 'id'",
        ),
        (
            lambda: Pipeline([RandomFlip()])({"images": np.ones((3, 3, 1)), "labels": ["a"]}),
            r"'a' of type str under the key 'labels'.*The keys known are 'images', 'labels'",
        ),
        (lambda: RandomFlip()(_data()), "needs a `bounding_box_format`"),
        (
            lambda: RandomFlip(bounding_box_format="xyxy").transform_bounding_boxes(np.ones((1, 4)), {}),
            "a dict",
        ),
        (
            lambda: Resizing(2, 2, bounding_box_format="xyxy").transform_bounding_boxes(
                {"boxes": np.ones((1, 1, 4))}
            ),
            "needs the `transformation`",
        ),
        (lambda: Pipeline([len]), "must be a list of keras.Layer"),
        (lambda: Pipeline(Rescaling(2.0)), "Put it in a list"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_data_comes_by_name_too():
    images = np.ones((2, 3, 3, 1), "float32")
    for data in (images, {"images": images, "id": np.arange(2)}):
        outputs = RandomFlip()(data=data)
        outputs = outputs if data is images else outputs["images"]
        np.testing.assert_array_equal(ops.convert_to_numpy(outputs), images)
