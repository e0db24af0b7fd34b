"""Every image layer: shapes and dtypes of symbolic calls are those of real ones, whatever the data holds."""

import importlib
import inspect
import pkgutil

import numpy as np
import pytest
from keras_backends.selection import active
from keras_layers.preprocessing import image
from keras_layers.preprocessing.image.image_layer import ImageLayer
from keras_ops import ops, tree
from keras_ops.tensor import KerasTensor

INIT = {
    "AugMix": {"num_chains": 1, "chain_depth": 1, "all_ops": False},
    "AutoContrast": {},
    "CenterCrop": {"height": 3, "width": 4},
    "ContrastLimitedAdaptiveHistogramEqualization": {"tile_grid_size": (2, 2)},
    "CutMix": {},
    "Equalization": {},
    "MaxNumBoundingBoxes": {"max_number": 3},
    "MixUp": {},
    "RandAugment": {"num_ops": 1},
    "RandomBrightness": {"factor": 0.3},
    "RandomColorDegeneration": {"factor": 0.3},
    "RandomColorJitter": {"contrast_factor": 0.3},
    "RandomContrast": {"factor": 0.3},
    "RandomCrop": {"height": 3, "width": 4},
    "RandomElasticTransform": {},
    "RandomErasing": {},
    "RandomFlip": {},
    "RandomGaussianBlur": {},
    "RandomGrayscale": {},
    "RandomHue": {"factor": 0.3},
    "RandomInvert": {},
    "RandomPerspective": {},
    "RandomPosterization": {"factor": 4},
    "RandomRotation": {"factor": 0.3},
    "RandomSaturation": {"factor": 0.3},
    "RandomSharpness": {"factor": 0.3},
    "RandomShear": {"x_factor": 0.3},
    "RandomTranslation": {"height_factor": 0.3, "width_factor": 0.3},
    "RandomZoom": {"height_factor": 0.3},
    "Resizing": {"height": 3, "width": 4},
    "Solarization": {},
}
FILLER = [-1, -1, -1, -1]
LARGE = 2**24 + 1
"""No float32 number."""
DATA = {
    "images": np.full((12, 24, 24, 3), 100, "uint8"),
    "labels": np.eye(12, dtype="int32"),
    "bounding_boxes": {
        "boxes": np.array([[[1, 1, 4, 4], FILLER]] * 12),
        "labels": np.array([[1, -1]] * 12, "int32"),
    },
    "segmentation_masks": np.full((12, 24, 24, 1), LARGE, "int32"),
}
"""Images of the shape that `test_image_policies` has, whose layers some frameworks compile for long."""


def _classes():
    found = {}
    for module in pkgutil.iter_modules(image.__path__, f"{image.__name__}."):
        for name, cls in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(cls, ImageLayer) and cls.__module__ == module.name:
                found[name] = cls
    bases = {base for cls in found.values() for base in cls.__mro__[1:]}
    return {name: cls for name, cls in found.items() if cls not in bases and not name.startswith("_")}


CLASSES = _classes()


def test_no_layer_is_left_out():
    assert set(CLASSES) == set(INIT)


def _symbolic(data, batch):
    return tree.map_structure(
        lambda x: KerasTensor((batch, *x.shape[1:]), dtype=ops.dtype(ops.convert_to_tensor(x))), data
    )


def _shapes(data):
    return {part: _shapes(x) if isinstance(x, dict) else tuple(x.shape) for part, x in data.items()}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", INIT)
def test_symbolic_results_are_like_real_ones(name, training):
    layer = CLASSES[name](**INIT[name], bounding_box_format="xywh", data_format="channels_last")
    result = tree.map_structure(ops.convert_to_tensor, layer(DATA, training=training))
    specs = layer(_symbolic(DATA, None), training=training)
    for (path, spec), x in zip(tree.flatten_with_path(specs), tree.flatten(result), strict=True):
        assert (spec.shape, spec.dtype) == ((None, *x.shape[1:]), ops.dtype(x)), path
    if training:
        shapes = layer.compute_output_shape(_shapes(DATA))
        assert shapes == _shapes(result)
    masks, boxes, labels = (
        np.asarray(ops.convert_to_numpy(x))
        for x in (
            result["segmentation_masks"],
            result["bounding_boxes"]["boxes"],
            result["bounding_boxes"]["labels"],
        )
    )
    if masks.dtype == "int32":
        assert set(np.unique(masks)) <= {0, LARGE}
    missing = (boxes == -1).all(-1)
    assert missing[:, 1].all() and not missing[:, 0].any() and (labels[missing] == -1).all()


def keeps_float64():
    return active().canonical_dtype("float64") == "float64"


@pytest.mark.parametrize("name", INIT)
def test_wide_layers_take_single_pixels_and_stay_wide(name):
    dtype = "float64" if keeps_float64() else "float32"
    layer = CLASSES[name](**INIT[name], dtype=dtype, data_format="channels_last")
    images = np.full((2, 1, 1, 3), 100, dtype)
    result = np.asarray(ops.convert_to_numpy(layer(images, training=True)))
    assert result.dtype == layer(KerasTensor(images.shape), training=True).dtype == dtype
    assert np.isfinite(result).all()


def test_what_stays_as_it_is_becomes_a_result_of_its_own():
    data = _symbolic(DATA, None)
    before = [getattr(x, "_keras_history", None) for x in tree.flatten(data)]
    layer = CLASSES["RandomBrightness"](0.3, bounding_box_format="xywh")
    results = tree.flatten(layer(data))
    assert [getattr(x, "_keras_history", None) for x in tree.flatten(data)] == before
    assert [x._keras_history.operation for x in results] == [layer] * len(results)
