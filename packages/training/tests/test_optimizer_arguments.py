"""Constructors of optimizers: their own arguments, then those of `Optimizer`."""

import inspect
import re

import pytest
from keras_training.optimizers.identifiers import OPTIMIZERS
from keras_training.optimizers.optimizer import Optimizer
from keras_training.optimizers.sgd import SGD

SHARED = list(inspect.signature(Optimizer).parameters)[2:-1]


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_all_arguments_show_and_are_documented(name):
    parameters = list(inspect.signature(OPTIMIZERS[name]).parameters)[:-1]
    doc = OPTIMIZERS[name].__doc__
    assert [parameter for parameter in parameters if parameter in SHARED] == SHARED
    assert not [p for p in parameters if not re.search(rf"^        {p}: ", doc, re.MULTILINE)]


def test_shared_arguments_may_be_given_by_position():
    optimizer = SGD(0.1, 0.9, True, 0.01, 2.0, name="steps")
    assert (optimizer.momentum, optimizer.nesterov) == (0.9, True)
    assert (optimizer.weight_decay, optimizer.clipnorm, optimizer.name) == (0.01, 2.0, "steps")


def test_an_argument_given_twice_is_refused():
    with pytest.raises(TypeError, match="weight_decay"):
        SGD(0.1, 0.9, True, 0.01, weight_decay=0.02)


def test_what_stands_behind_all_positions_goes_to_the_base():
    with pytest.raises(ValueError, match="learning_rte"):
        SGD(0.1, 0.9, True, 0.01, learning_rte=0.2)


@pytest.mark.parametrize(
    "options", [{"clipnorm": -1.0}, {"clipvalue": 1.0}, {"gradient_accumulation_steps": 1}]
)
def test_what_is_set_later_is_checked_like_arguments(options):
    optimizer = SGD(0.1, clipnorm=2.0)
    (name, value), *_ = options.items()
    with pytest.raises(ValueError, match=name):
        setattr(optimizer, name, value)
    assert (optimizer.clipnorm, optimizer.clipvalue, optimizer.gradient_accumulation_steps) == (
        2.0,
        None,
        None,
    )
