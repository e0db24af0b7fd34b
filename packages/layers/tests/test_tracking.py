"""What is assigned to a layer is tracked: alone, in lists, tuples, dicts, and after changes."""

import copy
import operator
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


def _delete(key):
    return lambda items: items.__delitem__(key)


def _assign(key, *values):
    """Assigns a value, or several to a slice."""
    return lambda items: items.__setitem__(key, list(values) if isinstance(key, slice) else values[0])


P, Q, R, S = (Dense(1, name=name) for name in "pqrs")
FULL = {list: [P, Q, Q, 1], dict: {"p": P, "q": Q, "r": None}, set: {P, Q, 1}}
MUTATORS = {
    list: {
        "append": lambda x: x.append(R),
        "append_list": lambda x: x.append([R]),
        "insert": lambda x: x.insert(0, R),
        "extend": lambda x: x.extend(iter([R, P])),
        "iadd": lambda x: operator.iadd(x, (R,)),
        "imul": lambda x: operator.imul(x, 2),
        "imul_0": lambda x: operator.imul(x, 0),
        "set": _assign(-1, R),
        "set_item": _assign(0, R),
        "set_same": _assign(0, P),
        "set_slice": _assign(slice(0, 1), R, S),
        "set_step": _assign(slice(0, 3, 2), R, S),
        "set_misfit": _assign(slice(0, 3, 2), R),
        "set_all": lambda x: operator.setitem(x, slice(None), x),
        "delete": _delete(0),
        "delete_slice": _delete(slice(0, 2)),
        "delete_step": _delete(slice(None, None, 2)),
        "remove": lambda x: x.remove(Q),
        "remove_absent": lambda x: x.remove(R),
        "pop": lambda x: x.pop(),
        "pop_first": lambda x: x.pop(0),
        "clear": lambda x: x.clear(),
        "reverse": lambda x: x.reverse(),
        "sort": lambda x: x.sort(key=id),
    },
    dict: {
        "set": _assign("s", S),
        "set_over": _assign("p", S),
        "set_same": _assign("p", P),
        "update": lambda x: x.update({"p": R}, s=S),
        "update_pairs": lambda x: x.update([("q", R)]),
        "ior": lambda x: operator.ior(x, {"q": R, "s": [S]}),
        "ior_pairs": lambda x: operator.ior(x, [("q", R)]),
        "setdefault": lambda x: x.setdefault("s", S),
        "setdefault_held": lambda x: x.setdefault("p", S),
        "delete": _delete("p"),
        "pop": lambda x: x.pop("q"),
        "pop_absent": lambda x: x.pop("s", S),
        "popitem": lambda x: (x.popitem(), x.popitem()),
        "clear": lambda x: x.clear(),
    },
    set: {
        "add": lambda x: x.add(R),
        "add_held": lambda x: x.add(P),
        "update": lambda x: x.update([R], {P, S}),
        "ior": lambda x: operator.ior(x, {P, R}),
        "remove": lambda x: x.remove(P),
        "discard": lambda x: (x.discard(P), x.discard(R)),
        "pop": lambda x: [x.pop() for _ in FULL[set]],
        "clear": lambda x: x.clear(),
        "difference_update": lambda x: x.difference_update([P], [R]),
        "isub": lambda x: operator.isub(x, {P}),
        "intersection_update": lambda x: x.intersection_update([P, R], [P]),
        "iand": lambda x: operator.iand(x, {P, R}),
        "symmetric_difference_update": lambda x: x.symmetric_difference_update([P, R]),
        "ixor": lambda x: operator.ixor(x, {P, R}),
        "ior_list": lambda x: operator.ior(x, [R]),
    },
}


def _check_tracking(holder):
    """Checks that the layers of `holder` are those in its container, and that they go with their last place."""
    items = holder.items
    held = tree.flatten(list(items.values() if isinstance(items, dict) else items))
    layers = {id(x) for x in held if isinstance(x, Layer)}
    assert {id(x) for x in holder._layers} == layers and len(holder._layers) == len(layers)
    holder.items = None
    assert holder._layers == []


@pytest.mark.parametrize("kind, name", [(kind, name) for kind in MUTATORS for name in MUTATORS[kind]])
def test_every_change_of_a_container_is_tracked(kind, name):
    holder, plain, change = Holder(), kind(FULL[kind]), MUTATORS[kind][name]
    holder.items = kind(FULL[kind])
    tracked = holder.items
    failure = None
    try:
        change(plain)
    except (TypeError, ValueError) as error:
        failure = type(error)
    if failure is None:
        change(tracked)
    else:
        with pytest.raises(failure):
            change(tracked)
    assert tracked == plain and type(holder.items) is type(tracked)
    _check_tracking(holder)


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


DUPLICATES = {"deepcopy": copy.deepcopy, "pickle": lambda x: pickle.loads(pickle.dumps(x))}
by_duplicate = pytest.mark.parametrize("duplicate", DUPLICATES.values(), ids=DUPLICATES)


@by_duplicate
def test_copies_have_weights_of_their_own(duplicate):
    layer = Dense(2)
    x = ops.ones((1, 3))
    expected = ops.convert_to_numpy(layer(x))
    twin = duplicate(layer)
    layer.kernel.assign(layer.kernel.value + 1.0)
    np.testing.assert_allclose(ops.convert_to_numpy(twin(x)), expected, rtol=1e-6)
    twin.extra = "x"
    assert len(twin.weights) == 2


@by_duplicate
def test_containers_of_a_copy_are_tracked_by_the_copy(duplicate):
    layer = Holder()
    layer.items = [Dense(1), {"inner": Dense(1)}, ({Dense(1)},)]
    twin = duplicate(layer)
    first, table, (bag,) = twin.items
    assert len(twin._layers) == 3
    twin.items.append(Dense(1))
    table["inner"] = replacement = Dense(1)
    bag.pop()
    del twin.items[0]
    assert first not in twin._layers
    assert twin._layers == [twin.items[-1], replacement]
    assert len(layer._layers) == 3


@by_duplicate
@pytest.mark.parametrize("kind", FULL)
def test_a_copy_of_a_container_alone_is_of_no_layer(kind, duplicate):
    holder = Holder()
    holder.items, holder.other = kind([]), Dense(1)
    twin = duplicate(holder.items)
    assert type(twin) is type(holder.items) and twin.tracker is None
    assert copy.copy(holder.items).tracker is None
    assert holder.items.copy() == twin
