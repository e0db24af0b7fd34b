"""`Model.quantize`: which layers are asked, files of quantized models, calibration, training in float8."""

import numpy as np
import pytest
from keras_backends.selection import active
from keras_layers.activations.rectifiers import ReLU
from keras_layers.core.dense import Dense
from keras_layers.core.einsum_dense import EinsumDense
from keras_layers.core.embedding import Embedding
from keras_layers.core.input_layer import Input
from keras_layers.pooling.global_average_pooling import GlobalAveragePooling1D
from keras_layers.quantizers import calibration
from keras_layers.quantizers.configs import (
    AWQConfig,
    GPTQConfig,
    Int4QuantizationConfig,
    Int8QuantizationConfig,
)
from keras_layers.quantizers.quantizer import AbsMaxQuantizer
from keras_models.model import Model
from keras_models.sequential import Sequential
from keras_ops import ops
from keras_ops.policies import DTypePolicy, DTypePolicyMap
from keras_saving.saving import load_model


class Rounded(Dense):
    """Notes how it was quantized."""

    def quantize(self, mode=None, type_check=True, config=None):
        self.asked = (mode, type_check, config)


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
        ({"mode": "int8", "filters": 3}, "expected `filters` to be .* received filters=3"),
        ({"mode": "int8", "filters": "("}, r"received filters='\('"),
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
