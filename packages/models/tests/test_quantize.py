"""`Model.quantize`: which layers are asked, calibration, files of quantized models, training in float8."""

import json

import numpy as np
import pytest
from keras_backends.selection import active
from keras_layers.activations.rectifiers import ReLU
from keras_layers.attention.multi_head_attention import MultiHeadAttention
from keras_layers.core.dense import Dense
from keras_layers.core.einsum_dense import EinsumDense
from keras_layers.core.embedding import Embedding
from keras_layers.core.input_layer import Input
from keras_layers.layer import Layer
from keras_layers.pooling.global_average_pooling import GlobalAveragePooling1D
from keras_layers.quantizers import calibration
from keras_layers.quantizers.configs import (
    AWQConfig,
    GPTQConfig,
    Int4QuantizationConfig,
    Int8QuantizationConfig,
)
from keras_layers.quantizers.quantizer import AbsMaxQuantizer
from keras_layers.rnn.time_distributed import TimeDistributed
from keras_models.calibration import samples
from keras_models.cloning import clone_model
from keras_models.model import Model
from keras_models.sequential import Sequential
from keras_ops import ops
from keras_ops.policies import DTypePolicy, DTypePolicyMap
from keras_ops.registry import register_keras_serializable
from keras_saving.saving import load_model


class Rounded(Dense):
    """Notes how it was quantized."""

    def quantize(self, mode=None, type_check=True, config=None):
        self.asked = (mode, type_check, config)


def model_of(layer, shape):
    inputs = Input(shape)
    return Model(inputs, layer(inputs))


def model(*layers):
    return Sequential([Input((4,)), *layers])


@pytest.mark.parametrize(
    ("filters", "expected"),
    [(None, "ab"), ("^a", "a"), (["x", "b"], "b"), (lambda layer: layer.name == "a", "a")],
)
def test_layers_that_can_be_quantized_are(filters, expected):
    layers = Rounded(4, name="a"), ReLU(), Rounded(2, name="b")
    tested = model(layers[0], layers[1], model(layers[2]) if filters is None else layers[2])
    tested.predict_function = object()
    tested.quantize("int8", filters=filters)
    assert [x.name for x in layers if hasattr(x, "asked")] == list(expected)
    assert tested.predict_function is None


def test_config_says_the_mode():
    layer, config = Rounded(3), Int4QuantizationConfig()
    model(layer).quantize(config=config, type_check=False)
    assert layer.asked == ("int4", False, config)


class Doubled(Dense):
    def call(self, inputs):
        return 2 * super().call(inputs)


def test_a_layer_that_refuses_is_left_alone():
    layers = Doubled(4, name="mine"), Dense(2)
    with pytest.warns(UserWarning, match="Doubled may use its `kernel` in ways .* Pass `type_check=False`"):
        model(*layers).quantize("int8")
    assert [x.quantization_mode for x in layers] == [None, "int8"]
    model(Doubled(4)).quantize("int8", type_check=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mode": "float8"}, r"no layer that can be quantized with mode='float8'.* only \(Embedding\)"),
        ({"mode": "int8", "filters": "zz"}, "no layer that fits filters='zz'"),
        ({}, "expected `mode` or `config`"),
        ({"mode": "int2"}, "expected `mode` to be one of 'int8', 'int4', 'float8', 'gptq', 'awq', received"),
        ({"mode": Int8QuantizationConfig()}, "expected `mode` to be one of"),
        ({"mode": "int8", "config": Int4QuantizationConfig()}, "contradict each other"),
        ({"mode": "int8", "deep": True}, "not recognized: \\['deep'\\]"),
        ({"mode": "gptq"}, "needs a configuration"),
    ],
)
def test_messages(arguments, message):
    with pytest.raises(ValueError, match=message):
        model(Embedding(5, 2, name="only")).quantize(**arguments)


def test_an_unbuilt_model_is_refused():
    with pytest.raises(ValueError, match="must be built before it is quantized"):
        Sequential([Rounded(3)]).quantize("int8")


# Whole models


def language_model():
    tokens = Input((6,), dtype="int32")
    x = Embedding(11, 8, name="table")(tokens)
    x = EinsumDense("abc,cde->abde", (None, 3, 4), bias_axes="de", name="heads")(x)
    x = EinsumDense("abde,def->abf", (None, 8), activation="relu", name="joined")(x)
    x = GlobalAveragePooling1D()(x)
    return Model(tokens, Dense(5, name="last")(x))


TOKENS = np.random.default_rng(0).integers(0, 11, (7, 6)).astype("int32")
CONFIGS = {
    "int8": Int8QuantizationConfig(),
    "int4": Int4QuantizationConfig(block_size=4),
    "gptq": GPTQConfig([TOKENS], None, sequence_length=6, group_size=4),
    "awq": AWQConfig([TOKENS], None, sequence_length=6, group_size=4, num_grid_points=4),
}


@pytest.fixture(scope="module")
def floats():
    """Weights of the model, and what it predicts with them."""
    tested = language_model()
    return tested.get_weights(), tested.predict(TOKENS, verbose=0)


@pytest.mark.parametrize("mode", CONFIGS)
def test_a_quantized_model_is_close_and_comes_back_from_its_file(mode, floats, tmp_path):
    tested, (weights, before) = language_model(), floats
    tested.set_weights(weights)
    tested.quantize(config=CONFIGS[mode])
    modes = {layer.name: layer.quantization_mode for layer in tested.layers if layer.weights}
    assert modes == {
        "table": mode if mode.startswith("int") else None,
        "heads": mode,
        "joined": mode,
        "last": mode,
    }
    after = tested.predict(TOKENS, verbose=0)
    assert 0 < np.abs(after - before).max() < 0.25 * np.abs(before).max()
    tested.save(tmp_path / "m.keras")
    tested.save_weights(tmp_path / "m.weights.h5")
    again = load_model(tmp_path / "m.keras")
    assert [v.path for v in again.weights] == [v.path for v in tested.weights]
    assert _same_weights(again, tested)
    other = language_model() if mode.startswith("int") else again
    if other is not again:
        other.quantize(config=CONFIGS[mode])
    other.load_weights(tmp_path / "m.weights.h5")
    assert _same_weights(other, tested)
    np.testing.assert_allclose(other.predict(TOKENS, verbose=0), after, rtol=1e-5, atol=1e-6)


def _same_weights(first, second):
    pairs = zip(first.get_weights(), second.get_weights(), strict=True)
    return all(np.array_equal(x, y) for x, y in pairs)


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


@register_keras_serializable("test_quantize")
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


@register_keras_serializable("test_quantize")
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


def test_a_part_that_is_gone_is_named():
    tested = model_of(Residual(name="residual"), shape=(3, 4))
    tested.quantize("int8")
    config = tested.get_config()
    (entry,) = [layer for layer in config["layers"] if layer["class_name"] == "Residual"]
    entry["parts_config"]["other/0"] = next(iter(entry["parts_config"].values()))
    with pytest.raises(
        ValueError, match=r"'residual' .*: its part 'other/0' was quantized .* 'attention/key_dense'"
    ):
        Model.from_config(config)


def _correlated():
    rng = np.random.default_rng(0)
    return (rng.normal(size=(64, 3)) @ rng.normal(size=(3, 12)) + 0.05 * rng.normal(size=(64, 12))).astype(
        "float32"
    )


def test_calibrated_layers_are_closer_than_rounded_ones():
    x = _correlated()
    kernel = np.random.default_rng(1).normal(size=(12, 16)).astype("float32")
    errors = {}
    for config in (
        Int4QuantizationConfig(block_size=6),
        GPTQConfig([x[:32], x[32:]], None, group_size=6),
        AWQConfig([x], None, group_size=6),
    ):
        tested = Sequential([Input((12,)), Dense(16, use_bias=False)])
        tested.set_weights([kernel])
        tested.quantize(config=config)
        errors[config.mode] = np.square(tested.predict(x, verbose=0) - x @ kernel).mean()
    assert errors["gptq"] < 0.5 * errors["int4"] and errors["awq"] < 0.9 * errors["int4"]


def test_blocks_before_and_after():
    tested = language_model()
    table, heads, joined, last = (tested.get_layer(n) for n in ("table", "heads", "joined", "last"))
    pool = tested.layers[-2]
    structure = {"pre_block_layers": [table], "sequential_blocks": [heads, joined, Sequential([pool, last])]}
    config = GPTQConfig(
        [TOKENS], None, sequence_length=6, group_size=-1, quantization_layer_structure=structure
    )
    tested.quantize(config=config)
    assert last.dtype_policy.name == "gptq/4/-1_from_float32"
    other = language_model()
    config.quantization_layer_structure = {
        "pre_block_layers": [],
        "sequential_blocks": [other.get_layer("table")],
    }
    with pytest.raises(ValueError, match="layers 'heads', 'joined', 'last' are in no block"):
        other.quantize(config=config)


def _all_of(tested):
    """All that may not change when a model could not be quantized."""
    return {
        "weights": [(v.path, id(v), v.trainable) for v in tested.weights],
        "values": [value.tolist() for value in tested.get_weights()],
        "policies": [layer.dtype_policy.name for layer in tested.layers],
        "config": tested.get_config(),
    }


ROWS = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


@pytest.mark.parametrize(
    ("dataset", "structure", "message"),
    [
        (None, None, "received dataset=None"),
        ([[1, 2]], None, "at least sequence_length=9 tokens"),
        ([ROWS[:, :3]], None, None),
        ([ROWS], "no blocks", "expected the quantization structure to be"),
        ([ROWS], {"sequential_blocks": [lambda x: x]}, "with layers in both"),
        ([ROWS], {"sequential_blocks": []}, "layers 'a', 'b' are in no block"),
        ([ROWS], None, "the second matrix"),
    ],
)
def test_a_model_is_as_it_was_if_its_calibration_fails(dataset, structure, message, tmp_path, monkeypatch):
    policies = DTypePolicyMap("float32", {"net/b": DTypePolicy("float32")})
    layers = Dense(4, name="a", dtype=policies), Dense(3, name="b", dtype=policies)
    tested = Sequential([Input((4,)), *layers], name="net")
    before = _all_of(tested)
    config = GPTQConfig(
        dataset, None, sequence_length=9, group_size=4, quantization_layer_structure=structure
    )
    original, calls = calibration.gptq, []

    def fails_later(*args):
        calls.append(args)
        if len(calls) == 2:
            raise ValueError("the second matrix")
        return original(*args)

    monkeypatch.setattr(calibration, "gptq", fails_later)
    with pytest.raises(Exception, match=message):
        tested.quantize(config=config)
    assert len(calls) == (2 if message == "the second matrix" else 0)
    assert _all_of(tested) == before
    tested.save(tmp_path / "m.keras")
    again = load_model(tmp_path / "m.keras")
    assert _same_weights(again, tested) and len(again.get_weights()) == 4
    monkeypatch.setattr(calibration, "gptq", original)
    tested.quantize(config=GPTQConfig([ROWS], None, group_size=4))
    assert [layer.quantization_mode for layer in tested.layers] == ["gptq", "gptq"]
    tested.save(tmp_path / "m.keras")


class FailsLater(AbsMaxQuantizer):
    calls = 0

    def __call__(self, *args, **kwargs):
        self.calls += 1
        if self.calls == 2:
            raise RuntimeError("no integers today")
        return super().__call__(*args, **kwargs)


def test_the_error_says_which_layers_were_quantized_before():
    tested = model(Dense(4, name="a"), Dense(3, name="b"))
    weights = tested.get_layer("b").get_weights()
    with pytest.raises(RuntimeError, match="no integers today") as failure:
        tested.quantize(config=Int8QuantizationConfig(FailsLater()))
    assert "the layers 'a' were quantized before this" in failure.value.__notes__[0]
    assert [layer.quantization_mode for layer in tested.layers] == ["int8", None]
    assert all(map(np.array_equal, tested.get_layer("b").get_weights(), weights))
    tested.quantize("int8", filters=lambda layer: layer.quantization_mode is None)
    assert [layer.quantization_mode for layer in tested.layers] == ["int8", "int8"]


def test_a_layer_that_sums_nothing_is_left_alone():
    tested = model(EinsumDense("ab,b->ab", (4,), name="each"), Dense(3))
    with pytest.warns(UserWarning, match="'each' can not be quantized by mode='int8': its product Einsum"):
        tested.quantize("int8")
    assert [layer.quantization_mode for layer in tested.layers] == [None, "int8"]


@pytest.mark.parametrize(
    ("dataset", "tokenizer", "expected"),
    [
        ([[1, 2, 3], [4, 5]], None, [[[1, 2]], [[4, 5]]]),
        (["ab", "cde"], lambda text: [ord(c) - 97 for c in text], [[[0, 1]], [[3, 4]]]),
        ([np.ones((1, 2), "float32")], None, [[[1.0, 1.0]]]),
    ],
)
def test_samples(dataset, tokenizer, expected):
    config = GPTQConfig(dataset, tokenizer, sequence_length=2, num_samples=2)
    assert [x.tolist() for x in samples(config)] == expected


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (None, "received dataset=None"),
        ([[1, 2]], "at least sequence_length=9 tokens"),
        (["a"], "must be a function"),
        ([np.ones((2, 3), "float32"), np.zeros((0, 3), "float32")], r"one of shape \(0, 3\). Leave it out"),
        ([np.float32(1)], r"one of shape \(\). Leave it out"),
    ],
)
def test_messages_of_samples(dataset, message):
    with pytest.raises(ValueError, match=message):
        list(samples(GPTQConfig(dataset, None, sequence_length=9)))


@pytest.mark.skipif(not active().traits.trainable, reason="the backend computes no gradients")
def test_float8_training_lowers_the_loss_and_moves_the_scales():
    x = _correlated()
    y = np.tanh(x[:, :2])
    tested = Sequential([Input((12,)), Dense(8, activation="tanh"), Dense(2)])
    tested.quantize("float8")
    tested.compile("adam", "mse")
    tested.optimizer.learning_rate = 0.02
    history = tested.fit(x, y, batch_size=32, epochs=6, verbose=0).history["loss"]
    assert history[-1] < 0.7 * history[0]
    for layer in tested.layers:
        for name in ("inputs", "kernel", "outputs_grad"):
            scale, seen = getattr(layer, f"{name}_scale"), getattr(layer, f"{name}_amax_history")
            assert float(ops.convert_to_numpy(scale.value)) != 1.0, scale.path
            assert (seen.numpy() > 0).sum() == 12, seen.path


@pytest.mark.skipif(not active().traits.trainable, reason="the backend computes no gradients")
def test_factors_of_lora_train_on_integers_and_are_merged_in_files(tmp_path):
    x = _correlated()
    tested = Sequential([Input((12,)), Dense(8, activation="tanh"), Dense(2)])
    tested.quantize("int8")
    for layer in tested.layers:
        layer.enable_lora(2)
    tested.compile("adam", "mse")
    tested.optimizer.learning_rate = 0.02
    history = tested.fit(x, np.tanh(x[:, :2]), batch_size=32, epochs=6, verbose=0).history["loss"]
    assert history[-1] < 0.9 * history[0]
    tested.save(tmp_path / "m.keras")
    again = load_model(tmp_path / "m.keras")
    assert again.layers[0].lora_rank == 2 and not np.any(again.layers[0].lora_kernel_b.numpy())
    merged, loaded = (ops.convert_to_numpy(m.layers[0]._weight.value) for m in (tested, again))
    np.testing.assert_allclose(loaded, merged, atol=0.01 * np.abs(merged).max())
