"""The Trainer on a small model of variables: fit, evaluate, predict, custom steps, messages."""

import numpy as np
import pytest
from keras_datasets.py_dataset import PyDataset
from keras_ops import ops, random
from keras_ops.state import state
from keras_ops.variable import Variable
from keras_training.callbacks.callback import Callback
from keras_training.callbacks.lambda_callback import LambdaCallback
from keras_training.metrics import identifiers
from keras_training.metrics.reductions import Mean
from keras_training.optimizers.sgd import SGD
from perceptron import LOSS, QUIET, Perceptron, TwoHeads, compiled, trains


def reference(x, y, epochs, batch_size, rate=0.5, weights=None):
    """The same training in NumPy: losses per epoch and the model's weights."""
    w1, b1, w2, b2 = (v.astype("float64") for v in Perceptron().get_weights())
    history = []
    for _ in range(epochs):
        total = count = 0.0
        for start in range(0, len(x), batch_size):
            a, t = x[start : start + batch_size], y[start : start + batch_size]
            s = np.ones(len(a)) if weights is None else weights[start : start + batch_size]
            h = np.tanh(a @ w1 + b1)
            logits = h @ w2 + b2
            p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
            total += (-np.log(p[np.arange(len(a)), t]) * s).sum()
            count += len(a)
            g = (p - np.eye(3)[t]) * s[:, None] / len(a)
            gh = (g @ w2.T) * (1 - h**2)
            w1, b1, w2, b2 = (
                w1 - rate * a.T @ gh,
                b1 - rate * gh.sum(0),
                w2 - rate * h.T @ g,
                b2 - rate * g.sum(0),
            )
        history.append(total / count)
    return history, [w1, b1, w2, b2]


MODES = {
    "auto": {},
    "eager": {"run_eagerly": True},
    "not compiled": {"jit_compile": False},
    "two at a time": {"steps_per_execution": 2},
}


@trains
@pytest.mark.parametrize("mode", MODES)
def test_fit_is_gradient_descent(mode, data):
    model = compiled(**MODES[mode], metrics=["accuracy"])
    history = model.fit(*data, batch_size=10, epochs=3, **QUIET).history
    losses, weights = reference(*data, 3, 10)
    np.testing.assert_allclose(history["loss"], losses, rtol=1e-4)
    for found, expected in zip(model.get_weights(), weights):
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)
    assert history["accuracy"][-1] > history["accuracy"][0]
    assert float(model.calls.numpy()) == 15
    assert int(model.optimizer.iterations.numpy()) == 15


@trains
def test_sample_and_class_weights(data):
    x, y = data
    weights = np.where(y == 1, 3.0, 1.0).astype("float32")
    expected, _ = reference(x, y, 2, 10, weights=weights)
    by_sample = compiled(Perceptron()).fit(x, y, batch_size=10, epochs=2, sample_weight=weights, **QUIET)
    by_class = compiled(Perceptron()).fit(x, y, batch_size=10, epochs=2, class_weight={1: 3.0}, **QUIET)
    np.testing.assert_allclose(by_sample.history["loss"], expected, rtol=1e-4)
    np.testing.assert_allclose(by_class.history["loss"], expected, rtol=1e-4)


@trains
def test_validation(data):
    x, y = data
    model = compiled()
    split = model.fit(x, y, epochs=4, validation_split=0.25, validation_freq=2, **QUIET)
    assert len(split.history["val_loss"]) == 2
    given = compiled(Perceptron()).fit(
        x[:31], y[:31], epochs=4, validation_data=(x[31:], y[31:]), validation_freq=[2, 4], **QUIET
    )
    np.testing.assert_allclose(given.history["val_loss"], split.history["val_loss"], rtol=1e-5)
    assert np.isclose(model.evaluate(x[31:], y[31:], verbose=0), split.history["val_loss"][-1], rtol=1e-5)


@trains
def test_steps_per_epoch_go_on_and_initial_epoch_counts(data):
    model = compiled()
    history = model.fit(*data, batch_size=7, epochs=5, initial_epoch=3, steps_per_epoch=3, **QUIET)
    assert history.epoch == [3, 4]
    assert int(model.optimizer.iterations.numpy()) == 6
    whole, _ = reference(*data, 1, 7)
    assert np.isclose(np.mean(history.history["loss"]), whole[0], rtol=1e-4)


@trains
def test_every_kind_of_data_trains_the_same(data):
    x, y = data

    class Batches(PyDataset):
        def __len__(self):
            return 3

        def __getitem__(self, i):
            return x[14 * i : 14 * i + 14], y[14 * i : 14 * i + 14]

    expected, _ = reference(x, y, 1, 14)
    for make in (lambda: Batches(), lambda: (Batches()[i] for i in range(3)), lambda: iter(Batches())):
        found = compiled(Perceptron()).fit(make(), **QUIET).history["loss"]
        np.testing.assert_allclose(found, expected, rtol=1e-4)


@trains
def test_a_dataset_hears_of_the_look_that_builds_the_model_and_of_each_epoch(data):
    x, y = data

    class Batches(PyDataset):
        events = ()

        def __len__(self):
            return 2

        def __getitem__(self, i):
            self.events += (i,)
            return x[21 * i : 21 * i + 21], y[21 * i : 21 * i + 21]

        def on_epoch_end(self):
            self.events += ("end",)

    model, batches = compiled(metrics=["accuracy"]), Batches()
    model.fit(batches, epochs=2, **QUIET)
    assert batches.events == (0, "end", 0, 1, "end", 0, 1, "end")
    model.fit(batches, **QUIET)
    assert batches.events[8:] == (0, 1, "end")


@trains
def test_single_batches_report_themselves(data):
    x, y = data
    model = compiled(metrics=["accuracy"])
    first = model.test_on_batch(x[:5], y[:5])
    model.test_on_batch(x[5:], y[5:])
    assert model.test_on_batch(x[:5], y[:5]) == pytest.approx(first)
    losses = [model.train_on_batch(x, y, return_dict=True)["loss"] for _ in range(3)]
    assert losses[0] > losses[1] > losses[2]
    weighted = model.test_on_batch(x[:2], y[:2], sample_weight=np.array([0.0, 2.0], "float32"))
    assert weighted[0] == pytest.approx(model.test_on_batch(x[1:2], y[1:2])[0], rel=1e-5)


def test_evaluate_and_predict_work_everywhere(data):
    x, y = data
    model = compiled(metrics=["acc"], weighted_metrics=["acc"])
    logits = x
    w1, b1, w2, b2 = model.get_weights()
    logits = np.tanh(x @ w1 + b1) @ w2 + b2
    np.testing.assert_allclose(model.predict(x, batch_size=10, verbose=0), logits, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(model.predict_on_batch(x[:3]), logits[:3], rtol=1e-4, atol=1e-5)
    logs = model.evaluate(x, y, batch_size=10, verbose=0, return_dict=True)
    assert list(logs) == ["acc", "loss", "weighted_acc"]
    assert logs["acc"] == pytest.approx((logits.argmax(-1) == y).mean())
    assert model.metrics_names == ["loss", "compile_metrics"]


def test_two_outputs(data):
    x, y = data
    model = TwoHeads()
    model.compile(
        SGD(0.1),
        loss={"size": "mse", "kind": LOSS},
        loss_weights={"size": 0.5, "kind": 2.0},
        metrics={"size": ["mae"]},
    )
    target = {"kind": y, "size": x[:, :1]}
    logs = model.evaluate(x, target, verbose=0, return_dict=True)
    assert list(logs) == ["kind_loss", "loss", "size_loss", "size_mae"]
    assert logs["loss"] == pytest.approx(0.5 * logs["size_loss"] + 2 * logs["kind_loss"], rel=1e-5)
    assert model.metrics_names == ["loss", "compile_metrics", "size_loss", "kind_loss"]
    model.compile(SGD(0.1), loss=[LOSS, None])
    assert model.evaluate(x, [y, None], verbose=0, return_dict=True).keys() == {"loss", "kind_loss"}
    kind, size = model.predict(x, batch_size=20, verbose=0)
    assert (kind.shape, size.shape) == ((42, 3), (42, 1))


@trains
def test_added_losses_count(data):
    plain = compiled().evaluate(*data, verbose=0)
    model = compiled(Perceptron(penalty=0.1))
    penalty = 0.1 * (model.get_weights()[0] ** 2).sum()
    assert model.evaluate(*data, verbose=0) == pytest.approx(plain + penalty, rel=1e-5)


@trains
def test_events_and_stopping(data):
    events = []

    class Notes(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            events.append(f"epoch {epoch}")

        def on_train_batch_end(self, batch, logs=None):
            events.append(f"batch {batch} {type(logs['loss']).__name__}")
            self.model.stop_training = batch == 1

    model = compiled()
    model.fit(*data, batch_size=14, epochs=3, callbacks=[Notes()], **QUIET)
    assert events == ["epoch 0", "batch 0 float", "batch 1 float"]
    assert model.stop_training


@pytest.mark.parametrize("hook", ["begin", "end"])
@pytest.mark.parametrize(
    ("phase", "flag"),
    [
        pytest.param("train", "stop_training", marks=trains),
        ("test", "stop_evaluating"),
        ("predict", "stop_predicting"),
    ],
)
def test_one_hook_is_enough_to_stop(phase, flag, hook, data):
    model, seen = compiled(), []

    def stop(batch, logs):
        seen.append(batch)
        setattr(model, flag, True)

    callbacks = [LambdaCallback(**{f"on_{phase}_batch_{hook}": stop})]
    run = {"train": model.fit, "test": model.evaluate, "predict": model.predict}[phase]
    run(*data[: 1 if phase == "predict" else 2], batch_size=10, callbacks=callbacks, verbose=0)
    assert seen == [0]


@trains
def test_functions_as_callbacks_name_their_parameters_as_they_like(data):
    numbered = ["epoch_begin", "epoch_end", "batch_begin", "batch_end"]
    numbered += [f"{phase}_batch_{end}" for phase in ("train", "test", "predict") for end in ("begin", "end")]
    plain = [f"{phase}_{end}" for phase in ("train", "test", "predict") for end in ("begin", "end")]
    seen, model = set(), compiled()
    for names, make in (
        (numbered, lambda name: lambda n, l: seen.add((name, type(n), l is None))),
        (plain, lambda name: lambda l: seen.add((name, int, l is None))),
    ):
        for name in names:
            callbacks = [LambdaCallback(**{f"on_{name}": make(name)})]
            model.fit(*data, validation_data=data, callbacks=callbacks, **QUIET)
            model.predict(data[0], callbacks=callbacks, verbose=0)
    assert seen == {(name, int, False) for name in (*numbered, *plain)}


@trains
@pytest.mark.parametrize("run_eagerly", [False, True])
def test_own_step_by_the_engine(data, run_eagerly):
    class Own(Perceptron):
        def train_step(self, batch):
            x, y = batch[:2]

            def forward():
                loss = LOSS(y, self(x, training=True))
                return loss, loss

            (_, loss), grads = self.engine.gradients(forward, self.trainable_variables)
            self.optimizer.apply(grads, self.trainable_variables)
            return {"own": loss}

    model = compiled(Own(), run_eagerly=run_eagerly)
    found = model.fit(*data, batch_size=42, epochs=3, **QUIET).history["own"]
    np.testing.assert_allclose(found, reference(*data, 3, 42)[0], rtol=1e-4)
    assert float(model.calls.numpy()) == 3


@trains
def test_own_step_with_state(data):
    class Own(Perceptron):
        def train_step(self, values, batch):
            trainable, non_trainable, optimizer, metrics = values
            x, y = batch[:2]

            def loss_of(weights):
                loss, updates = self.compute_loss_and_updates(
                    weights, non_trainable, metrics, x, y, None, training=True, optimizer_variables=optimizer
                )
                return loss, updates

            (_, (loss, _, non_trainable, metrics)), grads = state.backend.gradients(loss_of, trainable)
            trainable, optimizer = self.optimizer.stateless_apply(optimizer, grads, trainable)
            return {"own": loss}, (trainable, non_trainable, optimizer, metrics)

    model = compiled(Own())
    if not state.backend.traits.functional:
        with pytest.raises(TypeError, match=r"train_step\(self, data\)"):
            model.fit(*data, **QUIET)
        return
    found = model.fit(*data, batch_size=42, epochs=3, **QUIET).history["own"]
    np.testing.assert_allclose(found, reference(*data, 3, 42)[0], rtol=1e-4)
    assert float(model.calls.numpy()) == 3


@trains
def test_own_steps_on_top_of_the_default_ones_in_both_styles(data):
    """Where state is functional the default steps take `(state, data)` too."""
    calls = []

    class OnData(Perceptron):
        def train_step(self, batch):
            calls.append("data")
            return super().train_step(batch)

    class OnState(Perceptron):
        def train_step(self, state, data):
            calls.append("state")
            return super().train_step(state, data)

        def test_step(self, state, data):
            return super().test_step(state, data)

        def predict_step(self, state, data):
            return super().predict_step(state, data)

    results = []
    for cls in (Perceptron, OnData, OnState)[: 3 if state.backend.traits.functional else 2]:
        model = compiled(cls())
        history = model.fit(*data, batch_size=42, epochs=3, **QUIET).history["loss"]
        loss = model.evaluate(*data, batch_size=42, verbose=0)
        results.append([*history, loss, *model.predict(data[0], verbose=0).ravel()[:5]])
    for found in results[1:]:
        np.testing.assert_allclose(found, results[0], rtol=1e-4)
    assert set(calls) == ({"data", "state"} if state.backend.traits.functional else {"data"})


def test_state_of_the_wrong_size_is_refused(data):
    if not state.backend.traits.functional:
        pytest.skip("steps take no state")
    model = compiled()
    with pytest.raises(ValueError, match=r"train_step: expected `state` to hold trainable_variables"):
        model.train_step(([], [], [], []), data)


@trains
@pytest.mark.parametrize(
    ("options", "every_time"),
    [({"run_eagerly": True}, True), ({"jit_compile": False}, None), ({}, None)],
)
def test_steps_that_are_not_compiled_run_as_python(data, options, every_time):
    """`jit_compile=False` means no tracing where XLA is the only compiler, no XLA elsewhere."""
    ran = []

    class Own(Perceptron):
        def train_step(self, batch):
            ran.append(1)
            return super().train_step(batch)

    traits = state.backend.traits
    if every_time is None:
        every_time = not traits.compiles or ("jit_compile" in options and traits.functional)
    compiled(Own(), **options).fit(*data, batch_size=7, epochs=2, **QUIET)
    assert (len(ran) == 12) is every_time


@pytest.mark.parametrize("size", [42, 20, 1])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_predicting_one_array_is_the_same_the_short_way(data, size, dtype):
    model, x = compiled(), data[0].astype(dtype)
    if dtype == "int32" and state.backend.traits.keeps_width:
        pytest.skip("a matrix product of int32 and float32 is the model's affair")
    long_way = model.predict(x, batch_size=size, verbose=2)
    assert model.predict_function is not None
    np.testing.assert_allclose(model.predict(x, batch_size=size, verbose=0), long_way, rtol=1e-6)


@trains
def test_overrides_of_loss_and_metrics(data):
    class Own(Perceptron):
        def __init__(self):
            super().__init__()
            self.spread = Mean(name="spread")

        metrics = property(lambda self: [*super().metrics, self.spread])

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
            return ops.mean(ops.square(y_pred))

        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            self.spread.update_state(ops.max(y_pred) - ops.min(y_pred))
            return {**super().compute_metrics(x, y, y_pred, sample_weight), "one": ops.ones(())}

    history = compiled(Own()).fit(*data, epochs=2, **QUIET).history
    assert set(history) == {"loss", "spread", "one"}
    assert history["loss"][0] > history["loss"][1]


def test_compile_config_round_trip():
    model = compiled(metrics=["acc"], loss="mse", steps_per_execution=3)
    config = model.get_compile_config()
    other = Perceptron()
    assert other.get_compile_config() is None
    other.compile_from_config(config)
    assert other.get_compile_config() == config
    assert other.optimizer.built
    other.compile_from_config({**config, "jit_compile": True})
    assert other.get_compile_config()["jit_compile"] is True


def test_the_default_optimizer_is_there():
    model = Perceptron()
    model.compile(loss="mse")
    assert type(model.optimizer).__name__ == "RMSprop"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: Perceptron().fit(np.ones((2, 4)), np.ones(2)), "must be compiled before `fit`"),
        (lambda m: Perceptron().evaluate(np.ones((2, 4)), np.ones(2)), "must be compiled before `evaluate`"),
        (lambda m: m.compile(jit_compile="maybe"), "jit_compile"),
        (lambda m: m.compile(jit_compile=True, run_eagerly=True), "exclude each other"),
        (lambda m: m.compile(steps_per_execution=0), "steps_per_execution"),
        (lambda m: m.evaluate(np.ones((2, 4)), np.ones(2), size=3), "size"),
        (lambda m: m.evaluate(np.ones((2, 4)), np.ones(3), verbose=0), "x: 2, y: 3"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call(compiled())


def test_training_where_there_are_no_gradients(data):
    if state.backend.traits.trainable:
        pytest.skip("the backend trains")
    with pytest.raises(NotImplementedError, match="'jax', 'torch' or 'tensorflow'"):
        compiled().fit(*data)
    with pytest.raises(ValueError, match="no compiler"):
        compiled(jit_compile=True)


@trains
def test_variables_outside_the_model_take_part_in_a_compiled_step():
    temperature = Variable(np.float32(1), name="temperature")
    seen = Variable(np.float32(0), name="seen")

    def loss(y, y_pred):
        seen.assign_add(random.uniform(()) * 0.0 + 1.0)
        return ops.mean(ops.square(y_pred)) * 0.0 + temperature.value

    model = Perceptron()
    model.compile(SGD(0.1), loss=loss)
    x, y = np.zeros((4, 4), "float32"), np.zeros(4, "int32")
    assert model.train_on_batch(x, y) == 1.0
    temperature.assign(3.0)
    assert model.train_on_batch(x, y) == 3.0
    assert float(seen.numpy()) == 2


@trains
def test_metrics_that_wait_for_shapes_are_there_before_a_step_is_compiled(data):
    names = ["F1Score", "R2Score", "AUC", "Precision", "OneHotMeanIoU"]
    options = {"AUC": {"multi_label": True, "from_logits": True}, "OneHotMeanIoU": {"num_classes": 3}}
    metrics = [identifiers.CLASSES[name](**options.get(name, {}), name=name.lower()) for name in names]
    model = compiled(loss="mse", metrics=metrics)
    x, y = data[0], np.eye(3, dtype="float32")[data[1]]
    history = model.fit(x, y, batch_size=7, epochs=2, verbose=0).history
    assert {name.lower() for name in names} < set(history)
    assert history["auc"][-1] > 0.5


@trains
@pytest.mark.parametrize("as_generator", [False, True])
def test_a_batch_has_only_the_parts_that_were_given(data, as_generator):
    seen = []

    class Literal(Perceptron):
        def train_step(self, data):
            x, y = data
            seen.append((x.shape[1:], y.shape[1:]))
            return super().train_step(data)

        def predict_step(self, data):
            seen.append(data.shape[1:])
            return self(data)

    x, y = data
    model = Literal()
    model.compile(SGD(0.1), "sparse_categorical_crossentropy")
    batches = (part for part in [(x[:4], y[:4]), (x[4:8], y[4:8])])
    model.fit(batches) if as_generator else model.fit(x, y, batch_size=4, epochs=1, verbose=0)
    model.train_on_batch(x[:4], y[:4])
    model.predict(x[:4], verbose=0)
    model.predict_on_batch(x[:4])
    assert len(seen) >= 2


def test_prediction_leaves_the_values_of_variables_alone(data):
    model = Perceptron()
    model.compile()
    before = model.calls.value
    model.predict(data[0], verbose=0)
    assert float(ops.convert_to_numpy(before)) == 0.0
