"""`predict` on a backend that compiles whole models: how often it compiles, and what it does besides."""

import warnings

import keras
import numpy as np
import pytest
from keras_backends.selection import active
from keras_models import Model, Sequential
from keras_ops import ops

L = keras.layers

pytestmark = pytest.mark.skipif(active().predictor is None, reason="the backend compiles no whole models")

X = np.linspace(-1, 1, 36, dtype="float32").reshape(12, 3)


class Probe(L.Layer):
    """Counts how often Python comes by."""

    calls = 0

    def call(self, x):
        self.calls += 1
        return x * 2


def net(probe):
    x = L.Input((3,))
    y = L.BatchNormalization()(probe(L.Dense(4, "relu")(x)))
    return Model(x, {"a": L.Dense(2)(y), "b": ops.argmax(y, axis=-1)})


@pytest.fixture(autouse=True)
def without_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def compiled(monkeypatch):
    """The shapes that models are compiled for, in order."""
    evaluation = pytest.importorskip("keras_backends.openvino.evaluation")
    found = []
    make = evaluation.CompiledGraph.__init__

    def counted(self, fn, examples):
        found.append([x.shape for x in examples])
        make(self, fn, examples)

    monkeypatch.setattr(evaluation.CompiledGraph, "__init__", counted)
    return found


def test_one_model_is_compiled_for_each_shape_of_the_input(compiled):
    probe = Probe()
    model = net(probe)
    probe.calls = 0
    model.predict(X, batch_size=5, verbose=0)
    assert compiled == [[(5, 3)], [(2, 3)]]
    model.predict(X, batch_size=5, verbose=0)
    model.predict_on_batch(X[:5])
    assert (len(compiled), probe.calls) == (2, 2)


def test_it_gives_what_the_layers_give():
    model = net(Probe())
    expected = model(X)
    for predicted in (model.predict(X, batch_size=5, verbose=0), model.predict_on_batch(X)):
        np.testing.assert_allclose(predicted["a"], expected["a"], rtol=1e-5, atol=1e-6)
        assert predicted["b"].dtype == expected["b"].dtype and (predicted["b"] == expected["b"]).all()


def test_new_weights_are_seen(compiled):
    model = Sequential([L.Input((3,)), L.Dense(2)])
    model.predict(X, verbose=0)
    model.set_weights([w + 1 for w in model.get_weights()])
    np.testing.assert_allclose(model.predict(X, verbose=0), model(X), rtol=1e-5, atol=1e-6)
    assert len(compiled) == 2


@pytest.mark.parametrize(("policy", "dtype"), [("float32", "float32"), ("mixed_bfloat16", "bfloat16")])
def test_models_compute_in_the_dtype_of_their_policy(policy, dtype):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Half precision is slow here.
        model = Sequential([L.Input((64,)), L.Dense(64, dtype=policy)])
    x = np.random.default_rng(0).normal(size=(8, 64)).astype("float32")
    predicted = model.predict(x, verbose=0)
    assert predicted.dtype.name == dtype
    tolerance = 1e-5 if dtype == "float32" else 0.1
    exact = x @ model.get_weights()[0]
    np.testing.assert_allclose(predicted.astype("float32"), exact, rtol=tolerance, atol=tolerance)


def test_running_eagerly_compiles_nothing(compiled):
    probe = Probe()
    model = Sequential([L.Input((3,)), probe])
    model.compile(run_eagerly=True)
    probe.calls = 0
    model.predict(X, batch_size=4, verbose=0)
    assert (compiled, probe.calls) == ([], 3)


def test_what_draws_random_numbers_draws_new_ones_for_each_batch():
    x = L.Input((50,))
    model = Model(x, L.Dropout(0.5, seed=1)(x, training=True))
    with pytest.warns(UserWarning, match="operation by operation"):
        first = model.predict(np.ones((2, 50)), verbose=0)
    assert (first != model.predict(np.ones((2, 50)), verbose=0)).any()
