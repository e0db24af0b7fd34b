"""Batches of varying sizes: compiled steps are made for the sizes that a model fixes, and serve those it leaves open."""

import keras
import numpy as np
import pytest
from keras_backends.selection import active

L = keras.layers


@pytest.mark.parametrize("layer", [L.SimpleRNN, L.GRU, L.LSTM])
def test_sequences_of_any_length(layer):
    inputs = keras.Input((None, 2))
    model = keras.Model(inputs, layer(3)(inputs))
    for steps in (3, 5, 4, 1, 0):
        x = np.random.default_rng(steps).random((2, steps, 2), "float32")
        want = keras.ops.convert_to_numpy(model(keras.ops.convert_to_tensor(x)))
        np.testing.assert_allclose(model.predict(x, verbose=0), want, atol=1e-5)
