"""The rules of the further optimizers against NumPy, and what is special about some of them."""

import numpy as np
import pytest
from keras_ops import ops
from keras_ops.variable import Variable
from keras_training.optimizers.adadelta import Adadelta
from keras_training.optimizers.adafactor import Adafactor
from keras_training.optimizers.adagrad import Adagrad
from keras_training.optimizers.adamax import Adamax
from keras_training.optimizers.adamw import AdamW
from keras_training.optimizers.ftrl import Ftrl
from keras_training.optimizers.lamb import Lamb
from keras_training.optimizers.lion import Lion
from keras_training.optimizers.muon import Muon
from keras_training.optimizers.nadam import Nadam
from keras_training.optimizers.schedule_free_adamw import ScheduleFreeAdamW

GRADS = np.random.default_rng(0).normal(size=(6, 3, 4)).astype("float32")


def train(optimizer, grads=GRADS, name="kernel"):
    v = Variable(np.ones(grads.shape[1:], "float32"), name=name)
    for grad in grads:
        optimizer.apply([ops.convert_to_tensor(grad)], [v])
    return v.numpy()


def moments(g, m, v, b1=0.9, b2=0.999):
    return b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2


def adagrad(w, g, t, s):
    s["a"] = s.get("a", 0.1) + g**2
    return w - 0.1 * g / np.sqrt(s["a"] + 1e-7)


def adadelta(w, g, t, s):
    s["a"] = 0.9 * s.get("a", 0) + 0.1 * g**2
    step = np.sqrt(s.get("d", 0) + 1e-3) / np.sqrt(s["a"] + 1e-3) * g
    s["d"] = 0.9 * s.get("d", 0) + 0.1 * step**2
    return w - step


def adamax(w, g, t, s):
    s["m"] = 0.9 * s.get("m", 0) + 0.1 * g
    s["u"] = np.maximum(0.999 * s.get("u", 0), np.abs(g))
    return w - 0.1 / (1 - 0.9**t) * s["m"] / (s["u"] + 1e-7)


def lion(w, g, t, s):
    m = s.get("m", 0)
    s["m"] = 0.99 * m + 0.01 * g
    return w - 0.1 * np.sign(0.9 * m + 0.1 * g)


def adamw(w, g, t, s):
    s["m"], s["v"] = moments(g, s.get("m", 0), s.get("v", 0))
    w = w * (1 - 0.1 * 0.2)
    return w - 0.1 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * s["m"] / (np.sqrt(s["v"]) + 1e-7)


def lamb(w, g, t, s):
    s["m"], s["v"] = moments(g, s.get("m", 0), s.get("v", 0))
    d = s["m"] / (1 - 0.9**t) / (np.sqrt(s["v"] / (1 - 0.999**t)) + 1e-7)
    return w - 0.1 * np.linalg.norm(w) / np.linalg.norm(d) * d


def nadam(w, g, t, s):
    s["m"], s["v"] = moments(g, s.get("m", 0), s.get("v", 0))
    now, later = (0.9 * (1 - 0.5 * 0.96**i) for i in (t, t + 1))
    s["p"] = s.get("p", 1) * now
    ahead = later * s["m"] / (1 - s["p"] * later) + (1 - now) * g / (1 - s["p"])
    return w - 0.1 * ahead / (np.sqrt(s["v"] / (1 - 0.999**t)) + 1e-7)


RULES = {
    "adagrad": (lambda: Adagrad(0.1), adagrad),
    "adadelta": (lambda: Adadelta(1.0, rho=0.9, epsilon=1e-3), adadelta),
    "adamax": (lambda: Adamax(0.1), adamax),
    "lion": (lambda: Lion(0.1), lion),
    "adamw": (lambda: AdamW(0.1, weight_decay=0.2), adamw),
    "lamb": (lambda: Lamb(0.1), lamb),
    "nadam": (lambda: Nadam(0.1), nadam),
}


@pytest.mark.parametrize("name", RULES)
def test_rules_against_numpy(name):
    make, rule = RULES[name]
    value, slots = np.ones(GRADS.shape[1:]), {}
    for t, grad in enumerate(GRADS.astype("float64"), 1):
        value = rule(value, grad, t, slots)
    np.testing.assert_allclose(train(make()), value, rtol=2e-4, atol=1e-5)


def test_muon_steps_are_nearly_orthogonal_and_adam_elsewhere():
    optimizer = Muon(1.0, weight_decay=None, adam_weight_decay=None, rms_rate=None)
    singular = np.linalg.svd(1 - train(optimizer, GRADS[:1]), compute_uv=False)
    assert singular.min() > 0.6 and singular.max() < 1.3
    for shape, name in (((3,), "bias"), ((3, 4), "embeddings"), ((2, 3, 4), "kernel")):
        grads = np.full((1, *shape), 2.0, "float32")
        moved = 1 - train(Muon(0.1, adam_weight_decay=None), grads, name=name)
        np.testing.assert_allclose(moved, 0.1, rtol=1e-3)


def test_adafactor_keeps_rows_and_columns_of_matrices():
    optimizer = Adafactor(0.1)
    train(optimizer)
    assert [tuple(v.shape) for v in optimizer.variables[2:]] == [(3,), (4,), (3, 4)]
    moved = 1 - train(Adafactor(0.1, relative_step=False), np.full((1, 5), 3.0, "float32"))
    np.testing.assert_allclose(moved, 0.1, rtol=1e-4)


def test_schedule_free_first_step_is_that_of_adam_and_warmup_makes_it_smaller():
    np.testing.assert_allclose(
        1 - train(ScheduleFreeAdamW(0.1), GRADS[:1]), 0.1 * np.sign(GRADS[0]), rtol=1e-3
    )
    slow = 1 - train(ScheduleFreeAdamW(0.1, warmup_steps=4), GRADS[:1])
    np.testing.assert_allclose(slow, 0.025 * np.sign(GRADS[0]), rtol=1e-3)


def test_ftrl_makes_weights_of_small_gradients_zero():
    grads = np.stack([np.array([0.01, 3.0], "float32")] * 3)
    small, large = train(Ftrl(0.5, l1_regularization_strength=1.0), grads)
    assert small == 0 and large != 0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AdamW(weight_decay=None), "`weight_decay` to be a number"),
        (lambda: Lion(beta_1=0.0), r"`beta_1` in \(0, 1\]"),
        (lambda: Ftrl(l1_regularization_strength=-1.0), "`l1_regularization_strength` to be 0 or more"),
        (lambda: Ftrl(learning_rate_power=1.0), "`learning_rate_power` to be 0 or less"),
    ],
)
def test_messages(make, message):
    with pytest.raises(ValueError, match=message):
        make()
