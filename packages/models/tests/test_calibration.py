"""Data for GPTQ and AWQ: what becomes samples, what is refused, and how models of several inputs get theirs."""

import numpy as np
import pytest
from keras_layers.core.dense import Dense
from keras_layers.core.input_layer import Input
from keras_layers.quantizers.configs import (
    GPTQConfig,
)
from keras_models.calibration import samples
from keras_models.model import Model
from keras_ops import ops


@pytest.mark.parametrize(
    ("dataset", "tokenizer", "expected"),
    [
        ([[1, 2, 3], [4, 5]], None, [[[1, 2]], [[4, 5]]]),
        (["ab", "cde"], lambda text: [ord(c) - 97 for c in text], [[[0, 1]], [[3, 4]]]),
        ([np.ones((1, 2), "float32")], None, [[[1.0, 1.0]]]),
    ],
)
def test_samples(dataset, tokenizer, expected):
    config = GPTQConfig(dataset, tokenizer, sequence_length=2, num_samples=2)
    assert [x.tolist() for x in samples(config)] == expected


def test_a_model_of_several_inputs_is_calibrated_by_dicts():
    first, second = Input((4,), name="first"), Input((3,), name="second")
    tested = Model([first, second], Dense(2)(first) + Dense(2)(second))
    rng = np.random.default_rng(0)
    batch = {"first": rng.normal(size=(9, 4)), "second": rng.normal(size=(9, 3))}
    before = ops.convert_to_numpy(tested(batch))
    tested.quantize(config=GPTQConfig([batch], None, weight_bits=8))
    np.testing.assert_allclose(ops.convert_to_numpy(tested(batch)), before, atol=0.02)


def test_where_calibration_data_does_not_fit_is_noted():
    inputs = Input((4,))
    tested = Model(inputs, Dense(2)(inputs), name="tested")
    with pytest.raises(ValueError, match="expected axis -1") as caught:
        tested.quantize(config=GPTQConfig([np.ones((3, 5), "float32")], None))
    assert "data of the shape (3, 5) came through 'tested'" in "".join(caught.value.__notes__)


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ("a text", "`dataset` to be an iterable .* received one of type str. Put a single item into a list"),
        (3, "received one of type int"),
        (["a"], r"`tokenizer` to make a sequence of integers .* received \{'ids': 'a'\} of type dict"),
        (["b"], r"received \['b'\] of type list"),
    ],
)
def test_data_of_other_kinds_is_refused(dataset, message):
    with pytest.raises(TypeError, match=message):
        list(samples(GPTQConfig(dataset, lambda text: {"ids": text} if text == "a" else [text])))


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (None, "received dataset=None"),
        ([{}], r"one of shape \(0,\). Leave it out"),
        ([[1, 2]], "at least sequence_length=9 tokens"),
        (["a"], "must be a function"),
        ([np.ones((2, 3), "float32"), np.zeros((0, 3), "float32")], r"one of shape \(0, 3\). Leave it out"),
        ([np.float32(1)], r"one of shape \(\). Leave it out"),
    ],
)
def test_messages_of_samples(dataset, message):
    with pytest.raises(ValueError, match=message):
        list(samples(GPTQConfig(dataset, None, sequence_length=9)))
