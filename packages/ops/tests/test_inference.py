"""Inferring specs of functions: on KerasTensors, and by the backend's trace."""

import numpy as np
import pytest
from keras_backends.selection import active
from keras_ops import ops
from keras_ops.inference import compute_output_spec
from keras_ops.tensor import KerasTensor, UnknownSizeError


def test_unknown_sizes_absorb_arithmetic():
    def f(x):
        batch, steps = x.shape
        return ops.reshape(x, (batch * steps, 1))

    assert compute_output_spec(f, KerasTensor((None, 3))).shape == (None, 1)


def test_branching_on_an_unknown_size_falls_back_to_the_trace():
    def f(x):
        return ops.add(x, 1.0) if x.shape[0] else x

    assert compute_output_spec(f, KerasTensor((None, 3))).shape == (None, 3)


def test_results_are_fresh_tensors():
    x = KerasTensor((None, 3))
    assert compute_output_spec(lambda v: v, x) is not x


def test_structures_and_constants_pass_through():
    result = compute_output_spec(
        lambda v: {"a": v, "b": [np.ones((2, 2), "float32"), None]}, KerasTensor((1,))
    )
    assert result["a"].shape == (1,) and result["b"][1] is None


def test_errors_of_rules_are_final():
    with pytest.raises(ValueError, match=r"ops\.matmul"):
        compute_output_spec(ops.matmul, KerasTensor((2, 3)), KerasTensor((2, 3)))


@pytest.mark.skipif(active().trace is None, reason="the backend can not trace")
def test_errors_of_user_code_come_through():
    def broken(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        compute_output_spec(broken, KerasTensor((2,)))


def test_unknown_size_errors_say_what_to_do():
    with pytest.raises(UnknownSizeError, match="shape rule"):
        from keras_ops.tensor import UNKNOWN

        bool(UNKNOWN)


def test_the_error_of_user_code_is_not_replaced_by_that_of_the_trace():
    def broken(x):
        return x.shape.nowhere

    with pytest.raises(AttributeError, match="'tuple' object has no attribute 'nowhere'"):
        compute_output_spec(broken, KerasTensor((2,)))
