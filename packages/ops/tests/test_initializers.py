"""Tests of `keras_ops.initializers`: values, moments, seeds, identifiers, configs."""

import doctest
import random

import numpy as np
import pytest
from keras_ops import initializers
from keras_ops.initializers import base, constants, draws, identifiers, randoms
from keras_ops.state import state
from keras_ops.variable import Variable

RANDOM = [
    # initializer with a seed, shape, mean, standard deviation, bound
    (initializers.RandomNormal(0.5, 2.0, seed=1), (40, 50), 0.5, 2.0, None),
    (initializers.TruncatedNormal(0.0, 1.0, seed=1), (40, 50), 0.0, 0.8796, 2.0),
    (initializers.RandomUniform(-1.0, 3.0, seed=1), (40, 50), 1.0, 4 / 12**0.5, 3.0),
    (initializers.GlorotUniform(seed=1), (40, 60), 0.0, (2 / 100) ** 0.5, (6 / 100) ** 0.5),
    (initializers.GlorotNormal(seed=1), (40, 60), 0.0, (2 / 100) ** 0.5, 2.274 * (2 / 100) ** 0.5),
    (initializers.HeUniform(seed=1), (3, 3, 8, 16), 0.0, (2 / 72) ** 0.5, (6 / 72) ** 0.5),
    (initializers.HeNormal(seed=1), (3, 3, 8, 16), 0.0, (2 / 72) ** 0.5, 2.274 * (2 / 72) ** 0.5),
    (initializers.LecunUniform(seed=1), (40, 60), 0.0, (1 / 40) ** 0.5, (3 / 40) ** 0.5),
    (initializers.LecunNormal(seed=1), (40, 60), 0.0, (1 / 40) ** 0.5, 2.274 * (1 / 40) ** 0.5),
    (initializers.VarianceScaling(3.0, "fan_out", "untruncated_normal", 1), (40, 60), 0.0, 0.05**0.5, None),
    (initializers.VarianceScaling(1.0, seed=1, input_axes=(0, 1)), (20, 5, 40), 0.0, 0.1, 0.2274),
]


def numpy(x):
    return state.backend.numpy(x)


@pytest.mark.parametrize(("initializer", "shape", "mean", "stddev", "bound"), RANDOM)
def test_moments_and_bounds(initializer, shape, mean, stddev, bound):
    values = numpy(initializer(shape))
    assert values.shape == shape
    assert values.dtype == np.float32
    error = 4 * stddev / values.size**0.5
    assert abs(values.mean() - mean) < error
    assert abs(values.std() - stddev) < error
    if bound is not None:
        assert np.abs(values).max() <= bound


@pytest.mark.parametrize("initializer", [row[0] for row in RANDOM] + [initializers.Orthogonal(seed=1)])
def test_the_same_seed_gives_the_same_values(initializer):
    first, second = numpy(initializer((6, 8))), numpy(initializer((6, 8)))
    config = initializer.get_config()
    twin = type(initializer).from_config(config)
    other = type(initializer).from_config({**config, "seed": 2})
    assert np.array_equal(first, second)
    assert np.array_equal(first, numpy(twin((6, 8))))
    assert np.array_equal(first, numpy(initializer.clone()((6, 8))))
    assert not np.array_equal(first, numpy(other((6, 8))))
    assert dir(twin) == dir(initializer)


def test_values_are_the_same_on_every_backend():
    # Recorded: a change of these numbers changes everybody's initial weights.
    values = numpy(initializers.GlorotUniform(seed=7)((2, 2)))
    assert np.allclose(values, [[-0.8236985, 0.91138995], [1.1568042, -0.5012505]], atol=1e-7)
    values = numpy(initializers.RandomNormal(stddev=1.0, seed=-1)((3,)))
    assert np.allclose(values, [0.6773236, 0.2565884, -0.5032923], atol=1e-6)


def test_without_a_seed_values_differ_and_can_be_repeated():
    random.seed(3)
    one = initializers.GlorotUniform()
    first, second = numpy(one((4, 4))), numpy(one((4, 4)))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, numpy(initializers.GlorotUniform()((4, 4))))
    random.seed(3)
    again = initializers.GlorotUniform()
    assert np.array_equal(first, numpy(again((4, 4))))
    assert np.array_equal(second, numpy(again((4, 4))))
    assert one.get_config()["seed"] is None


class Generator:
    """What a `SeedGenerator` is to an initializer."""

    def __init__(self):
        self.count = 0

    def next(self, ordered=True):
        self.count += 1
        return state.backend.tensor([5, self.count], "int32")


def test_a_seed_generator_advances():
    generator = Generator()
    one = initializers.RandomNormal(seed=generator)
    first, second = numpy(one((4,))), numpy(one((4,)))
    assert generator.count == 2
    assert not np.array_equal(first, second)
    assert np.array_equal(first, numpy(initializers.RandomNormal(seed=Generator())((4,))))


class Given:
    """A seed generator whose state is an argument of the function under way."""

    def __init__(self, words):
        self.words = words

    def next(self, ordered=True):
        return self.words


def test_inside_a_compiled_function_the_backend_draws():
    backend = state.backend
    draw = backend.compile(
        lambda words: initializers.GlorotUniform(seed=Given(words))((3, 4)), jit=backend.traits.functional
    )
    first, second, other = (
        numpy(draw(backend.tensor(words, "uint32"))) for words in ([1, 2], [1, 2], [1, 3])
    )
    assert first.shape == (3, 4)
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_large_arrays_do_not_depend_on_threads(monkeypatch):
    shape = (3, draws.CHUNK + 5)
    threaded = draws.fill(shape, "float32", draws.key_of(1), 0, draws.truncated_normal)
    monkeypatch.setattr(draws.os, "cpu_count", lambda: 1)
    assert np.array_equal(threaded, draws.fill(shape, "float32", draws.key_of(1), 0, draws.truncated_normal))
    short = draws.fill((10,), "float32", draws.key_of(1), 0, draws.truncated_normal)
    assert np.array_equal(threaded.reshape(-1)[:10], short)
    chunks = threaded.reshape(-1)[: 3 * draws.CHUNK].reshape(3, -1)
    assert not np.array_equal(chunks[0], chunks[1])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", None])
@pytest.mark.parametrize("name", ["glorot_uniform", "orthogonal", "zeros", "ones", "identity", "constant"])
def test_dtypes(name, dtype):
    x = initializers.get(name)((3, 3), dtype)
    backend = state.backend
    assert backend.dtype(x) == backend.canonical_dtype(dtype or "float32")
    assert tuple(backend.shape(x)) == (3, 3)


@pytest.mark.parametrize(
    ("initializer", "shape", "dtype", "expected"),
    [
        (initializers.Zeros(), (2,), "int32", [0, 0]),
        (initializers.Ones(), (2,), "bool", [True, True]),
        (initializers.Constant(7), [2], "int32", [7, 7]),
        (initializers.Constant([1.0, 2.0]), (2, 2), None, [[1.0, 2.0], [1.0, 2.0]]),
        (initializers.Identity(0.5), (2, 3), None, [[0.5, 0, 0], [0, 0.5, 0]]),
        (initializers.Zeros(), (), None, 0.0),
    ],
)
def test_constants(initializer, shape, dtype, expected):
    assert numpy(initializer(shape, dtype)).tolist() == expected


@pytest.mark.parametrize("shape", [(6, 6), (8, 3), (3, 8), (2, 3, 4)])
def test_orthogonal(shape):
    matrix = numpy(initializers.Orthogonal(gain=2.0, seed=1)(shape)).reshape(-1, shape[-1])
    small = matrix @ matrix.T if matrix.shape[0] < matrix.shape[1] else matrix.T @ matrix
    assert np.allclose(small, 4 * np.eye(len(small)), atol=1e-5)


def test_fourier_bases():
    real = numpy(initializers.STFT("real", window=None, scaling=None)((4, 2, 3)))
    assert np.allclose(real[:, 0], [[1, 1, 1], [1, 0, -1], [1, -1, 1], [1, 0, -1]], atol=1e-6)
    assert np.array_equal(real[:, 0], real[:, 1])
    imag = numpy(initializers.STFT("imag", window=np.ones(4), scaling="spectrum")((4, 1, 3)))
    assert np.allclose(imag[:, 0, 1], [0, -0.25, 0, 0.25], atol=1e-6)
    hann = numpy(initializers.STFT(periodic=True, scaling=None)((4, 1, 3)))
    assert np.allclose(hann[:, 0, 0], [0, 0.5, 1, 0.5], atol=1e-6)


def test_variables_take_them():
    variable = Variable(initializers.HeNormal(seed=1), shape=(4, 4), dtype="float16")
    assert np.array_equal(variable.numpy(), numpy(initializers.HeNormal(seed=1)((4, 4), "float16")))


@pytest.mark.parametrize("name", sorted(identifiers.FAMILY.names))
def test_names(name):
    assert type(initializers.get(name)) is identifiers.FAMILY.names[name]


def test_identifiers_of_other_kinds():
    assert initializers.get(None) is None
    assert isinstance(initializers.get(initializers.Zeros), initializers.Zeros)
    one = initializers.Zeros()
    assert initializers.get(one) is one
    assert initializers.get(numpy) is numpy
    config = initializers.serialize(initializers.VarianceScaling(2.0, seed=4))
    assert initializers.get(config).get_config() == config["config"]
    for bad in ("no_such", 3):
        with pytest.raises(ValueError):
            initializers.get(bad)


@pytest.mark.parametrize(
    "call",
    [
        lambda: initializers.Identity()((2, 2, 2)),
        lambda: initializers.Orthogonal()((3,)),
        lambda: initializers.STFT()((3, 3)),
        lambda: initializers.STFT(side="left"),
        lambda: initializers.STFT(scaling="loud"),
        lambda: initializers.VarianceScaling(scale=0.0),
        lambda: initializers.VarianceScaling(mode="fan"),
        lambda: initializers.VarianceScaling(distribution="cauchy"),
        lambda: initializers.VarianceScaling(input_axes=5)((2, 2)),
        lambda: initializers.RandomNormal(seed="one"),
        lambda: initializers.RandomNormal()((2,), "int32"),
    ],
)
def test_wrong_arguments_are_refused(call):
    with pytest.raises(ValueError):
        call()


@pytest.mark.parametrize("module", [base, constants, identifiers, randoms])
def test_examples_run(module):
    assert doctest.testmod(module).failed == 0
