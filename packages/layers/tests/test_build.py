"""How layers are built: by shapes, by calls, by running `call` on shapes; names and paths."""

import copy
import pickle
import threading
import time

import numpy as np
import pytest
from keras_layers.core.dense import Dense
from keras_layers.core.input_layer import Input
from keras_layers.layer import Layer
from keras_ops import ops
from keras_ops.naming import clear_session
from keras_ops.state import StatelessScope
from keras_ops.tensor import KerasTensor
from keras_ops.variable import Variable


class Block(Layer):
    """Sublayers and no `build`."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first = Dense(4)
        self.second = Dense(2)

    def call(self, x):
        return self.second(ops.relu(self.first(x)))


@pytest.mark.parametrize(
    "build",
    [
        lambda layer: layer.build((None, 3)),
        lambda layer: layer(ops.ones((1, 3))),
        lambda layer: layer(KerasTensor((None, 3))),
        lambda layer: layer.build_from_config({"input_shape": [None, 3]}),
    ],
    ids=["shape", "call", "symbolic", "config"],
)
def test_sublayers_are_built_with_the_layer(build):
    clear_session()
    layer = Block()
    assert not layer.built
    build(layer)
    assert layer.built and layer.first.built and layer.second.built
    paths = ["block/dense/kernel", "block/dense/bias", "block/dense_1/kernel", "block/dense_1/bias"]
    assert [v.path for v in layer.weights] == paths
    for variable in layer.weights:
        np.testing.assert_array_equal(variable.numpy(), variable.numpy())
    assert layer.get_build_config()["input_shape"][1:] == (3,)


def test_a_layer_that_says_its_shape_builds_its_sublayers_in_a_symbolic_call():
    class Shaped(Block):
        runs = 0

        def call(self, x):
            self.runs += 1
            return super().call(x)

        def compute_output_shape(self, input_shape):
            return (*input_shape[:-1], 2)

    layer = Shaped()
    assert layer(KerasTensor((None, 3))).shape == (None, 2)
    assert layer.first.built and layer.second.built and len(layer.weights) == 4
    runs = layer.runs
    layer(KerasTensor((None, 3)))
    assert layer.runs == runs, "with all built, the shape alone is asked for"


def test_a_layer_that_says_its_shape_may_need_data():
    class Shaped(Numeric):
        def compute_output_shape(self, input_shape):
            return (*input_shape[:-1], 1)

    layer = Shaped()
    with pytest.warns(UserWarning, match=r"Shaped.*no `build` method"):
        assert layer(KerasTensor((None, 2))).shape == (None, 1)
    layer(ops.ones((1, 2)))
    assert layer.inner.built


def test_weights_built_inside_a_scope_are_there_after_it():
    layer = Dense(2)
    with StatelessScope():
        layer(ops.ones((1, 3)))
    first = layer.kernel.numpy()
    np.testing.assert_array_equal(first, layer.kernel.numpy())


class Numeric(Layer):
    """A `call` that runs on data only."""

    def __init__(self):
        super().__init__()
        self.inner = Dense(1)

    def call(self, x):
        if not float(ops.sum(x)) > 0:
            raise ArithmeticError("needs values")
        return self.inner(x)


def test_a_call_that_can_not_run_on_shapes_is_built_by_data():
    layer = Numeric()
    with pytest.warns(UserWarning, match=r"Numeric.*no `build` method"):
        layer.build((None, 2))
    assert not layer.inner.built
    layer(ops.ones((1, 2)))
    assert layer.inner.built


class Two(Layer):
    def build(self, query_shape, value_shape):
        self.shapes = query_shape, value_shape

    def call(self, query, value, scale=1.0):
        return query


def test_build_gets_the_shapes_of_the_arguments_by_name():
    layer = Two()
    layer(ops.ones((1, 2)), value=ops.ones((1, 3)), scale=2.0)
    assert layer.shapes == ((1, 2), (1, 3))
    assert layer.get_build_config() == {"shapes_dict": {"query_shape": (1, 2), "value_shape": (1, 3)}}
    again = Two()
    again.build_from_config(layer.get_build_config())
    assert again.shapes == layer.shapes


def test_build_parameters_without_an_argument_are_refused():
    class Odd(Layer):
        def build(self, a_shape, b_shape):
            pass

        def call(self, x, y):
            return x

    with pytest.raises(ValueError, match=r"`build\(a_shape, b_shape\)` expects \['b_shape'\]"):
        Odd()(ops.ones((1,)), ops.ones((1,)))


def test_lists_and_dicts_of_inputs_give_lists_and_dicts_of_shapes():
    class Any(Layer):
        def build(self, input_shape):
            self.shape = input_shape

        def call(self, inputs):
            return inputs

    layer = Any()
    layer([ops.ones((1, 2)), ops.ones((3,))])
    assert layer.shape == [(1, 2), (3,)]
    layer = Any()
    layer({"a": ops.ones((1, 2))})
    assert layer.shape == {"a": (1, 2)}


def test_an_unknown_size_that_a_weight_needs_is_named():
    with pytest.raises(ValueError, match=r"Dense 'd': the last axis .* known size.*\(None, None\)"):
        Dense(2, name="d")(KerasTensor((None, None)))


def test_built_follows_weights_and_build():
    class WithBuild(Layer):
        def build(self, shape):
            pass

    class Without(Layer):
        def call(self, x):
            return x

    assert Without().built and not WithBuild().built and not Block().built


def test_super_build_may_be_called_and_own_name_scopes_nest():
    class Child(Dense):
        def build(self, input_shape):
            super().build(input_shape)
            self.scale = self.add_weight(shape=(), name="scale", initializer="ones")

    layer = Child(2, name="child")
    layer.build((None, 3))
    assert [v.path for v in layer.weights] == ["child/kernel", "child/bias", "child/scale"]


@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_super_build_of_a_plain_layer_builds_and_locks_nothing(first):
    class Own(Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.inner = Dense(2)

        def build(self, input_shape):
            if first:
                super().build(input_shape)
            self.outer = Dense(1)
            self.inner.build(input_shape)
            self.outer.build((None, 2))
            self.scale = self.add_weight(shape=(), name="scale")
            if not first:
                super().build(input_shape)

        def call(self, x):
            return self.outer(self.inner(x)) * self.scale

    layer = Own()
    layer.build((None, 3))
    assert layer.built and len(layer.weights) == 5
    assert layer.get_build_config() == {"input_shape": (None, 3)}
    with pytest.raises(ValueError, match="built already"):
        layer.late = layer.add_weight(shape=())


def test_input_records_a_node():
    x = Input((3,), name="x", dtype="int32")
    assert x.shape == (None, 3) and x._keras_history.operation.name == "x"
    assert x._keras_history.operation.output is x
    for arguments in ({}, {"shape": (1,), "batch_shape": (2, 1)}, {"batch_size": 2, "batch_shape": (2, 1)}):
        with pytest.raises(ValueError, match="InputLayer: pass"):
            Input(**arguments)


def test_output_of_a_layer_called_once():
    layer = Block()
    x = Input((3,))
    y = layer(x)
    assert layer.input is x and layer.output is y
    layer(x)
    with pytest.raises(ValueError, match="2 times"):
        _ = layer.output


def test_a_second_init_is_harmless():
    layer = Dense(2, name="d")
    layer(ops.ones((1, 3)))
    layer.__init__(2, name="d")
    assert len(layer.weights) == 2


class Halfway(Layer):
    """Fails after its first weight, and after a sublayer, while it is told to."""

    def __init__(self):
        super().__init__()
        self.fails, self.inner, self.parts = True, Dense(2), []

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(2, 2), name="kernel")
        self.offset = self.add_weight(shape=(2,), trainable=False, name="offset")
        self.parts.append(Dense(2))
        self.inner.build(input_shape)
        if self.fails:
            raise RuntimeError("halfway")

    def call(self, x):
        return self.parts[0](self.inner(x)) + self.offset


@pytest.mark.parametrize("way", [lambda layer: layer.build((1, 3)), lambda layer: layer(ops.ones((1, 3)))])
def test_a_build_that_fails_leaves_the_layer_as_it_was(way):
    layer = Halfway()
    names = set(dir(layer))
    for _ in range(2):
        with pytest.raises(RuntimeError, match="halfway"):
            way(layer)
        assert not layer.built and not layer.inner.built
        assert layer.weights == layer.parts == [] and set(dir(layer)) == names
    layer.fails = False
    layer(ops.ones((1, 3)))
    assert sorted(tuple(v.shape) for v in layer.weights) == [(2,), (2,), (2,), (2, 2), (2, 2), (3, 2)]


class Slow(Layer):
    """Lets other threads run while it is built."""

    builds = 0

    def build(self, input_shape):
        self.builds += 1
        time.sleep(0.05)
        self.offset = Variable(np.ones(input_shape[-1:]))

    def call(self, x):
        return x + self.offset


class Around(Layer):
    """Has no `build`: what is inside is built as it is called."""

    def __init__(self):
        super().__init__()
        self.slow = Slow()

    def call(self, x):
        return self.slow(x)


@pytest.mark.parametrize("make", [Slow, Around])
def test_threads_that_call_a_layer_for_the_first_time_build_it_once(make):
    layer, results = make(), []
    assert not copy.deepcopy(layer).built and not pickle.loads(pickle.dumps(layer)).built

    def call():
        results.append(ops.convert_to_numpy(layer(np.ones((2, 3), "float32"))).tolist())

    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[[2.0] * 3] * 2] * 3
    assert getattr(layer, "slow", layer).builds == 1 and len(layer.weights) == 1


def test_a_build_may_wait_for_another_thread_that_builds():
    class Waits(Layer):
        def build(self, input_shape):
            thread = threading.Thread(target=Dense(2), args=(np.ones((1, 3), "float32"),), daemon=True)
            thread.start()
            thread.join(timeout=60)
            self.waited = not thread.is_alive()

    layer = Waits()
    layer.build((1, 3))
    assert layer.waited
