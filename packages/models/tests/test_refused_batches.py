"""Batches that a built model can not take: the same mistake is refused alike by every method, first or later."""

import keras
import numpy as np
import pytest
from keras_ops.state import state

L = keras.layers

Y = np.ones((2, 2), "float32")
METHODS = {
    "fit": lambda model, x: model.fit(x, Y, verbose=0),
    "evaluate": lambda model, x: model.evaluate(x, Y, verbose=0),
    "predict": lambda model, x: model.predict(x, verbose=0),
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
    with pytest.raises(ValueError, match=r"layer 'head'.*value 3.*\(2, 4\)") as caught:
        method(model, ones(4))
    assert "built from" not in str(caught.value)


@pytest.mark.skipif(not state.backend.traits.trainable, reason="the backend computes no gradients")
def test_models_that_are_not_built_say_so():
    class Broken(keras.Model):
        def call(self, x):
            raise ZeroDivisionError("by zero")

    for model, error in ((Broken(), RuntimeError), (keras.Sequential([L.Conv1D(1, 1)]), ValueError)):
        model.compile("sgd", "mse")
        with pytest.raises(error, match=r"can not be (built from|called on) a batch of shapes \(2, 4\)"):
            model.fit(ones(4), Y, verbose=0)
