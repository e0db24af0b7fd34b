"""Copies of compiled models, by `copy.deepcopy` and by pickle: equal, independent, and they go on training."""

import copy
import pickle

import numpy as np
import pytest
from keras_layers.core.dense import Dense
from keras_layers.core.input_layer import Input
from keras_models.model import Model
from keras_models.sequential import Sequential
from keras_ops import ops
from keras_ops.state import state
from keras_training.optimizers.adam import Adam

X, Y = np.random.default_rng(0).normal(size=(8, 4)).astype("float32"), np.arange(8) % 3


class Own(Model):
    def __init__(self):
        super().__init__()
        self.first, self.second = Dense(5, activation="relu"), Dense(3, activation="softmax")

    def call(self, x):
        return self.second(self.first(x))


def functional():
    x = Input((4,))
    return Model(x, Dense(3, activation="softmax")(Dense(5)(x)))


KINDS = {
    "sequential": lambda: Sequential(
        [Input((4,)), Dense(5, activation="relu"), Dense(3, activation="softmax")]
    ),
    "functional": functional,
    "own": Own,
}


@pytest.mark.parametrize("twin_of", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_goes_on_by_itself(kind, twin_of):
    model = KINDS[kind]()
    model.compile(Adam(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    trains = state.backend.traits.trainable
    if trains:
        model.fit(X, Y, verbose=0)
    before = model.predict(X, verbose=0)
    twin = twin_of(model)
    np.testing.assert_array_equal(twin.predict(X, verbose=0), before)
    if not trains:
        return
    history = twin.fit(X, Y, epochs=2, verbose=0).history
    np.testing.assert_array_equal(model.predict(X, verbose=0), before)
    assert model.fit(X, Y, epochs=2, verbose=0).history["loss"] == pytest.approx(history["loss"], rel=1e-4)
    np.testing.assert_allclose(twin.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-5)


def test_a_model_with_operations_is_pickled():
    inputs = Input((3,))
    model = Model(inputs, ops.concatenate([inputs * 2, ops.sum(inputs, axis=1, keepdims=True)], axis=1))
    x = np.ones((2, 3), "float32")
    twin = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(twin.predict(x, verbose=0), model.predict(x, verbose=0))
