"""`TorchModuleWrapper`: weights shared with the module, its modes, shapes, files; refusals elsewhere."""

import copy
import json

import numpy as np
import pytest
from keras_backends.selection import active
from keras_layers import Dense, Layer
from keras_layers.bridges.torch_module_wrapper import TorchModuleWrapper
from keras_ops import ops
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_ops.tensor import KerasTensor

HERE = "torch" in active().foreign
here = pytest.mark.skipif(not HERE, reason="runs on the torch backend only")
torch = pytest.importorskip("torch") if HERE else None


class Block(torch.nn.Module if HERE else object):
    """Has parameters, buffers of two kinds, a tied parameter and a choice of outputs."""

    def __init__(self):
        super().__init__()
        self.dense = torch.nn.Linear(3, 4)
        self.tied = self.dense
        self.norm = torch.nn.BatchNorm1d(4)
        self.register_buffer("scratch", torch.zeros(2), persistent=False)

    def forward(self, x, scale=1.0, pair=False):
        y = self.norm(self.dense(x)) * scale
        return {"y": y, "x": x} if pair else y


def _x(*shape):
    return ops.convert_to_tensor(np.random.default_rng(3).normal(size=shape or (5, 3)).astype("float32"))


@pytest.mark.skipif(HERE, reason="is about the other backends")
def test_other_backends_say_which_one_is_needed():
    with pytest.raises(RuntimeError, match="torch backend, the backend in use is"):
        TorchModuleWrapper(object())


@here
def test_what_is_no_module_is_refused():
    with pytest.raises(ValueError, match="must be a torch"):
        TorchModuleWrapper(lambda x: x)


@here
def test_weights_are_those_of_the_module():
    module = Block()
    layer = TorchModuleWrapper(module, name="block")
    assert layer.built
    assert [v.path for v in layer.trainable_weights] == [
        "dense.weight", "dense.bias", "norm.weight", "norm.bias",
    ]  # fmt: skip
    assert [v.path for v in layer.non_trainable_weights] == [
        "norm.running_mean", "norm.running_var", "norm.num_batches_tracked",
    ]  # fmt: skip
    assert len(list(layer.named_parameters())) == len(list(layer.parameters())) == 4
    layer.trainable_weights[1].assign([1.0, 2.0, 3.0, 4.0])
    assert module.dense.bias.tolist() == [1.0, 2.0, 3.0, 4.0]
    with torch.no_grad():
        module.dense.weight.zero_()
    assert not layer.trainable_weights[0].numpy().any()
    layer.trainable = False
    assert not layer.trainable_weights and len(layer.non_trainable_weights) == 7


@here
def test_training_puts_the_module_in_its_mode():
    layer = TorchModuleWrapper(Block())
    x = _x()
    mean, _, count = layer.non_trainable_weights
    layer(x, training=False)
    assert not layer.module.training and count.numpy() == 0
    held = mean.numpy()
    layer(x, training=True)
    assert layer.module.training and count.numpy() == 1 and not held.any() and mean.numpy().any()
    layer.module.eval()
    layer(x)
    assert count.numpy() == 1


@here
def test_buffers_that_the_module_replaces_are_followed():
    layer = TorchModuleWrapper(Block())
    layer.module.norm.running_mean = torch.ones(4)
    layer(_x(), training=False)
    assert layer.non_trainable_weights[0].numpy().tolist() == [1.0] * 4


@here
def test_parameters_that_are_replaced_are_followed():
    layer = TorchModuleWrapper(Block())
    layer.module.dense.bias = torch.nn.Parameter(torch.ones(4))
    layer(_x())
    assert layer.trainable_weights[1].numpy().tolist() == [1.0] * 4


class Counter(torch.nn.Module if HERE else object):
    def __init__(self):
        super().__init__()
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))
        self.register_buffer("mean", torch.zeros(3))

    def forward(self, x):
        self.calls += 1
        self.mean = 0.5 * self.mean + x.mean(0)
        return x


@here
def test_buffers_stay_buffers_whatever_the_module_does_with_them():
    layer = TorchModuleWrapper(Counter())
    x = torch.ones(2, 3)
    others = [v.value.clone() for v in layer.non_trainable_variables]
    _, others = layer.stateless_call([], others, x)
    _, others = layer.stateless_call([], others, x)
    assert int(others[0]) == 2 and others[1].tolist() == [1.5] * 3 and not layer.module.calls
    layer(x)
    layer(x)
    assert [v.numpy().tolist() for v in layer.weights] == [2, [1.5] * 3]
    assert not list(layer.parameters()) and [key for key, _ in layer.module.named_buffers()] == [
        "calls",
        "mean",
    ]


@here
@pytest.mark.filterwarnings("ignore:.torch.jit")
def test_modules_of_torchscript_run():
    module = torch.jit.script(torch.nn.Sequential(torch.nn.Linear(3, 2)))
    layer = TorchModuleWrapper(module)
    assert [v.path for v in layer.trainable_weights] == ["0.weight", "0.bias"]
    np.testing.assert_array_equal(layer(_x()).detach(), module(_x()).detach())


@here
def test_a_module_that_can_not_be_pickled_says_what_to_do():
    class Local(torch.nn.Linear):
        pass

    with pytest.raises(Exception, match="pickle") as caught:
        TorchModuleWrapper(Local(3, 2), name="local").get_config()
    assert "'local': the config of the layer holds its module" in caught.value.__notes__[-1]


@here
def test_copies_are_apart_and_each_shares_with_its_module():
    layer = TorchModuleWrapper(Block())
    again = copy.deepcopy(layer)
    again.non_trainable_weights[0].assign([2.0] * 4)
    again.trainable_weights[1].assign([3.0] * 4)
    assert again.module.norm.running_mean.tolist() == [2.0] * 4
    assert again.module.dense.bias.tolist() == [3.0] * 4
    assert not layer.module.norm.running_mean.any()


@here
def test_arguments_and_structures_pass_through():
    layer = TorchModuleWrapper(Block())
    plain = layer(_x(), training=False)
    outputs = layer(_x(), scale=2.0, pair=True, training=False)
    np.testing.assert_allclose(outputs["y"].detach(), 2 * plain.detach(), rtol=1e-6)
    spec = layer(KerasTensor((None, 3)))
    assert (spec.shape, spec.dtype) == ((None, 4), "float32")
    assert layer.compute_output_shape((7, 3)) == (7, 4)
    assert layer.module.training is False and layer.non_trainable_weights[2].numpy() == 0
    assert TorchModuleWrapper(Block(), output_shape=(None, 9))(KerasTensor((None, 3))).shape == (None, 9)


@here
@pytest.mark.parametrize("symbolic", [True, False])
def test_lazy_modules_get_their_weights_in_the_first_call(symbolic):
    module = torch.nn.Sequential(torch.nn.LazyLinear(4), torch.nn.LazyBatchNorm1d())
    layer = TorchModuleWrapper(module)
    assert not layer.weights
    assert layer(KerasTensor((None, 3)) if symbolic else _x()).shape[1] == 4
    assert [v.shape for v in layer.trainable_weights] == [(4, 3), (4,), (4,), (4,)]
    assert layer.non_trainable_weights[2].numpy() == (0 if symbolic else 1)
    loaded = TorchModuleWrapper(torch.nn.Sequential(torch.nn.LazyLinear(4), torch.nn.LazyBatchNorm1d()))
    store = {}
    layer.save_own_variables(store)
    loaded.load_own_variables(store)
    assert loaded.weights[0].numpy().tolist() == layer.weights[0].numpy().tolist()


@here
def test_stateless_calls_leave_the_module_alone():
    layer = TorchModuleWrapper(Block())
    before = layer.get_weights()
    weights = [torch.zeros_like(v.value) for v in layer.trainable_variables]
    outputs, others = layer.stateless_call(
        weights, [v.value for v in layer.non_trainable_variables], _x(), training=True
    )
    assert not outputs.any() and int(others[2]) == 1
    for old, new in zip(before, layer.get_weights()):
        np.testing.assert_array_equal(old, new)


@here
def test_gradients_reach_the_module():
    layer = TorchModuleWrapper(Block())
    storages = [v._storage for v in layer.trainable_variables]
    x = _x()
    _, grads = active().gradients(lambda _: (ops.sum(layer(x, training=True) ** 3), None), storages)
    assert all(grad is not None for grad in grads) and grads[0].abs().sum() > 0


@here
def test_half_precision_runs_under_autocast():
    layer = TorchModuleWrapper(torch.nn.Linear(3, 2), dtype="mixed_bfloat16")
    assert layer(_x()).dtype == torch.bfloat16 and layer.weights[0].dtype == "float32"


@here
def test_the_module_travels_through_config_and_files():
    layer = TorchModuleWrapper(Block(), name="block", output_shape=(None, 4))
    layer(_x(), training=True)
    config = json.loads(json.dumps(serialize_keras_object(layer)))
    with pytest.raises(ValueError, match="safe_mode=False"):
        deserialize_keras_object(config)
    with pytest.raises(ValueError, match="safe_mode=False"):
        TorchModuleWrapper.from_config(layer.get_config())
    custom = {"TorchModuleWrapper": TorchModuleWrapper}
    again = deserialize_keras_object(config, custom_objects=custom, safe_mode=False)
    assert (again.name, again.output_shape) == ("block", [None, 4]) and dir(again) == dir(layer)
    store = {}
    layer.save_own_variables(store)
    assert "norm.running_mean" in store and "scratch" not in store
    fresh = TorchModuleWrapper(Block())
    fresh.load_own_variables(store)
    for other in (again, fresh):
        np.testing.assert_allclose(
            layer(_x(), training=False).detach(), other(_x(), training=False).detach(), rtol=1e-6
        )
    with pytest.raises(ValueError, match="Missing key"):
        fresh.load_own_variables({"norm.running_mean": np.zeros(4)})


@here
def test_modules_assigned_to_a_layer_are_weights_of_it():
    class Net(Layer):
        def __init__(self):
            super().__init__()
            self.first = torch.nn.Linear(3, 4)
            self.blocks = torch.nn.ModuleList([torch.nn.Linear(4, 4), torch.nn.BatchNorm1d(4)])
            self.heads = torch.nn.ModuleDict({"a": torch.nn.Linear(4, 2)})
            self.again = self.first.module

        def call(self, x):
            x = self.first(x)
            for block in self.blocks:
                x = block(x)
            return self.heads["a"](x)

    net = Net()
    assert net.again is net.first
    y = net(_x(), training=True)
    assert y.shape == (5, 2)
    assert (len(net.trainable_weights), len(net.non_trainable_weights)) == (8, 3)
    assert len(list(net.parameters())) == 8
    y.sum().backward()
    assert all(weight.value.grad is not None for weight in net.trainable_weights)


@here
def test_modules_that_are_replaced_leave_with_their_weights():
    layer = Layer()
    layer.one, layer.many = torch.nn.Linear(3, 4), [torch.nn.Linear(1, 1)]
    layer.many.append(torch.nn.Linear(1, 1, bias=False))
    assert len(layer.trainable_weights) == 5
    layer.one = torch.nn.Linear(3, 4, bias=False)
    del layer.many[0]
    assert len(layer.trainable_weights) == 2


@here
def test_a_module_around_layers_stays_as_it_is():
    dense = Dense(2)
    layer = Layer()
    layer.dense, layer.module = dense, torch.nn.Sequential(dense, torch.nn.ReLU())
    assert type(layer.module) is torch.nn.Sequential
    dense.build((None, 3))
    assert len(layer.trainable_weights) == 2
