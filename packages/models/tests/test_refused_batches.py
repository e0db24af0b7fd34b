"""Batches that a model can not take: every method refuses them alike, by the layer, be they the first or later."""

import keras
import numpy as np
import pytest
from keras_ops.state import state

L = keras.layers

Y = np.ones((2, 2), "float32")
METHODS = {
    "fit": lambda model, x: model.fit(x, Y, batch_size=1, verbose=0),
    "evaluate": lambda model, x: model.evaluate(x, Y, batch_size=1, verbose=0),
    "predict": lambda model, x: model.predict(x, batch_size=1, verbose=0),
}


@pytest.fixture
def model():
    model = keras.Sequential([keras.Input((3,)), L.Dense(2, name="head")])
    model.compile("sgd", "mse")
    return model


@pytest.fixture(params=METHODS)
def method(request):
    if request.param == "fit" and not state.backend.traits.trainable:
        pytest.skip("the backend computes no gradients")
    return METHODS[request.param]


def ones(features):
    return np.ones((2, features), "float32")


def test_the_first_batch_is_refused_as_later_ones_are(model, method):
    with pytest.raises(ValueError, match=r"layer 'head'.*value 3.*\(1, 4\)") as caught:
        method(model, ones(4))
    assert "built from" not in str(caught.value)


STRINGS = {"text": np.full((2, 3), "a"), "objects": np.full((2, 3), "a", object)}
WRONG = {"size": (ones(4), r"value 3.*\(1, 4\)"), **{k: (x, "expected numbers") for k, x in STRINGS.items()}}


@pytest.mark.parametrize(("wrong", "together"), [("size", 1), ("size", 2), ("text", 1), ("objects", 2)])
def test_later_batches_are_refused_by_the_layer_that_can_not_take_them(model, method, wrong, together):
    model.steps_per_execution = together
    batch, message = WRONG[wrong]
    method(model, ones(3))
    before = model.get_weights()
    for _ in range(2):
        with pytest.raises(ValueError, match=f"layer 'head'.*{message}"):
            method(model, batch)
    for old, new in zip(before, model.get_weights()):
        np.testing.assert_array_equal(old, new)
    method(model, ones(3))


def test_other_failures_and_those_of_own_steps_come_through(method):
    class Own(keras.Model):
        def call(self, x):
            raise ValueError("steps of its own do not call it")

        def _fail(self, data):
            raise ZeroDivisionError("its own failure")

        train_step = test_step = predict_step = _fail

    own = Own()
    own.built = True
    own.compile("sgd", run_eagerly=True)
    with pytest.raises(ZeroDivisionError, match="its own failure"):
        method(own, ones(3))

    class Failing(L.Layer):
        fails = False

        def call(self, x):
            if self.fails:
                raise ZeroDivisionError("the layer's failure")
            return x

    layer = Failing()
    model = keras.Sequential([layer, L.Dense(2)])
    model.compile("sgd", "mse", run_eagerly=True)
    method(model, ones(3))
    layer.fails = True
    with pytest.raises(ZeroDivisionError, match="the layer's failure"):
        method(model, ones(3))


@pytest.mark.skipif(not state.backend.traits.trainable, reason="the backend computes no gradients")
def test_models_that_are_not_built_say_so():
    class Broken(keras.Model):
        def call(self, x):
            raise ZeroDivisionError("by zero")

    for model, error in ((Broken(), RuntimeError), (keras.Sequential([L.Conv1D(1, 1)]), ValueError)):
        model.compile("sgd", "mse")
        with pytest.raises(error, match=r"can not be (built from|called on) a batch of shapes \(2, 4\)"):
            model.fit(ones(4), Y, verbose=0)
