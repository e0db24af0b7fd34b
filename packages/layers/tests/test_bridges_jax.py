"""`JaxLayer` and `FlaxLayer`: all sets of arguments, weights given or made, states, random numbers, files."""

import copy
import json
import pickle

import numpy as np
import pytest
from keras_backends.selection import active
from keras_layers.bridges.flax_layer import FlaxLayer
from keras_layers.bridges.jax_layer import JaxLayer
from keras_ops import ops
from keras_ops.registry import register_keras_serializable
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_ops.tensor import KerasTensor

HERE = "jax" in active().foreign
here = pytest.mark.skipif(not HERE, reason="runs on backends that run JAX code")
jax = pytest.importorskip("jax") if HERE else None
PACKAGE = "bridges"


def _x(*shape):
    return ops.convert_to_tensor(np.random.default_rng(3).normal(size=shape or (4, 3)).astype("float32"))


def _array(x):
    return np.asarray(ops.convert_to_numpy(x))


@register_keras_serializable(PACKAGE)
def dense(params, inputs):
    return jax.numpy.dot(inputs, params["w"]) + params["b"]


@register_keras_serializable(PACKAGE)
def make_dense(rng, inputs):
    return {"w": jax.random.normal(rng, (inputs.shape[-1], 2)), "b": jax.numpy.zeros(2)}


@register_keras_serializable(PACKAGE)
def noisy(params, state, rng, inputs, training):
    """Adds noise and counts the calls, in training."""
    if not training:
        return inputs * params, state
    noise = jax.random.normal(rng, inputs.shape)
    return inputs * params + noise, {"calls": state["calls"] + 1, "mean": jax.numpy.mean(inputs)}


@register_keras_serializable(PACKAGE)
def make_noisy(inputs, training):
    assert training is True
    return jax.numpy.ones(inputs.shape[-1:]), {"calls": 0, "mean": jax.numpy.zeros(())}


@pytest.mark.skipif(HERE, reason="is about the other backends")
@pytest.mark.parametrize("make", [lambda: JaxLayer(dense, make_dense), lambda: FlaxLayer(object())])
def test_other_backends_say_which_ones_are_needed(make):
    with pytest.raises(ValueError, match="runs on the jax and tensorflow backends, the backend in use is"):
        make()


@here
@pytest.mark.parametrize(
    "init, message",
    [
        ({"call_fn": dense}, "`init_fn`, `params` and `state` cannot all be None"),
        ({"call_fn": 3, "params": 1.0}, "`call_fn` must be a function"),
        ({"call_fn": lambda params: params, "params": 1.0}, "must have the parameter 'inputs'"),
        ({"call_fn": lambda inputs, depth: inputs, "params": 1.0}, "with the parameter 'depth'"),
        ({"call_fn": dense, "init_fn": lambda params: params}, "`init_fn` may have the parameters"),
        ({"call_fn": dense, "state": 1.0, "init_fn": make_dense}, "has no parameter of that name"),
    ],
)
def test_wrong_arguments_are_refused(init, message):
    with pytest.raises(ValueError, match=message):
        JaxLayer(**init)


@here
@pytest.mark.parametrize(
    "result, message",
    [(lambda s: 1.0, "pair `\\(outputs, new_state\\)`"), (lambda s: (1.0, [s]), "must have the structure")],
)
def test_wrong_results_are_refused(result, message):
    with pytest.raises(ValueError, match=message):
        JaxLayer(lambda state, inputs: result(state), state=np.zeros(2))(_x())
    with pytest.raises(ValueError, match="neither \\['params'\\] nor `init_fn`"):
        JaxLayer(lambda params, state, inputs: (inputs, state), state=np.zeros(2))(_x())


@here
def test_init_fn_makes_the_weights_when_the_layer_is_built():
    layer = JaxLayer(dense, make_dense, seed=3)
    assert not layer.built
    x = _x()
    spec = layer(KerasTensor((None, 3)))
    assert (spec.shape, spec.dtype) == ((None, 2), "float32")
    assert sorted(v.shape for v in layer.trainable_weights) == [(2,), (3, 2)]
    assert len(layer.variables) == 3 and not layer.non_trainable_weights
    tree = layer.tracked_params
    tree["b"].assign([1.0, 2.0])
    np.testing.assert_allclose(_array(layer(x)), _array(x) @ tree["w"].numpy() + [1, 2], rtol=1e-5)
    again = JaxLayer(dense, make_dense, seed=3)
    again.build((None, 3))
    np.testing.assert_array_equal(again.tracked_params["w"].numpy(), tree["w"].numpy())


@here
def test_given_weights_are_begun_with():
    layer = JaxLayer(dense, params={"w": np.eye(3), "b": 1.5})
    assert layer.built and [v.dtype for v in layer.trainable_weights] == ["float32"] * 2
    np.testing.assert_allclose(_array(layer(_x())), _array(_x()) + 1.5, rtol=1e-6)
    layer = JaxLayer(noisy, make_noisy, params=np.full(3, 2.0))
    layer(_x(), training=False)
    assert layer.tracked_params.numpy().tolist() == [2.0] * 3
    assert sorted(v.dtype for v in layer.non_trainable_weights) == ["float32", "int32"]


@here
def test_state_and_random_numbers_advance_in_training():
    layer = JaxLayer(noisy, make_noisy, seed=1)
    x = _x()
    np.testing.assert_array_equal(_array(layer(x)), _array(x))
    assert layer.tracked_state["calls"].numpy() == 0
    first, second = _array(layer(x, training=True)), _array(layer(x, training=True))
    assert np.abs(first - second).min() > 0
    assert layer.tracked_state["calls"].numpy() == 2
    np.testing.assert_allclose(layer.tracked_state["mean"].numpy(), _array(x).mean(), rtol=1e-5)


@here
def test_compiled_steps_differentiate_and_return_the_state():
    layer = JaxLayer(noisy, make_noisy, seed=1)
    x = _x()
    layer.build((None, 3))
    trainable = [v.value for v in layer.trainable_variables]
    other = [v.value for v in layer.non_trainable_variables]

    def step(trainable, other, x):
        def loss(values):
            outputs, new = layer.stateless_call(values, other, x, training=True)
            return ops.sum(outputs), new

        return active().gradients(loss, trainable)

    run = active().compile(step, jit=None)
    (_, new), (grad,) = run(trainable, other, x)
    np.testing.assert_allclose(_array(grad), _array(x).sum(0), rtol=1e-5)
    calls = [v.path for v in layer.non_trainable_variables].index(layer.tracked_state["calls"].path)
    assert int(_array(new[calls])) == 1 and layer.tracked_state["calls"].numpy() == 0


@here
@pytest.mark.parametrize("given", [False, True])
def test_layers_travel_through_config_and_files(given):
    x = _x()
    if given:
        layer = JaxLayer(dense, params={"w": np.ones((3, 2)), "b": np.array([1.0, 2.0])}, name="probe")
    else:
        layer = JaxLayer(dense, make_dense, seed=2, name="probe")
    expected = _array(layer(x))
    config = json.loads(json.dumps(serialize_keras_object(layer)))
    again = deserialize_keras_object(config)
    assert again.built and again.get_config() == layer.get_config() and dir(again) == dir(layer)
    store = {}
    layer.save_own_variables(store)
    again.load_own_variables(store)
    np.testing.assert_allclose(_array(again(x)), expected, rtol=1e-6)


@here
def test_layers_can_be_pickled_and_copied_with_what_they_compute():
    layer = JaxLayer(noisy, make_noisy)
    expected = _array(layer(_x(2, 3)))
    for again in (pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer)):
        np.testing.assert_array_equal(_array(again(_x(2, 3))), expected)


@here
def test_a_layer_that_is_not_built_says_so_where_its_output_is_asked_for():
    with pytest.raises(ValueError, match="must be built before the shape of its output can be known"):
        JaxLayer(dense, make_dense).compute_output_spec(KerasTensor((2, 3)))


@here
def test_inputs_may_be_trees_of_several_dtypes():
    def init(inputs):
        assert {k: str(v.dtype) for k, v in inputs.items()} == {"a": "float32", "i": "int32"}
        return jax.numpy.ones((5, inputs["a"].shape[-1]))

    layer = JaxLayer(lambda params, inputs: {"out": params[inputs["i"]] + inputs["a"]}, init)
    inputs = {"a": _x(), "i": ops.convert_to_tensor(np.array([0, 1, 4, 2], "int32"))}
    np.testing.assert_allclose(_array(layer(inputs)["out"]), _array(_x()) + 1, rtol=1e-6)
    assert layer.get_build_config()["input_dtypes"] == {"a": "float32", "i": "int32"}


@pytest.fixture
def linen():
    return pytest.importorskip("flax").linen


def _block(linen):
    @register_keras_serializable(PACKAGE, name="Block")
    class Block(linen.Module):
        units: int = 4

        @linen.compact
        def __call__(self, inputs, training=False):
            x = linen.Dense(self.units)(inputs)
            x = linen.BatchNorm(use_running_average=not training)(x)
            return linen.Dropout(0.5, deterministic=not training)(x)

        @linen.compact
        def logits(self, inputs):
            return linen.Dense(self.units, name="logits")(inputs)

        def get_config(self):
            return {"units": self.units}

        @classmethod
        def from_config(cls, config):
            return cls(**config)

    return Block


@here
def test_flax_modules_have_params_and_other_collections(linen):
    layer = FlaxLayer(_block(linen)(), seed=4)
    # All of one shape, for which JAX compiles each operation once: this is what the test spends its time on.
    x = _x(6, 3)
    spec = layer(KerasTensor(x.shape))
    assert spec.shape == (6, 4)
    assert [v.shape for v in layer.trainable_weights] == [(4,), (4,), (4,), (3, 4)]
    assert [v.shape for v in layer.non_trainable_weights] == [(4,), (4,)]
    mean = layer.tracked_state["batch_stats"]["BatchNorm_0"]["mean"]
    layer(x, training=False)
    assert not mean.numpy().any()
    a, b = _array(layer(x, training=True)), _array(layer(x, training=True))
    assert mean.numpy().any() and (a != b).any() and (a == 0).any()
    np.testing.assert_array_equal(_array(layer(x)), _array(layer(x)))


@here
def test_flax_methods_and_variables_may_be_chosen(linen):
    module = _block(linen)(units=2)
    x = _x(1, 3)
    named = FlaxLayer(module, method="logits")
    variables = module.init(jax.random.PRNGKey(0), np.ones((1, 3), "float32"), method="logits")
    given = FlaxLayer(module, method="logits", variables=variables)
    assert given.built and named(x).shape == given(x).shape == (1, 2)
    expected = module.apply(variables, _array(x), method="logits")
    np.testing.assert_allclose(_array(given(x)), np.asarray(expected), rtol=1e-5)

    def doubled(module, inputs, training):
        assert isinstance(training, bool)
        return module.logits(inputs[0]) + inputs[1]

    assert FlaxLayer(module, method=doubled)([x, _x(1, 2)]).shape == (1, 2)
    for wrong, message in (("nowhere", "name of a method"), (3, "name of a method")):
        with pytest.raises(ValueError, match=message):
            FlaxLayer(module, method=wrong)
    with pytest.raises(ValueError, match=r"must be a flax.* of flax.nnx .*to_linen"):
        FlaxLayer(lambda x: x)
    with pytest.raises(
        ValueError, match=r"of Block needs \['more', 'train'\]. Pass a function that passes them on"
    ):
        FlaxLayer(module, method=lambda module, inputs, more, train, training, rate=1.0: inputs)


@here
def test_flax_layers_travel_through_config_and_files(linen):
    layer = FlaxLayer(_block(linen)(units=2), method="logits", name="flax")
    expected = _array(layer(_x()))
    again = deserialize_keras_object(json.loads(json.dumps(serialize_keras_object(layer))))
    assert (again.name, again.method, again.module.units) == ("flax", "logits", 2)
    store = {}
    layer.save_own_variables(store)
    again.load_own_variables(store)
    np.testing.assert_allclose(_array(again(_x())), expected, rtol=1e-6)
