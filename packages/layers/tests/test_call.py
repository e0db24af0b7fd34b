"""How a call runs: arguments, training, masks, dtypes, shapes that were seen, errors."""

import warnings

import numpy as np
import pytest
from keras_backends.dtypes import standardize_dtype
from keras_layers import call_stages, half_precision
from keras_layers.convolutional.conv import Conv2D
from keras_layers.core.dense import Dense
from keras_layers.core.embedding import Embedding
from keras_layers.core.input_layer import Input
from keras_layers.core.masking import Masking
from keras_layers.fast_path import only_autocast
from keras_layers.input_spec import InputSpec
from keras_layers.layer import Layer
from keras_layers.merging.elementwise import Add
from keras_layers.regularization.dropout import Dropout
from keras_ops import ops
from keras_ops.graph import Function
from keras_ops.masks import get_mask, set_mask
from keras_ops.state import _CHANGES_MEANING, state
from keras_ops.tensor import KerasTensor


class Seen(Layer):
    """Remembers the `training` it was called with."""

    def __init__(self, default=None, **kwargs):
        super().__init__(**kwargs)
        self.log = []

    def call(self, x, training=None):
        self.log.append(training)
        return x


class Outer(Layer):
    """Calls a layer inside."""

    def __init__(self, inner, **inner_kwargs):
        super().__init__()
        self.inner = inner
        self.inner_kwargs = inner_kwargs

    def call(self, x, training=None):
        return self.inner(x, **self.inner_kwargs)


class Plain(Layer):
    """Calls a layer inside, without a `training` argument of its own."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def call(self, x):
        return self.inner(x)


def test_training_explicit_then_enclosing_then_default():
    inner = Seen()
    x = ops.ones((1, 1))
    inner(x)
    inner(x, training=True)
    Outer(inner)(x, training=True)
    Outer(inner, training=False)(x, training=True)
    Outer(inner)(x)
    assert inner.log == [None, True, True, False, None]


@pytest.mark.parametrize("repeat", range(2))
def test_training_passes_through_layers_without_the_argument(repeat):
    inner = Seen()
    outer = Plain(inner)
    for _ in range(3):
        outer(ops.ones((1, 1)), training=True)
    assert inner.log == [True] * 3


def test_training_default_of_call_counts():
    class Defaults(Layer):
        def call(self, x, training=True):
            return x * (2.0 if training else 1.0)

    layer = Defaults()
    x = ops.ones((1,))
    assert [float(layer(x)[0]) for _ in range(2)] == [2.0, 2.0]
    assert float(layer(x, training=False)[0]) == 1.0


def test_dropout_is_off_after_training_calls():
    layer = Dropout(0.9)
    x = ops.ones((20, 20))
    assert float(ops.sum(layer(x))) == 400.0
    assert float(ops.sum(ops.cast(ops.equal(layer(x, training=True), 0.0), "int32"))) > 200
    assert float(ops.sum(layer(x))) == 400.0


class TakesMask(Layer):
    def __init__(self):
        super().__init__()
        self.supports_masking = True
        self.masks = []

    def call(self, x, mask=None):
        self.masks.append(mask)
        return x * 1.0


def _masked(shape=(2, 3, 1)):
    x = ops.ones(shape)
    set_mask(x, ops.convert_to_tensor(np.arange(6).reshape(2, 3) % 2 == 0))
    return x


def test_masks_reach_call_and_result():
    layer, x = TakesMask(), _masked()
    plain = ops.ones((2, 3, 1))
    for _ in range(2):
        assert get_mask(layer(plain)) is None
        assert get_mask(layer(x)) is get_mask(x)
    assert [mask is None for mask in layer.masks] == [True, False, True, False]


def test_an_explicit_mask_wins():
    layer = TakesMask()
    explicit = ops.ones((2, 3), dtype="bool")
    layer(_masked(), mask=explicit)
    assert bool(ops.all(layer.masks[0]))


def test_losing_a_mask_warns_once():
    class NoMasks(Layer):
        def call(self, x):
            return x + 1.0

    layer = NoMasks()
    with pytest.warns(UserWarning, match="does not support masking"):
        assert get_mask(layer(_masked())) is None
    layer(_masked())


def test_embedding_masks_zeros_also_in_repeated_calls():
    layer = Embedding(4, 2, mask_zero=True)
    x = ops.convert_to_tensor(np.array([[1, 0, 2]], "int32"))
    for _ in range(3):
        assert ops.convert_to_numpy(get_mask(layer(x))).tolist() == [[True, False, True]]


def test_masks_of_symbolic_tensors_are_part_of_the_graph():
    x = Input((3, 1))
    layer = TakesMask()
    masked = Masking()(x)
    y = layer(masked)
    assert get_mask(masked).shape == (None, 3) and get_mask(masked).dtype == "bool"
    node = layer._inbound_nodes[0]
    assert node.kwargs == {"mask": get_mask(masked)}
    function = Function(x, y)
    layer.masks.clear()
    function(ops.convert_to_tensor(np.array([[[1.0], [0.0], [2.0]]], "float32")))
    assert ops.convert_to_numpy(layer.masks[-1]).tolist() == [[True, False, True]]


def test_arguments_named_after_others_get_their_masks():
    class Pair(Layer):
        def call(self, query, value, query_mask=None, value_mask=None):
            self.got = (query_mask is not None, value_mask is not None)
            return query

    layer = Pair()
    with pytest.warns(UserWarning):
        layer(_masked(), ops.ones((2, 3, 1)))
    assert layer.got == (True, False)


class Recurrent(Layer):
    """Takes a second tensor, and a mask for the first."""

    def __init__(self):
        super().__init__()
        self.supports_masking = True

    def call(self, sequences, initial_state=None, mask=None):
        self.got = mask
        return sequences * 1.0


@pytest.mark.parametrize("by_name", [False, True])
def test_the_first_argument_keeps_its_mask_beside_other_tensors(by_name):
    layer, x, start = Recurrent(), _masked(), ops.zeros((2, 1))
    set_mask(start, ops.zeros((2,), dtype="bool"))
    y = layer(initial_state=start, sequences=x) if by_name else layer(x, initial_state=start)
    assert layer.got is get_mask(x) and get_mask(y) is get_mask(x)
    explicit = ops.ones((2, 3), dtype="bool")
    layer(x, initial_state=start, mask=explicit)
    assert bool(ops.all(layer.got))


def test_every_argument_gives_its_own_mask():
    class Attends(Layer):
        def call(self, query, value, key=None, query_mask=None, value_mask=None, key_mask=None):
            self.got = query_mask, value_mask, key_mask
            return query

    query, value, key = (_masked() for _ in range(3))
    layer = Attends()
    with pytest.warns(UserWarning):
        layer(query, value, key=key)
    assert all(got is get_mask(x) for got, x in zip(layer.got, (query, value, key)))
    layer(query, value)
    assert layer.got[2] is None


# Dtypes


def test_mixed_precision_casts_inputs_and_variables_and_nested_layers_back():
    class Probe(Layer):
        def build(self, shape):
            self.w = self.add_weight(shape=(), initializer="ones", name="w")

        def call(self, x):
            self.got = standardize_dtype(x.dtype), standardize_dtype(self.w.value.dtype)
            return x * self.w.value

    half, full = Probe(dtype="mixed_bfloat16"), Probe(dtype="float32")
    x = ops.ones((2,))
    for _ in range(2):
        assert standardize_dtype(Outer(half)(x).dtype) == "bfloat16"
        assert half.got == ("bfloat16", "bfloat16")
    assert half.w.dtype == "float32"

    class Nest(Layer):
        def __init__(self):
            super().__init__(dtype="mixed_bfloat16")
            self.half, self.full = half, full

        def call(self, x):
            return self.full(self.half(x))

    assert standardize_dtype(Nest()(x).dtype) == "float32"
    assert full.got == ("float32", "float32")


@pytest.mark.parametrize(("features", "count"), [({"avx2"}, 1), ({"avx2", "avx512_bf16"}, 0), (set(), 0)])
def test_mixed_precision_without_a_fast_path_is_said_once(monkeypatch, features, count):
    numpy_computes = isinstance(ops.ones(()), np.ndarray)
    half_precision.warn_if_slow.cache_clear()
    monkeypatch.setattr(half_precision, "processor_features", lambda: frozenset(features))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            Dense(1, dtype="mixed_bfloat16")(ops.ones((1, 1)))
    said = [w for w in caught if "does not speed up" in str(w.message)]
    assert len(said) == (1 if numpy_computes else count)
    half_precision.warn_if_slow.cache_clear()


@pytest.mark.parametrize(
    ("text", "features"),
    [
        ("processor : 0\nflags\t\t: fpu avx2\n", {"fpu", "avx2"}),
        ("Features\t: fp bf16", {"fp", "bf16"}),
        ("", ()),
    ],
)
def test_features_of_the_processor_are_read(monkeypatch, tmp_path, text, features):
    half_precision.processor_features.cache_clear()
    monkeypatch.setattr(half_precision, "PROCESSOR_FACTS", tmp_path / "cpuinfo")
    (tmp_path / "cpuinfo").write_text(text)
    assert half_precision.processor_features() == frozenset(features)
    half_precision.processor_features.cache_clear()


def test_autocast_can_be_switched_off():
    class Raw(Layer):
        def __init__(self):
            super().__init__(dtype="mixed_bfloat16", autocast=False)

        def call(self, x):
            return x

    assert standardize_dtype(Raw()(ops.ones((2,))).dtype) == "float32"


def test_arrays_are_converted_and_integers_left_alone():
    class Kind(Layer):
        def call(self, x):
            self.got = standardize_dtype(x.dtype)
            return x

    layer = Kind()
    layer(np.ones(2, "float64"))
    assert layer.got == "float32"
    layer(np.ones(2, "int32"))
    assert layer.got == "int32"


def test_changing_the_policy_forgets_seen_signatures():
    layer = Dense(2)
    x = ops.ones((1, 2))
    layer(x)
    layer(x)
    layer.dtype_policy = "mixed_bfloat16"
    assert standardize_dtype(layer(x).dtype) == "bfloat16"


# Errors


def test_errors_name_layer_argument_and_what_was_received():
    with pytest.raises(ValueError, match=r"did you mean 'kernel_initializer'"):
        Dense(2, kernel_initialiser="zeros")
    with pytest.raises(ValueError, match=r"Dense: `units` must be a positive integer, received units='x'"):
        Dense("x")
    layer = Dense(2, name="head")
    with pytest.raises(ValueError, match=r"layer 'head'.*expected min_ndim=2, found ndim=1.*\(4,\)"):
        layer(ops.ones((4,)))
    layer(ops.ones((1, 3)))
    with pytest.raises(ValueError, match=r"layer 'head'.*expected axis -1 .* value 3.*\(1, 4\)"):
        layer(ops.ones((1, 4)))
    with pytest.raises(
        TypeError, match=r"Layer 'head': the arguments do not fit Dense.call\(inputs, training"
    ):
        layer(ops.ones((1, 3)), None, ops.ones((1,)))
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'inputz'"):
        layer(ops.ones((1, 3)), inputz=1)
    with pytest.raises(
        TypeError, match=r"Layer 'head': .* Dense.call.*missing a required argument: 'inputs'"
    ):
        layer(training=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"kernel_initializer": "glorot"},
            "Dense: kernel_initializer='glorot' is the name of no initializer; "
            "did you mean 'glorot_normal' or 'glorot_uniform'.*Known names: constant, .*zeros",
        ),
        ({"kernel_initializer": "glorot_unifrom"}, "did you mean 'glorot_uniform'"),
        ({"activation": "rleu"}, "Dense: activation='rleu' .*no activation; did you mean 'relu'"),
        ({"bias_constraint": "max_nrom"}, "Dense: bias_constraint='max_nrom'.*did you mean 'max_norm'"),
        ({"activity_regularizer": "l3"}, r"Dense: activity_regularizer='l3'.*did you mean 'l2' or 'l1'"),
        ({"bias_regularizer": 3}, "Dense: bias_regularizer=3 is no regularizer"),
        ({"use_bias": "no"}, "Dense: `use_bias` must be True or False, received use_bias='no'"),
        ({"autocast": "no"}, "Dense: `autocast` must be True or False, received autocast='no'"),
    ],
)
def test_errors_of_constructors_name_the_argument_and_what_comes_near(arguments, message):
    with pytest.raises(ValueError, match=message):
        Dense(2, **arguments)


@pytest.mark.parametrize("dtype", ["<U5", "object"])
@pytest.mark.parametrize(("layer", "shape"), [(Dense(2), (50, 50)), (Conv2D(2, 3), (1, 50, 50, 1))])
def test_strings_and_objects_are_refused_by_their_dtype(layer, shape, dtype):
    with pytest.raises(
        ValueError, match=rf"{layer.name}.*50, 50.*(dtype.*{dtype}|dtype=str|string)"
    ) as caught:
        layer(np.full(shape, "label", dtype))
    assert len(str(caught.value)) < 400 and "label" not in str(caught.value)


@pytest.mark.parametrize("symbolic", [True, False])
def test_errors_say_which_layers_they_came_through(symbolic):
    class Flat(Layer):
        def call(self, inputs, scale=1):
            return ops.reshape(inputs[0], (7, 7))

    outer = Outer(Flat(name="flat"))
    x = KerasTensor((2, 3)) if symbolic else ops.ones((2, 3))
    with pytest.raises(ValueError, match=r"ops\.reshape") as caught:
        outer([x, x])
    tensor = "<tensor of shape (2, 3) and dtype float32>"
    first, second = caught.value.__notes__
    assert first == f"This happened in layer 'flat' (Flat), called with ([{tensor}, {tensor}])."
    assert second == f"This happened in layer {outer.name!r} (Outer), called with ([{tensor}, {tensor}])."


def test_only_tensors_come_by_position():
    with pytest.raises(ValueError, match=r"Layer 'd'.*only input tensors.*received 2 of type int"):
        Dense(2, name="d")(2)


def test_forgetting_super_init_is_said():
    class Forgot(Layer):
        def __init__(self):
            self.units = 3

        def call(self, x):
            return x

    with pytest.raises(RuntimeError, match=r"Forgot.__init__ did not call `super\(\).__init__\(\)`"):
        Forgot()(ops.ones((1,)))


def test_a_layer_without_call_says_so():
    class Empty(Layer):
        pass

    with pytest.raises(NotImplementedError, match=r"Empty.*does not implement"):
        Empty()(ops.ones((1,)))


@pytest.mark.parametrize(
    ("spec", "shape", "fits"),
    [
        (InputSpec(ndim=2), (2, 3), True),
        (InputSpec(ndim=2), (2,), False),
        (InputSpec(max_ndim=2), (2, 3, 4), False),
        (InputSpec(axes={1: 3}), (2, 3), True),
        (InputSpec(axes={1: 3}), (2, 4), False),
        (InputSpec(shape=(None, 3)), (5, 3), True),
        (InputSpec(shape=(None, 3)), (5, 4), False),
        (InputSpec(shape=(None, 3, 1), allow_last_axis_squeeze=True), (5, 3), True),
        (InputSpec(dtype="int32"), (2,), False),
    ],
)
def test_input_specs(spec, shape, fits):
    class Checked(Layer):
        def call(self, x):
            return x

    layer = Checked()
    layer.input_spec = spec
    x = KerasTensor(shape)
    if fits:
        assert layer(x).shape == shape
    else:
        with pytest.raises(ValueError, match="incompatible with the layer"):
            layer(x)
    assert InputSpec.from_config(spec.get_config()).get_config() == spec.get_config()


# The fast path


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


def test_call_can_be_replaced_on_an_instance():
    layer = Dense(2)
    x = ops.ones((1, 3))
    layer(x)
    layer.call = lambda inputs: inputs * 3.0
    assert float(layer(x)[0, 0]) == 3.0


def test_stateless_call_sees_the_given_values():
    layer = Dense(1, use_bias=False)
    x = ops.ones((1, 2))
    layer(x)
    layer(x)
    outputs, others = layer.stateless_call([ops.full((2, 1), 5.0)], [], x)
    assert float(outputs[0, 0]) == 10.0 and others == []
    with pytest.raises(ValueError, match="expected 1 `trainable_variables`"):
        layer.stateless_call([], [], x)
    with pytest.raises(ValueError, match="must be built"):
        Dense(1).stateless_call([], [], x)
