"""Optimizers: rules against NumPy, everything the base adds, slots, statelessness, configs, messages."""

import numpy as np
import pytest
from keras_ops import ops
from keras_ops.registry import CustomObjectScope
from keras_ops.state import state
from keras_ops.variable import Variable
from keras_training.optimizers import identifiers, running
from keras_training.optimizers.adafactor import Adafactor
from keras_training.optimizers.adam import Adam
from keras_training.optimizers.nadam import Nadam
from keras_training.optimizers.optimizer import Optimizer
from keras_training.optimizers.rmsprop import RMSprop
from keras_training.optimizers.schedule import LearningRateSchedule
from keras_training.optimizers.sgd import SGD

GRADS = np.random.default_rng(0).normal(size=(5, 2, 3)).astype("float32")


def train(optimizer, grads=GRADS, start=1.0):
    """Applies gradients to two variables, one the transpose of the other, and returns the first."""
    a = Variable(np.full(grads.shape[1:], start, "float32"), name="a")
    b = Variable(np.full(grads.shape[:0:-1], start, "float32"), name="b")
    for grad in grads:
        optimizer.apply([ops.convert_to_tensor(grad), ops.convert_to_tensor(grad.T)], [a, b])
    np.testing.assert_allclose(a.numpy(), b.numpy().T, rtol=1e-6)
    return a.numpy()


def sgd(grads, rate, momentum=0.0, nesterov=False, value=1.0):
    value, velocity = np.full(grads.shape[1:], value), 0.0
    for grad in grads.astype("float64"):
        velocity = momentum * velocity - rate * grad
        value = value + (momentum * velocity - rate * grad if nesterov else velocity)
    return value


def adam(grads, rate, b1=0.9, b2=0.999, epsilon=1e-7, amsgrad=False):
    value, m, v, top = np.ones(grads.shape[1:]), 0.0, 0.0, 0.0
    for t, grad in enumerate(grads.astype("float64"), 1):
        m, v = b1 * m + (1 - b1) * grad, b2 * v + (1 - b2) * grad**2
        top = np.maximum(top, v)
        scale = rate * np.sqrt(1 - b2**t) / (1 - b1**t)
        value = value - scale * m / (np.sqrt(top if amsgrad else v) + epsilon)
    return value


def rmsprop(grads, rate, rho=0.9, momentum=0.0, centered=False):
    value, v, mean, moved = np.ones(grads.shape[1:]), 0.0, 0.0, 0.0
    for grad in grads.astype("float64"):
        v, mean = rho * v + (1 - rho) * grad**2, rho * mean + (1 - rho) * grad
        moved = momentum * moved + rate * grad / np.sqrt(v - (mean**2 if centered else 0) + 1e-7)
        value = value - moved
    return value


RULES = {
    "sgd": (lambda: SGD(0.1), lambda g: sgd(g, 0.1)),
    "momentum": (lambda: SGD(0.1, momentum=0.8), lambda g: sgd(g, 0.1, 0.8)),
    "nesterov": (lambda: SGD(0.1, momentum=0.8, nesterov=True), lambda g: sgd(g, 0.1, 0.8, True)),
    "adam": (lambda: Adam(0.1), lambda g: adam(g, 0.1)),
    "amsgrad": (lambda: Adam(0.1, beta_2=0.7, amsgrad=True), lambda g: adam(g, 0.1, b2=0.7, amsgrad=True)),
    "rmsprop": (lambda: RMSprop(0.1), lambda g: rmsprop(g, 0.1)),
    "centered": (
        lambda: RMSprop(0.1, rho=0.7, momentum=0.5, centered=True),
        lambda g: rmsprop(g, 0.1, 0.7, 0.5, True),
    ),
    "epsilon": (lambda: Adam(0.1, epsilon=0.5), lambda g: adam(g, 0.1, epsilon=0.5)),
}


@pytest.mark.parametrize("way", ["kernel", "stack", "one by one", "update_step", "stateless"])
@pytest.mark.parametrize("name", RULES)
def test_rule(name, way, monkeypatch):
    make, expected = RULES[name]
    optimizer = make()
    if way == "stack":
        if state.backend.stack is None:
            pytest.skip("the backend has no stack")
        optimizer.kernel = None
    elif way == "one by one":
        monkeypatch.setattr(running, "_at_once", lambda *args: False)
    elif way == "update_step":

        class Stepwise(type(optimizer)):
            def update_step(self, gradient, variable, learning_rate):
                super().update_step(gradient, variable, learning_rate)

        optimizer.__class__ = Stepwise
    if way == "stateless":
        value = Variable(np.ones((2, 3), "float32"), name="w")
        optimizer.build([value])
        trained, own = [value.value], [v.value for v in optimizer.variables]
        for grad in GRADS:
            trained, own = optimizer.stateless_apply(own, [ops.convert_to_tensor(grad)], trained)
        found = ops.convert_to_numpy(trained[0])
        assert np.all(value.numpy() == 1)
        assert int(own[0]) == len(GRADS)
        assert int(optimizer.iterations.numpy()) == 0
    else:
        found = train(optimizer)
    np.testing.assert_allclose(found, expected(GRADS), rtol=2e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("optimizer", "names"),
    [
        (lambda: SGD(), ["iteration", "learning_rate"]),
        (lambda: SGD(momentum=0.5), ["iteration", "learning_rate", "d_k_momentum", "d_b_momentum"]),
        (
            lambda: Adam(amsgrad=True, use_ema=True),
            [
                *("iteration", "learning_rate", "d_k_average", "d_b_average"),
                *("d_k_momentum", "d_k_velocity", "d_b_momentum", "d_b_velocity"),
                *("d_k_velocity_hat", "d_b_velocity_hat"),
            ],
        ),
        (lambda: SGD(LearningRateScheduleForTest()), ["iteration"]),
    ],
)
def test_order_and_paths_of_variables(optimizer, names):
    optimizer = optimizer()
    variables = [Variable(np.zeros(2, "float32"), name=name) for name in ("k", "b")]
    for variable in variables:
        variable._path = f"d/{variable.name}"
    optimizer.build(variables)
    assert [v.path for v in optimizer.variables] == [f"{optimizer.name}/{name}" for name in names]
    assert not any(v.trainable for v in optimizer.variables)


def test_paths_of_state_that_is_no_slot():
    matrix = Variable(np.zeros((2, 3), "float32"), name="k")
    vector = Variable(np.zeros(3, "float32"), name="b")
    adafactor, nadam = Adafactor(name="f"), Nadam(name="n")
    adafactor.build([matrix, vector])
    names = "f/k f/k f/k_velocity b b f/b_velocity"
    assert [v.path for v in adafactor.variables[2:]] == names.split()
    nadam.build([vector])
    product = nadam.variables[-1]
    assert product.path.startswith("variable")
    nadam.extend([vector, matrix])
    assert nadam.variables[-1] is product


class LearningRateScheduleForTest(LearningRateSchedule):
    """Halves at each step."""

    def __call__(self, step):
        return 0.4 * 0.5 ** ops.cast(step, "float32")


def test_schedules_and_changes_of_the_rate():
    grads = np.ones((3, 1, 1), "float32")
    np.testing.assert_allclose(
        train(SGD(LearningRateScheduleForTest()), grads), 1 - 0.4 - 0.2 - 0.1, rtol=1e-6
    )
    assert np.isclose(train(SGD(lambda: 0.1), grads), 0.7)
    optimizer = SGD(0.1)
    train(optimizer, grads)
    optimizer.learning_rate = 0.5
    assert np.isclose(float(optimizer.learning_rate.numpy()), 0.5)
    optimizer.learning_rate = LearningRateScheduleForTest()
    assert "learning_rate" not in [v.name for v in optimizer.variables]
    with pytest.raises(TypeError, match="schedule"):
        optimizer.learning_rate = 0.1


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"clipvalue": 0.5}, [[-0.5, 0.5], [0.5, 0.1]]),
        ({"clipnorm": 1.0}, [[-0.6, 0.8], [0.1 / np.hypot(1, 0.1) * 10, 0.1 / np.hypot(1, 0.1)]]),
        ({"global_clipnorm": 0.5}, np.array([[-3, 4], [1, 0.1]]) * 0.5 / np.sqrt(26.01)),
    ],
)
def test_clipping(arguments, expected):
    values = [Variable(np.zeros(2, "float32"), name=name) for name in "ab"]
    grads = [np.array([-3, 4], "float32"), np.array([1, 0.1], "float32")]
    SGD(1.0, **arguments).apply([ops.convert_to_tensor(g) for g in grads], values)
    np.testing.assert_allclose([-v.numpy() for v in values], expected, rtol=1e-5)


def test_weight_decay_and_exclusions():
    kernel, bias = Variable([1.0], name="kernel"), Variable([1.0], name="bias")
    optimizer = SGD(0.5, weight_decay=0.2)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    zero = ops.zeros((1,))
    optimizer.apply([zero, zero], [kernel, bias])
    np.testing.assert_allclose([kernel.numpy()[0], bias.numpy()[0]], [0.9, 1.0], rtol=1e-6)
    with pytest.raises(ValueError, match="before the optimizer"):
        optimizer.exclude_from_weight_decay(var_list=[kernel])


def test_averages():
    value = Variable([0.0], name="v")
    optimizer = SGD(1.0, use_ema=True, ema_momentum=0.5)
    for _ in range(3):
        optimizer.apply([ops.convert_to_tensor([-1.0])], [value])
    assert value.numpy() == [3.0]
    optimizer.finalize_variable_values([value])
    assert np.isclose(value.numpy()[0], ((1 * 0.5 + 2 * 0.5) * 0.5) + 3 * 0.5)
    overwriting = SGD(1.0, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2)
    for _ in range(2):
        overwriting.apply([ops.convert_to_tensor([-1.0])], [value])
    # After the first step the average is that of the start, 2.25 + 1; then half of it and half of 4.25.
    assert np.isclose(value.numpy()[0], 3.25 * 0.5 + 4.25 * 0.5)


def test_accumulation_updates_by_the_mean_every_other_time():
    value = Variable([0.0], name="v")
    optimizer = SGD(1.0, gradient_accumulation_steps=2)
    seen = []
    for grad in ([1.0], [3.0], [10.0], [0.0]):
        optimizer.apply([ops.convert_to_tensor(grad)], [value])
        seen.append(float(value.numpy()[0]))
    assert seen == [0.0, -2.0, -2.0, -7.0]
    assert int(ops.convert_to_numpy(optimizer.iterations)) == 2


def test_loss_scaling():
    value = Variable([0.0], name="v")
    optimizer = SGD(1.0, loss_scale_factor=8.0)
    assert float(optimizer.scale_loss(ops.convert_to_tensor(2.0))) == 16.0
    optimizer.apply([ops.convert_to_tensor([8.0])], [value])
    assert value.numpy() == [-1.0]


def test_constraints_come_last_and_gradients_can_be_values():
    bounded, scale = Variable([1.0], name="bounded"), Variable([1.0], name="scale")
    bounded.constraint = lambda x: ops.maximum(x, 0.0)
    scale.overwrite_with_gradient = True
    SGD(1.0).apply([ops.convert_to_tensor([5.0]), ops.convert_to_tensor([7.0])], [bounded, scale])
    assert bounded.numpy() == [0.0]
    assert scale.numpy() == [7.0]


def test_variables_without_gradient_are_left_with_a_warning():
    used, unused = Variable([1.0], name="used"), Variable([1.0], name="unused")
    with pytest.warns(UserWarning, match="unused"):
        SGD(1.0).apply([ops.convert_to_tensor([1.0]), None], [used, unused])
    assert (used.numpy(), unused.numpy()) == ([0.0], [1.0])


def test_variables_of_different_dtypes():
    values = [Variable(np.ones(2), dtype=dtype, name=dtype) for dtype in ("float32", "float16")]
    optimizer = Adam(0.5)
    for _ in range(2):
        optimizer.apply([ops.convert_to_tensor([1.0, -1.0])] * 2, values)
    assert [v.dtype for v in optimizer.variables[2:]] == ["float32", "float32", "float16", "float16"]
    # Slots are as coarse as their variable.
    np.testing.assert_allclose(values[1].numpy(), values[0].numpy(), atol=2e-2)


def test_saving():
    optimizer, store = Adam(0.1), {}
    train(optimizer)
    optimizer.save_own_variables(store)
    assert list(store) == [str(i) for i in range(6)]
    other = Adam()
    train(other)
    other.load_own_variables(store)
    for a, b in zip(optimizer.variables, other.variables):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    with pytest.warns(UserWarning, match="saved one has 1"):
        other.load_own_variables({"0": 1})


@pytest.mark.parametrize("name", identifiers.OPTIMIZERS)
def test_config_round_trip(name):
    optimizer = identifiers.get(name)
    optimizer.learning_rate = 0.25
    config = identifiers.serialize(optimizer)
    assert config["module"] == "keras.optimizers"
    assert config["config"]["learning_rate"] == 0.25
    again = identifiers.deserialize(config)
    assert type(again) is type(optimizer)
    assert again.get_config() == optimizer.get_config()


@pytest.mark.parametrize(
    "identifier",
    [
        "ADAM",
        Adam,
        {"class_name": "ADAM", "config": {}},
        {"module": "keras.optimizers", "class_name": "adam", "config": {}},
    ],
)
def test_names_count_in_any_case_and_classes_are_made(identifier):
    assert type(identifiers.get(identifier)) is Adam
    with CustomObjectScope({"adam": SGD}):
        assert type(identifiers.get("adam")) is SGD


def test_config_with_a_schedule_is_left_unchanged():
    schedule = identifiers.SCHEDULES["ExponentialDecay"](0.1, 10, 0.5)
    config = SGD(schedule).get_config()
    assert isinstance(config["learning_rate"], dict)
    again = SGD.from_config(config)
    assert again.get_config() == config
    assert isinstance(config["learning_rate"], dict)


def test_own_rule_gets_slots():
    class Heavy(Optimizer):
        slots = (("sum",),)

        def rule(self, m, value, gradient, rate, step, total):
            total = total + m.absolute(gradient)
            return value - total * rate, total

    found = train(Heavy(0.1))
    total = np.cumsum(np.abs(GRADS), 0).sum(0)
    np.testing.assert_allclose(found, 1 - 0.1 * total, rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: SGD(clipnorm=1.0, clipvalue=1.0), ValueError, "only one of"),
        (lambda: SGD(clipnorm=-1.0), ValueError, "positive"),
        (lambda: SGD(momentum=1.5), ValueError, "momentum=1.5"),
        (lambda: SGD("fast"), ValueError, "learning_rate='fast'"),
        (lambda: SGD(rate=0.1), ValueError, "rate"),
        (lambda: SGD(gradient_accumulation_steps=1), ValueError, "at least 2"),
        (lambda: SGD(use_ema=True, ema_momentum=2.0), ValueError, "ema_momentum"),
        (lambda: SGD(use_ema=True, ema_overwrite_frequency=0), ValueError, "ema_overwrite_frequency"),
        (lambda: SGD().apply([ops.ones(1)]), ValueError, "not built"),
        (lambda: SGD().apply([None], [Variable([1.0], name="w")]), ValueError, "no variable has a gradient"),
        (lambda: SGD().apply([ops.ones(1)], []), ValueError, "1 gradients for 0 variables"),
        (lambda: SGD().stateless_apply([], [], []), ValueError, "must be built"),
        (lambda: identifiers.get("sgdd"), ValueError, "Unknown optimizer 'sgdd'"),
        (lambda: identifiers.get(3), ValueError, "Could not interpret"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_other_variables_than_those_built_for():
    optimizer = SGD()
    optimizer.build([Variable([1.0], name="mine")])
    with pytest.raises(ValueError, match="'other' is unknown"):
        optimizer.apply([ops.ones(1)], [Variable([1.0], name="other")])


def test_accumulation_in_a_compiled_stateless_step():
    """The branches of the step assign to variables, whose new values the scope takes out of them."""
    v = Variable(np.ones(2, "float32"), name="w")
    optimizer = SGD(0.5, gradient_accumulation_steps=2)
    optimizer.build([v])
    step = state.backend.compile(lambda own, grad, value: optimizer.stateless_apply(own, [grad], [value]))
    value, own, seen = v.value, [x.value for x in optimizer.variables], []
    for _ in range(4):
        (value,), own = step(own, ops.ones(v.shape), value)
        seen.append(float(ops.convert_to_numpy(value).ravel()[0] - v.numpy().ravel()[0]))
    np.testing.assert_allclose(seen, [0.0, -0.5, -0.5, -1.0], rtol=1e-5)


@pytest.mark.parametrize("make", [Adam, lambda rate: SGD(rate, momentum=0.9, use_ema=True), Adafactor])
def test_what_was_saved_before_the_first_step_is_loaded_into_a_built_one(make):
    variables, store = [Variable(np.ones((2, 3), "float32"))], {}
    unbuilt, built = make(0.5), make(0.1)
    unbuilt.save_own_variables(store)
    built.build(variables)
    slots = [v.numpy() for v in built.variables[len(store) :]]
    built.load_own_variables(store)
    assert float(built.learning_rate) == 0.5 and len(built.variables) > len(store)
    for variable, slot in zip(built.variables[len(store) :], slots, strict=True):
        np.testing.assert_array_equal(variable.numpy(), slot)
    del store["1"]
    with pytest.warns(UserWarning, match="its state is not loaded"):
        built.load_own_variables(store)
