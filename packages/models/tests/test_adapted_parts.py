"""Layers inside layers that were quantized or got LoRA: how copies, in files and in memory, come to have them."""

import json

import numpy as np
import pytest
from keras_layers.attention.multi_head_attention import MultiHeadAttention
from keras_layers.core.dense import Dense
from keras_layers.core.input_layer import Input
from keras_layers.layer import Layer
from keras_layers.quantizers.configs import (
    GPTQConfig,
    Int4QuantizationConfig,
    Int8QuantizationConfig,
)
from keras_layers.quantizers.quantizer import AbsMaxQuantizer
from keras_layers.rnn.time_distributed import TimeDistributed
from keras_models.cloning import clone_model
from keras_models.model import Model
from keras_models.sequential import Sequential
from keras_ops import ops
from keras_ops.registry import register_keras_serializable
from keras_saving.saving import load_model


def _same_weights(first, second):
    pairs = zip(first.get_weights(), second.get_weights(), strict=True)
    return all(np.array_equal(x, y) for x, y in pairs)


def model_of(layer, shape):
    inputs = Input(shape)
    return Model(inputs, layer(inputs))


def test_parts_that_a_layer_makes_itself_come_back(tmp_path):
    inputs = Input((3, 4))
    x = MultiHeadAttention(2, 3, name="attention")(inputs, inputs)
    tested = Model(inputs, TimeDistributed(Dense(2), name="each")(x))
    tested.quantize("int4")
    attention, each = tested.get_layer("attention"), tested.get_layer("each")
    assert {part.quantization_mode for part in attention._flatten_layers() if part.weights} == {None, "int4"}
    assert "attention/query" in attention.get_config()["dtype"]["config"]["policy_map"]
    assert each.get_config()["dtype"]["class_name"] == "DTypePolicy"
    tested.save(tmp_path / "m.keras")
    again = load_model(tmp_path / "m.keras")
    assert _same_weights(again, tested)
    paths = [v.path for v in again.get_layer("attention").weights]
    assert paths == [v.path for v in attention.weights] and "attention/query/kernel_scale" in paths


CONFIGS_OF_PARTS = {
    "weights only": Int8QuantizationConfig(activation_quantizer=None),
    "narrow": Int8QuantizationConfig(activation_quantizer=AbsMaxQuantizer(value_range=(-7, 7))),
    "inputs too": Int4QuantizationConfig(block_size=4, activation_quantizer=AbsMaxQuantizer()),
    "as the policy says": Int8QuantizationConfig(),
}


def _from_file(model, folder):
    model.save(folder / "m.keras")
    return load_model(folder / "m.keras")


def _from_config(model, folder):
    return Model.from_config(json.loads(json.dumps(model.get_config())))


def _with_layers_from_configs(model, folder):
    return clone_model(model, clone_function=lambda layer: type(layer).from_config(layer.get_config()))


COPIES = {
    "file": _from_file,
    "config": _from_config,
    "clone": lambda model, folder: clone_model(model),
    "layers": _with_layers_from_configs,
}


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("name", CONFIGS_OF_PARTS)
def test_configurations_of_parts_that_a_layer_makes_itself_come_back(name, way, tmp_path):
    inputs, config = Input((3, 4)), CONFIGS_OF_PARTS[name]
    tested = Model(inputs, MultiHeadAttention(2, 3, name="attention")(inputs, inputs))
    tested.quantize(config=config)
    attention = tested.get_layer("attention")
    assert ("quantization_configs" in attention.get_config()) == (name != "as the policy says")
    # Twice, since a copy has to say it again.
    copy = COPIES[way](COPIES[way](tested, tmp_path), tmp_path)
    copy.set_weights(tested.get_weights())
    copied = copy.get_layer("attention")
    assert copied.query_dense._weight.quantizer == config.activation_quantizer
    assert copied.get_config() == attention.get_config()
    assert MultiHeadAttention.from_config(attention.get_config()).get_config() == attention.get_config()
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    np.testing.assert_allclose(
        ops.convert_to_numpy(copy(x)), ops.convert_to_numpy(tested(x)), rtol=1e-5, atol=1e-6
    )


@register_keras_serializable("test_adapted_parts")
class Residual(Layer):
    """Makes sublayers with names that are others in each copy; the second one when it is built."""

    def __init__(self, **options):
        super().__init__(**options)
        self.parts = [Dense(4, activation="relu")]

    def build(self, shape):
        self.attention = MultiHeadAttention(2, 3)
        self.attention.build(shape, shape)
        self.parts[0].build(shape)

    def call(self, x):
        return x + self.parts[0](self.attention(x, x))


@register_keras_serializable("test_adapted_parts")
class OfParts(Model):
    def __init__(self, **options):
        super().__init__(**options)
        self.stack = Sequential([Residual(), Dense(3)])

    def call(self, x):
        return self.stack(x)


ONES = np.ones((2, 3, 4), "float32")
CONFIGS_OF_COPIES = {
    "int8": lambda x: Int8QuantizationConfig(activation_quantizer=None),
    "gptq": lambda x: GPTQConfig([x], None, weight_bits=8, group_size=2),
}


@pytest.mark.parametrize("make", [OfParts, lambda: model_of(TimeDistributed(Residual()), shape=(5, 3, 4))])
@pytest.mark.parametrize("name", CONFIGS_OF_COPIES)
def test_parts_of_users_layers_are_found_by_the_attributes_that_hold_them(name, make, tmp_path):
    tested = make()
    x = ONES if isinstance(tested, OfParts) else np.ones((2, 5, 3, 4), "float32")
    tested(x)
    kept = [layer for layer in tested._flatten_layers() if layer.name.startswith("value")]
    config = CONFIGS_OF_COPIES[name](x)
    tested.quantize(config=config, filters=lambda layer: layer not in kept)
    after = ops.convert_to_numpy(tested(x))
    for copy in (_from_file(tested, tmp_path), clone_model(tested)):
        copy.set_weights(tested.get_weights())
        modes = {layer.name: layer.quantization_mode for layer in copy._flatten_layers() if not layer._layers}
        assert modes["value"] is None and modes["query"] == config.mode
        np.testing.assert_allclose(ops.convert_to_numpy(copy(x)), after, rtol=1e-5, atol=1e-6)


@register_keras_serializable("test_adapted_parts")
class Passing(Layer):
    """Hands its policy on to a part that always has the same name."""

    def __init__(self, **options):
        super().__init__(**options)
        self.part = Dense(4, name="part", dtype=self.dtype_policy)

    def call(self, x):
        return self.part(x)


@pytest.mark.parametrize("way", [_from_file, lambda model, folder: clone_model(model)])
def test_parts_that_get_their_policy_get_the_rest_too(way, tmp_path):
    tested = model_of(Passing(name="passing"), shape=(4,))
    tested.quantize(config=Int8QuantizationConfig(activation_quantizer=None))
    part = way(tested, tmp_path).get_layer("passing").part
    assert part.quantization_mode == "int8" and part._weight.quantizer is None
    assert part.get_config() == {
        **tested.get_layer("passing").part.get_config(),
        "dtype": part.get_config()["dtype"],
    }


@pytest.mark.parametrize("way", [_from_file, lambda model, folder: clone_model(model)])
def test_parts_with_lora_have_it_again(way, tmp_path):
    tested = model_of(Passing(name="passing"), shape=(4,))
    tested.quantize("int8")
    tested.get_layer("passing").part.enable_lora(2, lora_alpha=1.0)
    copy = way(tested, tmp_path)
    names = ["bias", "lora_kernel_a", "lora_kernel_b"]
    assert [[v.name for v in m.trainable_variables] for m in (tested, copy)] == [names, names]
    assert copy.get_layer("passing").part._weight.scale == 0.5


def test_a_part_that_is_gone_is_named():
    tested = model_of(Residual(name="residual"), shape=(3, 4))
    tested.quantize("int8")
    config = tested.get_config()
    (entry,) = [layer for layer in config["layers"] if layer["class_name"] == "Residual"]
    entry["parts_config"]["other/0"] = next(iter(entry["parts_config"].values()))
    with pytest.raises(
        ValueError,
        match=r"'residual' .*: its part 'other/0' was quantized, or got LoRA, .* 'attention/key_dense'",
    ):
        Model.from_config(config)
