"""What only TensorFlow's own table has: what it says of compiled functions."""

import logging

import pytest
from keras_backends.selection import active

if active().name != "tensorflow":
    pytest.skip("the selected backend is not tensorflow", allow_module_level=True)

import tensorflow as tf


def test_many_models_compile_without_a_warning_of_retracing(monkeypatch):
    said = []
    monkeypatch.setattr(
        logging.getLogger("tensorflow"), "handle", lambda record: said.append(record.getMessage())
    )

    def step_of(number):
        return lambda x: x + number

    for number in range(8):
        assert int(active().compile(step_of(number))(tf.constant(1))) == 1 + number
    assert not [text for text in said if "retracing" in text]
