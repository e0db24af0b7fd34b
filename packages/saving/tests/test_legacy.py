"""Tests of legacy `.h5` files: configs of Keras 2 in today's form, weights by order and by name."""

import h5py
import numpy as np
import pytest
from keras_ops.variable import Variable
from keras_saving import legacy_config, legacy_h5, saving
from keras_saving.errors import BrokenFileError, WeightsMismatchError


def layer(class_name, name, nodes=None, **config):
    entry = {"class_name": class_name, "config": {"name": name, **config}}
    return entry if nodes is None else {**entry, "name": name, "inbound_nodes": nodes}


def history(tensor):
    return tensor["config"]["keras_history"]


def test_graphs_of_keras_2():
    entry = layer(
        "Model",
        "net",
        layers=[
            layer("InputLayer", "x", [], batch_input_shape=[None, 3], dtype="float32"),
            layer("Dense", "d", [[["x", 0, 0, {}]]], units=2, batch_input_shape=[None, 3]),
            layer("Add", "a", [[["d", 0, 0, {}], ["x", 0, 0, {"mask": ["x", 0, 0], "scale": 2}]]]),
        ],
        input_layers=[["x", 0, 0]],
        output_layers=[["a", 0, 0], ["d", 0, 0]],
    )
    modern = legacy_config.modern_layer(entry)
    assert (modern["module"], modern["class_name"]) == ("keras.src.models.functional", "Functional")
    source, dense, add = modern["config"]["layers"]
    assert source["config"]["batch_shape"] == [None, 3]
    assert dense["config"] == {"name": "d", "units": 2}
    (tensor,) = dense["inbound_nodes"][0]["args"]
    assert (tensor["class_name"], history(tensor)) == ("__keras_tensor__", ["x", 0, 0])
    ((left, right),) = add["inbound_nodes"][0]["args"]
    assert [history(left), history(right)] == [["d", 0, 0], ["x", 0, 0]]
    assert modern["config"]["input_layers"] == ["x", 0, 0]
    assert modern["config"]["output_layers"] == [["a", 0, 0], ["d", 0, 0]]


def test_arguments_of_keras_2():
    def config(class_name, **arguments):
        return legacy_config.modern_layer({"class_name": class_name, "config": arguments})["config"]

    assert config("LeakyReLU", alpha=0.2) == {"negative_slope": 0.2}
    assert config("BatchNormalization", axis=[3], fused=True) == {"axis": 3}
    assert config("BatchNormalization", axis=[1, 2]) == {"axis": [1, 2]}
    assert config("LSTM", time_major=False, implementation=2, units=3) == {"units": 3}
    inner = {"class_name": "LeakyReLU", "config": {"alpha": 0.1}}
    assert config("TimeDistributed", layer=inner)["layer"]["config"] == {"negative_slope": 0.1}
    function = config("Lambda", function=["Y29kZQ==", None, None], function_type="lambda")["function"]
    assert function["class_name"] == "__lambda__"


@pytest.mark.parametrize("dtype", ["float16", {"class_name": "Policy", "config": {"name": "float16"}}])
def test_a_stack_whose_first_layer_holds_the_input_shape(dtype):
    dense = layer("Dense", "d", units=2, batch_input_shape=[None, 3], dtype=dtype)
    modern = legacy_config.modern_layer(layer("Sequential", "s", layers=[dense]))
    first = modern["config"]["layers"][0]
    assert first["class_name"] == "InputLayer"
    assert first["config"] == {"batch_shape": [None, 3], "dtype": "float16"}


def test_operations_as_layers_are_refused():
    entry = layer("Model", "net", layers=[layer("TFOpLambda", "o", [["_CONSTANT_VALUE", -1, 3.0, {}]])])
    with pytest.raises(ValueError, match="TensorFlow operations"):
        legacy_config.modern_layer(entry)


def test_training_configs():
    modern = legacy_config.modern_training(
        {
            "loss": {"class_name": "LossFunctionWrapper", "config": {"fn": "mse", "name": "mse"}},
            "metrics": [[{"class_name": "MeanMetricWrapper", "config": {"name": "accuracy", "fn": "f"}}]],
            "loss_weights": None,
            "optimizer_config": {
                "class_name": "Custom>Adam",
                "config": {"name": "Adam", "decay": 0.0, "learning_rate": 0.1},
            },
        }
    )
    assert modern["loss"] == "mse"
    assert modern["metrics"] == ["accuracy"]
    assert modern["optimizer"]["class_name"] == "Adam"
    assert modern["optimizer"]["config"] == {"name": "adam", "learning_rate": 0.1}
    legacy = legacy_config.legacy_training(modern)
    assert legacy["optimizer_config"]["config"]["learning_rate"] == 0.1
    assert "optimizer" not in legacy


def test_configs_are_written_without_modules():
    inner = {"module": "mine", "class_name": "Gate", "config": {}, "registered_name": "mine>Gate"}
    entry = {"module": "keras", "class_name": "Sequential", "config": {"layers": [inner]}, "build_config": {}}
    expected = {"class_name": "Sequential", "config": {"layers": [{"class_name": "mine>Gate", "config": {}}]}}
    assert legacy_config.legacy_layer(entry) == expected


class Layer:
    def __init__(self, name, *shapes):
        self.name = name
        self.trainable_weights = [
            Variable(np.full(shape, 9.0, "float32"), name=f"w{i}") for i, shape in enumerate(shapes)
        ]
        for i, variable in enumerate(self.trainable_weights):
            variable._path = f"{name}/w{i}"
        self.non_trainable_weights = []

    @property
    def weights(self):
        return self.trainable_weights


class Model:
    name = "model"

    def __init__(self, *layers):
        self.layers = layers
        self.trainable_weights = [weight for layer in layers for weight in layer.weights]
        self.non_trainable_weights = []

    def values(self):
        return [float(np.ravel(weight.numpy())[0]) for weight in self.trainable_weights]


@pytest.fixture
def path(tmp_path):
    """Weights 1, 2, 3 of a layer `a` with two and a layer `b` with one."""
    model = Model(Layer("a", (2, 3), (3,)), Layer("none"), Layer("b", (4,)))
    for i, variable in enumerate(model.trainable_weights):
        variable.assign(np.full(variable.shape, i + 1.0))
    with h5py.File(tmp_path / "old.h5", "w") as file:
        legacy_h5._write_layers(file, model)
    return tmp_path / "old.h5"


def test_weights_by_order(path):
    model = Model(Layer("x", (2, 3), (3,)), Layer("y", (4,)))
    saving.load_weights(model, path)
    assert model.values() == [1.0, 2.0, 3.0]


def test_weights_by_name(path):
    model = Model(Layer("b", (4,)), Layer("c", (1,)), Layer("a", (2, 3), (3,)))
    saving.load_weights(model, path, by_name=True)
    assert model.values() == [3.0, 9.0, 1.0, 2.0]


def test_other_layers_than_in_the_file(path):
    with pytest.raises(WeightsMismatchError, match=r"2 layers, \['a', 'b'\].*by_name"):
        saving.load_weights(Model(Layer("a", (2, 3), (3,))), path)
    other = Model(Layer("a", (2, 3), (5,)), Layer("b", (4,)))
    with pytest.raises(WeightsMismatchError, match=r"'a' has weights of the shapes \[\(2, 3\), \(5,\)\]"):
        saving.load_weights(other, path)
    with pytest.warns(UserWarning, match="keeps the values"):
        saving.load_weights(other, path, skip_mismatch=True)
    assert other.values() == [9.0, 9.0, 3.0]


def test_names_are_split_over_attributes(tmp_path, monkeypatch):
    monkeypatch.setattr(legacy_h5, "_NAMES_PER_ATTRIBUTE", 2)
    names = [f"n{i}" for i in range(5)]
    with h5py.File(tmp_path / "x.h5", "w") as file:
        legacy_h5._write_names(file, "layer_names", names)
        assert sorted(file.attrs) == ["layer_names0", "layer_names1", "layer_names2"]
        assert legacy_h5._read_names(file, "layer_names") == names


def test_weights_are_no_model(path):
    with pytest.raises(BrokenFileError, match="load_weights"):
        saving.load_model(path)


def test_links_are_refused(path):
    with h5py.File(path, "r+") as file:
        del file["a"]
        file["a"] = h5py.ExternalLink("other.h5", "/a")
    with pytest.raises(BrokenFileError, match="link"):
        saving.load_weights(Model(Layer("a", (2, 3), (3,)), Layer("b", (4,))), path)
