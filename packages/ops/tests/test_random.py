"""Random functions, seeds, and the state of generators."""

import sys
import threading

import numpy as np
import pytest
from keras_backends.selection import active
from keras_ops import ops, random
from keras_ops.inference import compute_output_spec
from keras_ops.naming import clear_session
from keras_ops.state import StatelessScope, device
from keras_ops.tensor import KerasTensor

DRAWS = {
    "normal": lambda seed, **options: random.normal((2000,), 1.0, 0.5, seed=seed, **options),
    "truncated_normal": lambda seed, **options: random.truncated_normal(
        (2000,), 1.0, 0.5, seed=seed, **options
    ),
    "uniform": lambda seed, **options: random.uniform((2000,), -1.0, 3.0, seed=seed, **options),
    "randint": lambda seed, **options: random.randint((2000,), -1, 4, seed=seed, **options),
    "gamma": lambda seed, **options: random.gamma((2000,), 2.0, seed=seed, **options),
    "beta": lambda seed, **options: random.beta((2000,), 2.0, 3.0, seed=seed, **options),
    "binomial": lambda seed, **options: random.binomial((2000,), 10.0, 0.3, seed=seed, **options),
}
MOMENTS = {
    "normal": (1.0, 0.5),
    "truncated_normal": (1.0, 0.44),
    "uniform": (1.0, 4 / 12**0.5),
    "randint": (1.0, 2**0.5),
    "gamma": (2.0, 2**0.5),
    "beta": (0.4, 0.2),
    "binomial": (3.0, 2.1**0.5),
}
HALVES = [name for name in DRAWS if name != "randint"]


def _values(x):
    return ops.convert_to_numpy(x).astype("float64")


@pytest.mark.parametrize("name", DRAWS)
def test_draws_depend_on_the_seed_alone(name):
    draw = DRAWS[name]
    first = _values(draw(5))
    assert np.array_equal(first, _values(draw(5)))
    assert not np.array_equal(first, _values(draw(6)))
    mean, deviation = MOMENTS[name]
    assert abs(first.mean() - mean) < 0.15 * deviation
    assert abs(first.std() - deviation) < 0.15 * deviation


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", HALVES)
def test_draws_have_the_dtype_asked_for(name, dtype):
    x = DRAWS[name](5, dtype=dtype)
    assert ops.dtype(x) == dtype
    assert np.isfinite(_values(x)).all()


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int64"])
def test_integers_have_the_dtype_asked_for_and_stay_in_range(dtype):
    x = random.randint((100,), 1, 4, dtype=dtype, seed=1)
    assert ops.dtype(x) == active().canonical_dtype(dtype)
    assert set(_values(x)) == {1, 2, 3}


def test_wrong_dtypes_are_refused():
    with pytest.raises(ValueError, match="float dtype"):
        random.normal((2,), dtype="int32")
    with pytest.raises(ValueError, match="integer dtype"):
        random.randint((2,), 0, 3, dtype="float32")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: random.normal((2, -1)), r"keras.random.normal: .*`shape`.*\(2, -1\)"),
        (lambda: random.randint((2,), 5, 1), r"keras.random.randint: .*minval=5, maxval=1"),
        (lambda: random.gamma((2,), np.ones(3, "float32")), r"keras.random.gamma: .*\(3,\)"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_generator_advances_and_can_be_restored():
    generator = random.SeedGenerator(7)
    state = ops.convert_to_numpy(generator.state.value).copy()
    assert state.tolist() == [7, 0] and generator.get_config() == {"seed": 7}
    first, second = _values(random.normal((4,), seed=generator)), _values(random.normal((4,), seed=generator))
    assert not np.array_equal(first, second)
    generator.state.assign(state)
    assert np.array_equal(first, _values(random.normal((4,), seed=generator)))
    again = random.SeedGenerator.from_config(generator.get_config())
    assert np.array_equal(first, _values(random.normal((4,), seed=again)))


def test_what_next_returned_does_not_change_later():
    generator = random.SeedGenerator(3)
    seed = generator.next()
    generator.next()
    assert ops.convert_to_numpy(seed).tolist() == [3, 0]


def test_large_seeds_use_both_words():
    a, b = (_values(random.normal((4,), seed=seed)) for seed in (1, 1 + 2**32))
    assert not np.array_equal(a, b)


def test_a_stateless_scope_records_the_advance():
    generator = random.SeedGenerator(7)
    with StatelessScope() as scope:
        random.normal((2,), seed=generator)
    assert ops.convert_to_numpy(generator.state.value).tolist() == [7, 0]
    assert ops.convert_to_numpy(scope.get_current_value(generator.state)).tolist() == [7, 1]


@pytest.mark.parametrize("seed", [-1, 1.5, "a", True])
def test_seeds_that_are_none_are_refused(seed):
    with pytest.raises(ValueError, match="seed"):
        random.SeedGenerator(seed)


def test_set_random_seed_repeats_everything():
    def draws():
        random.set_random_seed(11)
        return [_values(random.normal((3,))), random.SeedGenerator().get_config(), np.random.random()]

    first, second = draws(), draws()
    assert np.array_equal(first[0], second[0]) and first[1:] == second[1:]
    assert not np.array_equal(_values(random.normal((3,))), first[0])
    with pytest.raises(ValueError, match="set_random_seed"):
        random.set_random_seed(-1)


def test_clear_session_keeps_random_functions_working():
    random.normal((2,))
    clear_session(free_memory=False)
    assert tuple(random.normal((2,)).shape) == (2,)


def test_unknown_sizes_draw_nothing():
    generator = random.SeedGenerator(7)
    spec = compute_output_spec(
        lambda x: random.normal(ops.shape(x), seed=generator) + random.dropout(x, 0.5, seed=generator),
        KerasTensor((None, 3)),
    )
    assert spec.shape == (None, 3) and spec.dtype == "float32"
    assert ops.convert_to_numpy(generator.state.value).tolist() == [7, 0]


def test_dropout_zeroes_its_share_and_scales_the_rest():
    x = ops.ones((40, 50))
    y = _values(random.dropout(x, 0.25, seed=2))
    assert set(np.unique(y.round(4))) == {0.0, round(1 / 0.75, 4)}
    assert abs((y == 0).mean() - 0.25) < 0.05
    rows = _values(random.dropout(x, 0.5, noise_shape=(None, 1), seed=2))
    assert (rows == rows[:, :1]).all() and 0 < (rows == 0).mean() < 1
    assert (_values(random.dropout(x, 1.0, seed=2)) == 0).all()
    with pytest.raises(ValueError, match="rate"):
        random.dropout(x, 1.5)


def test_shuffle_moves_slices():
    x = np.arange(30.0).reshape(10, 3)
    y = _values(random.shuffle(x, seed=4))
    assert not np.array_equal(x, y) and np.array_equal(np.sort(y, axis=0), x)
    assert (y[:, 1] - y[:, 0] == 1).all()


def test_categorical_draws_by_probability():
    logits = np.log(np.array([[0.7, 0.2, 0.1], [1e-9, 1e-9, 1.0]], "float32"))
    y = _values(random.categorical(logits, 1000, seed=3))
    assert y.shape == (2, 1000) and (y[1] == 2).all()
    assert np.abs(np.bincount(y[0].astype(int), minlength=3) / 1000 - [0.7, 0.2, 0.1]).max() < 0.06


def test_draws_in_a_scan_differ_also_the_first_ones_of_all():
    clear_session()
    draws = ops.scan(lambda carry, x: (carry, random.uniform(())), 0.0, ops.ones((3,)))[1]
    assert len(set(ops.convert_to_numpy(draws).tolist())) == 3


@pytest.mark.skipif(active().name != "jax", reason="no other backend traces functions apart from their state")
def test_a_draw_does_not_leave_a_tracer_behind():
    import jax

    with pytest.raises(ValueError, match="SeedGenerator 'global_seed_generator': drawing inside a function"):
        jax.jit(lambda: random.normal((2,)))()
    assert random.normal((2,)).shape == (2,)
    seeded = jax.jit(lambda seed: random.normal((2,), seed=seed))
    assert seeded(np.array([1, 2], "uint32")).shape == (2,)


@pytest.mark.parametrize("bounds", [(5, 6), (-6, -5), (-3.0, 1.0)])
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_uniform_numbers_stay_below_the_upper_bound(dtype, bounds):
    x = ops.convert_to_numpy(random.uniform((20000,), *bounds, dtype=dtype, seed=1)).astype("float32")
    assert bounds[0] <= x.min() and x.max() < bounds[1]


def test_threads_draw_different_seeds():
    generator, seen = random.SeedGenerator(1), []

    def draw():
        for _ in range(50):
            seen.append(tuple(ops.convert_to_numpy(generator.next()).tolist()))

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=draw) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert len(set(seen)) == len(seen) == 200


@pytest.mark.skipif(active().name != "torch", reason="only PyTorch has a device without values everywhere")
def test_seeds_on_another_device_change_no_later_ones():
    expected = random.SeedGenerator(1).next().device
    with device("meta"):
        generator = random.SeedGenerator(1)
        for _ in range(2):
            assert generator.next().device.type == "meta"
    generator = random.SeedGenerator(1)
    for _ in range(2):
        assert generator.next().device == expected
