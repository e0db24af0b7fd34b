"""Layers on sparse tensors: results equal those of dense ones, and are sparse where their specs say so."""

import numpy as np
import pytest
from keras_layers.activations.activation import Activation
from keras_layers.activations.rectifiers import ReLU
from keras_layers.core.dense import Dense
from keras_layers.core.identity import Identity
from keras_layers.core.input_layer import Input
from keras_layers.merging.concatenate import Concatenate
from keras_layers.merging.elementwise import Add, Average, Maximum, Multiply, Subtract
from keras_layers.normalization.batch_normalization import BatchNormalization
from keras_layers.preprocessing.category_encoding import CategoryEncoding
from keras_layers.preprocessing.discretization import Discretization
from keras_layers.preprocessing.hashing import Hashing
from keras_layers.preprocessing.integer_lookup import IntegerLookup
from keras_layers.preprocessing.rescaling import Rescaling
from keras_layers.preprocessing.text_vectorization import TextVectorization
from keras_layers.regularization.dropout import Dropout
from keras_layers.reshaping.flatten import Flatten
from keras_layers.reshaping.permute import Permute
from keras_layers.reshaping.reshape import Reshape
from keras_ops import ops
from keras_ops.sparse import is_sparse
from keras_ops.state import state
from keras_ops.tensor import KerasTensor

X = np.array([[0, 1.5, 0, -2], [0, 0, 0, 0], [3, 0, 0, 4]], "float32")
LABELS = np.array([[1, 2], [3, 3]])

needs_sparse = pytest.mark.skipif(state.backend.sparse is None, reason="the backend has no sparse tensors")


def sparse_tensor(x):
    return state.backend.sparse().from_dense(ops.convert_to_tensor(x))


ONE = {
    "dense": (lambda: Dense(2), False),
    "dense_relu": (lambda: Dense(2, activation="relu", use_bias=False), False),
    "relu": (ReLU, True),
    "softmax": (lambda: Activation("softmax"), False),
    "reshape": (lambda: Reshape((2, 2)), True),
    "flatten": (Flatten, True),
    "permute": (lambda: Permute((1,)), True),
    "identity": (Identity, True),
    "dropout": (lambda: Dropout(0.5), True),
    "rescaling": (lambda: Rescaling(2.0), False),
    "batch_normalization": (BatchNormalization, False),
}


@needs_sparse
@pytest.mark.parametrize("name", ONE)
def test_layer(name):
    make, stays = ONE[name]
    layer = make()
    expected = layer(X)
    for _ in range(2):  # The second call of a signature takes another way.
        result = layer(sparse_tensor(X))
        assert is_sparse(result) == stays
        np.testing.assert_allclose(ops.convert_to_numpy(result), ops.convert_to_numpy(expected), rtol=1e-5)
    assert layer(Input((4,), sparse=True)).sparse == stays


@needs_sparse
@pytest.mark.parametrize("kind", [Add, Subtract, Multiply, Maximum, Average, Concatenate])
def test_merging(kind):
    layer = kind()
    for dense in (False, True):
        inputs = [sparse_tensor(X), X if dense else sparse_tensor(2 * X)]
        result = layer(inputs)
        expected = layer([X, X if dense else 2 * X])
        np.testing.assert_allclose(ops.convert_to_numpy(result), ops.convert_to_numpy(expected), rtol=1e-5)
        specs = [Input((4,), sparse=is_sparse(x)) for x in inputs]
        assert layer(specs).sparse == is_sparse(result) == (kind is Multiply or not dense)


@needs_sparse
def test_dropout_in_training():
    result = Dropout(0.5, seed=1)(sparse_tensor(X), training=True)
    assert is_sparse(result)
    got = ops.convert_to_numpy(result)
    assert np.all((got == 0) | (got == 2 * X))


ENCODERS = {
    "multi_hot": lambda **kwargs: CategoryEncoding(5, **kwargs),
    "one_hot": lambda **kwargs: CategoryEncoding(5, output_mode="one_hot", **kwargs),
    "count": lambda **kwargs: CategoryEncoding(5, output_mode="count", **kwargs),
    "hashing": lambda **kwargs: Hashing(3, output_mode="count", **kwargs),
    "tf_idf": lambda **kwargs: IntegerLookup(
        vocabulary=[2, 3], idf_weights=[0.5, 0.25], output_mode="tf_idf", **kwargs
    ),
    "discretization": lambda **kwargs: Discretization(
        bin_boundaries=[1, 2], output_mode="multi_hot", **kwargs
    ),
}


@pytest.mark.parametrize("name", ENCODERS)
def test_encoder(name):
    layer, dense = ENCODERS[name](sparse=True), ENCODERS[name]()
    inputs = KerasTensor((None, 2), "float32" if name == "discretization" else "int64")
    if state.backend.sparse is None:
        for x in (LABELS, inputs):
            with pytest.raises(ValueError, match=f"sparse tensors.*{state.backend.name}"):
                layer(x)
        return
    result = layer(LABELS)
    assert is_sparse(result)
    np.testing.assert_allclose(ops.convert_to_numpy(result), ops.convert_to_numpy(dense(LABELS)))
    assert layer(inputs).sparse and not dense(inputs).sparse


@needs_sparse
def test_text_gets_sparse():
    layer = TextVectorization(vocabulary=["a", "b"], output_mode="multi_hot", sparse=True)
    result = layer(["a c", "b"])
    assert is_sparse(result)
    np.testing.assert_array_equal(ops.convert_to_numpy(result), [[1, 1, 0], [0, 0, 1]])


def test_ragged_sequences():
    if state.backend.ragged is None:
        with pytest.raises(ValueError, match=f"ragged.*{state.backend.name}"):
            TextVectorization(vocabulary=["a", "b"], ragged=True)
        with pytest.raises(ValueError, match=f"ragged.*{state.backend.name}"):
            ops.convert_to_tensor(X, ragged=True)
        return
    layer = TextVectorization(vocabulary=["a", "b"], ragged=True)
    result = layer(["a c b", "b", ""])
    assert result.to_list() == [[2, 1, 3], [3], []]
    assert np.asarray(ops.convert_to_tensor(result, ragged=False)).tolist() == [
        [2, 1, 3],
        [3, 0, 0],
        [0, 0, 0],
    ]
    assert layer(Input((), dtype="string")).ragged
