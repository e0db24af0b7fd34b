"""How a call runs: arguments, training, dtypes, errors. Masks are in `test_call_masks`, repeated calls in
`test_call_fast_path`.
"""

import warnings

import numpy as np
import pytest
from call_layers import Outer, Plain, Seen
from keras_backends.dtypes import standardize_dtype
from keras_layers import half_precision
from keras_layers.convolutional.conv import Conv2D
from keras_layers.core.dense import Dense
from keras_layers.input_spec import InputSpec
from keras_layers.layer import Layer
from keras_layers.regularization.dropout import Dropout
from keras_ops import ops
from keras_ops.tensor import KerasTensor


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
            "Dense, `kernel_initializer`: Unknown initializer 'glorot'. Did you mean 'glorot_normal' or "
            "'glorot_uniform'.*built-in names .constant, .*zeros",
        ),
        ({"kernel_initializer": "glorot_unifrom"}, "Did you mean 'glorot_uniform'"),
        ({"activation": "rleu"}, "Dense, `activation`: Unknown .*'rleu'. Did you mean 'relu'"),
        ({"bias_constraint": "max_nrom"}, "Dense, `bias_constraint`: .*'max_nrom'. Did you mean 'max_norm'"),
        ({"activity_regularizer": "l3"}, r"Dense, `activity_regularizer`: .*'l3'. Did you mean 'l2' or 'l1'"),
        ({"bias_regularizer": 3}, "Dense, `bias_regularizer`: Could not interpret regularizer identifier 3"),
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


def test_errors_of_build_and_of_input_specs_say_which_layers_they_came_through():
    class Square(Layer):
        def build(self, input_shape):
            raise ValueError(f"expected a square, received {input_shape}")

    for part, shape, message in (
        (Square(name="square"), (2, 3), "a square"),
        (Dense(1, name="head"), (2,), "min_ndim=2"),
    ):
        outer = Plain(part)
        with pytest.raises(ValueError, match=message) as caught:
            outer(ops.ones(shape))
        starts = [f"This happened in layer {layer.name!r}" for layer in (part, outer)]
        notes = caught.value.__notes__
        assert len(notes) == 2 and all(map(str.startswith, notes, starts))


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
