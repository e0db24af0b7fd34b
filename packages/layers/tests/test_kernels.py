"""A scheme for kernels that no layer knows: one class, which serves every layer with a kernel.

`AxisScaled` keeps small integers and one scale per output, as quantization does.
"""

import numpy as np
import pytest
from keras_backends.selection import active
from keras_layers.convolutional.conv import Conv2D
from keras_layers.core.dense import Dense
from keras_layers.core.einsum_dense import EinsumDense
from keras_layers.core.embedding import Embedding
from keras_layers.core.kernel import Kernel
from keras_layers.core.lora import LoraKernel
from keras_ops import ops


class AxisScaled(Kernel):
    saved_parts = ("{}", None, "{}_scale")

    def __init__(self, variable, scale, output_axes):
        super().__init__(variable, output_axes)
        self.scale = scale

    @classmethod
    def create(cls, layer, *, steps=127):
        old, name = layer._weight, layer.kernel_name
        values = ops.convert_to_numpy(old.value)
        summed = tuple(i for i in range(values.ndim) if i not in old.output_axes)
        sizes = np.abs(values).max(axis=summed, keepdims=True) / steps
        made = {}
        for ending, value, dtype in (
            ("quantized", np.round(values / sizes), "int8"),
            ("scale", sizes, "float32"),
        ):
            made[ending] = layer.add_weight(
                name=f"{name}_{ending}", shape=value.shape, dtype=dtype, trainable=False, autocast=False
            )
            made[ending].assign(value.astype(dtype))
        for variable in old.variables():
            layer._untrack_variable(variable)
        return cls(made["quantized"], made["scale"], old.output_axes)

    @property
    def value(self):
        return ops.multiply(ops.cast(self.variable.value, "float32"), self.scale.value)

    @property
    def shown(self):
        return self.value

    def variables(self):
        return [self.variable, self.scale]

    def save(self):
        return {"{}": self.variable, "{}_scale": self.scale}

    def load(self, values):
        self.variable.assign(values["{}"])
        self.scale.assign(values["{}_scale"])


CASES = {
    "Dense": (lambda: Dense(4, activation="tanh"), (2, 3), "float32", (1, 4)),
    "EinsumDense": (
        lambda: EinsumDense("abc,cde->abde", (None, 4, 2), bias_axes="de"),
        (2, 2, 3),
        "float32",
        (1, 4, 2),
    ),
    "Embedding": (lambda: Embedding(5, 4), (2, 3), "int32", (1, 4)),
    "Conv2D": (lambda: Conv2D(4, 2), (1, 4, 4, 3), "float32", (1, 1, 1, 4)),
}


def _inputs(shape, dtype):
    return ops.convert_to_tensor((np.arange(np.prod(shape)) % 5).reshape(shape).astype(dtype))


@pytest.mark.parametrize("case", CASES)
def test_a_scheme_in_one_class_serves_every_layer(case):
    make, shape, dtype, scales = CASES[case]
    layer, x = make(), _inputs(shape, dtype)
    before = ops.convert_to_numpy(layer(x))
    layer._adapt(AxisScaled)
    after = ops.convert_to_numpy(layer(x))
    assert layer._weight.scale.shape == scales
    np.testing.assert_allclose(after, before, atol=0.1)
    assert not np.array_equal(after, before)
    assert [v.name for v in layer.trainable_weights] == list(layer.other_names)
    store = {}
    layer.save_own_variables(store)
    twin = make()
    twin(x)
    twin._adapt(AxisScaled)
    twin.load_own_variables({k: np.asarray(ops.convert_to_numpy(v.value)) for k, v in store.items()})
    np.testing.assert_array_equal(ops.convert_to_numpy(twin(x)), after)
    assert [v.name for v in store.values()] == [
        f"{layer.kernel_name}_quantized",
        *layer.other_names,
        f"{layer.kernel_name}_scale",
    ]


@pytest.mark.parametrize("case", CASES)
def test_lora_adapts_what_another_scheme_made(case):
    make, shape, dtype, _ = CASES[case]
    layer, x = make(), _inputs(shape, dtype)
    layer(x)
    layer._adapt(AxisScaled)
    before = ops.convert_to_numpy(layer(x))
    layer.enable_lora(2)
    assert isinstance(layer._weight, LoraKernel) and len(layer._weight.variables()) == 4
    np.testing.assert_allclose(ops.convert_to_numpy(layer(x)), before, rtol=1e-5, atol=1e-5)


def test_a_kernel_says_which_axes_are_outputs():
    layer = EinsumDense("abc,dce->abde", (None, 4, 2))
    layer.build((None, 2, 3))
    assert layer._weight.output_axes == (0, 2)
    with pytest.raises(ValueError, match="'d' must be built before its `kernel` can be adapted"):
        Dense(1, name="d")._adapt(AxisScaled)
    with pytest.raises(NotImplementedError, match="Kernel is what a layer starts with"):
        layer._adapt(Kernel)


DENSE = {
    "dense": (Dense, (3,), {}, (2, 4)),
    "dense_of_rank_3": (Dense, (3,), {}, (2, 5, 4)),
    "einsum": (EinsumDense, ("abc,cd->abd", (None, 3)), {"bias_axes": "d"}, (2, 5, 4)),
    "einsum_of_two_axes": (EinsumDense, ("abcd,cde->abe", (None, 3)), {"bias_axes": "e"}, (2, 2, 5, 4)),
}


@pytest.mark.parametrize("bias", [None, (1, 3), (2, 1, 1)], ids=["none", "row", "column"])
@pytest.mark.parametrize("case", DENSE)
def test_a_subclass_may_set_another_bias(case, bias):
    cls, args, options, shape = DENSE[case]

    class Other(cls):
        def build(self, input_shape):
            super().build(input_shape)
            self.bias = bias and self.add_weight(shape=bias, initializer="ones", name="other")

    layer, x = Other(*args, kernel_initializer="ones", **options), np.ones(shape, "float32")
    layer.build(shape)
    product = np.tensordot(x, np.ones(layer.kernel.shape), len(layer.kernel.shape) - 1)
    np.testing.assert_allclose(
        ops.convert_to_numpy(layer(x)), product + (0 if bias is None else np.ones(bias))
    )


@pytest.mark.parametrize("case", DENSE)
def test_a_bias_may_be_taken_away(case):
    cls, args, options, shape = DENSE[case]
    layer, x = cls(*args, bias_initializer="ones", **options), _inputs(shape, "float32")
    before = ops.convert_to_numpy(layer(x))
    layer.bias = None
    np.testing.assert_allclose(ops.convert_to_numpy(layer(x)), before - 1, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("case", DENSE)
def test_a_bias_costs_no_precision(case):
    cls, args, options, shape = DENSE[case]
    layer = cls(*args, dtype="float64", bias_initializer="normal", **options)
    x = _inputs(shape, "float64")
    y = ops.convert_to_numpy(layer(x))
    kernel, bias = (ops.convert_to_numpy(v) for v in layer.weights)
    expected = np.tensordot(ops.convert_to_numpy(x), kernel, kernel.ndim - 1) + bias
    wide = active().traits.keeps_width or active().precision() != "narrow"
    assert y.dtype == ("float64" if wide else "float32")
    tolerance = 1e-12 if wide else 1e-5
    np.testing.assert_allclose(y, expected, rtol=tolerance, atol=tolerance)
