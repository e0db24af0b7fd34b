"""Models trained on sparse data: as on the same data made dense."""

import numpy as np
import pytest
from keras_layers.core.dense import Dense
from keras_layers.core.embedding import Embedding
from keras_layers.core.input_layer import Input
from keras_models.model import Model
from keras_models.sequential import Sequential
from keras_ops import ops
from keras_ops.state import state
from keras_training.optimizers.adam import Adam

GENERATOR = np.random.default_rng(0)
X = np.where(GENERATOR.random((8, 6)) < 0.4, GENERATOR.normal(size=(8, 6)), 0).astype("float32")
Y = GENERATOR.normal(size=(8, 1)).astype("float32")

pytestmark = pytest.mark.skipif(not state.backend.traits.trainable, reason="the backend does not train")


def sparse_tensor(x):
    if state.backend.sparse is None:
        pytest.skip("the backend has no sparse tensors")
    return state.backend.sparse().from_dense(ops.convert_to_tensor(x))


def model(sparse):
    x = Input((6,), sparse=sparse)
    made = Model(x, Dense(1, kernel_initializer="ones")(Dense(3, "tanh", kernel_initializer="ones")(x)))
    made.compile("sgd", "mse")
    return made


def test_trains_as_on_dense_data():
    """Batches of a matrix of SciPy are sparse tensors, or dense ones where the backend has no others."""
    matrix = pytest.importorskip("scipy.sparse").coo_matrix(X.astype("float64"))
    dense, sparse = model(False), model(state.backend.sparse is not None)
    expected = dense.fit(X, Y, batch_size=4, shuffle=False, verbose=0).history
    found = sparse.fit(matrix, Y, batch_size=4, shuffle=False, verbose=0).history
    np.testing.assert_allclose(found["loss"], expected["loss"], rtol=1e-4)
    predicted = sparse.predict(matrix, batch_size=8, verbose=0)
    np.testing.assert_allclose(predicted, dense.predict_on_batch(X), rtol=1e-3)


def test_one_sparse_batch():
    made = model(True)
    assert made.predict_on_batch(sparse_tensor(X)).shape == (8, 1)


def test_config_says_that_an_input_is_sparse():
    again = Model.from_config(model(True).get_config())
    assert again.inputs[0].sparse and not again.outputs[0].sparse


def test_iterables_of_sparse_batches():
    made = Sequential([Dense(1)])
    made.compile("sgd", "mse")
    batch = (sparse_tensor(X), Y)
    history = made.fit([batch, batch].__iter__(), verbose=0).history
    assert np.isfinite(history["loss"][0])


def test_optimizers_take_gradients_by_rows():
    """Frameworks may hand over the gradient of an embedding as the rows that were looked up."""
    if state.backend.name != "tensorflow":
        pytest.skip("gradients by rows are TensorFlow's")
    import tensorflow as tf

    layer = Embedding(4, 2)
    layer.build()
    before = ops.convert_to_numpy(layer.embeddings)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(np.array([[1, 3], [1, 1]])))
    gradients = tape.gradient(loss, layer.trainable_weights)
    assert isinstance(gradients[0], tf.IndexedSlices)
    Adam(0.5).apply(gradients, layer.trainable_weights)
    moved = ops.convert_to_numpy(layer.embeddings) - before
    np.testing.assert_allclose(moved, [[0, 0], [-0.5, -0.5], [0, 0], [-0.5, -0.5]], atol=1e-5)
