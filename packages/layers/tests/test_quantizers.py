"""Quantizers as functions and objects: numbers, round trips through integers, configs, messages."""

import numpy as np
import pytest
from keras_backends.selection import active
from keras_layers.quantizers import (
    abs_max,
    calibration,
    configs,
    fake_quantization,
    float8,
    identifiers,
    int4,
)
from keras_layers.quantizers.quantizer import AbsMaxQuantizer, Quantizer
from keras_ops import ops
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_ops.tensor import KerasTensor
from keras_ops.variable import Variable

trains = pytest.mark.skipif(not active().traits.trainable, reason="the backend computes no gradients")


def _numpy(x):
    return np.asarray(ops.convert_to_numpy(x))


def _floats(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


@pytest.mark.parametrize("to_numpy", [False, True])
@pytest.mark.parametrize(("axis", "shape"), [(0, (1, 5)), (-1, (4, 1)), ((0, 1), (1, 1)), (None, (1, 1))])
def test_abs_max_uses_the_range_and_comes_back(axis, shape, to_numpy):
    x = _floats(4, 5)
    integers, scale = abs_max.abs_max_quantize(x, axis, to_numpy=to_numpy)
    assert isinstance(integers, np.ndarray) or not to_numpy
    integers, scale = _numpy(integers), _numpy(scale)
    assert (integers.dtype, scale.dtype, scale.shape) == ("int8", "float32", shape)
    np.testing.assert_allclose(integers / scale, x, atol=np.abs(x).max() / 250)
    np.testing.assert_array_equal(np.abs(integers).max(axis=axis), 127)


def test_abs_max_of_half_precision_and_zeros():
    integers, scale = abs_max.abs_max_quantize(ops.zeros((2, 2), dtype="float16"), -1)
    assert (_numpy(integers) == 0).all() and ops.dtype(scale) == "float16"
    integers, _ = abs_max.abs_max_quantize([[1.0, 7.0]], -1, value_range=(-8, 7))
    assert _numpy(integers).tolist() == [[1, 7]]


@pytest.mark.parametrize("to_numpy", [False, True])
@pytest.mark.parametrize(("size", "blocks"), [(4, 3), (10, 1), (-1, 1), (3, 4)])
def test_blocks_have_scales_and_zero_points(size, blocks, to_numpy):
    x = _floats(10, 3)
    parts = abs_max.abs_max_quantize_grouped_with_zero_point(x, size, to_numpy=to_numpy)
    integers, scale, zero = map(_numpy, parts)
    assert integers.shape == (10, 3) and scale.shape == zero.shape == (blocks, 3)
    assert (integers.dtype, scale.dtype, zero.dtype) == ("int8", "float32", "int8")
    block = np.arange(10) // (10 if size == -1 else size)
    back = (integers.astype("float32") - zero[block]) * scale[block]
    assert (np.abs(back - x) <= scale[block] * 0.51 + 1e-6).all()
    assert integers.min() >= -8 and integers.max() <= 7


@pytest.mark.parametrize(("dtype", "low", "high"), [("int8", -8, 8), ("uint8", 0, 16)])
@pytest.mark.parametrize(("shape", "axis"), [((5,), 0), ((3, 4), -1), ((2, 3, 5), 1)])
def test_packing_is_undone(shape, axis, dtype, low, high):
    x = np.random.default_rng(0).integers(low, high, shape).astype(dtype)
    packed, packed_shape, length = int4.pack_int4(x, axis, dtype)
    assert tuple(packed.shape) == packed_shape and packed_shape[axis] == -(-shape[axis] // 2)
    assert length == shape[axis] and ops.dtype(packed) == dtype
    np.testing.assert_array_equal(int4.packed_array(x, axis, dtype), _numpy(packed))
    np.testing.assert_array_equal(_numpy(int4.unpack_int4(packed, length, axis, dtype)), x)


def test_the_first_of_two_has_the_low_bits():
    assert _numpy(int4.pack_int4(np.array([1, -1], "int8"))[0]).tolist() == [-15]
    with pytest.raises(
        ValueError, match=r"expected `arr\.dtype` to be 'int8' or 'uint8', received 'float32'"
    ):
        int4.pack_int4(np.ones(2, "float32"))


@pytest.mark.parametrize(
    ("amax", "scale"), [(896.0, 2.0), (0.0, 0.5), (np.inf, 0.5)], ids=["new", "zero", "infinite"]
)
def test_float8_scales(amax, scale):
    found = float8.compute_float8_scale(ops.array(amax), ops.array(0.5), 448.0)
    assert float(found) == scale


def test_float8_rounding_and_history():
    found = float8.quantize_and_dequantize(ops.array([1.1, -1e6]), ops.array(2.0), "float8_e5m2", "float32")
    assert _numpy(found).tolist() == [1.0, -114688.0]
    history = float8.compute_float8_amax_history(ops.array([-5.0, 1.0]), ops.array([3.0, 2.0, 1.0]))
    assert _numpy(history).tolist() == [5.0, 1.0, 3.0]


@pytest.mark.parametrize(("axis", "narrow"), [(None, False), (-1, True), (0, False)])
def test_fake_quantization_rounds_to_steps_of_which_0_is_one(axis, narrow):
    x = _floats(3, 3) * 2
    channels = 1 if axis is None else 3
    least, most = np.linspace(-1, -2, channels), np.linspace(2, 1, channels)
    if axis is None:
        least, most = least[0], most[0]
    out = _numpy(fake_quantization.fake_quant_with_min_max_vars(x, least, most, 4, narrow, axis))
    step = (most - least) / (14 if narrow else 15)
    columns = (-1, 1) if axis == 0 else ()
    steps = np.reshape(step, columns) if columns else step
    np.testing.assert_allclose(out / steps, np.round(out / steps), atol=1e-4)
    inside = np.abs(out - x) <= np.abs(steps) * 0.51
    assert inside.mean() > 0.4 and out.dtype == "float32"


@trains
def test_gradients_of_fake_quantization():
    values = [[[-3.0, 0.2], [0.5, 9.0]], [-1.0, -1.0], [1.0, 1.0]]
    storages = [Variable(np.array(value, "float32"))._storage for value in values]

    def loss(tensors):
        out = fake_quantization.fake_quant_with_min_max_vars(*map(ops.convert_to_tensor, tensors), axis=-1)
        return ops.sum(ops.multiply(out, np.array([[1.0, 2.0], [3.0, 4.0]], "float32"))), None

    _, gradients = active().gradients(loss, storages)
    expected = [[[0.0, 2.0], [3.0, 0.0]], [1.0, 0.0], [0.0, 4.0]]
    assert [_numpy(gradient).tolist() for gradient in gradients] == expected


def test_fake_quantization_is_one_step_of_a_graph():
    x = KerasTensor((None, 2), dtype="float16")
    out = fake_quantization.fake_quant_with_min_max_vars(x, 0.0, 1.0)
    operation = out._keras_history.operation
    assert (out.shape, out.dtype, type(operation).__name__) == (
        (None, 2),
        "float16",
        "FakeQuantWithMinMaxVars",
    )
    with pytest.raises(ValueError, match="`num_bits` must be from 2 to 16, received num_bits=1"):
        fake_quantization.fake_quant_with_min_max_vars(x, 0.0, 1.0, num_bits=1)


@pytest.mark.parametrize(
    "made",
    [
        AbsMaxQuantizer(axis=-1, value_range=(-7, 7)),
        configs.Int8QuantizationConfig(activation_quantizer=None),
        configs.Int8QuantizationConfig(weight_quantizer=AbsMaxQuantizer(axis=0)),
        configs.Int4QuantizationConfig(block_size=64),
        configs.Float8QuantizationConfig(),
        configs.GPTQConfig(["text"], None, weight_bits=8, group_size=-1, symmetric=True),
        configs.AWQConfig(["text"], None, num_grid_points=5),
    ],
    ids=lambda made: type(made).__name__,
)
def test_configs_come_back(made):
    config = serialize_keras_object(made)
    again = deserialize_keras_object(config)
    assert type(again) is type(made) and serialize_keras_object(again) == config
    assert config["module"] == "keras.quantizers"


def test_what_recorded_configs_hold():
    assert AbsMaxQuantizer().get_config() == {
        "value_range": (-127, 127),
        "epsilon": 1e-7,
        "output_dtype": "int8",
    }
    made = configs.Int4QuantizationConfig().get_config()
    assert made == {"weight_quantizer": None, "activation_quantizer": None, "block_size": 128}
    assert configs.GPTQConfig("data", "tokenizer").get_config()["dataset"] is None


@pytest.mark.parametrize("name", ["abs_max_quantizer", "AbsMaxQuantizer", AbsMaxQuantizer])
def test_identifiers(name):
    found = identifiers.get(name, axis=0)
    assert found.axis == 0 and identifiers.get(found) is found and identifiers.get(None) is None
    assert identifiers.deserialize(identifiers.serialize(found)).axis == 0
    config = identifiers.get("quantization_config")
    assert identifiers.get(config) is config and config.weight_quantizer is None
    with pytest.raises(ValueError, match="Unknown quantizer 'nope'"):
        identifiers.get("nope")
    with pytest.raises(NotImplementedError, match="must implement `__call__"):
        Quantizer()(1.0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: configs.Int4QuantizationConfig(block_size=0), "`block_size` must be a positive int"),
        (lambda: configs.Int4QuantizationConfig(block_size=1.5), "or -1, received block_size=1.5"),
        (
            lambda: configs.Int4QuantizationConfig(AbsMaxQuantizer()),
            "`weight_quantizer` goes with block_size",
        ),
        (
            lambda: configs.Int8QuantizationConfig(AbsMaxQuantizer(output_dtype="uint8")),
            "integers of dtype 'int8'",
        ),
        (
            lambda: configs.GPTQConfig([], None, weight_bits=5),
            "one of 2, 3, 4, 8, received weight_bits=5",
        ),
        (lambda: configs.AWQConfig([], None, weight_bits=8), "one of 4, received weight_bits=8"),
        (lambda: configs.GPTQConfig([], None, num_samples=0), "`num_samples` must be a positive"),
        (lambda: configs.GPTQConfig([], None, sequence_length="9"), "received sequence_length='9'"),
        (lambda: configs.GPTQConfig([], None, group_size=None), "or -1, received group_size=None"),
        (lambda: configs.GPTQConfig([], None, symmetric="no"), "must be True or False"),
        (lambda: configs.AWQConfig([], None, num_grid_points=0), "`num_grid_points` must be a positive"),
        (lambda: configs.GPTQConfig([], None, hessian_damping=2), r"must be a number in \[0, 1\]"),
        (lambda: configs.GPTQConfig([], None, hessian_damping="1"), "received hessian_damping='1'"),
        (
            lambda: configs.config_for("int8", configs.Float8QuantizationConfig(), "it"),
            "contradict each other",
        ),
        (lambda: configs.config_for("int3", None, "it"), "one of 'int8', 'int4', .* received mode='int3'"),
        (lambda: configs.config_for("gptq", None, "it"), "GPTQConfig\\(dataset, tokenizer\\)"),
        (lambda: configs.config_for(None, 5, "it"), "expected `config` to be a `keras.quantizers"),
        (lambda: AbsMaxQuantizer(value_range=(3, 3)), "a smallest and a largest integer"),
    ],
)
def test_messages(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# GPTQ and AWQ on matrices


def _correlated(rows=200, inputs=24, outputs=7):
    rng = np.random.default_rng(1)
    mixing = rng.normal(size=(inputs, inputs)) * np.linspace(0.05, 2.0, inputs)
    x = rng.normal(size=(rows, 6)) @ rng.normal(size=(6, inputs)) @ mixing + 0.1 * rng.normal(
        size=(rows, inputs)
    )
    statistics = calibration.InputStatistics(inputs)
    for part in np.split(x, 4):
        statistics.add(part)
    return x, rng.normal(size=(inputs, outputs)), statistics


GPTQ = [
    {},
    {"group_size": 8},
    {"activation_order": True, "group_size": 8},
    {"symmetric": True},
    {"weight_bits": 2},
]


@pytest.mark.parametrize("options", [*GPTQ, {"per_channel": False, "group_size": -1}])
def test_gptq_is_closer_than_rounding(options):
    x, weights, statistics = _correlated()
    config = configs.GPTQConfig(None, None, **options)
    found = calibration.gptq(weights, statistics, config)
    plain = calibration.round_to_nearest(
        weights, config, symmetric=config.symmetric, per_channel=config.per_channel
    )
    error, plain_error = (np.square(x @ (r.floats() - weights)).mean() for r in (found, plain))
    assert error < 0.7 * plain_error
    assert found.integers.dtype == "uint8" and found.integers.max() < 2**config.weight_bits


def test_awq_is_closer_than_rounding():
    x, weights, statistics = _correlated()
    config = configs.AWQConfig(None, None, group_size=8)
    found, plain = calibration.awq(weights, statistics, config), calibration.round_to_nearest(weights, config)
    error, plain_error = (np.square(x @ (r.floats() - weights)).mean() for r in (found, plain))
    assert error < 0.9 * plain_error and found.input_scale.std() > 0


def test_statistics_do_not_depend_on_batches():
    x, _, statistics = _correlated()
    np.testing.assert_allclose(statistics.hessian, 2 * x.T @ x / len(x), rtol=1e-10)
    np.testing.assert_allclose(statistics.magnitude, np.abs(x).mean(0), rtol=1e-10)
