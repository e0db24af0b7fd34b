"""Tests of `KerasFileEditor` and of the functions of `keras.legacy.saving`."""

import doctest

import numpy as np
import pytest
from keras_ops.initializers import Constant, Zeros
from keras_saving import legacy_objects, saving
from keras_saving.editor import KerasFileEditor
from keras_saving.testing import Net, fill, read


@pytest.fixture(params=["m.keras", "m.weights.h5"])
def editor(request, tmp_path):
    net = Net()
    fill(net)
    path = tmp_path / request.param
    (saving.save_model if request.param == "m.keras" else saving.save_weights)(net, path)
    opened = KerasFileEditor(path)
    opened.lines = []
    opened.console = opened.lines.append
    return opened


def test_reading(editor):
    assert editor.weights_dict["first"]["1"].shape == (4,)
    assert editor.object_metadata["first"] == {"name": "one"}
    assert (editor.config is not None) == editor.filepath.name.endswith(".keras")
    editor.summary()
    assert "    1: float32 (4,)" in editor.lines


def test_comparing(editor):
    assert editor.compare(Net())["status"] == "success"
    editor.delete_weight("first", "1")
    editor.delete_object("words")
    editor.add_object("extra", {"0": np.zeros(3)})
    assert editor.compare(Net()) == {"status": "error", "error_count": 3, "match_count": 6}
    assert any("'extra'" in line for line in editor.lines)


def test_editing_and_saving(editor, tmp_path):
    editor.rename_object("first", "second")
    editor.rename_object("blocks/container/unit_1", "unit_9")
    editor.add_weights("second", {"1": np.ones(4, "float32")})
    editor.save(tmp_path / "new.weights.h5")
    again = KerasFileEditor(tmp_path / "new.weights.h5")
    assert "first" not in again.weights_dict
    assert "blocks/container/unit_9" in again.weights_dict
    assert again.weights_dict["second"]["1"].tolist() == [1, 1, 1, 1]
    editor.rename_object("second", "first")
    editor.rename_object("unit_9", "unit_1")
    editor.resave_weights(tmp_path / "same.weights.h5")
    net = Net()
    saving.load_weights(net, tmp_path / "same.weights.h5")
    assert any(np.array_equal(v, [1, 1, 1, 1]) for v in read(net))


@pytest.mark.parametrize(
    "call",
    [
        lambda e: e.delete_object("absent"),
        lambda e: e.delete_object("unit"),
        lambda e: e.delete_weight("first", "7"),
        lambda e: e.add_object("first", {}),
        lambda e: e.rename_object("first", "words"),
        lambda e: e.save("weights.keras"),
    ],
)
def test_wrong_names(editor, call):
    with pytest.raises(ValueError, match="KerasFileEditor"):
        call(editor)


def test_legacy_configs():
    config = legacy_objects.serialize_keras_object(Constant(2.0))
    assert config == {"class_name": "Constant", "config": {"value": 2.0}}
    names = {"Constant": Constant, "Zeros": Zeros, "f": np.abs}
    load = legacy_objects.deserialize_keras_object
    assert load(config, module_objects=names).value == 2.0
    assert isinstance(load("Zeros", module_objects=names), Zeros)
    assert load("f", module_objects=names) is np.abs
    assert load(np.abs) is np.abs
    assert load(None) is None
    assert legacy_objects.serialize_keras_object(None) is None
    assert load("g", custom_objects={"g": np.abs}) is np.abs
    for bad in (3, "unknown"):
        with pytest.raises(ValueError):
            load(bad, module_objects=names)
    with pytest.raises(ValueError):
        legacy_objects.serialize_keras_object(3)


def test_examples_run():
    assert doctest.testmod(legacy_objects).failed == 0
