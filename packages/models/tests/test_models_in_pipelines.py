"""Models and ordinary layers in the `map` of a `tf.data` pipeline, whatever the backend is."""

import keras
import numpy as np
import pytest
from keras_backends.selection import active
from keras_ops import ops

L = keras.layers
X = np.random.default_rng(0).random((4, 6, 6, 3), "float32")


@pytest.fixture(scope="module")
def tf():
    if not active().traits.trainable:
        pytest.skip("importing TensorFlow takes long; two foreign backends are enough")
    return pytest.importorskip("tensorflow")


def functional(*layers):
    inputs = outputs = keras.Input(X.shape[1:])
    for layer in layers:
        outputs = layer(outputs)
    return keras.Model(inputs, outputs)


def stack(*layers):
    return keras.Sequential([*layers])


FIXED = {
    "stack": lambda: stack(L.Rescaling(2.0), L.CenterCrop(4, 4)),
    "functional": lambda: functional(L.Rescaling(2.0), L.CenterCrop(4, 4)),
    "nested": lambda: stack(functional(L.Rescaling(2.0)), L.Normalization(mean=0.5, variance=0.1)),
    "weights": lambda: functional(L.Rescaling(2.0), L.Conv2D(2, 3), L.BatchNormalization()),
    "layer": lambda: L.Dense(2, activation="relu"),
}


@pytest.mark.parametrize("name", FIXED)
def test_results_are_those_outside(tf, name):
    model = FIXED[name]()
    data = tf.data.Dataset.from_tensor_slices(X).batch(2)
    result = np.concatenate(list(data.map(model).as_numpy_iterator()))
    outside = model(X)
    assert active().is_tensor(outside) and all(active().is_tensor(w.value) for w in model.weights)
    np.testing.assert_allclose(result, ops.convert_to_numpy(outside), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("wrap", [stack, functional])
def test_random_layers_draw_anew_for_each_batch(tf, wrap):
    model = wrap(L.RandomFlip(), L.Dropout(0.5))
    data = tf.data.Dataset.from_tensors(X).repeat(2)
    first, second = data.map(lambda x: model(x, training=True)).as_numpy_iterator()
    assert first.shape == X.shape and (first == 0).mean() > 0.2 and (first != second).any()
    unchanged = next(data.map(lambda x: model(x, training=False)).as_numpy_iterator())
    np.testing.assert_allclose(unchanged, X)
