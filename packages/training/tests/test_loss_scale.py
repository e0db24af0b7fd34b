"""Loss scaling: the scale over good and bad steps, what the inner optimizer does, and when `compile` adds it."""

import numpy as np
import pytest
from keras_ops import ops, policies
from keras_ops.variable import Variable
from keras_training.optimizers import identifiers
from keras_training.optimizers.adam import Adam
from keras_training.optimizers.loss_scale import LossScaleOptimizer
from keras_training.optimizers.sgd import SGD
from keras_training.trainer import Trainer

BAD = (np.inf, -np.inf, np.nan)


def variable(value=1.0):
    return Variable(np.full(2, value, "float32"), name="v")


def step(optimizer, v, grad):
    optimizer.apply([ops.convert_to_tensor(np.asarray(grad, "float32"))], [v])


def test_scale_grows_after_good_steps_and_is_divided_out():
    v, optimizer = variable(), LossScaleOptimizer(SGD(0.5), initial_scale=8.0, dynamic_growth_steps=2)
    scales = []
    for _ in range(5):
        optimizer.build([v])
        scales.append(float(optimizer.scale_loss(ops.ones(()))))
        step(optimizer, v, np.ones(2) * scales[-1])
    assert scales == [8.0, 8.0, 16.0, 16.0, 32.0]
    np.testing.assert_allclose(v.numpy(), 1 - 5 * 0.5)
    assert int(ops.convert_to_numpy(optimizer.iterations)) == 5


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("inner", [SGD, Adam])
def test_a_bad_step_halves_the_scale_and_changes_nothing_else(inner, bad):
    v, optimizer = variable(), LossScaleOptimizer(inner(0.5), initial_scale=8.0, dynamic_growth_steps=3)
    step(optimizer, v, [1.0, 1.0])
    before = [x.numpy() for x in optimizer.inner_optimizer.variables], v.numpy()
    step(optimizer, v, [bad, 1.0])
    after = [x.numpy() for x in optimizer.inner_optimizer.variables], v.numpy()
    for x, y in zip([*before[0], before[1]], [*after[0], after[1]]):
        np.testing.assert_array_equal(x, y)
    assert float(optimizer.dynamic_scale.numpy()) == 4.0
    assert int(optimizer.step_counter.numpy()) == 0


def test_stateless_steps_leave_the_variables_alone():
    v, optimizer = variable(), LossScaleOptimizer(SGD(0.5), initial_scale=2.0)
    optimizer.build([v])
    values = [x.value for x in optimizer.variables]
    (new,), state = optimizer.stateless_apply(values, [ops.ones((2,))], [v.value])
    np.testing.assert_allclose(ops.convert_to_numpy(new), 0.75)
    np.testing.assert_allclose(v.numpy(), 1.0)
    assert len(state) == len(values)


def test_config_and_learning_rate():
    optimizer = LossScaleOptimizer(SGD(0.25, momentum=0.5), initial_scale=4.0, dynamic_growth_steps=7)
    twin = identifiers.deserialize(identifiers.serialize(optimizer))
    assert twin.get_config() == optimizer.get_config()
    optimizer.learning_rate = 0.125
    assert float(optimizer.inner_optimizer.learning_rate.numpy()) == 0.125
    assert optimizer.learning_rate is optimizer.inner_optimizer.learning_rate


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LossScaleOptimizer("sgd"), "inner_optimizer='sgd'"),
        (lambda: LossScaleOptimizer(SGD(), clipnorm=1.0), "clipnorm must be set on the inner optimizer"),
    ],
)
def test_messages(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("policy", "scaled", "options"),
    [
        ("mixed_float16", True, {}),
        ("mixed_float16", False, {"auto_scale_loss": False}),
        ("mixed_bfloat16", False, {}),
        ("float16", False, {}),
        ("float32", False, {}),
    ],
)
def test_compile_scales_where_the_policy_computes_in_float16(policy, scaled, options):
    class Plain(Trainer):
        dtype_policy = policies.get(policy)

    model = Plain()
    model.compile(SGD(0.5), "mse", **options)
    assert isinstance(model.optimizer, LossScaleOptimizer) is scaled
    given = LossScaleOptimizer(SGD())
    model.compile(given, "mse", **options)
    assert model.optimizer is given


def test_options_set_on_the_outer_optimizer_are_refused():
    optimizer = LossScaleOptimizer(SGD(0.1))
    with pytest.raises(ValueError, match="clipnorm must be set on the inner optimizer"):
        optimizer.clipnorm = 1.0
    assert optimizer.clipnorm is None
    optimizer.dynamic_growth_steps = 3
    assert optimizer.get_config()["dynamic_growth_steps"] == 3
