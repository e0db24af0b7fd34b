"""Inside `torch.compile`: random numbers, which are those of eager calls, and first calls, which may build a model."""

import keras
import numpy as np
import pytest
from keras_backends.selection import active
from keras_ops import conversion, ops, random

if active().name != "torch":
    pytest.skip("the selected backend is not torch", allow_module_level=True)

import torch

L = keras.layers


def compiled(function, graphs=None):
    """A function as one graph, whose gradients are traced too, run without a compiler of machine code."""
    torch._dynamo.reset()

    def backend(graph, inputs):
        if graphs is not None:
            graphs.append(graph)
        return (
            graph.forward if graphs is not None else torch._dynamo.lookup_backend("aot_eager")(graph, inputs)
        )

    return torch.compile(function, backend=backend, fullgraph=True)


def draws(seed):
    """One of each kind."""
    return [
        random.uniform((2, 3), -1, 2, seed=seed),
        random.uniform((3,), dtype="float16", seed=seed),
        random.normal((3,), 1.0, 2.0, seed=seed),
        random.truncated_normal((3,), seed=seed),
        random.randint((5,), 0, 9, seed=seed),
        random.gamma((3,), 2.0, seed=seed),
        random.beta((3,), 2.0, 3.0, seed=seed),
        random.binomial((3,), 5.0, 0.5, seed=seed),
        random.categorical(ops.ones((2, 4)), 5, seed=seed),
        random.shuffle(ops.arange(5), seed=seed),
        random.dropout(ops.ones((2, 4)), 0.5, seed=seed),
    ]


def seeds():
    keras.utils.set_random_seed(7)
    return 3, random.SeedGenerator(5), None


def test_programs_draw_what_eager_calls_draw():
    def all_draws(seeds):
        return [x for seed in seeds for x in draws(seed)]

    given = seeds()
    want = [all_draws(given) for _ in range(3)]
    given, run = seeds(), compiled(all_draws)
    for expected, found in zip(want, [run(given), all_draws(given), run(given)]):
        for a, b in zip(expected, found, strict=True):
            assert a.dtype == b.dtype and torch.equal(a, b)


def test_gradients_of_draws():
    def drawn(alpha):
        return random.gamma((3,), alpha, seed=1)

    def gradient(function):
        alpha = torch.tensor([2.0, 0.5, 1.0], requires_grad=True)
        return torch.autograd.grad(function(alpha).prod(), alpha)[0]

    np.testing.assert_allclose(gradient(compiled(drawn)), gradient(drawn), rtol=1e-5)


class Own(keras.Model):
    """A model of a class of its own, which a call builds."""

    def __init__(self):
        super().__init__()
        self.flat, self.dense, self.drop = L.Flatten(), L.Dense(2), L.Dropout(0.5)

    def call(self, x, training=False):
        return self.drop(self.dense(self.flat(x)), training=training)


def graph():
    x = inputs = keras.Input((4, 4, 2))
    for layer in (L.BatchNormalization(), L.Reshape((8, -1)), L.SpatialDropout1D(0.5), L.Dense(2)):
        x = layer(x)
    return keras.Model(inputs, x)


MODELS = {
    "graph": graph,
    "own": Own,
    "unbuilt stack": lambda: keras.Sequential(
        [L.BatchNormalization(), L.Flatten(), L.Dense(2), L.Dropout(0.5)]
    ),
}


@pytest.mark.parametrize("kind", MODELS)
def test_the_first_call_may_be_compiled(kind):
    x = ops.convert_to_tensor(np.random.default_rng(0).random((2, 4, 4, 2), "float32"))
    keras.utils.set_random_seed(3)
    want = [model(x, training=True) for model in [MODELS[kind]()] for _ in range(3)]
    keras.utils.set_random_seed(3)
    graphs = []
    run = compiled(MODELS[kind](), graphs)
    for expected in want:
        np.testing.assert_allclose(run(x, training=True).detach(), expected.detach(), rtol=1e-4, atol=1e-5)
    assert len(graphs) <= 2


def test_tensors_of_numbers_are_not_kept_from_a_program():
    kept = set(conversion._cache)
    assert compiled(lambda x: ops.add(x, 4567.25))(ops.ones((2,))).tolist() == [4568.25] * 2
    assert set(conversion._cache) == kept
