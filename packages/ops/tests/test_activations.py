"""`keras.activations`: names, configs, the shaped `relu`, and what graphs save."""

import numpy as np
import pytest
from keras_ops import activations, ops
from keras_ops.saved_activations import Mish, ReLU
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_ops.tensor import KerasTensor


def numpy(x):
    return np.asarray(ops.convert_to_numpy(x))


@pytest.mark.parametrize("name", ["relu", "gelu", "softmax", "linear", "mish", "tanh", "exponential"])
def test_names_go_both_ways(name):
    function = activations.get(name)
    assert function is getattr(activations, name)
    assert activations.serialize(function) == name
    assert activations.deserialize(name) is function
    config = serialize_keras_object(function)
    assert config["module"] == "keras.activations"
    assert activations.get(config) is function


def test_old_names_stand_for_the_same_functions():
    assert activations.get("swish") is activations.silu
    assert activations.get("hard_swish") is activations.hard_silu
    assert activations.serialize(activations.get("swish")) == "silu"


def test_none_is_linear_and_functions_are_taken_as_they_are():
    assert activations.get(None) is activations.linear
    assert activations.get(np.tanh) is np.tanh


@pytest.mark.parametrize("identifier", ["reluu", "get", 3, object()])
def test_unknown_identifiers_are_refused(identifier):
    with pytest.raises(ValueError, match=r"Unknown activation|Could not interpret activation"):
        activations.get(identifier)


def test_unknown_names_in_configs_are_refused():
    with pytest.raises(ValueError, match="reluu"):
        activations.deserialize("reluu")


def test_custom_functions_are_saved_by_name():
    def twice(x):
        return ops.multiply(x, 2)

    config = activations.serialize(twice)
    assert activations.deserialize(config, custom_objects={"twice": twice}) is twice


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [0, 0, 1, 8]),
        ({"negative_slope": 0.5}, [-2, -0.25, 1, 8]),
        ({"max_value": 6.0}, [0, 0, 1, 6]),
        ({"max_value": 2.0, "negative_slope": 0.5}, [-2, -0.25, 1, 2]),
        ({"threshold": 2.0}, [0, 0, 0, 8]),
        ({"threshold": 2.0, "negative_slope": 0.5}, [-3, -1.25, -0.5, 8]),
        ({"threshold": -1.0}, [0, -0.5, 1, 8]),
        ({"threshold": -1.0, "max_value": 3.0}, [0, 0, 1, 3]),
    ],
)
def test_relu_has_three_shapes(options, expected):
    x = ops.convert_to_tensor([-4.0, -0.5, 1.0, 8.0])
    np.testing.assert_allclose(numpy(activations.relu(x, **options)), expected)


@pytest.mark.parametrize(
    ("call", "cls", "config"),
    [
        (
            lambda x: activations.relu(x, max_value=6.0),
            ReLU,
            {"max_value": 6.0, "negative_slope": 0.0, "threshold": 0.0},
        ),
        (activations.mish, Mish, {}),
    ],
)
def test_graphs_save_them_under_their_own_names(call, cls, config):
    x = KerasTensor((None, 2))
    y = call(x)
    operation = y._keras_history.operation
    assert type(operation) is cls
    assert (y.shape, y.dtype) == ((None, 2), "float32")
    saved = serialize_keras_object(operation)
    assert (saved["module"], saved["class_name"]) == ("keras.src.activations.activations", cls.__name__)
    assert {k: v for k, v in saved["config"].items() if k != "name"} == config
    value = ops.convert_to_tensor([-1.0, 9.0])
    np.testing.assert_allclose(numpy(deserialize_keras_object(saved)(value)), numpy(call(value)))


def test_defaults_differ_from_those_of_the_operations():
    x = ops.convert_to_tensor([-1.5, 0.7])
    np.testing.assert_allclose(numpy(activations.gelu(x)), numpy(ops.gelu(x, approximate=False)))
    assert not np.array_equal(numpy(activations.gelu(x)), numpy(ops.gelu(x)))
