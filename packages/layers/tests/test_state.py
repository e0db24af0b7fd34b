"""Weights, `trainable`, losses, configs and saved state of layers."""

import copy
import gc
import pickle
import threading
import weakref

import numpy as np
import pytest
from keras_backends.dtypes import standardize_dtype
from keras_layers import regularizers
from keras_layers.convolutional.conv import Conv2D
from keras_layers.core.dense import Dense
from keras_layers.core.einsum_dense import EinsumDense
from keras_layers.core.embedding import Embedding
from keras_layers.core.lambda_layer import Lambda
from keras_layers.core.wrapper import Wrapper
from keras_layers.layer import Layer
from keras_layers.normalization.batch_normalization import BatchNormalization
from keras_layers.serialization import deserialize, serialize
from keras_ops import ops
from keras_ops.policies import DTypePolicy, DTypePolicyMap
from keras_ops.registry import register_keras_serializable
from keras_ops.state import StatelessScope
from keras_ops.variable import Variable


def _built(units=2, **kwargs):
    layer = Dense(units, **kwargs)
    layer.build((None, 3))
    return layer


def test_set_weights_says_what_does_not_fit():
    layer = _built(name="d")
    with pytest.raises(ValueError, match=r"Layer 'd' has 2 weights.*'d/kernel'.*received 1"):
        layer.set_weights([np.ones((3, 2))])
    with pytest.raises(ValueError, match=r"'d/bias' has shape \(2,\).*received a value of shape \(3,\)"):
        layer.set_weights([np.ones((3, 2)), np.ones(3)])
    with pytest.raises(ValueError, match="not built yet"):
        Dense(2).set_weights([np.ones(1)])


def test_count_params_needs_a_built_layer():
    assert _built().count_params() == 8
    with pytest.raises(ValueError, match="is not built"):
        Dense(2).count_params()


def test_trainable_is_passed_down_and_empties_the_list():
    class Net(Layer):
        def __init__(self):
            super().__init__()
            self.inner = _built()

    net = Net()
    net.trainable = False
    assert not net.inner.trainable and net.trainable_weights == [] and len(net.non_trainable_weights) == 2
    net.trainable = True
    assert len(net.trainable_weights) == 2
    net.inner.trainable = False
    assert net.trainable_weights == []


def test_frozen_from_the_start():
    layer = _built(trainable=False)
    assert [v.trainable for v in layer.weights] == [False, False]


def test_add_weight_defaults_and_options():
    layer = Layer(name="l")
    w = layer.add_weight(shape=(2, 2), name="w", regularizer="l2", constraint="non_neg", aggregation="mean")
    count = layer.add_weight(dtype="int32", trainable=False, name="count")
    assert w.path == "l/w" and w.regularizer.l2 == 0.01 and w.aggregation == "mean"
    assert type(w.constraint).__name__ == "NonNeg"
    assert count.shape == () and count.numpy() == 0
    assert layer.add_weight((3,)).shape == (3,) and layer.add_weight("n").name == "n"
    with pytest.raises(ValueError, match="by keyword"):
        layer.add_weight("n", (3,))
    with pytest.raises(ValueError, match="all sizes must be known"):
        layer.add_weight(shape=(None,))


def test_losses_come_once_per_call_and_weight_decay_on_reading():
    class Penalty(Layer):
        def call(self, x):
            self.add_loss(ops.sum(x))
            return x

    class Net(Layer):
        def __init__(self):
            super().__init__()
            self.penalty = Penalty()
            self.dense = Dense(1, kernel_initializer="ones", kernel_regularizer=regularizers.L2(0.5))

        def call(self, x):
            return self.dense(self.penalty(x))

    net = Net()
    for _ in range(3):
        net(ops.ones((2, 2)))
        assert [float(loss) for loss in net.losses] == [4.0, 1.0]
    net.dense.kernel.assign(ops.full((2, 1), 2.0))
    assert [float(loss) for loss in net.losses] == [4.0, 4.0]
    net.dense.trainable = False
    assert len(net.losses) == 1
    with pytest.raises(ValueError, match="add_loss expects scalar tensors"):
        net.add_loss("x")


def test_losses_of_a_stateless_scope_are_its_own():
    layer = _built(activity_regularizer="l1")
    x = ops.ones((2, 3))
    trainable = [v.value for v in layer.trainable_variables]
    _, _, losses = layer.stateless_call(trainable, [], x, return_losses=True)
    assert len(losses) == 1 and layer.losses == []
    with StatelessScope(collect_losses=True) as scope:
        layer(x)
        assert len(scope.losses) == len(layer.losses) == 1


class Sometimes(Layer):
    """Adds a loss in training only."""

    def call(self, x, training=False):
        if training:
            self.add_loss(ops.sum(x))
        return x


class Around(Layer):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def call(self, x):
        return self.inner(x)


def test_losses_of_the_last_call_only():
    block = Around(Sometimes())
    net, x = Around(block), ops.ones((2,))
    net(x, training=True)
    assert [float(loss) for loss in net.losses] == [2.0] == [float(loss) for loss in block.inner.losses]
    block(x)
    assert block.losses == []
    net(x)
    assert net.losses == []
    for _ in range(2):
        block.inner(x, training=True)
        assert len(block.inner.losses) == 1
    net.add_loss(ops.ones(()))
    net.add_loss(ops.ones(()))
    assert len(net.losses) == 3
    net(x)
    assert net.losses == []


def test_losses_of_an_earlier_call_of_a_part_are_gone_for_all_around_it():
    part = Around(Sometimes())
    whole, x = Around(Around(part)), ops.ones((2,))
    for _ in range(2):
        part(x, training=True)
        assert len(part.losses) == len(whole.inner.losses) == len(whole.losses) == 1
        part(x)
        assert part.losses == whole.inner.losses == whole.losses == []
    whole(x, training=True)
    part(x)
    assert part.losses == [] and len(whole.losses) == 1, "the last call of the whole added one"
    whole(x)
    assert whole.losses == []


def test_losses_of_a_shared_layer_count_by_each_way_to_it():
    shared, x = Sometimes(), ops.ones((2,))

    class Either(Layer):
        def __init__(self):
            super().__init__()
            self.inner = shared

        def call(self, x, calls=True):
            return self.inner(x, training=True) if calls else x

    class Both(Layer):
        def __init__(self):
            super().__init__()
            self.first, self.second = Either(), Either()

        def call(self, x):
            return self.first(x) + self.second(x)

    for second in (False, True):
        whole = Both()
        parts = (whole.first, whole.second)
        parts[second](x)
        parts[not second](x, calls=False)
        assert [len(layer.losses) for layer in (whole, parts[second], parts[not second])] == [1, 1, 0]


def test_every_thread_sees_the_losses_of_its_own_calls():
    net, x = Around(Sometimes()), ops.ones((2,))
    net(x, training=True)
    serving = threading.Thread(target=lambda: [net(x, training=flag) for flag in (True, False)])
    serving.start()
    serving.join()
    assert [float(loss) for loss in net.losses] == [2.0]


def test_a_thread_that_called_nothing_sees_the_losses_of_the_last_call():
    net, x = Around(Sometimes()), ops.ones((2,))
    for scale in (1.0, 3.0):
        serving = threading.Thread(target=lambda scale=scale: net(x * scale, training=True))
        serving.start()
        serving.join()
    assert [float(loss) for loss in net.losses] == [6.0]


def test_a_lossy_layer_costs_other_layers_nothing(monkeypatch):
    lossy, other, x = Sometimes(), Around(_built()), ops.ones((2, 3))
    other(x)
    lossy(x, training=True)
    monkeypatch.setattr(Layer, "_flatten_layers", None)
    for again in (x, Variable(x)):  # by the fast path, and through the stages
        other(again)


def test_a_layer_with_losses_can_be_copied():
    layer = Sometimes()
    layer(Variable([1.0, 2.0]), training=True)
    assert len(layer.losses) == 1 and copy.deepcopy(layer).losses == []


def test_activity_penalty_is_per_sample():
    layer = Dense(1, kernel_initializer="ones", activity_regularizer=regularizers.L1(1.0))
    layer(ops.ones((4, 2)))
    assert float(layer.losses[0]) == 2.0


# LoRA


@pytest.mark.parametrize(
    ("layer", "shape", "dtype"),
    [
        (Dense(4, lora_rank=2, lora_alpha=4), (2, 3), "float32"),
        (EinsumDense("abc,cd->abd", (None, 4), bias_axes="d", lora_rank=2), (2, 2, 3), "float32"),
        (Embedding(5, 4, lora_rank=2), (2, 3), "int32"),
        (Conv2D(4, 2, lora_rank=2), (1, 4, 4, 3), "float32"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Layer) else None,
)
def test_lora_factors_are_merged_when_saved(layer, shape, dtype):
    x = ops.ones(shape, dtype=dtype)
    before = ops.convert_to_numpy(layer(x))
    name = layer.kernel_name
    factors = [getattr(layer, f"lora_{name}_{which}") for which in "ab"]
    assert not layer._weight.variable.trainable and all(v.trainable for v in factors)
    for factor in factors:
        factor.assign(ops.full(factor.shape, 0.5))
    after = ops.convert_to_numpy(layer(x))
    assert not np.allclose(before, after)
    store = {}
    layer.save_own_variables(store)
    plain = type(layer).from_config({k: v for k, v in layer.get_config().items() if "lora" not in k})
    plain(x)
    plain.load_own_variables({k: np.asarray(ops.convert_to_numpy(v)) for k, v in store.items()})
    np.testing.assert_allclose(ops.convert_to_numpy(plain(x)), after, rtol=1e-4, atol=1e-5)
    layer.load_own_variables({k: np.asarray(ops.convert_to_numpy(v)) for k, v in store.items()})
    np.testing.assert_allclose(ops.convert_to_numpy(layer(x)), after, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("copied", [False, True])
def test_lora_freezes_the_kernel_for_good(copied):
    layer = _built(trainable=False)
    layer.enable_lora(2)
    layer = copy.deepcopy(layer) if copied else layer
    for value in (True, False, True):
        layer.trainable = value
        assert not layer._kernel.trainable
    assert [v.name for v in layer.trainable_weights] == ["bias", "lora_kernel_a", "lora_kernel_b"]
    assert [v.name for v in layer.weights] == ["kernel", "bias", "lora_kernel_a", "lora_kernel_b"]


def test_lora_scale_and_errors():
    layer = _built(name="d")
    layer.enable_lora(2, lora_alpha=6)
    assert layer._weight.scale == 3.0 and layer.get_config()["lora_alpha"] == 6
    with pytest.raises(ValueError, match="enabled already"):
        layer.enable_lora(2)
    with pytest.raises(ValueError, match="must be built"):
        Dense(2).enable_lora(2)
    with pytest.raises(ValueError, match="constraint"):
        _built(kernel_constraint="non_neg").enable_lora(1)


def test_a_layer_without_a_kernel_can_not_be_quantized():
    with pytest.raises(NotImplementedError, match="received mode='int8', available modes: none"):
        Layer(name="plain").quantize("int8")


# Configs


@register_keras_serializable("layer_tests")
class Scale(Layer):
    def __init__(self, factor, axes=(1, 2), **kwargs):
        super().__init__(**kwargs)
        self.factor = factor
        self.axes = axes

    def call(self, x):
        return x * self.factor


def test_configs_write_themselves():
    layer = Scale(2.0, name="s", dtype="mixed_bfloat16")
    config = layer.get_config()
    assert config["factor"] == 2.0 and config["axes"] == (1, 2) and config["name"] == "s"
    again = deserialize(serialize(layer))
    assert isinstance(again, Scale) and again.compute_dtype == "bfloat16" and again.axes == (1, 2)


def test_wrapper_saves_the_layer_inside():
    wrapper = Wrapper(Dense(3, name="inner"), name="w")
    again = deserialize(serialize(wrapper))
    assert again.layer.units == 3 and again.layer.name == "inner"
    wrapper.build((None, 2))
    assert [v.path for v in wrapper.weights] == ["w/inner/kernel", "w/inner/bias"]
    with pytest.raises(ValueError, match=r"Wrapper: `layer` must be a keras.Layer"):
        Wrapper("x")


def test_policies_by_path():
    policies = DTypePolicyMap("float32", {"net/inner": DTypePolicy("mixed_bfloat16")})

    class Net(Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.inner = Dense(1, name="inner", dtype=self._dtype_policy)

        def call(self, x):
            return self.inner(x)

    net = Net(name="net", dtype=policies)
    net(ops.ones((1, 2)))
    assert net.compute_dtype == "float32" and net.inner.compute_dtype == "bfloat16"
    policies = net._dtype_policy
    for name in ("float32", "mixed_bfloat16", "float32"):
        del policies["net/inner"]
        policies["net/inner"] = DTypePolicy(name)
        for _ in range(2):
            assert standardize_dtype(net(ops.ones((1, 2))).dtype) == net.inner.compute_dtype
    again = copy.deepcopy(policies)
    assert again == policies and pickle.loads(pickle.dumps(policies)) == policies
    again["other"] = DTypePolicy("float32")


def double(x):
    return x * 2.0


def test_lambda_refuses_code_from_files():
    config = None
    with pytest.warns(UserWarning, match="lambda"):
        config = serialize(Lambda(lambda x: x + 1.0))
    with pytest.raises(ValueError, match="safe_mode=False"):
        deserialize(config)
    assert float(Lambda.from_config(config["config"], safe_mode=False)(ops.ones((1,)))[0]) == 2.0


def test_lambda_saves_registered_functions():
    register_keras_serializable("layer_tests")(double)
    layer = Lambda(double, output_shape=(3,), name="twice")
    again = deserialize(serialize(layer))
    assert again.function is double and again.compute_output_shape((None, 3)) == (None, 3)


def test_load_own_variables_says_what_does_not_fit():
    layer = _built(name="d")
    with pytest.raises(ValueError, match="Layer 'd' expected 2 variables, received 1"):
        layer.load_own_variables({"0": np.ones((3, 2))})
    with pytest.raises(ValueError, match="never built"):
        Dense(2).load_own_variables({"0": np.ones(1)})


# BatchNormalization


def test_frozen_batch_normalization_uses_and_keeps_its_averages():
    layer = BatchNormalization(momentum=0.5)
    x = ops.convert_to_tensor(np.array([[1.0], [3.0]], "float32"))
    layer(x, training=True)
    assert float(layer.moving_mean.value[0]) == 1.0
    layer.trainable = False
    before = layer.get_weights()
    layer(x, training=True)
    for old, new in zip(before, layer.get_weights()):
        np.testing.assert_array_equal(old, new)


def test_masked_steps_do_not_count_in_batch_normalization():
    layer = BatchNormalization(momentum=0.0)
    x = ops.convert_to_tensor(np.array([[[1.0], [3.0], [99.0]]], "float32"))
    layer(x, training=True, mask=ops.convert_to_tensor(np.array([[True, True, False]])))
    assert abs(float(layer.moving_mean.value[0]) - 2.0) < 1e-5


def test_a_refused_child_leaves_the_old_one():
    layer = Layer()
    layer.inner = old = Dense(2)
    layer._tracker.lock("no more {what}")
    with pytest.raises(ValueError, match="no more"):
        layer.inner = Dense(3)
    assert layer.inner is old and layer._layers == [old]


def test_a_child_leaves_when_its_last_name_goes():
    layer = Layer()
    layer.items = []
    layer.items += [Dense(2)]
    layer.items.pop()
    assert layer._layers == []
    layer.a = layer.b = Dense(2)
    layer.a = layer.a
    twin = copy.deepcopy(layer)
    twin.a = None
    assert twin._layers == [twin.b]
    twin.b = None
    assert twin._layers == []


def test_losses_follow_regularizers_and_what_is_frozen():
    """What `losses` asks is looked for again when something changes."""

    class Stack(Layer):
        def __init__(self):
            super().__init__()
            self.parts = [Dense(1, kernel_initializer="ones", use_bias=False)]

        def call(self, x):
            for part in self.parts:
                x = part(x)
            return x

    def losses():
        stack(ops.ones((1, 2)))
        return [float(ops.convert_to_numpy(x)) for x in stack.losses]

    stack = Stack()
    assert losses() == []
    kernel = stack.parts[0].kernel
    kernel.regularizer = regularizers.L1(1.0)
    assert losses() == [2.0]
    stack.parts[0].trainable = False
    assert losses() == []
    stack.trainable = True
    kernel.regularizer = None
    assert losses() == []
    stack.parts[0].activity_regularizer = regularizers.L1(1.0)
    assert losses() == [2.0]


def test_what_looks_for_losses_keeps_no_weight_that_a_layer_gave_up():
    layer = Dense(1, kernel_regularizer="l2")
    layer(ops.ones((1, 2)))
    assert len(layer.losses) == 1
    kernel = weakref.ref(layer.kernel)
    layer.quantize("int8")
    gc.collect()
    assert kernel() is None
