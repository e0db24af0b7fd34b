"""What only TensorFlow's own table has: what it says of compiled functions."""

import logging
import types

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


@pytest.mark.parametrize(("reverse", "jit"), [(False, False), (True, False), (False, True)])
def test_a_scan_in_a_graph_takes_as_many_steps_as_there_are(reverse, jit):
    """None and more, and gradients of more, by one graph."""
    scan = active().kernels["scan"]

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)], jit_compile=jit)
    def run(x):
        (total,), (ys,) = scan(
            [tf.constant(2.0)], [x], f=lambda c, v: ([c[0] * v[0]], [c[0] > 1]), reverse=reverse
        )
        return total, ys, tf.gradients(total, x)[0]

    for values in ([], [6.0], [3.0, 0.5, 4.0]):
        total, ys, gradient = run(tf.constant(values, tf.float32))
        assert float(total) == (12 if values else 2) and ys.shape == len(values)
        assert gradient.numpy().tolist() == [12 / v for v in values]


def test_a_function_that_is_called_again_follows_its_arguments_variables_and_tapes():
    """Calls after the first one take what TensorFlow found then."""
    factor, calls = tf.Variable(2.0), []

    def step(batch):
        x, y, weight = batch
        calls.append(1)
        return {"y": y, "product": [weight, x * factor]}

    run = active().compile(step)
    for size in (3, 3, 2, 2, 3):
        factor.assign_add(1.0)
        x = tf.fill([size], factor.value() + 1)
        with tf.GradientTape() as tape:
            tape.watch(x)
            result = run((x, tf.constant(size), None))
        gradients = tape.gradient(result["product"][1], [x, factor])
        assert result["product"][0] is None and int(result["y"]) == size
        assert result["product"][1].numpy().tolist() == [float(factor * (factor + 1))] * size
        assert gradients[0].numpy().tolist() == [float(factor)] * size
        assert float(gradients[1]) == size * float(factor + 1)
    assert len(calls) == 2  # One trace for each size met, the second for all sizes.
    tf.config.run_functions_eagerly(True)
    try:
        run((x, tf.constant(3), None))
    finally:
        tf.config.run_functions_eagerly(False)
    assert len(calls) == 3


UNKNOWN_RANK = {
    "squeeze": (lambda x, y: x.squeeze(y, axis=1), (3, 1), (3,)),
    "squeeze_all": (lambda x, y: x.squeeze(y), (3, 1), (3,)),
    "repeat": (lambda x, y: x.repeat(y, repeats=2, axis=0), (3, 1), (6, 1)),
    "scatter": (lambda x, y: x.scatter(tf.constant([[0], [2]]), y, shape=(4,)), (2,), (4,)),
    "affine": (lambda x, y: x.affine(y, tf.ones((2, 3, 4)), tf.ones((3, 4))), (5, 2), (5, 3, 4)),
}


@pytest.mark.parametrize("name", UNKNOWN_RANK)
def test_a_graph_need_not_know_how_many_axes_there_are(name):
    call, shape, expected = UNKNOWN_RANK[name]
    kernels = types.SimpleNamespace(**active().kernels)
    graph = tf.function(lambda y: call(kernels, y), input_signature=[tf.TensorSpec(None)])
    assert graph(tf.ones(shape)).shape == expected
