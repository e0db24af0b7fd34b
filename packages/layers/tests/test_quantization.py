"""Quantized layers: how close they are, how they come back, what goes together and what does not."""

import numpy as np
import pytest
from keras_backends.selection import active
from keras_layers.core.calibrated_kernel import CalibratedKernel
from keras_layers.core.dense import Dense
from keras_layers.core.einsum_dense import EinsumDense
from keras_layers.core.embedding import Embedding
from keras_layers.core.lora import LoraKernel
from keras_layers.core.product import Einsum, Product
from keras_layers.core.quantized_kernel import QuantizedKernel
from keras_layers.core.reversible_embedding import ReversibleEmbedding
from keras_layers.quantizers.calibration import InputStatistics
from keras_layers.quantizers.configs import (
    GPTQConfig,
    Int4QuantizationConfig,
    Int8QuantizationConfig,
)
from keras_layers.quantizers.quantizer import AbsMaxQuantizer
from keras_ops import ops
from keras_ops.variable import Variable

trains = pytest.mark.skipif(not active().traits.trainable, reason="the backend computes no gradients")

CONFIGS = {
    "int8": Int8QuantizationConfig(),
    "int8 weights": Int8QuantizationConfig(activation_quantizer=None),
    "int4 blocks": Int4QuantizationConfig(block_size=4),
    "int4 channels": Int4QuantizationConfig(block_size=None),
    "int4 and int8": Int4QuantizationConfig(activation_quantizer=AbsMaxQuantizer(), block_size=4),
}
EQUATIONS = {
    "einsum": ("abc,cde->abde", (None, 3, 4), "de", (2, 3, 6)),
    "two summed": ("abcd,cde->abe", (None, 5), "e", (2, 3, 2, 3)),
    "turned": ("abc,dc->adb", (5, None), None, (2, 3, 6)),
    "left": ("...x,xy->...y", (5,), "y", (2, 2, 3, 6)),
    "right": ("ab...,bc->ac...", (5,), None, (2, 6, 2, 3)),
    "batched": ("abc,bcd->abd", (3, 4), None, (2, 3, 6)),
}
LAYERS = {
    "dense": (lambda: Dense(5, activation="tanh"), (2, 3, 6)),
    **{
        name: (lambda e=equation, o=output, b=bias: EinsumDense(e, o, bias_axes=b), shape)
        for name, (equation, output, bias, shape) in EQUATIONS.items()
    },
    "embedding": (lambda: Embedding(7, 6), None),
    "reverse": (lambda: ReversibleEmbedding(7, 6), (2, 3, 6)),
    "untied": (lambda: ReversibleEmbedding(7, 6, tie_weights=False), (2, 3, 6)),
}
PAIRS = [
    *((layer, config) for layer in ("dense", "embedding") for config in CONFIGS),
    *((layer, "int8") for layer in LAYERS),
    *((layer, "int4 blocks") for layer in ("two summed", "turned", "untied")),
]


def _numpy(x):
    return np.asarray(ops.convert_to_numpy(x))


def _inputs(shape, seed=0):
    if shape is None:
        return np.array([[0, 3, 6], [1, 1, 2]], "int32")
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def _call(layer, x):
    """What a layer computes in a compiled function."""
    options = {"reverse": True} if isinstance(layer, ReversibleEmbedding) else {}
    if not layer.built:
        layer.build(x.shape)
    return _numpy(active().compile(lambda x: layer(x, **options))(ops.convert_to_tensor(x)))


def _stored(layer):
    store = {}
    layer.save_own_variables(store)
    return {key: _numpy(ops.convert_to_tensor(value)) for key, value in store.items()}


@pytest.mark.parametrize(("name", "config"), dict.fromkeys(PAIRS))
def test_quantized_layers_are_close_and_come_back(name, config):
    make, shape = LAYERS[name]
    layer, x = make(), _inputs(shape)
    before = _call(layer, x)
    count = layer.count_params()
    layer.quantize(config=CONFIGS[config])
    after = _call(layer, x)
    assert after.shape == before.shape and after.dtype == before.dtype
    difference = np.abs(after - before).max() / np.abs(before).max()
    assert 0 < difference < (0.03 if config.startswith("int8") else 0.3)
    assert layer.count_params() <= 2 * count
    twin = type(layer).from_config(layer.get_config())
    twin.build(None if shape is None else shape)
    assert twin.dtype_policy == layer.dtype_policy and twin.built
    assert [v.name for v in twin.weights] == [v.name for v in layer.weights]
    assert dir(twin) == dir(layer)
    twin.load_own_variables(_stored(layer))
    np.testing.assert_allclose(_call(twin, x), after, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("layer", "mode", "names"),
    [
        (Dense, "int8", ["kernel", "bias", "kernel_scale"]),
        (Dense, "int4", ["kernel", "bias", "kernel_scale", "kernel_zero", "g_idx"]),
        (Dense, "gptq", ["bias", "quantized_kernel", "kernel_scale", "kernel_zero", "g_idx"]),
        (Dense, "awq", ["bias", "quantized_kernel", "kernel_scale", "kernel_zero", "awq_scales", "g_idx"]),
        (Dense, None, ["kernel", "bias"]),
        (Embedding, "int8", ["embeddings", "embeddings_scale"]),
    ],
)
def test_names_of_saved_weights(layer, mode, names):
    made = layer(3, 4) if layer is Embedding else layer(3)
    assert made.variable_serialization_spec[mode] == names


def test_shapes_in_files():
    layer = Dense(5, dtype="gptq/4/4_from_float32")
    layer.build((None, 10))
    shapes = {v.name: tuple(v.shape) for v in layer.weights}
    assert shapes == {
        "bias": (5,),
        "kernel": (3, 10),
        "kernel_scale": (5, 3),
        "kernel_zero": (5, 3),
        "g_idx": (10,),
    }
    layer = Dense(5, dtype="int4_from_float32")
    layer.build((None, 9))
    assert {v.name: tuple(v.shape) for v in layer.weights} == {
        "bias": (5,),
        "kernel": (5, 5),
        "kernel_scale": (5,),
    }
    layer = Embedding(7, 5, dtype="int4/2_from_float32")
    layer.build()
    shapes = {v.name: tuple(v.shape) for v in layer.weights}
    scales = dict.fromkeys(("embeddings_scale", "embeddings_zero"), (7, 3))
    assert shapes == {"embeddings": (7, 3), **scales, "g_idx": (5,)}


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "bfloat16"])
@pytest.mark.parametrize("config", ["int8", "int4 blocks"])
def test_half_precision(policy, config):
    layer, x = Dense(4, dtype=policy), _inputs((2, 8))
    before = _call(layer, x).astype("float32")
    layer.quantize(config=CONFIGS[config])
    after = layer(x)
    assert ops.dtype(after) == "bfloat16" and layer.kernel_scale.dtype == layer.variable_dtype
    np.testing.assert_allclose(_numpy(after).astype("float32"), before, atol=0.2 * np.abs(before).max())


@trains
@pytest.mark.parametrize("config", ["int8", "int4 and int8"])
def test_gradients_pass_as_if_nothing_were_rounded(config):
    layer, x = EinsumDense("abc,cde->abde", (None, 3, 4)), _inputs((2, 3, 6))
    layer.build(x.shape)
    layer.quantize(config=CONFIGS[config])
    kernel = _numpy(layer._weight.value)
    upstream = _inputs((2, 3, 3, 4), seed=1)

    def loss(values):
        return ops.sum(ops.multiply(layer(ops.convert_to_tensor(values[0])), upstream)), None

    _, (gradient,) = active().gradients(loss, [Variable(x)._storage])
    np.testing.assert_allclose(
        _numpy(gradient), np.einsum("abde,cde->abc", upstream, kernel), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("config", ["int8", "int4 blocks"])
@pytest.mark.parametrize("first", ["lora", "quantized"])
def test_lora_and_integers(first, config):
    layer, x = Dense(4), _inputs((2, 8))
    layer.build(x.shape)
    steps = [lambda: layer.enable_lora(2), lambda: layer.quantize(config=CONFIGS[config])]
    for step in steps if first == "lora" else reversed(steps):
        step()
    assert isinstance(layer._weight, LoraKernel) and layer._weight.shape == (8, 4)
    assert [v.name for v in layer.trainable_weights] == ["bias", "lora_kernel_a", "lora_kernel_b"]
    plain = _call(layer, x)
    layer.lora_kernel_b.assign(np.full((2, 4), 0.3, "float32"))
    moved = _call(layer, x)
    delta = _numpy(layer.lora_kernel_a.value) @ np.full((2, 4), 0.3)
    np.testing.assert_allclose(moved - plain, x @ delta, rtol=1e-4, atol=1e-5)
    twin = Dense.from_config(layer.get_config())
    twin.build(x.shape)
    store = _stored(layer)
    twin.load_own_variables(store)
    assert store["0"].dtype == "int8" and not np.any(twin.lora_kernel_b.numpy())
    np.testing.assert_allclose(_numpy(twin(x)), moved, atol=0.3 * np.abs(moved).max())


def test_lora_and_schemes_that_refuse_it():
    layer = _built(Dense(2))
    layer.enable_lora(1)
    with pytest.raises(NotImplementedError, match="LoRA does not go with kernels that GPTQ or AWQ"):
        layer.quantize(config=GPTQConfig([], None))
    assert isinstance(layer._weight, LoraKernel) and layer.quantization_mode is None
    layer.quantize("float8")
    assert [v.name for v in layer.trainable_weights if not v.overwrite_with_gradient] == [
        "bias",
        "lora_kernel_a",
        "lora_kernel_b",
    ]
    assert len(layer.trainable_weights) == 9


def test_weights_by_a_quantizer_of_the_user():
    config = Int8QuantizationConfig(AbsMaxQuantizer(value_range=(-3, 3)), None)
    layer = Dense(4, quantization_config=config)
    layer.build((None, 6))
    layer.quantize()
    assert np.abs(layer.kernel.numpy()).max() == 3 and layer.quantization_config is config


def test_a_calibrated_layer_waits_for_data():
    layer, x = Dense(4, name="d"), _inputs((9, 6))
    before = _call(layer, x)
    layer.quantize(config=GPTQConfig([x], None, group_size=3))
    np.testing.assert_array_equal(_call(layer, x), before)
    with pytest.raises(ValueError, match="'d' was asked to be quantized by 'gptq' but not calibrated"):
        layer.save_own_variables({})
    kernel = layer._weight
    with pytest.raises(ValueError, match="none of the calibration data came through it"):
        kernel.calibrate()
    kernel.watch()
    layer(np.full_like(x, np.nan))
    with pytest.raises(ValueError, match="its inputs in the calibration data must be finite"):
        kernel.calibrate()
    kernel.watch()
    layer(x)
    kernel.calibrate()
    assert "quantized_kernel" in dir(layer) and [v.name for v in layer.trainable_weights] == ["bias"]
    assert 0 < np.abs(_call(layer, x) - before).max() < 0.3 * np.abs(before).max()
    with pytest.raises(NotImplementedError, match="LoRA does not go with kernels that GPTQ or AWQ"):
        layer.enable_lora(2)


class Doubled(Dense):
    pass


def _built(layer, quantized=None):
    layer.build((None, 3))
    if quantized:
        layer.quantize(quantized)
    return layer


@pytest.mark.parametrize(
    ("make", "arguments", "error", "message"),
    [
        (
            lambda: Dense(2, name="d"),
            {"mode": "int8"},
            ValueError,
            "'d' must be built before it is quantized",
        ),
        (
            lambda: _built(Dense(2)),
            {"mode": "int3"},
            ValueError,
            "one of 'int8', 'int4', 'float8', 'gptq', 'awq', rec",
        ),
        (
            lambda: _built(Dense(2), "int8"),
            {"mode": "int4"},
            ValueError,
            "quantized already, .*int8_from_float32",
        ),
        (
            lambda: _built(Dense(2)),
            {"mode": "int8", "config": CONFIGS["int4 blocks"]},
            ValueError,
            "contradict",
        ),
        (
            lambda: _built(Embedding(3, 2)),
            {"config": Int8QuantizationConfig(weight_quantizer=AbsMaxQuantizer(axis=0))},
            ValueError,
            r"shape \(1, 2\) for a kernel of shape \(3, 2\), which needs .* `weight_quantizer` with axis=\(1,\)",
        ),
        (lambda: _built(Dense(2)), {}, ValueError, "expected `mode` or `config`"),
        (lambda: _built(Dense(2)), {"mode": "awq"}, ValueError, "needs a configuration"),
        (lambda: _built(Doubled(2)), {"mode": "int8"}, NotImplementedError, "Pass `type_check=False`"),
        (
            lambda: _built(Embedding(3, 2)),
            {"mode": "float8"},
            NotImplementedError,
            "by 'int8', 'int4', received",
        ),
        (
            lambda: _built(Dense(2, dtype="float16")),
            {"mode": "int8"},
            ValueError,
            "needs the range of bfloat16",
        ),
    ],
)
def test_messages(make, arguments, error, message):
    layer = make()
    names = [v.name for v in layer.weights]
    with pytest.raises(error, match=message):
        layer.quantize(**arguments)
    assert [v.name for v in layer.weights] == names


def test_messages_of_constructors():
    with pytest.raises(ValueError, match="contradict each other: mode='int8'"):
        Dense(2, dtype="int8_from_float32", quantization_config=CONFIGS["int4 blocks"])
    with pytest.raises(ValueError, match="expected `config` to be a "):
        Dense(2, quantization_config=AbsMaxQuantizer())


def test_an_einsum_that_can_not_be_reversed_keeps_floats_as_inputs():
    assert not Einsum("abc,d->abd").reversible
    layer, x = EinsumDense("abc,bd->ad", (4,)), _inputs((2, 3, 5))
    before = _call(layer, x)
    layer.quantize("int8")
    np.testing.assert_allclose(_call(layer, x), before, atol=0.05 * np.abs(before).max())


# What fails on the way


class Failing(AbsMaxQuantizer):
    """Fails, or returns scales of another shape, when it is called for the `on`-th time."""

    def __init__(self, on, misshapen):
        super().__init__()
        self.left, self.misshapen = on, misshapen

    def __call__(self, x, axis=None, to_numpy=False):
        integers, scale = super().__call__(x, axis, to_numpy)
        self.left -= 1
        if self.left:
            return integers, scale
        if self.misshapen:
            return integers, np.ones((1, 1), "float32")
        raise RuntimeError("no integers today")


def _with_factors():
    layer = _built(Dense(4))
    layer.enable_lora(2)
    layer.lora_kernel_b.assign(np.ones((2, 4), "float32"))
    return layer


def _all_of(layer, x):
    """All that may not change when a layer could not be quantized."""
    return {
        "weights": [(v.path, id(v), v.trainable) for v in layer.weights],
        "tracked": dict(layer._tracker.counts),
        "trainable": [v.path for v in layer.trainable_weights],
        "values": [value.tolist() for value in layer.get_weights()],
        "policy": layer.dtype_policy.name,
        "config": layer.get_config(),
        "names": dir(layer),
        "stored": {name: value.tolist() for name, value in _stored(layer).items()},
        "result": _numpy(layer(x)).tolist(),
    }


@pytest.mark.parametrize("misshapen", [False, True])
@pytest.mark.parametrize("config", [Int8QuantizationConfig, Int4QuantizationConfig])
@pytest.mark.parametrize(
    ("make", "on", "x"),
    [
        (lambda: _built(Dense(4)), 1, np.ones((2, 3), "float32")),
        (_with_factors, 1, np.ones((2, 3), "float32")),
        (lambda: _built(ReversibleEmbedding(5, 3, tie_weights=False)), 2, np.ones((2,), "int32")),
    ],
)
def test_a_layer_is_as_it_was_if_its_quantizer_fails(make, on, x, config, misshapen):
    layer, sizes = make(), {"block_size": None} if config is Int4QuantizationConfig else {}
    before = _all_of(layer, x)
    with pytest.raises((RuntimeError, ValueError)):
        layer.quantize(config=config(Failing(on, misshapen), **sizes))
    assert _all_of(layer, x) == before
    layer.quantize(config=config(**sizes))
    names = [v.name for v in layer.weights]
    assert len(set(names)) == len(names) and len(layer.get_weights()) == len(before["values"]) + on
    np.testing.assert_allclose(_numpy(layer(x)), before["result"], rtol=0.3, atol=0.3)


@pytest.mark.parametrize("equation", ["abc,c->abc", "abc,d->abcd"])
@pytest.mark.parametrize("mode", ["int8", "int4", "int4 channels", "gptq"])
def test_products_without_a_sum_are_refused(equation, mode):
    layer, x = EinsumDense(equation, (3, 4, 5)[: len(equation) - 8], name="each"), _inputs((2, 3, 4))
    layer.build(x.shape)
    config = GPTQConfig([], None) if mode == "gptq" else CONFIGS.get(mode)
    before = _all_of(layer, x)
    with pytest.raises(
        NotImplementedError, match=f"'each'.*(Einsum\\('{equation}'\\) sums over no|for parts of)"
    ):
        layer.quantize(mode.split()[0], config=config)
    assert _all_of(layer, x) == before


def test_products_without_a_sum_are_refused_by_a_policy():
    layer = EinsumDense("abc,c->abc", (3, 4), name="each", dtype="int8_from_float32")
    with pytest.raises(
        NotImplementedError, match=r"Layer 'each' can not be .*Einsum\('abc,c->abc'\) sums over no"
    ):
        layer.build((2, 3, 4))


def test_quantizers_are_equal_by_what_they_do():
    plain, narrow = AbsMaxQuantizer(), AbsMaxQuantizer(value_range=[-3, 3])
    assert plain == AbsMaxQuantizer() and hash(plain) == hash(AbsMaxQuantizer())
    assert plain != narrow and narrow == AbsMaxQuantizer(value_range=(-3, 3))
    assert plain != AbsMaxQuantizer(axis=-1) and plain != AbsMaxQuantizer(epsilon=0.1) and plain != "plain"
    # Those of users may hold more than is known of.
    assert len({Failing(1, False), Failing(1, False)}) == 2


def test_layers_with_equal_quantizers_share_a_program(monkeypatch):
    asked, original = [], AbsMaxQuantizer.__call__

    def counted(self, *args, **kwargs):
        asked.append(self)
        return original(self, *args, **kwargs)

    monkeypatch.setattr(AbsMaxQuantizer, "__call__", counted)
    x = _inputs((3, 11))
    for _ in range(2):
        layer = Dense(7, dtype="int8_from_float32")
        layer.build(x.shape)
        layer(x)
    assert len(asked) == (1 if active().traits.compiles_each_operation else 2)


def test_a_quantizer_that_is_changed_is_heeded():
    quantizer, x = AbsMaxQuantizer(), _inputs((2, 6))
    layer = Dense(4)
    layer.build(x.shape)
    layer.quantize(config=Int8QuantizationConfig(activation_quantizer=quantizer))
    before = _numpy(layer(x))
    quantizer.value_range = (-2, 2)
    changed = _numpy(layer(x))
    assert np.abs(changed - before).max() > 0.05 * np.abs(before).max()
    quantizer.value_range = (-127, 127)
    np.testing.assert_array_equal(_numpy(layer(x)), before)


@pytest.mark.parametrize(
    ("call", "method"),
    [
        (
            lambda: QuantizedKernel.build(None, (), None, "kernel", None),
            "QuantizedKernel must implement `build",
        ),
        (
            lambda: QuantizedKernel.parts_of(object.__new__(QuantizedKernel), None),
            "`parts_of\\(self, value\\)`",
        ),
        (
            lambda: CalibratedKernel.rounded(object.__new__(CalibratedKernel), None, None),
            "`rounded\\(self, ma",
        ),
        *(
            (lambda name=name, count=count: getattr(Product(), name)(*[None] * count), f"`{name}\\(self, ")
            for name, count in {
                "__call__": 2,
                "back": 2,
                "fit_input": 1,
                "fit_kernel": 1,
                "unfit_kernel": 1,
            }.items()
        ),
    ],
)
def test_what_a_subclass_must_implement_is_said(call, method):
    with pytest.raises(NotImplementedError, match=method):
        call()


def test_statistics_of_nothing():
    with pytest.raises(
        ValueError, match=r"at least one row of 3 inputs, received an array of shape \(0, 3\)"
    ):
        InputStatistics(3).add(np.zeros((0, 3)))
    layer = Dense(4, name="d")
    layer.build((None, 3))
    layer.quantize(config=GPTQConfig([], None))
    layer._weight.watch()
    layer(np.zeros((0, 3), "float32"))
    with pytest.raises(ValueError, match="none of the calibration data came through it"):
        layer._weight.calibrate()
