"""What is assigned to a layer is tracked: alone, in lists, tuples, dicts, and after changes."""

import copy
import pickle

import numpy as np
import pytest
from keras_layers.core.dense import Dense
from keras_layers.layer import Layer
from keras_layers.regularization.dropout import Dropout
from keras_layers.tracking import DotNotTrackScope, no_automatic_dependency_tracking
from keras_ops import ops, tree
from keras_ops.variable import Variable


class Holder(Layer):
    """Holds whatever a test assigns."""

    def call(self, x):
        return x


class Net(Layer):
    """Layers in every kind of container."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.blocks = [Dense(3, name="a"), Dense(3, name="b")]
        self.heads = {"p": Dense(3, name="c")}
        self.grid = [[Dense(3, name="d")], (Dense(3, name="e"),)]

    def call(self, x):
        for layer in (*self.blocks, *self.heads.values(), self.grid[0][0], self.grid[1][0]):
            x = layer(x)
        return x


def test_layers_in_containers_are_found_in_the_order_of_assignment():
    net = Net(name="net")
    assert [layer.name for layer in net._layers] == ["a", "b", "c", "d", "e"]
    net(ops.ones((2, 3)))
    assert len(net.weights) == 10
    assert net.weights[0].path == "net/a/kernel"


def test_containers_stay_usable():
    holder = Holder()
    holder.items = [1, 2]
    holder.table = {"a": 1}
    assert isinstance(holder.items, list) and holder.items == [1, 2]
    assert isinstance(holder.table, dict) and holder.table == {"a": 1}
    holder.items += [3]
    holder.items[0] = 7
    holder.table.update(b=2)
    assert sorted(holder.items) == [2, 3, 7] and holder.table.pop("b") == 2
    assert tree.flatten({"x": holder.items, "y": holder.table}) == [7, 2, 3, 1]
    assert tree.map_structure(lambda v: v + 1, holder.table) == {"a": 2}


CHANGES = {
    "append": lambda items, layer: items.append(layer),
    "insert": lambda items, layer: items.insert(0, layer),
    "extend": lambda items, layer: items.extend([layer]),
    "iadd": lambda items, layer: items.__iadd__([layer]),
    "setitem": lambda items, layer: items.__setitem__(0, layer),
    "slice": lambda items, layer: items.__setitem__(slice(0, 1), [layer]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_lists_track_what_comes_later(change):
    holder, layer = Holder(), Dense(1)
    holder.items = [None]
    change(holder.items, layer)
    assert holder._layers == [layer]


REMOVALS = {
    "pop": lambda items: items.pop(),
    "remove": lambda items: items.remove(items[0]),
    "delete": lambda items: items.__delitem__(0),
    "clear": lambda items: items.clear(),
    "replace": lambda items: items.__setitem__(0, None),
}


@pytest.mark.parametrize("change", REMOVALS.values(), ids=REMOVALS)
def test_lists_forget_what_goes(change):
    holder = Holder()
    holder.items = [Dense(1)]
    change(holder.items)
    assert holder._layers == []


def test_dicts_and_sets_track_and_forget():
    holder, layer = Holder(), Dense(1)
    holder.table, holder.bag = {}, set()
    holder.table["a"] = layer
    holder.bag.add(layer)
    del holder.table["a"]
    assert holder._layers == [layer]
    holder.bag.discard(layer)
    assert holder._layers == []
    assert holder.table.setdefault("b", layer) is layer and holder._layers == [layer]


def test_replacing_and_deleting_an_attribute_untracks():
    holder, layer = Holder(), Dense(1)
    holder.one = holder.two = layer
    holder.one = None
    assert holder._layers == [layer]
    del holder.two
    assert holder._layers == []


def test_each_kind_goes_to_its_list():
    holder = Holder()
    holder.scale = Variable(np.ones(2, "float32"))
    holder.steps = Variable(np.zeros(1, "int32"), trainable=False)
    holder.drop = Dropout(0.5)
    holder.generator = holder.drop.seed_generator
    assert len(holder._trainable_variables) == len(holder._non_trainable_variables) == 1
    assert len(holder._seed_generators) == 1
    assert len(holder.weights) == 2 and len(holder.variables) == 3


def test_tracking_can_be_paused():
    holder = Holder()

    @no_automatic_dependency_tracking
    def assign():
        holder.inner = Dense(1)

    assign()
    with DotNotTrackScope():
        holder.items = [Dense(1)]
    assert holder._layers == [] and type(holder.items) is list


def test_a_built_layer_takes_no_new_state():
    class Late(Layer):
        def build(self, input_shape):
            pass

        def call(self, x):
            self.extra = Dense(1)
            return x

    with pytest.raises(ValueError, match=r"late.*built already.*layer 'dense"):
        Late(name="late")(ops.ones((1, 1)))


def test_state_before_super_init_is_tracked():
    class Early(Layer):
        def __init__(self):
            self.inner = Dense(1)
            self.items = [1]
            super().__init__()

    assert len(Early()._layers) == 1


def test_saveable_children_are_sorted_public_first():
    holder = Holder()
    holder._z = Dense(1)
    holder.b = Dense(1)
    holder.a = [Dense(1)]
    holder.plain = [1, 2]
    holder.drop = Dropout(0.1).seed_generator
    assert list(holder.saveable_children()) == ["a", "b", "plain", "_z"]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_have_weights_of_their_own(duplicate):
    layer = Dense(2)
    x = ops.ones((1, 3))
    expected = ops.convert_to_numpy(layer(x))
    twin = duplicate(layer)
    layer.kernel.assign(layer.kernel.value + 1.0)
    np.testing.assert_allclose(ops.convert_to_numpy(twin(x)), expected, rtol=1e-6)
    twin.extra = "x"
    assert len(twin.weights) == 2
