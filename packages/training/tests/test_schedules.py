"""Learning-rate schedules against their formulas."""

import math

import numpy as np
import pytest
from keras_ops import ops
from keras_training.optimizers import identifiers
from keras_training.optimizers.decay import (
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)

CASES = [
    (ExponentialDecay(0.1, 4, 0.5), lambda t: 0.1 * 0.5 ** (t / 4)),
    (ExponentialDecay(0.1, 4, 0.5, staircase=True), lambda t: 0.1 * 0.5 ** (t // 4)),
    (InverseTimeDecay(0.1, 4, 0.5), lambda t: 0.1 / (1 + 0.5 * t / 4)),
    (PolynomialDecay(0.1, 8, 0.02, power=2.0), lambda t: 0.08 * (1 - min(t, 8) / 8) ** 2 + 0.02),
    (PolynomialDecay(0.1, 4, 0.02, cycle=True), lambda t: 0.08 * (1 - t / (4 * max(1, -(-t // 4)))) + 0.02),
    (PiecewiseConstantDecay([2, 5], [3.0, 2.0, 1.0]), lambda t: 3.0 if t <= 2 else 2.0 if t <= 5 else 1.0),
    (
        CosineDecay(0.1, 8, alpha=0.2),
        lambda t: 0.1 * (0.8 * (1 + math.cos(math.pi * min(t, 8) / 8)) / 2 + 0.2),
    ),
    (
        CosineDecay(0.0, 8, warmup_target=0.1, warmup_steps=4),
        lambda t: 0.1 * t / 4 if t < 4 else 0.1 * (1 + math.cos(math.pi * min(t - 4, 8) / 8)) / 2,
    ),
    (CosineDecayRestarts(0.1, 4, t_mul=1.0), lambda t: 0.1 * (1 + math.cos(math.pi * (t % 4) / 4)) / 2),
]


@pytest.mark.parametrize(("schedule", "formula"), CASES, ids=lambda x: getattr(x, "name", None))
def test_values(schedule, formula):
    for step in (0, 1, 3, 4, 6, 9, 20):
        found = float(ops.convert_to_numpy(schedule(step)))
        assert np.isclose(found, formula(step), rtol=1e-5, atol=1e-7), step


def test_restarts_grow_longer_and_lower():
    schedule = CosineDecayRestarts(0.1, 2, t_mul=2.0, m_mul=0.5)
    tops = [float(ops.convert_to_numpy(schedule(step))) for step in (0, 2, 6)]
    np.testing.assert_allclose(tops, [0.1, 0.05, 0.025], rtol=1e-3)


@pytest.mark.parametrize("schedule", [case[0] for case in CASES], ids=lambda x: x.name)
def test_config_round_trip(schedule):
    config = identifiers.serialize_schedule(schedule)
    assert config["module"] == "keras.optimizers.schedules"
    again = identifiers.deserialize_schedule(config)
    assert again.get_config() == schedule.get_config()


def test_messages():
    with pytest.raises(ValueError, match="decay_steps=0"):
        ExponentialDecay(0.1, 0, 0.5)
    with pytest.raises(ValueError, match="one more of `values`"):
        PiecewiseConstantDecay([1, 2], [0.1, 0.2])
