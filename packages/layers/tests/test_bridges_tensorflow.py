"""`TFSMLayer`: functions and signatures of SavedModels, their weights, and what safe loading refuses."""

import numpy as np
import pytest
from keras_backends.selection import active
from keras_layers.bridges.tfsm_layer import TFSMLayer
from keras_ops import ops
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_ops.tensor import KerasTensor

here = pytest.mark.skipif("tensorflow" not in active().foreign, reason="runs on the tensorflow backend only")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A SavedModel with functions and two signatures, one of them with two inputs."""
    tf = pytest.importorskip("tensorflow")
    spec = tf.TensorSpec((None, 3), tf.float32)

    class Saved(tf.Module):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable(np.ones((3, 2), "float32"), name="w")
            self.calls = tf.Variable(0.0, trainable=False, name="calls")

        @tf.function(input_signature=[spec])
        def serve(self, x):
            return x @ self.w

        @tf.function(input_signature=[spec])
        def train(self, x):
            self.calls.assign_add(1.0)
            return 2.0 * (x @ self.w)

        @tf.function(input_signature=[spec, tf.TensorSpec((), tf.float32)])
        def scaled(self, x, scale):
            return {"y": x @ self.w * scale}

    saved, path = Saved(), str(tmp_path_factory.mktemp("saved_model"))
    signatures = {"serving_default": saved.serve.get_concrete_function(), "by_name": saved.scaled}
    tf.saved_model.save(saved, path, signatures=signatures)
    return path


X = np.arange(6, dtype="float32").reshape(2, 3)


@pytest.mark.skipif("tensorflow" in active().foreign, reason="is about the other backends")
def test_other_backends_say_which_one_is_needed():
    with pytest.raises(NotImplementedError, match="tensorflow backend, the backend in use is"):
        TFSMLayer("somewhere")


@here
def test_functions_run_with_their_weights(folder):
    layer = TFSMLayer(folder, call_training_endpoint="train", name="saved")
    assert [v.path for v in layer.trainable_weights] == ["w"]
    assert [v.path for v in layer.non_trainable_weights] == ["calls"]
    np.testing.assert_allclose(ops.convert_to_numpy(layer(X)), X @ np.ones((3, 2)))
    layer.trainable_weights[0].assign(np.full((3, 2), 2.0))
    np.testing.assert_allclose(ops.convert_to_numpy(layer(X, training=True)), X @ np.full((3, 2), 4.0))
    assert layer.non_trainable_weights[0].numpy() == 1.0
    assert layer(KerasTensor((None, 3))).shape == (None, 2)
    storage = layer.trainable_variables[0]._storage
    _, (grad,) = active().gradients(lambda _: (ops.sum(layer(X)), None), [storage])
    np.testing.assert_allclose(grad, np.repeat(X.sum(0)[:, None], 2, axis=1))
    assert not TFSMLayer(folder, trainable=False).trainable_weights


@here
def test_signatures_take_inputs_by_name(folder):
    expected = X @ np.ones((3, 2))
    outputs = TFSMLayer(folder, call_endpoint="serving_default")(X)
    np.testing.assert_allclose(next(iter(outputs.values())), expected)
    layer = TFSMLayer(folder, call_endpoint="scaled")
    scale = ops.convert_to_tensor(3.0)
    np.testing.assert_allclose(layer(X, scale=scale)["y"], 3 * expected)
    layer = TFSMLayer(folder, call_endpoint="by_name")
    np.testing.assert_allclose(layer({"x": X, "scale": scale})["y"], 3 * expected)
    for inputs, received in ((X, "one of type"), ({"x": X, "y": scale}, r"\['x', 'y'\]")):
        with pytest.raises(ValueError, match=rf"'by_name' takes .* the names .*, received {received}"):
            layer(inputs)


@here
@pytest.mark.parametrize("endpoint", ["serve", "serving_default"])
def test_floats_are_those_that_the_function_was_saved_for(folder, endpoint):
    layer = TFSMLayer(folder, call_endpoint=endpoint, dtype="mixed_bfloat16")
    outputs = layer(X)
    outputs = outputs if endpoint == "serve" else next(iter(outputs.values()))
    np.testing.assert_allclose(outputs, X @ np.ones((3, 2)))


@here
@pytest.mark.parametrize("argument", ["call_endpoint", "call_training_endpoint"])
def test_missing_functions_are_named(folder, argument):
    with pytest.raises(
        ValueError, match=f"no function {argument}='nowhere'. It has .*'serve'.*'serving_default'"
    ):
        TFSMLayer(folder, **{argument: "nowhere"})


@here
def test_configs_load_only_if_they_are_trusted(folder):
    layer = TFSMLayer(folder, call_training_endpoint="train", trainable=False, name="saved")
    config = serialize_keras_object(layer)
    for load in (deserialize_keras_object, lambda c: TFSMLayer.from_config(c["config"])):
        with pytest.raises(ValueError, match="safe_mode=False"):
            load(config)
    again = deserialize_keras_object(config, safe_mode=False)
    assert again.get_config() == layer.get_config() and dir(again) == dir(layer)
    np.testing.assert_allclose(again(X), layer(X))
