"""Regularizers and constraints: values by formula, names, configs."""

import numpy as np
import pytest
from keras_layers import constraints, regularizers
from keras_ops import ops

X = np.array([[1.0, -2.0], [3.0, 0.5]], "float32")


@pytest.mark.parametrize(
    ("regularizer", "expected"),
    [
        (regularizers.L1(0.5), 0.5 * np.abs(X).sum()),
        (regularizers.L2(0.5), 0.5 * (X**2).sum()),
        (regularizers.L1L2(0.5, 0.25), 0.5 * np.abs(X).sum() + 0.25 * (X**2).sum()),
        (regularizers.L1L2(), 0.0),
        (
            regularizers.OrthogonalRegularizer(2.0),
            2.0 * abs((X[0] / np.linalg.norm(X[0])) @ (X[1] / np.linalg.norm(X[1]))),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_regularizer(regularizer, expected):
    np.testing.assert_allclose(float(regularizer(ops.convert_to_tensor(X))), expected, rtol=1e-5)
    again = regularizers.deserialize(regularizers.serialize(regularizer))
    assert again.get_config() == regularizer.get_config()


def _unit(w):
    return w / np.sqrt((w**2).sum(0, keepdims=True))


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        (constraints.MaxNorm(1.0), _unit(X)),
        (constraints.UnitNorm(), _unit(X)),
        (constraints.NonNeg(), np.maximum(X, 0.0)),
        (constraints.MinMaxNorm(5.0, 9.0), 5.0 * _unit(X)),
        (constraints.MinMaxNorm(5.0, 9.0, rate=0.0), X),
    ],
    ids=lambda value: type(value).__name__,
)
def test_constraint(constraint, expected):
    result = ops.convert_to_numpy(constraint(ops.convert_to_tensor(X)))
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-5)
    again = constraints.deserialize(constraints.serialize(constraint))
    assert again.get_config() == constraint.get_config()


@pytest.mark.parametrize("module", [regularizers, constraints])
def test_get(module):
    assert module.get(None) is None
    assert module.get(abs) is abs
    for name, cls in module.FAMILY.names.items():
        assert type(module.get(name)) is cls
    with pytest.raises(ValueError, match=r"Unknown (regularizer|constraint) 'nothing'"):
        module.get("nothing")


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf"), "a"])
def test_bad_factors_are_refused(value):
    for make in (regularizers.L1, regularizers.L2, regularizers.L1L2):
        with pytest.raises(ValueError, match="must be a finite number"):
            make(value)


def test_bases_say_what_is_missing():
    for base in (regularizers.Regularizer, constraints.Constraint):
        with pytest.raises(NotImplementedError, match="must implement `__call__"):
            base()(ops.ones((1,)))
