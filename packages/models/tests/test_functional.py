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
    with pytest.warns(UserWarning, match="'unused'"):
        second = model({"b": ones(2, 2), "unused": ones(2, 9), "a": ones(2, 3)})
    assert sorted(first) == ["y", "z"]
    np.testing.assert_allclose(numpy(first["z"]), numpy(second["z"]))


def test_dicts_may_hold_dicts():
    data = {
        "images": L.Input((6, 6, 3)),
        "bounding_boxes": {"boxes": L.Input((2, 4)), "labels": L.Input((2,))},
    }
    model = Model(data, L.RandomFlip(bounding_box_format="xyxy", data_format="channels_last")(data))
    boxes = np.array([[[1, 1, 3, 3]] * 2] * 3, "float32")
    given = {"images": ones(3, 6, 6, 3), "bounding_boxes": {"boxes": boxes, "labels": 5 * ones(3, 2)}}
    for result in (model(given), model.predict(given, verbose=0)):
        assert numpy(result["bounding_boxes"]["labels"]).tolist() == [[5.0, 5.0]] * 3
        assert numpy(result["images"]).shape == (3, 6, 6, 3)
    with pytest.raises(ValueError, match="missing"):
        model({"images": ones(3, 6, 6, 3), "bounding_boxes": {"labels": ones(3, 2)}})


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


def graph_of_four(width=5):
    x = L.Input((3,), name="x")
    return x, L.Dense(width, name="y")(x)


class Plain(Model):
    """Takes inputs and outputs as `Model` does."""


class Sized(Model):
    """Makes its inputs and outputs, under the names of the arguments they are passed as."""

    def __init__(self, width, **kwargs):
        inputs, outputs = graph_of_four(width)
        super().__init__(inputs=inputs, outputs=outputs, **kwargs)
        self.width = width


class Scaled(L.Layer):
    def scaled(self, x):
        return 2 * x


class Mixed(Model, Scaled):
    def __init__(self, width):
        Model.__init__(self, *graph_of_four(width))
        Scaled.__init__(self)
        Model.__init__(self)

    def call(self, inputs, training=None):
        return self.scaled(super().call(inputs))


FUNCTIONAL = [
    lambda: Model(*graph_of_four()),
    lambda: Plain(*graph_of_four()),
    lambda: Sized(5),
    lambda: Mixed(5),
]


@pytest.mark.parametrize("make", FUNCTIONAL)
def test_models_of_every_class_are_functional_when_given_inputs_and_outputs(make):
    model = make()
    assert isinstance(model, Functional) and model.built
    assert [layer.name for layer in model.layers] == ["x", "y"] and len(model.weights) == 2
    assert (model.input_shape, model.output_shape) == ((None, 3), (None, 5))
    assert (model.output_names, [x.name for x in model.inputs]) == (["y"], ["x"])
    assert model.compute_output_shape((7, 3)) == (7, 5)
    expected = numpy(model.get_layer("y")(ones(2, 3))) * (2 if type(model) is Mixed else 1)
    np.testing.assert_allclose(numpy(model({"x": ones(2, 3)})), expected, rtol=1e-6)
    np.testing.assert_allclose(model.predict(ones(2, 3), verbose=0), expected, rtol=1e-6)


def test_making_a_functional_model_leaves_its_class_alone():
    class Either(Model):
        def __init__(self, *args):
            super().__init__(*args)
            self.inputs_seen = len(args)

        def call(self, x):
            return x + 1

    class Own(Model):
        def __init__(self):
            super().__init__()
            self.inputs = L.Dense(2)
            self.operations = ["any", "thing"]

    assert isinstance(Either(*graph_of_four()), Functional)
    assert Either.__bases__ == (Model,)
    assert not isinstance(Either(), Functional) and not hasattr(Either(), "inputs")
    assert not isinstance(Sequential([L.Input((2,)), L.Dense(1)]), Functional)
    assert numpy(Either()(ones(1))) == 2
    own = Own()
    assert (own.operations, own.layers) == (["any", "thing"], [own.inputs])


@pytest.mark.parametrize("make", FUNCTIONAL[:3])
def test_configs_of_functional_models_of_every_class(make):
    model = make()
    again = type(model).from_config(model.get_config())
    assert type(again) is type(model) and again.get_config() == model.get_config()
    assert dir(again) == dir(model)
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(numpy(again(ones(2, 3))), numpy(model(ones(2, 3))), rtol=1e-6)


def test_a_functional_model_in_a_graph_keeps_the_dtypes_of_its_outputs():
    x = L.Input((3,))
    inner = Model(x, {"index": ops.argmax(x, axis=-1), "value": ops.max(x, axis=-1)})
    result = inner(L.Input((3,)))
    assert {name: v.dtype for name, v in result.items()} == {"index": "int32", "value": "float32"}


@pytest.mark.parametrize("structure", [dict, list])
def test_inputs_that_a_model_does_not_have_are_named(structure):
    inputs = {name: L.Input((1,), name=name) for name in "ab"}
    model = Model(inputs if structure is dict else list(inputs.values()), inputs["a"] - inputs["b"])
    with pytest.warns(UserWarning, match=r"\['a', 'b'\]; \['wieght'\] are not among them"):
        model.predict({"a": ones(2, 1), "wieght": ones(2, 1), "b": ones(2, 1)}, verbose=0)


@pytest.mark.parametrize("functional", [True, False])
def test_a_mask_that_was_given_lasts_for_one_call(functional):
    inputs = keras.Input((3, 2))
    pool = keras.layers.GlobalAveragePooling1D()
    model = Model(inputs, pool(inputs)) if functional else Sequential([inputs, pool])
    x = ops.convert_to_tensor(np.arange(6.0, dtype="float32").reshape(1, 3, 2))
    plain = ops.convert_to_numpy(model(x))
    masked = ops.convert_to_numpy(model(x, mask=ops.convert_to_tensor(np.array([[True, False, False]]))))
    assert masked.tolist() == [[0.0, 1.0]]
    assert ops.convert_to_numpy(model(x)).tolist() == plain.tolist()


def test_masks_pass_casts_of_mixed_precision():
    inputs = keras.Input((2, 4), dtype="float32")
    x = keras.layers.Masking(dtype="mixed_bfloat16")(inputs)
    model = Model(inputs, keras.layers.GlobalAveragePooling1D(dtype="mixed_bfloat16")(x))
    data = np.array([[[1.0] * 4, [0.0] * 4]], "float32")
    assert np.asarray(ops.convert_to_numpy(ops.cast(model(data), "float32"))).tolist() == [[1.0] * 4]
