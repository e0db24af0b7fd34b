"""What the selected framework sees of a layer, where layers inherit from it."""

import pytest
from keras_backends.selection import active
from keras_layers.core.dense import Dense
from keras_layers.layer import Layer
from keras_layers.regularization.dropout import Dropout
from keras_ops import ops


class Net(Layer):
    def __init__(self):
        super().__init__()
        self.blocks = [Dense(3), Dense(2)]
        self.again = self.blocks[0]
        self.drop = Dropout(0.5)

    def call(self, x):
        for block in self.blocks:
            x = block(x)
        return self.drop(x)


@pytest.fixture
def net():
    net = Net()
    net(ops.ones((2, 3)))
    return net


def _modules():
    mixin = active().layer_mixin
    if not hasattr(mixin, "named_parameters"):
        pytest.skip("layers of this backend are no modules")


def test_parameters_are_seen_once(net):
    _modules()
    named = dict(net.named_parameters())
    assert len([p for p in named.values() if p.requires_grad]) == 4
    assert len({id(p) for p in named.values()}) == len(named)
    assert set(net.torch_params) == {v.path for v in net.variables}
    assert {id(v._storage) for v in net.weights} <= {id(p) for p in named.values()}


def test_a_layer_works_inside_a_foreign_module(net):
    _modules()
    parameter_owner = type(net).__mro__[-2]
    module_class = next(c for c in type(net).__mro__ if c.__name__ == "Module")

    class Outer(module_class):
        def __init__(self):
            super().__init__()
            self.net = net

        def forward(self, x):
            return self.net(x)

    outer = Outer()
    assert parameter_owner is not None
    assert len([p for p in outer.parameters() if p.requires_grad]) == 4
    assert tuple(outer(ops.ones((2, 3))).shape) == (2, 2)


def test_foreign_modules_inside_a_layer_are_children():
    _modules()
    module_class = next(c for c in Dense.__mro__ if c.__name__ == "Module")

    class Holder(Layer):
        def __init__(self):
            super().__init__()
            self.inner = module_class()

    assert any(m is not holder for holder in [Holder()] for m in holder.modules())
