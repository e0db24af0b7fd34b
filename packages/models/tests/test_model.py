"""Subclassed models, state trees, summary, cloning, JSON."""

import json
import pickle
from copy import deepcopy

import keras
import numpy as np
import pytest
from keras_models import Functional, Model, Sequential, clone_model
from keras_models.model import model_from_json
from keras_models.summary import readable_size
from keras_ops import ops, tree

L = keras.layers


def ones(*shape):
    return np.ones(shape, "float32")


class Net(Model):
    def __init__(self, width=4, **kwargs):
        super().__init__(**kwargs)
        self.width = width
        self.blocks = [L.Dense(width), L.Dense(width)]
        self.heads = {"a": L.Dense(1), "b": L.Dense(2)}

    def call(self, x, training=None):
        for block in self.blocks:
            x = block(x)
        return {name: head(x) for name, head in self.heads.items()}


def test_subclassed_model_builds_on_its_first_call():
    model = Net()
    assert not model.built
    result = model(ones(2, 3))
    assert {name: tuple(v.shape) for name, v in result.items()} == {"a": (2, 1), "b": (2, 2)}
    assert len(model.layers) == 4 and model.count_params() == 16 + 20 + 5 + 10


def test_subclassed_model_builds_for_a_shape():
    model = Net()
    model.build((None, 3))
    assert model.built and len(model.weights) == 8


@keras.saving.register_keras_serializable("tests")
class Joined(Model):
    """A `call` of two tensors, and no `build`."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.left, self.right = L.Dense(2), L.Dense(2)

    def call(self, image, text, scale=1.0):
        return self.left(image) * scale + self.right(text)


CALLS_OF_TWO = {
    "positional": lambda model, x, y: model(x, y),
    "mixed": lambda model, x, y: model(x, text=y),
    "keywords": lambda model, x, y: model(text=y, image=x, scale=2.0),
}


@pytest.mark.parametrize("kind", ["eager", "symbolic"])
@pytest.mark.parametrize("call", CALLS_OF_TWO.values(), ids=CALLS_OF_TWO)
def test_a_subclassed_model_may_take_several_tensors(call, kind, tmp_path):
    model, x, y = Joined(), ones(2, 3), ones(2, 5)
    inputs = (x, y) if kind == "eager" else (keras.Input((3,)), keras.Input((5,)))
    assert tuple(call(model, *inputs).shape)[1:] == (2,)
    assert model.left.kernel.shape == (3, 2) and model.right.kernel.shape == (5, 2)
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    expected = ops.convert_to_numpy(call(model, x, y))
    np.testing.assert_allclose(ops.convert_to_numpy(call(again, x, y)), expected, rtol=1e-6)


def test_automatic_config_makes_the_same_model():
    again = Net.from_config(Net(width=7, name="net").get_config())
    assert (again.width, again.name) == (7, "net")


def test_missing_call_and_missing_super_are_explained():
    class NoCall(Model):
        pass

    with pytest.raises(NotImplementedError, match="NoCall has no `call`"):
        NoCall()(ones(1, 1))

    class NoSuper(Model):
        def __init__(self):
            self.dense = L.Dense(1)

    with pytest.raises(RuntimeError, match="super"):
        NoSuper()(ones(1, 1))


def test_get_layer_by_name_and_index():
    model = Sequential([L.Input((3,)), L.Dense(2, name="first"), L.Dense(1, name="second")])
    assert model.get_layer("second") is model.get_layer(index=1)
    for arguments in ({}, {"name": "first", "index": 0}, {"name": "third"}, {"index": 5}):
        with pytest.raises(ValueError, match="get_layer"):
            model.get_layer(**arguments)


def test_state_tree_round_trip():
    model = Sequential([L.Input((3,)), L.Dense(2, name="dense")], name="stack")
    tree = model.get_state_tree("numpy_array")
    weights = tree["trainable_variables"]["stack"]["dense"]
    assert set(weights) == {"kernel", "bias"}
    weights["bias"] = np.full(2, 5.0, "float32")
    model.set_state_tree(tree)
    assert model.get_layer("dense").bias.numpy().tolist() == [5.0, 5.0]
    with pytest.raises(ValueError, match="nowhere"):
        model.set_state_tree({"trainable_variables": {"nowhere": 1}})


def test_stateless_call_of_a_model_changes_nothing():
    model = Sequential([L.Input((3,)), L.BatchNormalization(), L.Dense(2)])
    before = [w.copy() for w in model.get_weights()]
    trainable = [v.value for v in model.trainable_variables]
    non_trainable = [v.value for v in model.non_trainable_variables]
    outputs, updated = model.stateless_call(trainable, non_trainable, ones(2, 3), training=True)
    assert outputs.shape == (2, 2)
    assert not np.allclose(ops.convert_to_numpy(updated[0]), before[2])
    for old, new in zip(before, model.get_weights()):
        np.testing.assert_array_equal(old, new)


def test_summary_lists_layers_shapes_and_totals():
    x = L.Input((3,), name="x")
    inner = Sequential([L.Input((3,)), L.Dense(4, name="deep")], name="inner")
    model = Model(x, L.Dense(2, name="out")(inner(x)), name="whole")
    inner.trainable = False
    lines = []
    model.summary(print_fn=lines.append, expand_nested=True, show_trainable=True)
    text = "\n".join(lines)
    for part in (
        'Model: "whole"',
        "inner (Sequential)",
        "deep (Dense)",
        "(None, 2)",
        "Total params: 26 (104.00 B)",
    ):
        assert part in text
    assert "Trainable params: 10" in text and "Non-trainable params: 16" in text


def test_summary_of_a_range_of_layers():
    model = Sequential([L.Input((3,)), *(L.Dense(2, name=f"d{i}") for i in range(4))])
    lines = []
    model.summary(print_fn=lines.append, layer_range=["d1", "d2"])
    assert "d1 (" in lines[0] and "d2 (" in lines[0] and "d0 (" not in lines[0] and "d3 (" not in lines[0]
    with pytest.raises(ValueError, match="no layer matches"):
        model.summary(layer_range=["x", "y"])


@pytest.mark.parametrize(("size", "text"), [(12, "12.00 B"), (2048, "2.00 KB"), (3 * 1024**3, "3.00 GB")])
def test_sizes_are_readable(size, text):
    assert readable_size(size) == text


@pytest.mark.parametrize("kind", ["sequential", "functional"])
def test_a_clone_has_layers_and_weights_of_its_own(kind):
    x = L.Input((3,))
    model = (
        Sequential([L.Input((3,)), L.Dense(2)])
        if kind == "sequential"
        else Model(x, L.Dense(2)(L.Dense(4)(x)))
    )
    copy = clone_model(model)
    assert type(copy) is type(model) and copy.get_config()["layers"]
    assert not set(map(id, copy.weights)) & set(map(id, model.weights))
    assert copy.count_params() == model.count_params()


@pytest.mark.filterwarnings("ignore:The lambda")
def test_a_clone_needs_no_registration_of_what_is_there():
    class Inner(L.Layer):
        def call(self, x):
            return ops.tanh(x)

    def shift(x):
        return x + 1

    wrapped = L.TimeDistributed(Inner())
    layers = [wrapped, L.Dense(2, activation=lambda x: ops.tanh(x)), L.Dense(2, activation=shift)]
    model = Sequential([L.Input((4, 3)), *layers, L.Lambda(lambda x: ops.square(x) + len(layers))])
    copy = clone_model(model)
    assert type(copy.layers[0].layer) is Inner and copy.layers[0].layer is not wrapped.layer
    copy.set_weights(model.get_weights())
    x = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
    np.testing.assert_array_equal(copy.predict(x, verbose=0), model.predict(x, verbose=0))
    assert copy.get_config() == model.get_config()


class Counting(L.Layer):
    """A layer with a metric."""

    def __init__(self, inner):
        super().__init__()
        self.inner, self.largest = inner, keras.metrics.Mean(name="largest")

    def call(self, x):
        self.largest.update_state(ops.max(x))
        return self.inner(x)


def test_losses_and_metrics_of_a_compiled_model_inside_another_stay_its_own():
    base = Sequential([L.Input((3,)), Counting(L.Dense(2, kernel_initializer="zeros"))])
    base.compile("sgd", "mse", metrics=["mae"])
    assert base.evaluate(ones(4, 3), ones(4, 2), verbose=0) == [1.0, 1.0, 1.0]
    for inner in (base, Counting(base)):
        model = Sequential([L.Input((3,)), inner])
        model.compile("sgd", "mse", metrics=["mae"])
        assert model.metrics_names[:2] == ["loss", "compile_metrics"]
        result = model.evaluate(2 * ones(4, 3), 3 * ones(4, 2), verbose=0, return_dict=True)
        assert result == {"loss": 9.0, "mae": 3.0, "largest": 2.0}
        assert len(model.metrics) == 3 + (inner is not base)
        assert [float(metric.result()) for metric in base.metrics if metric.name == "loss"] == [1.0]


def test_clone_function_replaces_layers():
    x = L.Input((3,))
    model = Model(x, L.Dense(2, activation="relu")(x))

    def linear(layer):
        config = layer.get_config()
        if isinstance(layer, L.Dense):
            config["activation"] = "linear"
        return type(layer).from_config(config)

    assert clone_model(model, clone_function=linear).layers[-1].get_config()["activation"] == "linear"


def test_json_round_trip():
    x = L.Input((3,))
    model = Model(x, L.Dense(2)(x))
    text = model.to_json()
    assert json.loads(text)["class_name"] == "Functional"
    again = model_from_json(text)
    assert isinstance(again, Functional) and again.output_shape == (None, 2)


class Pair(Model):
    """Functional, and of a class that nothing has registered."""

    def __init__(self):
        x = L.Input((3,))
        super().__init__(x, [L.Dense(2)(x), L.BatchNormalization()(x)])


def _unregistered():
    """A model whose class no import can find."""

    class Local(Net):
        pass

    model = Local(3)
    model(ones(1, 3))
    return model


@pytest.mark.parametrize("copy", ["pickle", "deepcopy", "cloudpickle"])
@pytest.mark.parametrize("make", [Pair, Net, lambda: Sequential([L.Input((3,)), L.Dense(2)]), _unregistered])
def test_models_are_copied_with_their_weights(make, copy):
    model = make()
    model(ones(1, 3))
    model.compile(loss="mse")
    if copy == "deepcopy":
        again = deepcopy(model)
    elif copy == "cloudpickle":
        again = pickle.loads(pytest.importorskip("cloudpickle").dumps(model))
    elif make is _unregistered:
        pytest.skip("pickle finds classes by importing them")
    else:
        again = pickle.loads(pickle.dumps(model))
    assert type(again).__name__ == type(model).__name__ and again.get_config() == model.get_config()
    assert isinstance(again, Functional) == isinstance(model, Functional)
    for variable, old in zip(again.weights, model.weights, strict=True):
        assert variable is not old and variable.path == old.path
        np.testing.assert_array_equal(variable.numpy(), old.numpy())
    before = [old.numpy() for old in model.weights]
    again.set_weights([value + 1 for value in before])
    for old, value in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(old.numpy(), value)
    model.set_weights(again.get_weights())
    for got, want in zip(tree.flatten(again(ones(2, 3))), tree.flatten(model(ones(2, 3))), strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(got), ops.convert_to_numpy(want), rtol=1e-6)


@pytest.mark.parametrize("name", ["a/b", 3])
@pytest.mark.parametrize("make", [L.Dense, keras.Variable, keras.name_scope, keras.Operation, Sequential])
def test_names_are_parts_of_paths(make, name):
    arguments = {L.Dense: (1,), keras.Variable: (1.0,)}.get(make, ())
    with pytest.raises(
        ValueError, match=rf"{make.__name__}: `name` must be a string without '/'.*name={name!r}"
    ):
        make(*arguments, name=name)
