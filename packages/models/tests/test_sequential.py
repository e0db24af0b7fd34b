"""Sequential models: adding and removing, when they are built, errors."""

import keras
import numpy as np
import pytest
from keras_models import Model, Sequential
from keras_ops import ops

L = keras.layers


def ones(*shape):
    return np.ones(shape, "float32")


def test_an_input_at_the_front_builds_at_once():
    model = Sequential([L.Input((3,)), L.Dense(2)])
    assert model.built and model.output_shape == (None, 2)
    assert [type(layer).__name__ for layer in model.layers] == ["Dense"]


def test_without_input_the_first_call_builds():
    model = Sequential([L.Dense(4), L.Dense(2)])
    assert not model.built and model.weights == []
    with pytest.raises(AttributeError, match="input shape is not known"):
        _ = model.output_shape
    assert model(ones(5, 3)).shape == (5, 2)
    assert model.input_shape == (None, 3) and len(model.weights) == 4


def test_add_and_pop_rebuild():
    model = Sequential([L.Input((3,))])
    model.add(L.Dense(4))
    model.add(L.Dense(2))
    assert model.output_shape == (None, 2)
    model.pop()
    assert model.output_shape == (None, 4) and len(model.weights) == 2


def test_a_stack_of_stacks_and_functional_models():
    x = L.Input((4,))
    model = Sequential([L.Input((3,)), Sequential([L.Dense(4)]), Model(x, L.Dense(2)(x))])
    assert model(ones(1, 3)).shape == (1, 2) and len(model.weights) == 4


def test_the_result_is_that_of_the_layers_one_by_one():
    layers = [L.Dense(4, activation="relu"), L.Dense(2)]
    model = Sequential(layers)
    x = ones(2, 3)
    expected = layers[1](layers[0](x))
    np.testing.assert_allclose(ops.convert_to_numpy(model(x)), ops.convert_to_numpy(expected), rtol=1e-6)


@pytest.mark.parametrize(
    ("layers", "match"),
    [
        ([L.Dense(2, name="same"), L.Dense(2, name="same")], "'same' is taken"),
        (["dense"], "instances of `keras.Layer`"),
        ([L.Dense(2), L.Input((3,))], "input must come first"),
    ],
)
def test_bad_stacks_are_refused(layers, match):
    with pytest.raises(ValueError, match=match):
        Sequential(layers)


def test_an_empty_stack_can_not_be_popped_or_built():
    with pytest.raises(ValueError, match="no layer to remove"):
        Sequential().pop()
    with pytest.raises(ValueError, match="no layers"):
        Sequential().build((None, 3))


def test_config_keeps_the_shape_it_was_built_for():
    model = Sequential([L.Dense(2)], name="stack")
    model(ones(1, 3))
    again = Sequential.from_config(model.get_config())
    assert again.built and again.input_shape == (None, 3) and again.name == "stack"
    unbuilt = Sequential.from_config(Sequential([L.Dense(2)]).get_config())
    assert not unbuilt.built


def test_unknown_sizes_of_the_input_stay_unknown():
    model = Sequential([L.Input((None, 3)), L.Dense(2)])
    assert model.output_shape == (None, None, 2)
    assert model(ones(2, 7, 3)).shape == (2, 7, 2)


@pytest.mark.parametrize("know", [lambda model: model(ones(2, 3)), lambda model: model.build((None, 3))])
def test_layers_may_come_and_go_after_the_input_is_known(know):
    model = Sequential([L.Dense(4)])
    know(model)
    model.add(L.Dense(5))
    assert model.output_shape == (None, 5) and model(ones(2, 3)).shape == (2, 5) and len(model.weights) == 4
    model.pop()
    model.add(L.Dense(2))
    assert model(ones(2, 3)).shape == (2, 2) and len(model.weights) == 4


def test_a_stack_that_does_not_fit_one_input_may_meet_another():
    model = Sequential([L.Dense(4), L.Reshape((2, 10)), L.Dense(1)])
    with pytest.raises(ValueError):
        model.build((None, 3))
    assert not model.built and model.weights == [] and len(model.layers) == 3
    assert model(ones(2, 5, 3)).shape == (2, 2, 1) and len(model.weights) == 4
