"""Repeated calls: which skip the stages, and that they do the same as first ones."""

import warnings

import numpy as np
import pytest
from call_layers import Outer, Plain, Recurrent, Seen, TakesMask
from keras_backends.dtypes import standardize_dtype
from keras_layers import call_stages
from keras_layers.core.dense import Dense
from keras_layers.fast_path import only_autocast
from keras_layers.layer import Layer
from keras_layers.merging.elementwise import Add
from keras_layers.regularization.dropout import Dropout
from keras_ops import activations, ops
from keras_ops.masks import set_mask
from keras_ops.state import _CHANGES_MEANING, state


def test_seen_signatures_skip_the_stages_and_new_ones_do_not():
    layer = Dense(2)
    x = ops.ones((1, 3))
    layer(x)
    assert len(layer._seen) == 1
    layer(ops.ones((5, 3)))
    assert len(layer._seen) == 2
    layer.activity_regularizer = lambda y: ops.sum(y)
    assert not layer._seen
    layer(x)
    assert not layer._seen and len(layer.losses) == 1


@pytest.fixture
def staged(monkeypatch):
    """Counts the calls that go through the stages."""
    calls = []
    run = call_stages.run
    monkeypatch.setattr(call_stages, "run", lambda layer, *rest: (calls.append(layer), run(layer, *rest))[1])
    return calls


X = np.arange(6.0).reshape(2, 3)
"""Values of the inputs below."""

REPEATED = {
    "dense": (lambda: Dense(2), lambda x: ((x,), {})),
    "dense, training": (lambda: Dense(2), lambda x: ((x,), {"training": False})),
    "dense by name": (lambda: Dense(2), lambda x: ((), {"inputs": x})),
    "mixed dense": (lambda: Dense(2, dtype="mixed_bfloat16"), lambda x: ((x,), {})),
    "list": (Add, lambda x: (([x, x],), {})),
    "mixed list": (lambda: Add(dtype="mixed_bfloat16"), lambda x: (([x, x],), {})),
    "dropout": (lambda: Dropout(0.5), lambda x: ((x,), {"training": False})),
    "two tensors": (Recurrent, lambda x: ((x,), {"initial_state": x})),
    "masked": (TakesMask, lambda x: ((x,), {"mask": None})),
    "around": (lambda: Plain(Dense(2)), lambda x: ((x,), {})),
    "around a mixed one": (lambda: Outer(Dense(2, dtype="mixed_bfloat16")), lambda x: ((x,), {})),
}


@pytest.mark.parametrize("case", REPEATED)
def test_a_repeated_call_skips_the_stages_and_gives_the_same(case, staged):
    make, arguments = REPEATED[case]
    layer, x = make(), ops.convert_to_tensor(X.astype("float32"))
    args, kwargs = arguments(x)
    first = layer(*args, **kwargs)
    count = len(staged)
    assert count
    for _ in range(2):
        again = layer(*args, **kwargs)
        assert standardize_dtype(again.dtype) == standardize_dtype(first.dtype)
        np.testing.assert_array_equal(ops.convert_to_numpy(again), ops.convert_to_numpy(first))
    assert len(staged) == count
    set_mask(x, ops.ones((2, 3), dtype="bool"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layer(*args, **kwargs)
    assert len(staged) > count, "a mask has to go through the stages"


def test_layers_of_a_mixed_model_skip_the_stages_and_read_their_own_dtypes(staged):
    class Net(Layer):
        def __init__(self):
            super().__init__(dtype="mixed_bfloat16")
            self.half = Dense(2, dtype="mixed_bfloat16")
            self.full = Dense(2, dtype="float32")

        def call(self, x):
            y = self.half(x)
            self.dtypes = [standardize_dtype(v.dtype) for v in (y, self.full(y), self.half(x))]
            return y

    net, x = Net(), ops.convert_to_tensor(X.astype("float32"))
    for _ in range(3):
        assert standardize_dtype(net(x).dtype) == "bfloat16"
        assert net.dtypes == ["bfloat16", "float32", "bfloat16"]
        assert state.plain and state.autocast is None and state.call is None
    assert staged.count(net.half) <= 2 and staged.count(net) == 1
    with pytest.raises(ZeroDivisionError):
        net.half.activation = lambda y: 1 / 0
        net(x)
    assert state.plain and state.autocast is None and state.call is None


@pytest.mark.parametrize("slot", sorted(set(_CHANGES_MEANING) - {"autocast"}))
def test_every_other_scope_goes_through_the_stages(slot):
    assert not only_autocast()
    with state.scope(autocast="bfloat16"):
        assert only_autocast()
        with state.scope(**{slot: True}):
            assert not only_autocast()


def test_a_layer_made_in_a_remat_scope_is_rematerialized_ever_after():
    class Scope:
        def __init__(self):
            self.layers = []

        def call(self, layer, function, args, kwargs):
            self.layers.append(layer)
            return function(*args, **kwargs)

    scope, x = Scope(), ops.ones((1, 2))
    with state.scope(remat=scope):
        inside = Dense(1)
    outside = Dense(1)
    for _ in range(2):
        inside(x)
        outside(x)
    with state.scope(remat=scope):
        outside(x)
    assert scope.layers == [inside, inside]


def test_repeated_calls_pass_training_on_as_first_ones_do():
    inner = Seen()
    layers = [Outer(inner), Outer(Plain(inner)), Plain(Outer(inner))]
    x = ops.ones((1, 1))
    for layer in layers:
        for training in (None, True, False):
            inner.log.clear()
            for _ in range(3):
                layer(x, training=training)
            assert inner.log == [training] * 3

    class Defaults(Layer):
        def __init__(self):
            super().__init__()
            self.inner = inner

        def call(self, x, training=False):
            return self.inner(x)

    inner.log.clear()
    layer = Plain(Defaults())
    for _ in range(3):
        layer(x)
    assert inner.log == [False] * 3


def test_a_layer_that_is_built_later_gets_its_path():
    class Late(Layer):
        def __init__(self):
            super().__init__(name="late")
            self.aux = Dense(1, name="aux")

        def call(self, x, training=False):
            return self.aux(x) if training else x

    layer, x = Late(), ops.ones((1, 2))
    layer(x)
    layer(x)
    layer(x, training=True)
    assert [v.path for v in layer.weights] == ["late/aux/kernel", "late/aux/bias"]


def test_remembered_signatures_are_bounded():
    layer = Plain(Seen())
    for n in range(1, 200):
        layer(ops.ones((n,)))
    assert len(layer._seen) <= 64


def test_an_activation_is_taken_away_by_setting_it_to_none():
    layer, x = Dense(3, activation="softmax"), ops.ones((2, 4))
    layer(x)
    layer.activation = None
    expected = ops.convert_to_numpy(ops.matmul(x, layer.kernel) + layer.bias)
    np.testing.assert_allclose(ops.convert_to_numpy(layer(x)), expected, rtol=1e-6)
    assert Dense.from_config(layer.get_config()).activation is activations.linear
