"""Functional models: structures of inputs and outputs, sharing, nesting, configs, errors."""

import keras
import numpy as np
import pytest
from keras_models import Functional, Model, Sequential
from keras_ops import ops

L = keras.layers


def numpy(x):
    return ops.convert_to_numpy(x)


def ones(*shape):
    return np.ones(shape, "float32")


def two_inputs():
    a, b = L.Input((3,), name="a"), L.Input((2,), name="b")
    joined = L.Concatenate()([L.Dense(4, name="left")(a), b])
    return Model({"a": a, "b": b}, {"y": L.Dense(1, name="y")(joined), "z": L.Dense(2, name="z")(joined)})


def test_model_of_inputs_and_outputs_is_functional():
    x = L.Input((3,))
    model = Model(x, L.Dense(2)(x))
    assert type(model) is Functional and isinstance(model, Model)
    assert (model.input_shape, model.output_shape) == ((None, 3), (None, 2))
    assert model(ones(4, 3)).shape == (4, 2)


def test_dict_inputs_by_name_in_any_order_and_with_more_than_needed():
    model = two_inputs()
    first = model({"a": ones(2, 3), "b": ones(2, 2)})
    second = model({"b": ones(2, 2), "unused": ones(2, 9), "a": ones(2, 3)})
    assert sorted(first) == ["y", "z"]
    np.testing.assert_allclose(numpy(first["z"]), numpy(second["z"]))


def test_missing_inputs_are_named():
    with pytest.raises(ValueError, match=r"\['b'\]"):
        two_inputs()({"a": ones(2, 3)})
    x = L.Input((3,), name="x")
    y = L.Input((3,), name="y")
    with pytest.raises(ValueError, match="expects 2 inputs"):
        Model([x, y], L.Add()([x, y]))([ones(2, 3)])


def test_wrong_rank_names_the_input_and_both_shapes():
    x = L.Input((3, 4), name="picture")
    model = Model(x, L.Flatten()(x), name="reader")
    with pytest.raises(ValueError, match=r"'reader'.*'picture'.*\(None, 3, 4\).*\(2,\)"):
        model(ones(2))


def test_a_last_axis_of_one_is_added_or_dropped():
    x = L.Input((1,))
    model = Model(x, L.Dense(1)(x))
    assert model(ones(5)).shape == (5, 1)


def test_a_shared_layer_has_one_set_of_weights():
    a, b = L.Input((3,)), L.Input((3,))
    tower = L.Dense(2)
    model = Model([a, b], L.Subtract()([tower(a), tower(b)]))
    assert len(model.weights) == 2 and model.layers.count(tower) == 1
    np.testing.assert_allclose(numpy(model([ones(1, 3), ones(1, 3)])), 0.0)


def test_nested_models_run_and_share_their_weights():
    x = L.Input((3,))
    inner = Model(x, [L.Dense(2)(x), L.Dense(4)(x)], name="inner")
    y = L.Input((3,))
    one, two = inner(y)
    outer = Model(y, L.Concatenate()([one, two]))
    assert inner in outer.layers and outer.count_params() == inner.count_params()
    expected = np.concatenate([numpy(v) for v in inner(ones(2, 3))], -1)
    np.testing.assert_allclose(numpy(outer(ones(2, 3))), expected, rtol=1e-6)


@pytest.mark.parametrize(
    "make", [two_inputs, lambda: Sequential([L.Input((3,)), L.Dense(2, "relu"), L.Dense(1)])]
)
def test_config_round_trip_gives_the_same_graph(make):
    model = make()
    again = type(model).from_config(model.get_config())
    assert again.get_config() == model.get_config()
    again.set_weights(model.get_weights())
    data = {"a": ones(2, 3), "b": ones(2, 2)} if make is two_inputs else ones(2, 3)
    for got, want in zip(_values(again(data)), _values(model(data))):
        np.testing.assert_allclose(got, want, rtol=1e-6)


def _values(result):
    return [numpy(v) for _, v in sorted(result.items())] if isinstance(result, dict) else [numpy(result)]


def test_from_config_leaves_the_config_alone():
    model = two_inputs()
    config = model.get_config()
    Functional.from_config(config)
    assert Functional.from_config(config).count_params() == model.count_params()


def test_operations_in_the_graph_are_saved_with_it():
    x = L.Input((4,))
    y = ops.mean(x[:, 1:] * 2.0, axis=-1, keepdims=True)
    model = Model(x, L.Dense(2)(y))
    again = Functional.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(numpy(again(ones(2, 4))), numpy(model(ones(2, 4))), rtol=1e-6)


def test_a_subclass_that_calls_the_functional_constructor():
    class Mine(Model):
        def __init__(self, width, **kwargs):
            x = L.Input((3,))
            super().__init__(x, L.Dense(width)(x), **kwargs)
            self.width = width

        def get_config(self):
            return {"width": self.width, "name": self.name}

    model = Mine(5)
    assert isinstance(model, Functional) and model(ones(1, 3)).shape == (1, 5)
    assert Mine.from_config(model.get_config()).output_shape == (None, 5)


def test_a_model_cut_out_of_another():
    x = L.Input((3,))
    hidden = L.Dense(4, name="hidden")(x)
    full = Model(x, L.Dense(2, name="out")(hidden))
    head = Model(full.get_layer("hidden").output, full.output)
    assert head.input_shape == (None, 4)
    np.testing.assert_allclose(
        numpy(head(hidden_values := ones(1, 4))), numpy(full.get_layer("out")(hidden_values))
    )


def test_training_flag_reaches_nested_layers():
    x = L.Input((100,))
    inner = Sequential([L.Input((100,)), L.Dropout(0.5, seed=1)])
    model = Model(x, inner(x))
    assert (numpy(model(ones(1, 100))) == 1).all()
    assert (numpy(model(ones(1, 100), training=True)) == 0).any()


def test_outputs_must_come_from_the_inputs():
    a, b = L.Input((3,), name="a"), L.Input((3,), name="b")
    with pytest.raises(ValueError, match="'b'"):
        Model(a, L.Add()([a, b]))


def test_setting_layers_is_refused():
    x = L.Input((3,))
    model = Model(x, L.Dense(2)(x))
    with pytest.raises(AttributeError, match="layers"):
        model.layers = []
