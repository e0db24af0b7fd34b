"""Models with layers of foreign code: trained, saved, loaded, cloned."""

import warnings

import numpy as np
import pytest
from keras_backends.selection import active
from keras_layers.bridges.jax_layer import JaxLayer
from keras_layers.bridges.torch_module_wrapper import TorchModuleWrapper
from keras_layers.core.dense import Dense
from keras_layers.core.input_layer import Input
from keras_models.cloning import clone_model
from keras_models.sequential import Sequential
from keras_ops.registry import register_keras_serializable
from keras_saving.saving import load_model
from keras_training.optimizers.adam import Adam

X = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
Y = X @ np.array([[1.0], [2.0], [-1.0]], "float32")


def _torch():
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Dropout(0.1))
    return TorchModuleWrapper(module)


@register_keras_serializable("bridges")
def scaled(params, state, rng, inputs, training):
    return inputs * params, {"calls": state["calls"] + training}


@register_keras_serializable("bridges")
def make_scale(inputs):
    return np.ones(inputs.shape[-1:], "float32"), {"calls": np.zeros((), "int32")}


@pytest.mark.parametrize(
    "framework, make",
    [("torch", _torch), ("jax", lambda: JaxLayer(scaled, make_scale))],
)
def test_models_with_foreign_layers_train_and_travel(framework, make, tmp_path):
    if framework not in active().foreign:
        pytest.skip(f"this backend does not run code of {framework}")
    layer = make()
    model = Sequential([Input((3,)), layer, Dense(1)])
    model.compile(Adam(0.05), "mse")
    before = [w.copy() for w in layer.get_weights()]
    history = model.fit(X, Y, epochs=4, batch_size=8, verbose=0).history["loss"]
    assert history[-1] < history[0]
    assert all((old != new).any() for old, new in zip(before, layer.get_weights()))
    expected = model.predict(X, verbose=0)
    path = str(tmp_path / "model.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.save(path)
    again = load_model(path, safe_mode=framework == "jax")
    np.testing.assert_allclose(again.predict(X, verbose=0), expected, rtol=1e-5, atol=1e-6)
    copy = clone_model(model)
    copy.set_weights(model.get_weights())
    np.testing.assert_allclose(copy.predict(X, verbose=0), expected, rtol=1e-5, atol=1e-6)
