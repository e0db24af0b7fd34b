"""Callbacks without a model: what they do when told what training would tell them."""

import csv
import json

import numpy as np
import pytest
from keras_ops import ops
from keras_training.callbacks import progress
from keras_training.callbacks.callback import Callback
from keras_training.callbacks.callback_list import CallbackList
from keras_training.callbacks.csv_logger import CSVLogger
from keras_training.callbacks.early_stopping import EarlyStopping, TerminateOnNaN
from keras_training.callbacks.history import History
from keras_training.callbacks.lambda_callback import LambdaCallback
from keras_training.callbacks.learning_rate import LearningRateScheduler, ReduceLROnPlateau
from keras_training.callbacks.logs import Logs
from keras_training.callbacks.model_checkpoint import ModelCheckpoint
from keras_training.callbacks.progress import Progbar, ProgbarLogger, duration, number
from keras_training.metrics.accuracy import BinaryAccuracy
from keras_training.optimizers.sgd import SGD


class FakeModel:
    """As much of a model as callbacks look at."""

    def __init__(self):
        self.stop_training = False
        self.metrics = [BinaryAccuracy(name="acc")]
        self.optimizer = SGD(0.8)
        self.weights = [0]
        self.saved = []

    def get_weights(self):
        return list(self.weights)

    def set_weights(self, weights):
        self.weights = weights

    def save(self, path, overwrite):
        self.saved.append(path)

    save_weights = save


def run(callback, values, monitor="val_loss", model=None):
    """Tells a callback of epochs with these values of a metric; returns the model and epochs run."""
    model = model or FakeModel()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        callback.on_epoch_begin(epoch)
        model.weights = [epoch]
        callback.on_epoch_end(epoch, {monitor: value})
        if model.stop_training:
            break
    callback.on_train_end()
    return model, epoch + 1


@pytest.mark.parametrize(
    ("arguments", "values", "epochs", "best"),
    [
        ({"patience": 1}, [3, 2, 2, 2], 3, 1),
        ({"patience": 2}, [3, 2, 4, 1, 5, 5, 5], 6, 3),
        ({"min_delta": 0.5, "patience": 1}, [3, 2.8, 1, 1], 2, 0),
        ({"baseline": 1.0, "patience": 2}, [3, 2.9, 2.8, 2.7], 4, 3),
        ({"start_from_epoch": 2, "patience": 1}, [1, 2, 3, 4], 4, 2),
        ({"mode": "max", "patience": 1}, [1, 2, 1], 3, 1),
        ({"monitor": "val_acc", "patience": 1}, [1, 2, 1], 3, 1),
    ],
)
def test_early_stopping(arguments, values, epochs, best):
    callback = EarlyStopping(restore_best_weights=True, **arguments)
    model, seen = run(callback, values, callback.monitor)
    assert (seen, callback.best_epoch, model.weights) == (epochs, best, [best])


def test_the_direction_of_an_unknown_metric_must_be_given():
    with pytest.raises(ValueError, match="mode='max' or mode='min'"):
        run(EarlyStopping("val_something"), [1], "val_something")
    with pytest.warns(UserWarning, match="'val_loss' is not available"):
        run(EarlyStopping(), [1], "loss")


def test_terminate_on_nan():
    callback, model = TerminateOnNaN(), FakeModel()
    callback.set_model(model)
    callback.on_train_batch_end(0, {"loss": 1.0})
    assert not model.stop_training
    with pytest.warns(UserWarning, match="Batch 1"):
        callback.on_train_batch_end(1, {"loss": float("nan")})
    assert model.stop_training
    with pytest.raises(RuntimeError, match="inf"):
        TerminateOnNaN(raise_error=True).on_train_batch_end(2, {"loss": float("inf")})


def test_learning_rates():
    for schedule in (lambda epoch, rate: rate / 2, lambda epoch: 0.8 / 2 ** (epoch + 1)):
        model, _ = run(LearningRateScheduler(schedule), [1, 1])
        assert np.isclose(float(model.optimizer.learning_rate.numpy()), 0.2)
    with pytest.raises(ValueError, match="return a float"):
        run(LearningRateScheduler(lambda epoch, rate: "fast"), [1])
    model, _ = run(ReduceLROnPlateau(factor=0.5, patience=2, cooldown=1, min_lr=0.3), [1] * 9)
    assert np.isclose(float(model.optimizer.learning_rate.numpy()), 0.3)
    with pytest.raises(ValueError, match="below 1"):
        ReduceLROnPlateau(factor=1.0)


def test_checkpoints(tmp_path):
    model, _ = run(ModelCheckpoint(tmp_path / "{epoch:02d}-{val_loss:.1f}.keras"), [3, 2])
    assert [path.rsplit("/", 1)[1] for path in model.saved] == ["01-3.0.keras", "02-2.0.keras"]
    best = ModelCheckpoint(tmp_path / "{epoch}.weights.h5", save_best_only=True, save_weights_only=True)
    model, _ = run(best, [3, 4, 2])
    assert [path.rsplit("/", 1)[1] for path in model.saved] == ["1.weights.h5", "3.weights.h5"]
    often = ModelCheckpoint(tmp_path / "{epoch}-{batch}.keras", save_freq=2)
    often.set_model(FakeModel())
    for epoch in range(2):
        often.on_epoch_begin(epoch)
        for batch in range(3):
            often.on_train_batch_end(batch, {})
    assert [path.rsplit("/", 1)[1] for path in often.model.saved] == ["1-2.keras", "2-1.keras", "2-3.keras"]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ModelCheckpoint("a.zip"), ValueError, "'.keras'"),
        (lambda: ModelCheckpoint("a.keras", save_weights_only=True), ValueError, "'.weights.h5'"),
        (lambda: ModelCheckpoint("a.keras", save_freq=0), ValueError, "save_freq=0"),
        (lambda: run(ModelCheckpoint("{acc}.keras"), [1]), KeyError, "refers to"),
        (lambda: CallbackList([], add_progbar=True, verbose=3), ValueError, "verbose=3"),
        (lambda: ReduceLROnPlateau(epsilon=1), TypeError, "epsilon"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_csv_logger(tmp_path):
    path = tmp_path / "log.csv"
    for first in (0, 2):
        logger = CSVLogger(path, append=first > 0)
        logger.on_train_begin()
        logger.on_epoch_end(first, {"loss": 0.5})
        logger.on_epoch_end(first + 1, {"loss": 0.25, "val_loss": 1.0})
        logger.on_train_end()
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["epoch", "loss", "val_loss"]
    assert rows[1:] == [["0", "0.5", "NA"], ["1", "0.25", "1.0"], ["2", "0.5", "NA"], ["3", "0.25", "1.0"]]


def test_history_and_lambda_callbacks():
    history, seen = History(), []
    callbacks = CallbackList([history, LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))])
    callbacks.on_train_begin()
    for epoch in range(2):
        callbacks.on_epoch_end(epoch, {"loss": 1.0 / (epoch + 1)})
    assert (history.epoch, history.history, seen) == ([0, 1], {"loss": [1.0, 0.5]}, [0, 1])


def test_only_callbacks_that_override_a_hook_are_called():
    class Batches(Callback):
        def on_batch_end(self, batch, logs=None):
            self.batch = batch

    batches, other = Batches(), Callback()
    function = LambdaCallback(on_train_batch_end=lambda batch, logs: None)
    callbacks = CallbackList([[batches], other, function])
    assert len(callbacks.listening("on_train_batch_end")) == 2
    assert callbacks.listening("on_train_batch_begin") == []
    callbacks.on_train_batch_end(7, {})
    assert batches.batch == 7


@pytest.mark.parametrize(
    "read",
    [
        lambda logs: logs["loss"],
        lambda logs: logs.get("loss"),
        lambda logs: dict(logs)["loss"],
        lambda logs: {**logs}["loss"],
        lambda logs: dict(logs.items())["loss"],
        lambda logs: json.loads(json.dumps(dict(logs)))["loss"],
        lambda logs: logs.copy()["loss"],
        lambda logs: (logs | {})["loss"],
    ],
)
def test_logs_are_numbers_once_read(read):
    logs = Logs({"loss": ops.convert_to_tensor(1.5)})
    assert len(logs) == 1
    assert not logs.settled
    value = read(logs)
    assert type(value) is float
    assert value == 1.5


def test_progress_lines(capsys):
    Progbar(3, verbose=0).update(3, [("loss", 1.0)])
    assert capsys.readouterr().out == ""
    bar = Progbar(2, verbose=2)
    bar.update(1, [("loss", 1.0)])
    bar.update(2, [("loss", 2.0)])
    line = capsys.readouterr().out
    assert line.startswith("2/2 - 0s - ")
    assert line.endswith("/step - loss: 1.5000\n")
    Progbar(None, verbose=1, stateful_metrics=["loss"]).update(4, [("loss", 2e-5)], finalize=True)
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert line.startswith("4/4 ")
    assert line.endswith("loss: 2.0000e-05\n")


def test_a_live_bar_overwrites_its_line(capsys, monkeypatch):
    monkeypatch.setattr("keras_training.callbacks.progress.is_live", lambda stream: True)
    monkeypatch.setenv("NO_COLOR", "1")
    bar = Progbar(2, interval=0)
    bar.update(1, [("loss", 1.0)])
    bar.update(2, [("loss", 1.0)])
    out = capsys.readouterr().out
    assert out.count("\r") == 2
    assert out.count("\n") == 1


def test_validation_inside_fit_is_not_shown_apart(capsys):
    logger = ProgbarLogger()
    logger.set_params({"verbose": 2, "epochs": 1, "steps": 1})
    logger.on_train_begin()
    logger.on_epoch_begin(0)
    logger.on_train_batch_end(0, {"loss": 1.0})
    logger.on_test_begin()
    logger.on_test_batch_end(0, {"loss": 1.0})
    logger.on_test_end({"loss": 1.0})
    logger.on_epoch_end(0, {"loss": 1.0, "val_loss": 2.0})
    assert capsys.readouterr().out.count("\n") == 1


def test_texts():
    assert [duration(s) for s in (3.2, 125, 3600)] == ["3s", "2:05", "1:00:00"]
    assert [number(v, 1) for v in (0.5, 1e-5, 0.0, float("nan"))] == ["0.5000", "1.0000e-05", "0.0000", "nan"]


@pytest.mark.parametrize("live", [False, True])
def test_the_pace_leaves_out_the_first_step(monkeypatch, capsys, live):
    clock = iter([0.0, *(10.0 + 0.002 * i for i in range(100))])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr("keras_training.callbacks.progress.is_live", lambda stream: live)
    logger = ProgbarLogger()
    logger.set_params({"verbose": 1, "epochs": 1, "steps": 3})
    logger.on_epoch_begin(0)
    for batch in range(3):
        logger.on_train_batch_end(batch, {"loss": 1.0})
    logger.on_epoch_end(0, {"loss": 1.0})
    line = capsys.readouterr().out.splitlines()[-1]
    assert "10s" in line and "ms/step" in line, line
