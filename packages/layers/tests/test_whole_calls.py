"""Calls of preprocessing layers as one program: the same results, whatever happens between calls."""

import copy
import pickle

import numpy as np
import pytest
from keras_backends.selection import active
from keras_layers.preprocessing.image.pipeline import Pipeline
from keras_layers.preprocessing.image.random_brightness import RandomBrightness
from keras_layers.preprocessing.image.random_flip import RandomFlip
from keras_layers.preprocessing.rescaling import Rescaling
from keras_ops import ops
from keras_ops.state import state

CALLS = 10
"""Enough for a program to be made of the last ones."""
IMAGES = np.random.default_rng(0).uniform(0, 200, (5, 4, 6, 3)).astype("float32")


def _made() -> Pipeline:
    layers = [RandomFlip("horizontal", seed=1), RandomBrightness(0.2, seed=2), Rescaling(1 / 255)]
    return Pipeline(layers)


def _called(layer, data=None, **options):
    outputs = layer(ops.convert_to_tensor(IMAGES) if data is None else data, **options)
    return np.array(ops.convert_to_numpy(outputs["images"] if isinstance(outputs, dict) else outputs))


def _all_calls(layer, **options):
    return np.stack([_called(layer, **options) for _ in range(CALLS)])


def _programs(layer):
    return len(layer._programs.made)


def test_a_pipeline_draws_what_its_layers_draw():
    pipeline, alone = _made(), _made()
    found = _all_calls(pipeline)
    assert _programs(pipeline) == active().traits.compiles_each_operation
    expected = []
    for _ in range(CALLS):
        data = ops.convert_to_tensor(IMAGES)
        for layer in alone.layers[:2]:
            data = layer.transform_images(data, layer.get_random_transformation(data))
        expected.append(_called(alone.layers[2], data))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert len(np.unique(found.reshape(CALLS, -1), axis=0)) == CALLS
    np.testing.assert_allclose(_called(pipeline, training=False), IMAGES / 255, atol=1e-6)


def test_what_belongs_to_images_goes_along():
    layer = RandomFlip("horizontal", seed=1, bounding_box_format="xyxy")
    boxes = {"boxes": np.array([[[1, 1, 3, 2]]] * 5, "float32"), "labels": np.zeros((5, 1), "int32")}
    tensors = {name: ops.convert_to_tensor(x) for name, x in boxes.items()}
    data = {"images": ops.convert_to_tensor(IMAGES), "bounding_boxes": tensors}
    for _ in range(CALLS):
        outputs = layer(data)
        mirrored = np.any(np.array(ops.convert_to_numpy(outputs["images"])) != IMAGES, axis=(1, 2, 3))
        found = np.array(ops.convert_to_numpy(outputs["bounding_boxes"]["boxes"]))[:, 0, 0]
        np.testing.assert_allclose(found, np.where(mirrored, 6 - 3, 1))


@pytest.mark.parametrize("outer", [True, False])
def test_a_layer_that_is_changed_is_compiled_anew(outer):
    layer = RandomBrightness((0.5, 0.5), value_range=(0, 1000))
    called = Pipeline([layer]) if outer else layer
    np.testing.assert_allclose(_all_calls(called)[-1], IMAGES + 500, rtol=1e-6)
    layer.factor = (0.25, 0.25)
    np.testing.assert_allclose(_all_calls(called), np.stack([IMAGES + 250] * CALLS), rtol=1e-6)


@pytest.fixture
def traced(monkeypatch):
    """The layers that changed images while a program of them was made."""
    found = []
    for kind in (RandomBrightness, RandomFlip):
        change = kind.change_images

        def changed(self, *args, change=change):
            if state.stateless is not None:
                found.append(self)
            return change(self, *args)

        monkeypatch.setattr(kind, "change_images", changed)
    return found


def test_a_layer_that_is_changed_all_the_time_is_not_compiled_nor_are_others(traced):
    changing, other = RandomBrightness(0.5, seed=1), RandomFlip(seed=1)
    for layer in (changing, other):
        _all_calls(layer)
    once = [changing, other] if active().traits.compiles_each_operation else []
    assert traced == once
    for step in range(2 * CALLS):
        changing.seed = 2 + step
        _called(changing)
        _called(other)
    assert traced == once
    _all_calls(changing)
    assert traced == once, "after a change, a program is worth more calls than the first time"
    _all_calls(changing)
    assert traced == once + once[:1]


def test_attributes_set_to_what_they_are_change_nothing(traced):
    layer = RandomBrightness((0.5, 0.5), seed=1)
    pipeline = Pipeline([layer])
    _all_calls(pipeline)
    count = len(traced)
    for _ in range(CALLS):
        layer.seed, layer.factor, layer.name = 1, (0.5, 0.5), layer.name
        _called(pipeline)
    assert len(traced) == count == active().traits.compiles_each_operation


def test_layers_of_others_run_as_they_are():
    class Counting(RandomFlip):
        calls = 0

        def change_images(self, images, transformation):
            self.calls += 1
            return super().change_images(images, transformation)

    layer = Counting()
    for outer in (layer, Pipeline([layer])):
        layer.calls = 0
        _all_calls(outer)
        assert layer.calls == CALLS
        assert not _programs(outer)


def test_a_copy_has_programs_of_its_own():
    layer = RandomBrightness((0.5, 0.5), value_range=(0, 1000))
    expected = _all_calls(layer)
    for same in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert not _programs(same)
        np.testing.assert_allclose(_all_calls(same), expected, rtol=1e-6)
