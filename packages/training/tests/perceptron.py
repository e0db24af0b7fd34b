"""The small model of variables that the tests of the Trainer train, and how they compile it."""

from itertools import pairwise

import numpy as np
import pytest
from keras_ops import ops, policies
from keras_ops.state import StatelessScope, state
from keras_ops.variable import Variable
from keras_training.losses.crossentropy import SparseCategoricalCrossentropy
from keras_training.optimizers.sgd import SGD
from keras_training.trainer import Trainer

trains = pytest.mark.skipif(not state.backend.traits.trainable, reason="the backend computes no gradients")


class Perceptron(Trainer):
    """Two dense layers, a counter that is no weight, and a penalty if asked for."""

    built = True
    dtype_policy = policies.get("float32")
    _call_has_training_arg = True

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

    def _flatten_layers(self):
        return [self]

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


LOSS = SparseCategoricalCrossentropy(from_logits=True)
QUIET = {"verbose": 0, "shuffle": False}


def compiled(model=None, rate=0.5, **arguments):
    model = model or Perceptron()
    model.compile(SGD(rate), arguments.pop("loss", LOSS), **arguments)
    return model
