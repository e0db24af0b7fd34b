"""Models that are frozen, thawed or adapted after `fit`: what is trained and computed next, without `compile`."""

import keras
import numpy as np
import pytest
from keras_ops.state import state

L = keras.layers

trains = pytest.mark.skipif(not state.backend.traits.trainable, reason="the backend computes no gradients")
X = np.random.default_rng(0).normal(size=(16, 4)).astype("float32")
Y = X @ np.ones((4, 2), "float32")
OPTIMIZERS = {
    "sgd with momentum": lambda: keras.optimizers.SGD(0.05, momentum=0.9),
    "adam": lambda: keras.optimizers.Adam(0.05),
    "adafactor": lambda: keras.optimizers.Adafactor(0.05),
    "muon": lambda: keras.optimizers.Muon(0.05),
    "nadam, averages": lambda: keras.optimizers.Nadam(0.05, use_ema=True),
    "scaled": lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.05)),
}


def network(optimizer="adam", **frozen):
    keras.utils.set_random_seed(1)
    layers = [L.Dense(3, name="a", trainable=frozen.get("a", True)), L.Dense(2, name="b")]
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.compile(OPTIMIZERS[optimizer](), "mse")
    return model, *layers


def moved(layer, run):
    """Which weights of a layer `run` changed, by name."""
    before = {v.name: v.numpy().copy() for v in layer.weights}
    run()
    return {v.name for v in layer.weights if np.abs(before[v.name] - v.numpy()).max() > 0}


def fit(model, **options):
    return lambda: model.fit(X, Y, batch_size=8, verbose=0, **options)


@trains
def test_a_layer_that_is_frozen_stays_and_one_that_is_thawed_moves():
    model, a, b = network()
    everything = {"kernel", "bias"}
    assert moved(a, fit(model)) == everything
    a.trainable = False
    assert moved(a, fit(model)) == set()
    assert moved(b, fit(model)) == everything
    a.trainable = True
    assert moved(a, fit(model)) == everything


@trains
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_layer_that_was_frozen_from_the_start_moves_once_thawed(optimizer):
    model, a, b = network(optimizer, a=False)
    assert moved(a, fit(model)) == set()
    steps = int(model.optimizer.iterations.numpy())
    a.trainable = True
    assert moved(a, fit(model)) == moved(b, fit(model)) == {"kernel", "bias"}
    assert int(model.optimizer.iterations.numpy()) == 3 * steps


@trains
def test_known_variables_keep_their_slots_when_others_come():
    model, a, _ = network("sgd with momentum", a=False)
    fit(model)()
    before = {v.path: v.numpy() for v in model.optimizer.variables}
    a.trainable = True
    model.optimizer.extend(model.trainable_variables)
    after = {v.path: v.numpy() for v in model.optimizer.variables}
    assert len(after) == len(before) + 2
    for path, value in before.items():
        np.testing.assert_array_equal(after[path], value)


@trains
def test_a_callback_may_thaw_a_layer_between_epochs():
    model, a, _ = network(a=False)
    callback = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: setattr(a, "trainable", epoch == 1)
    )
    assert moved(a, fit(model, epochs=1, callbacks=[callback])) == set()
    assert moved(a, fit(model, epochs=2, callbacks=[callback])) == {"kernel", "bias"}


@trains
def test_lora_after_fit_trains_the_factors_only():
    model, a, _ = network()
    fit(model)()
    a.enable_lora(2)
    assert moved(a, fit(model, epochs=2)) == {"bias", "lora_kernel_a", "lora_kernel_b"}


def test_predictions_are_those_of_the_adapted_layer():
    model, a, _ = network()
    before = model.predict(X, verbose=0)
    a.enable_lora(2)
    a.lora_kernel_b.assign(np.ones((2, 3), "float32"))
    after = model.predict(X, verbose=0)
    assert np.abs(after - before).max() > 1e-3
    np.testing.assert_allclose(after, keras.ops.convert_to_numpy(model(X)), rtol=1e-4, atol=1e-5)


@trains
def test_evaluation_and_batches_notice_too():
    model, a, b = network()
    loss = model.evaluate(X, Y, verbose=0)
    a.enable_lora(2)
    a.lora_kernel_b.assign(np.ones((2, 3), "float32"))
    assert model.evaluate(X, Y, verbose=0) != loss
    b.trainable = False
    assert moved(b, lambda: model.train_on_batch(X, Y)) == set()


@trains
def test_frozen_batch_normalization_keeps_its_means():
    layer = L.BatchNormalization()
    model = keras.Sequential([keras.Input((4,)), layer, L.Dense(2)])
    model.compile("sgd", "mse")
    assert moved(layer, fit(model)) == {"gamma", "beta", "moving_mean", "moving_variance"}
    layer.trainable = False
    assert moved(layer, fit(model)) == set()


@trains
def test_a_model_without_trainable_variables_says_so():
    model, *_ = network()
    fit(model)()
    model.trainable = False
    with pytest.warns(UserWarning, match="no trainable variables"):
        fit(model)()


@trains
def test_nothing_is_made_again_while_nothing_changes():
    model, a, _ = network()
    fit(model)()
    function = model.train_function
    other, *_ = network()
    fit(other)()
    fit(model)()
    assert model.train_function is function
    a.trainable = False
    fit(model)()
    assert model.train_function is not function


def test_a_regularizer_that_is_set_or_taken_away_counts_at_once():
    dense = keras.layers.Dense(1, kernel_initializer="ones", use_bias=False)
    model = keras.Sequential([keras.Input((3,)), dense])
    model.compile("sgd", "mse")
    x, y = np.zeros((4, 3), "float32"), np.zeros((4, 1), "float32")
    losses = []
    for regularizer in (None, keras.regularizers.L1(2.0), None):
        dense.kernel.regularizer = regularizer
        losses.append(model.evaluate(x, y, verbose=0))
    assert losses == [0.0, 6.0, 0.0]


ADAPTED = {
    "discretization": (
        lambda: L.Discretization(num_bins=2),
        lambda layer: layer.adapt([[1.0], [2.0], [8.0], [9.0]]),
        lambda layer: layer.adapt([[5.0], [6.0], [8.0], [9.0]]),
    ),
    "lookup, adapted": (
        lambda: L.IntegerLookup(output_mode="tf_idf"),
        lambda layer: layer.adapt([[1, 1], [5, 1]]),
        lambda layer: layer.adapt([[5, 5], [5, 1]]),
    ),
    "lookup, given": (
        lambda: L.IntegerLookup(output_mode="one_hot"),
        lambda layer: layer.set_vocabulary([1, 5]),
        lambda layer: layer.set_vocabulary([5, 1]),
    ),
}


@pytest.mark.parametrize("case", ADAPTED)
def test_predictions_are_those_of_what_a_layer_was_last_adapted_to(case):
    make, first, second = ADAPTED[case]
    layer = make()
    first(layer)
    inputs = keras.Input((1,), dtype="float32" if case == "discretization" else "int32")
    model = keras.Model(inputs, layer(inputs))
    x = np.array([[1], [5]], inputs.dtype)
    before = model.predict(x, verbose=0)
    second(layer)
    after = model.predict(x, verbose=0)
    assert np.abs(after - before).max() > 0
    np.testing.assert_allclose(after, keras.ops.convert_to_numpy(layer(x)), rtol=1e-5)


def _set(**options):
    def change(model):
        for name, value in options.items():
            setattr(model.optimizer, name, value)

    return change


STOPS = {
    "another optimizer": lambda model: setattr(model, "optimizer", keras.optimizers.SGD(0.0)),
    "no optimizer": lambda model: setattr(model, "optimizer", None),
    "schedule": _set(learning_rate=lambda: 0.0),
    "clipvalue": _set(clipvalue=1e-30),
    "clipnorm": _set(clipnorm=1e-30),
    "global_clipnorm": _set(global_clipnorm=1e-30),
}


@trains
@pytest.mark.parametrize("change", STOPS.values(), ids=STOPS)
def test_what_is_set_on_the_optimizer_counts_from_the_next_batch_on(change):
    keras.utils.set_random_seed(1)
    layer = L.Dense(2)
    model = keras.Sequential([keras.Input((4,)), layer])
    model.compile(keras.optimizers.SGD(0.05), "mse")
    assert moved(layer, fit(model)) == {"kernel", "bias"}
    change(model)
    assert moved(layer, fit(model)) == set()


@trains
def test_what_is_set_on_a_wrapped_optimizer_counts_too():
    model, a, _ = network("scaled")
    inner = model.optimizer.inner_optimizer
    fit(model)()
    inner.weight_decay = 20.0
    fit(model, epochs=1)()
    assert np.abs(a.kernel.numpy()).max() < 0.3
    function = model.train_function
    inner.learning_rate = 0.0
    fit(model)()
    assert model.train_function is function


@trains
def test_a_metric_that_a_model_gets_later_is_reported():
    model, *_ = network()
    fit(model)()
    model.extra = keras.metrics.Mean(name="extra")
    assert "extra" in model.fit(X, Y, verbose=0).history
    assert "extra" in model.evaluate(X, Y, verbose=0, return_dict=True)
