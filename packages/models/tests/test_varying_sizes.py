"""Batches of varying sizes: compiled steps are made for the sizes that a model fixes, and serve those it leaves open."""

import keras
import numpy as np
import pytest
from keras_backends.selection import active
from keras_ops.state import state
from keras_training.trainer.open_axes import OpenAxes

L = keras.layers


@pytest.mark.parametrize("layer", [L.SimpleRNN, L.GRU, L.LSTM])
def test_sequences_of_any_length(layer):
    inputs = keras.Input((None, 2))
    model = keras.Model(inputs, layer(3)(inputs))
    for steps in (3, 5, 4, 1, 0):
        x = np.random.default_rng(steps).random((2, steps, 2), "float32")
        want = keras.ops.convert_to_numpy(model(keras.ops.convert_to_tensor(x)))
        np.testing.assert_allclose(model.predict(x, verbose=0), want, atol=1e-5)


class Normalized(keras.Model):
    """A model that fixes the number of features when it is called for the first time."""

    def __init__(self):
        super().__init__()
        self.norm = L.BatchNormalization()

    def call(self, x, training=False):
        return self.norm(x, training=training)


def declared(size):
    return keras.Sequential([keras.Input(size), L.BatchNormalization()])


MODELS = {
    "own": (Normalized, ()),
    "stack": (lambda: declared((3,)), ()),
    "sequences": (lambda: declared((None, 3)), (2,)),
}
METHODS = {
    "fit": lambda model, x: model.fit(x, x, verbose=0),
    "evaluate": lambda model, x: model.evaluate(x, x, verbose=0),
    "predict": lambda model, x: model.predict(x, verbose=0),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", MODELS)
def test_sizes_that_layers_fix_stay_fixed(kind, method):
    if method == "fit" and not state.backend.traits.trainable:
        pytest.skip("the backend computes no gradients")
    make, middle = MODELS[kind]
    model, run = make(), METHODS[method]
    model.compile("sgd", "mse")
    run(model, np.ones((2, *middle, 3), "float32"))
    for features in (4, 5, 1):
        for batch in (2, 3):
            middle = tuple(size + 1 for size in middle)
            with pytest.raises(ValueError, match="to have value 3"):
                run(model, np.ones((batch, *middle, features), "float32"))
    run(model, np.ones((4, *middle, 3), "float32"))


class Counting(L.Layer):
    """Counts the runs of its code: one for each program that it becomes part of."""

    runs = 0

    def call(self, x):
        Counting.runs += 1
        return x


@pytest.mark.skipif(active().name != "tensorflow", reason="other compilers make a program for each size")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("together", [1, 2])
def test_lengths_that_a_model_leaves_open_take_two_programs(method, together):
    inputs = keras.Input((None, 3))
    model = keras.Model(inputs, L.Dense(3)(Counting()(inputs)))
    model.compile("sgd", "mse", steps_per_execution=together)
    seen = []
    for steps in (2, 3, 4, 9, 6):
        before = Counting.runs
        METHODS[method](model, np.ones((4, steps, 3), "float32"))
        seen.append(Counting.runs - before)
    assert all(seen[:2]) and not any(seen[2:])


@pytest.mark.skipif(active().name != "tensorflow", reason="other compilers make a program for each size")
def test_many_programs_for_sizes_that_no_model_declares_are_told_of():
    run = active().compile(lambda x: x + 1)
    with pytest.warns(UserWarning, match=r"compiled for 16 .*keras.Input\(\(None"):
        for size in range(40):
            assert run(active().tensor(np.ones((2, size)))).shape == (2, size)


def test_open_axes_are_those_that_a_model_declares():
    image, text = keras.Input((None, 3), name="b"), keras.Input((4, None), name="a")
    model = keras.Model([image, text], [L.Dense(2)(image), L.Dense(2)(L.Permute((2, 1))(text))])
    of = OpenAxes(model)
    x, y = [np.ones((2, 5, 3)), np.ones((2, 4, 6))], [np.ones((2, 5, 2)), np.ones((2, 6, 1))]
    assert of and of.others((x, y)) == ((None, 3), (4, None), (None, 2), (None, 1), ())
    assert of.others({"a": x[1], "b": x[0]})[:2] == ((4, None), (None, 3))
    assert of.others(np.ones((2, 5)))[0] == (5,) and of.others((1, 2, 3, x))[-2:] == ((5, 3), (4, 6))
    assert of.others([x])[:2] == ((None, 3), (4, None)) and of.others(([x[0][:, :1], x[1]],))[0] == (1, 3)
    own = Normalized()
    assert not OpenAxes(own) and not OpenAxes(declared((3,)))
    own.inputs = own.outputs = ["names", "of columns"]
    own.build((None, None, 3))
    assert OpenAxes(own).others((x[0], np.ones((2, 5))))[:2] == ((None, 3), (None,))
