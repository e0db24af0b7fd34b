"""A small model that has the protocol the Trainer asks for, made of variables and operations only."""

from itertools import pairwise

import numpy as np
import pytest
from keras_ops import ops
from keras_ops.naming import clear_session
from keras_ops.state import StatelessScope, state
from keras_ops.variable import Variable
from keras_training.trainer import Trainer

trains = pytest.mark.skipif(not state.backend.traits.trainable, reason="the backend computes no gradients")


class Perceptron(Trainer):
    """Two dense layers, a counter that is no weight, and a penalty if asked for."""

    built = True

    def __init__(self, sizes=(4, 6, 3), name="perceptron", penalty=0.0):
        rng = np.random.default_rng(0)
        self.name = name
        self.penalty = penalty
        self.weights = []
        for i, (n_in, n_out) in enumerate(pairwise(sizes)):
            kernel = rng.normal(size=(n_in, n_out)).astype("float32") * 0.5
            self.weights.append(Variable(kernel, name=f"kernel{i}"))
            self.weights.append(Variable(np.zeros(n_out, "float32"), name=f"bias{i}"))
        self.calls = Variable(np.float32(0), trainable=False, name="calls")

    trainable_variables = property(lambda self: self.weights)
    non_trainable_variables = property(lambda self: [self.calls])
    variables = property(lambda self: [*self.weights, self.calls])

    @property
    def losses(self):
        return [self.penalty * ops.sum(ops.square(self.weights[0]))] if self.penalty else []

    def __call__(self, x, training=False):
        if training:
            self.calls.assign(self.calls + 1.0)
        for i in range(0, len(self.weights), 2):
            x = ops.matmul(x, self.weights[i]) + self.weights[i + 1]
            if i + 2 < len(self.weights):
                x = ops.tanh(x)
        return x

    def stateless_call(self, trainable, non_trainable, x, training=False, return_losses=False):
        mapping = [*zip(self.weights, trainable), (self.calls, non_trainable[0])]
        with StatelessScope(state_mapping=mapping) as scope:
            outputs, losses = self(x, training=training), self.losses
        result = outputs, [scope.get_current_value(self.calls)]
        return (*result, losses) if return_losses else result

    def get_weights(self):
        return [w.numpy() for w in self.weights]

    def set_weights(self, values):
        for w, value in zip(self.weights, values):
            w.assign(value)


class TwoHeads(Perceptron):
    """The same, with two outputs that have names."""

    output_names = ("kind", "size")

    def __call__(self, x, training=False):
        y = super().__call__(x, training)
        return [y, y[:, :1]]


@pytest.fixture(autouse=True)
def fresh_names():
    clear_session(free_memory=False)
    np.random.seed(0)


@pytest.fixture
def data():
    """Forty-two samples of four numbers, in three classes that can be told apart."""
    rng = np.random.default_rng(1)
    y = rng.integers(0, 3, 42).astype("int32")
    x = rng.normal(size=(42, 4)).astype("float32")
    x[np.arange(42), y] += 2.0
    return x, y
