"""What normalization layers compute, and what `SpectralNormalization` does to the layer that it wraps."""

import json
from contextlib import nullcontext

import numpy as np
import pytest
from keras_backends.selection import active
from keras_layers.convolutional.conv import Conv2D
from keras_layers.core.dense import Dense
from keras_layers.core.embedding import Embedding
from keras_layers.layer import Layer
from keras_layers.normalization.batch_normalization import BatchNormalization
from keras_layers.normalization.group_normalization import GroupNormalization
from keras_layers.normalization.layer_normalization import LayerNormalization
from keras_layers.normalization.rms_normalization import RMSNormalization
from keras_layers.normalization.spectral_normalization import SpectralNormalization
from keras_layers.normalization.unit_normalization import UnitNormalization
from keras_layers.reshaping.flatten import Flatten
from keras_ops import ops
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_ops.state import StatelessScope
from keras_ops.tensor import KerasTensor

RNG = np.random.default_rng(3)
X = RNG.normal(size=(2, 5, 3, 6)).astype("float32")
WEIGHTED = (BatchNormalization, LayerNormalization, RMSNormalization)
WRAPPED = {
    "dense": (lambda: Dense(3), X[:, 0, 0]),
    "convolution": (lambda: Conv2D(4, 2), X),
    "embedding": (lambda: Embedding(5, 3), np.array([[1, 2], [4, 0]])),
}


def _close(got, expected, tolerance=1e-5):
    np.testing.assert_allclose(ops.convert_to_numpy(got), expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("axis", "groups"), [(-1, 3), (3, 6), (-1, 1), (1, 5), (-1, -1)])
def test_groups_are_normalized_one_by_one(axis, groups):
    last = np.moveaxis(X, axis, -1)
    count = last.shape[-1] if groups == -1 else groups
    parts = np.split(last, count, axis=-1)
    expected = np.concatenate(
        [
            (p - p.mean((1, 2, 3), keepdims=True)) / np.sqrt(p.var((1, 2, 3), keepdims=True) + 1e-3)
            for p in parts
        ],
        axis=-1,
    )
    layer = GroupNormalization(groups=groups, axis=axis)
    result = layer(X)
    _close(result, np.moveaxis(expected, -1, axis))
    size = X.shape[axis]
    gamma, beta = (np.arange(size, dtype="float32") + k for k in (1, 2))
    layer.set_weights([gamma, beta])
    _close(layer(X), np.moveaxis(expected * gamma + beta, -1, axis), 1e-4)


def test_groups_in_half_precision_keep_large_values():
    x = 300 * X
    result = GroupNormalization(groups=2, dtype="float16")(x)
    _close(result, ops.convert_to_numpy(GroupNormalization(groups=2)(x)), 1e-2)


@pytest.mark.parametrize("axis", [-1, 1, (1, 2), [3]])
def test_root_mean_squares(axis):
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    layer = RMSNormalization(axis=axis, epsilon=1e-4)
    layer(X)
    scale = RNG.normal(size=tuple(layer.scale.shape)).astype("float32")
    layer.set_weights([scale])
    placed = scale.reshape([n if i in axes or i - 4 in axes else 1 for i, n in enumerate(X.shape)])
    _close(layer(X), X / np.sqrt((X**2).mean(axes, keepdims=True) + 1e-4) * placed)


@pytest.mark.parametrize("cls", [LayerNormalization, RMSNormalization])
def test_axes_come_in_any_order(cls):
    layer, sorted_layer = cls(axis=(3, -3)), cls(axis=(1, -1))
    for one in (layer, sorted_layer):
        assert one(KerasTensor((None, 5, 3, 6))).shape == (None, 5, 3, 6)
    weights = [RNG.normal(size=v.shape).astype("float32") for v in layer.weights]
    assert [w.shape for w in weights] == [(6, 5)] * len(weights)
    layer.set_weights(weights)
    sorted_layer.set_weights([w.reshape(5, 6) for w in weights])
    _close(layer(X), ops.convert_to_numpy(sorted_layer(X)))


@pytest.mark.parametrize("axis", [-1, 1, (1, 3)])
def test_unit_vectors(axis):
    _close(UnitNormalization(axis)(X), X / np.sqrt((X**2).sum(axis, keepdims=True)))
    _close(UnitNormalization(axis)(np.zeros_like(X)), np.zeros_like(X))


@pytest.mark.parametrize("kind", WRAPPED)
def test_the_largest_singular_value_becomes_one(kind):
    make, x = WRAPPED[kind]
    layer = SpectralNormalization(make(), power_iterations=50)
    layer(x)
    kernel = np.random.default_rng(1).normal(size=layer.kernel.shape).astype("float32")
    layer.kernel.assign(kernel)
    before = layer(x)
    _close(layer(x), ops.convert_to_numpy(before))
    np.testing.assert_array_equal(layer.kernel.numpy(), kernel)
    result = layer(x, training=True)
    matrix = layer.kernel.numpy().reshape(-1, kernel.shape[-1])
    assert abs(np.linalg.svd(matrix, compute_uv=False)[0] - 1) < 1e-3
    _close(layer(x), ops.convert_to_numpy(result))


def test_a_kernel_of_zeros_stays():
    layer = SpectralNormalization(Dense(3, kernel_initializer="zeros"))
    _close(layer(X[:, 0, 0], training=True), np.zeros((2, 3)))
    assert np.isfinite(layer.vector_u.numpy()).all()


@pytest.mark.skipif(not active().traits.trainable, reason="needs gradients")
def test_gradients_of_a_kernel_that_is_normalized_twice():
    class Penalized(Layer):
        """A layer that adds a loss, and counts its calls."""

        def build(self, shape):
            self.kernel = self.add_weight(shape=(shape[-1], 3))
            self.calls = self.add_weight(initializer="zeros", trainable=False)

        def call(self, x):
            self.calls.assign_add(1.0)
            y = x @ self.kernel
            self.add_loss(ops.sum(ops.square(y)))
            return y

    class Twice(Layer):
        """Calls a layer on what it gave, as adversaries are called on two batches."""

        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def call(self, x):
            return self.inner(self.inner(x, training=True), training=True)

    layer, x = SpectralNormalization(Penalized()), X[:, 0, 0, :3]
    twice = Twice(layer)
    layer(x)
    kernel, vector = (RNG.normal(size=v.shape).astype("float32") for v in (layer.kernel, layer.vector_u))
    steps = []

    def normalized(kernel, vector):
        left = vector @ kernel.T
        left = left / np.linalg.norm(left)
        right = left @ kernel
        right = right / np.linalg.norm(right)
        steps.append((kernel, left, right))
        return kernel / (left @ kernel @ right.T), right

    layer.kernel.assign(kernel)
    layer.vector_u.assign(vector)
    layer.layer.calls.assign(0.0)
    functional = active().traits.functional

    def loss(values):
        with (
            StatelessScope(zip([layer.kernel], values), collect_losses=True) if functional else nullcontext()
        ):
            total = ops.sum(twice(x)) + sum(twice.losses)
            return total, [ops.copy(v.value) for v in (layer.kernel, layer.layer.calls)]

    storage = layer.kernel.value if functional else layer.kernel._storage
    (_, after), gradients = active().gradients(loss, [storage])
    after_kernel, calls = [ops.convert_to_numpy(value) for value in after]
    first, vector = normalized(kernel, vector)
    second, vector = normalized(first, vector)
    y = x @ first
    z = y @ second
    dz = 1 + 2 * z
    dy = dz @ second.T + 2 * y
    expected = 0
    for (w, left, right), gradient in zip(steps, (x.T @ dy, y.T @ dz)):
        sigma = left @ w @ right.T
        expected = expected + gradient / sigma - np.sum(gradient * w) / sigma**2 * (left.T @ right)
    np.testing.assert_allclose(ops.convert_to_numpy(gradients[0]), expected, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(after_kernel, second, rtol=1e-4, atol=1e-5)
    assert calls == 2


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_normalized_kernels_keep_the_precision_of_weights(policy):
    layer = SpectralNormalization(Dense(3, dtype=policy), dtype=policy)
    layer(X[:, 0, 0], training=True)
    kernel = layer.kernel.numpy()
    layer(X[:, 0, 0], training=True)
    assert np.any(kernel != kernel.astype("float16").astype("float32"))


def test_weights_of_the_wrapper_and_its_layer_are_one():
    layer = SpectralNormalization(Dense(3, name="inner"), name="outer")
    layer.build((None, 6))
    assert [v.path for v in layer.weights] == [
        "outer/inner/kernel", "outer/vector_u", "outer/inner/bias"
    ]  # fmt: skip
    assert layer.kernel is layer.layer.kernel and layer.count_params() == 24
    assert len(layer.trainable_weights) == 2
    store = {}
    layer.save_own_variables(store)
    assert [np.shape(store[key]) for key in sorted(store)] == [(6, 3), (1, 3)]


@pytest.mark.parametrize("mode", ["int8", "int4"])
def test_a_quantized_kernel_is_left_alone_and_saved_by_its_layer(mode):
    layer, x = SpectralNormalization(Dense(4)), X[:, 0, 0]
    layer(x, training=True)
    older = {}
    layer.save_own_variables(older)
    layer.layer.quantize(mode)
    result = layer(x, training=True)
    _close(layer(x), ops.convert_to_numpy(result))
    again = deserialize_keras_object(json.loads(json.dumps(serialize_keras_object(layer))))
    assert [v.shape for v in again.weights] == [v.shape for v in layer.weights]
    for owner, other in ((again, layer), (again.layer, layer.layer)):
        store = {}
        other.save_own_variables(store)
        owner.load_own_variables(store)
    _close(again(x), ops.convert_to_numpy(result))
    again.load_own_variables(older)
    _close(again.vector_u, older["1"].numpy())


def test_the_wrapper_from_its_config():
    layer = SpectralNormalization(Dense(3), power_iterations=2)
    layer(X[:, 0, 0], training=True)
    again = deserialize_keras_object(json.loads(json.dumps(serialize_keras_object(layer))))
    assert again.get_config() == layer.get_config()
    again.set_weights(layer.get_weights())
    _close(again(X[:, 0, 0]), ops.convert_to_numpy(layer(X[:, 0, 0])))
    assert layer.compute_output_shape((None, 6)) == (None, 3)


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: GroupNormalization(groups=4)(X), "groups"),
        (lambda: GroupNormalization(groups=0)(X), "groups"),
        (lambda: GroupNormalization(axis=0)(X), "axis"),
        (lambda: GroupNormalization(axis=4)(X), "axis"),
        *((lambda c=cls: c(axis=4)(X), f"{cls.__name__} '.*': axis 4 is out of range") for cls in WEIGHTED),
        *((lambda c=cls: c(axis=-5).build((2, 5, 3, 6)), "axis -5 is out of range") for cls in WEIGHTED),
        *((lambda c=cls: c(axis=1).build((2, None, 6)), "along axis 1 must be known") for cls in WEIGHTED),
        (lambda: SpectralNormalization("dense"), "layer"),
        (lambda: SpectralNormalization(Dense(3), power_iterations=0), "power_iterations"),
        (lambda: SpectralNormalization(Flatten())(X), "kernel"),
    ],
)
def test_errors_name_the_argument(make, argument):
    with pytest.raises(ValueError, match=argument):
        make()


@pytest.mark.parametrize("cls", [RMSNormalization, UnitNormalization])
def test_an_axis_is_a_number(cls):
    with pytest.raises(TypeError, match="axis"):
        cls(axis="last")


def test_a_batch_is_normalized_by_averages_in_inference():
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype("float32")
    for axis in (1, 3):
        layer = BatchNormalization(axis=axis)
        layer.build(x.shape)
        weights = [np.random.default_rng(i).uniform(0.5, 2, w.shape) for i, w in enumerate(layer.weights)]
        layer.set_weights(weights)
        gamma, beta, mean, variance = (w.reshape([-1 if i == axis else 1 for i in range(4)]) for w in weights)
        expected = gamma * (x - mean) / np.sqrt(variance + 1e-3) + beta
        found = ops.convert_to_numpy(layer(x, training=False))
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(layer.get_weights()[2], weights[2], rtol=1e-6)
