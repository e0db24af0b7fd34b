"""Rematerialized functions and layers: the same values, gradients, updates and random numbers, computed twice."""

from contextlib import nullcontext

import keras_ops.remat as remat_module
import numpy as np
import pytest
from keras_backends.selection import active
from keras_layers.attention.multi_head_attention import MultiHeadAttention
from keras_layers.core.dense import Dense
from keras_layers.layer import Layer
from keras_layers.merging.elementwise import Add
from keras_layers.normalization.batch_normalization import BatchNormalization
from keras_layers.regularization.dropout import Dropout
from keras_ops import ops
from keras_ops.remat import RematScope, remat
from keras_ops.state import StatelessScope
from keras_ops.tensor import KerasTensor
from keras_ops.variable import Variable

trains = pytest.mark.skipif(not active().traits.trainable, reason="no gradients on this backend")
X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


class Counted(Layer):
    """Everything at once: weights, statistics, random numbers; counts how often it runs."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        policy = self.dtype_policy
        self.dense, self.norm = Dense(5, activation="tanh", dtype=policy), BatchNormalization(dtype=policy)
        self.drop = Dropout(0.5, seed=3, dtype=policy)
        self.runs = 0

    def call(self, inputs):
        # What is inside learns from the scopes of the call that it is for training, and in which dtype.
        self.runs += 1
        return {"out": self.dense(self.drop(self.norm(inputs))), "in": inputs, "none": None}


def _gradients(layer):
    """Loss, gradients and the state afterwards of a training step; on functional backends variables are lifted."""
    weights, others = layer.trainable_variables, layer.non_trainable_variables

    def loss(values):
        pairs = list(zip(weights, values)) if active().traits.functional else None
        with StatelessScope(pairs) if pairs else nullcontext():
            total = ops.sum(ops.square(layer(X, training=True)["out"]))
            after = [v.value for v in others] if pairs else None
        return total, after

    values = [v.value if active().traits.functional else v._storage for v in weights]
    (total, after), found = active().gradients(loss, values)
    after = [v.value for v in others] if after is None else after
    return [np.asarray(ops.convert_to_numpy(x)) for x in (total, *found, *after)]


@trains
@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_a_layer_of_a_remat_scope_trains_as_any_other(policy):
    plain = Counted(dtype=policy)
    with RematScope():
        again = Counted(dtype=policy)
    for layer in (plain, again):
        layer.build((None, 4))
        layer(X)
    again.set_weights(plain.get_weights())
    plain.runs = again.runs = 0
    for expected, got in zip(_gradients(plain), _gradients(again), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)
    assert again.runs > plain.runs or active().traits.functional


@trains
def test_what_is_between_is_computed_again():
    runs = []

    def function(x, scale=1.0):
        runs.append(1)
        return ops.sin(ops.exp(x)) * scale, "said"

    def loss(values):
        out, word = remat(function)(values[0], scale=2.0)
        assert word == "said"
        return ops.sum(out), None

    v = Variable(X)
    _, (gradient,) = active().gradients(loss, [v.value if active().traits.functional else v._storage])
    expected = 2 * np.cos(np.exp(X)) * np.exp(X)
    np.testing.assert_allclose(ops.convert_to_numpy(gradient), expected, rtol=1e-3, atol=1e-4)
    assert len(runs) == (1 if active().traits.functional else 2)  # JAX runs the traced program again instead.


@pytest.mark.parametrize(
    ("mode", "covered"),
    [
        ({"mode": "full"}, {"small", "large"}),
        ({"mode": "larger_than", "output_size_threshold": 10}, {"large"}),
        ({"mode": "list_of_layers", "layer_names": ["small"]}, {"small"}),
        ({"mode": None}, set()),
    ],
)
def test_modes_say_which_layers(monkeypatch, mode, covered):
    seen = set()

    def noting(function):
        seen.add(function.__self__.name)
        return function

    monkeypatch.setattr(remat_module, "remat", noting)
    with RematScope(**mode):
        layers = Dense(1, name="small"), Dense(9, name="large")
    for layer in layers:
        layer(X)
        assert layer(KerasTensor((None, 4))).shape == (None, layer.units)
    assert seen == covered


@trains
def test_the_size_of_what_layers_give_is_known_of_any():
    with RematScope("larger_than", output_size_threshold=4):
        layer = Counted()
        attention, merged = MultiHeadAttention(1, 2), Add()
    layer(X, training=True)
    sequence = attention(X[None], X[None], use_causal_mask=True)
    assert tuple(merged([sequence, X[None]]).shape) == (1, 6, 4)


def test_activations_alone_can_be_computed_again(monkeypatch):
    seen = []
    monkeypatch.setattr(remat_module, "remat", lambda f: seen.append(f) or f)
    with RematScope("activations"):
        layer = Dense(2, activation="tanh")
    activation = layer.activation
    layer(X)
    assert seen == [activation] and layer.activation is activation


def test_refusals():
    with pytest.raises(ValueError, match=r"`mode` must be one of .*'full'.* received mode='most'"):
        RematScope("most")


@trains
def test_losses_inside_are_refused():
    layer = Dense(2, activity_regularizer="l2")
    layer.build((None, 4))
    with pytest.raises(ValueError, match=r"keras.remat: a layer added a loss"):
        remat(lambda x: layer(x))(ops.convert_to_tensor(X))
