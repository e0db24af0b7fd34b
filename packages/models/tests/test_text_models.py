"""Models of texts: strings go in as arrays of the host, also where the backend has no tensors of strings."""

import numpy as np
import pytest
from keras_backends.selection import active
from keras_layers.core.dense import Dense
from keras_layers.core.input_layer import Input
from keras_layers.preprocessing.text_vectorization import TextVectorization
from keras_models.sequential import Sequential
from keras_ops import ops

TEXTS = [["a a"], ["b"], ["a"], ["b b"]]


def _model():
    texts = TextVectorization(output_mode="count", vocabulary=["a", "b"])
    return Sequential([Input((1,), dtype="string"), texts, Dense(1, kernel_initializer="ones")])


@pytest.mark.parametrize("dtype", [None, object])
def test_texts_may_come_without_the_last_axis(dtype):
    model, expected = _model(), [[2.0], [1.0], [1.0], [2.0]]
    for texts in (np.array(TEXTS, dtype), np.array(TEXTS, dtype)[:, 0]):
        assert ops.convert_to_numpy(model(texts)).tolist() == expected
        assert model.predict(texts, verbose=0).tolist() == expected


def test_models_of_texts_are_evaluated_and_trained():
    model, texts, y = _model(), np.array(TEXTS), np.ones((4, 1), "float32")
    model.compile(optimizer="sgd", loss="mse")
    assert model.evaluate(texts, y, verbose=0) == 0.5
    if active().gradients is not None:
        losses = model.fit(texts, y, epochs=3, batch_size=2, verbose=0).history["loss"]
        assert losses[0] > losses[1] > losses[2]
