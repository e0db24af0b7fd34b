"""What the Trainer refuses before it trains: wrong arguments, names that nobody knows, wrong class numbers."""

import pytest
from keras_ops import ops
from keras_ops.registry import CustomObjectScope
from keras_training.callbacks.callback import Callback
from keras_training.callbacks.early_stopping import EarlyStopping
from keras_training.callbacks.learning_rate import ReduceLROnPlateau
from keras_training.losses.crossentropy import SparseCategoricalCrossentropy
from keras_training.optimizers.adam import Adam
from perceptron import LOSS, Perceptron, TwoHeads, compiled, trains

_LABELS = {
    "function": "sparse_categorical_crossentropy",
    "probabilities": SparseCategoricalCrossentropy(),
    "logits": LOSS,
}


@trains
@pytest.mark.parametrize("loss", _LABELS)
@pytest.mark.parametrize("label", [3, -1])
def test_class_numbers_without_a_class_are_refused(data, loss, label):
    x, y = data
    bad = y.copy()
    bad[7] = label
    model = compiled(loss=_LABELS[loss])
    message = rf"output_0.*has 3 classes, received {label}"
    for call in (
        lambda: model.fit(x, bad, verbose=0),
        lambda: model.fit(x, ops.convert_to_tensor(bad), verbose=0),
        lambda: model.fit(x, y, validation_data=(x, bad), verbose=0),
        lambda: model.evaluate(x, bad, verbose=0),
        lambda: model.train_on_batch(x, bad),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    assert int(model.optimizer.iterations.numpy()) == 0


@trains
def test_class_numbers_to_be_ignored_are_no_mistake(data):
    x, y = data
    y[::2] = -1
    model = compiled(loss=SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1))
    assert model.fit(x, y, verbose=0).history["loss"][0] > 0


@trains
def test_the_message_names_the_output_with_the_wrong_class_numbers(data):
    model = compiled(TwoHeads(), loss={"kind": LOSS, "size": "mse"})
    with pytest.raises(ValueError, match=r"the output 'kind' has 3 classes, received 9"):
        model.fit(data[0], {"kind": data[1] * 0 + 9, "size": data[0][:, :1]}, verbose=0)


_WRONG = [
    ({"validation_split": 1.5}, ValueError, r"`validation_split` to be a number in \[0, 1\)"),
    ({"validation_split": -0.5}, ValueError, "validation_split=-0.5"),
    ({"validation_split": "0.2"}, TypeError, "validation_split='0.2' of type str"),
    ({"batch_size": 2.5}, TypeError, "batch_size=2.5 of type float"),
    ({"batch_size": 0}, ValueError, "`batch_size` to be an integer of at least 1 or None"),
    ({"epochs": "2"}, TypeError, "`epochs` to be an integer of at least 0, received epochs='2' of type str"),
    ({"initial_epoch": -1}, ValueError, "initial_epoch"),
    ({"steps_per_epoch": 0}, ValueError, "steps_per_epoch=0"),
    ({"validation_steps": 1.0}, TypeError, "validation_steps"),
    ({"validation_freq": 0}, ValueError, "validation_freq=0"),
    ({"verbose": 3}, ValueError, "`verbose` to be 0, 1, 2 or 'auto'"),
    ({"callbacks": ["early"]}, TypeError, "`callbacks`.*received 'early' of type str"),
    ({"callbacks": [Callback]}, TypeError, "the class Callback. Make an object of it"),
]


@trains
@pytest.mark.parametrize(("arguments", "error", "message"), _WRONG)
def test_wrong_arguments_of_fit_are_named(data, arguments, error, message):
    with pytest.raises(error, match=message):
        compiled().fit(*data, **arguments)


@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_wrong_arguments_of_evaluate_and_predict_are_named(data, method):
    for arguments in ({"batch_size": 2.5}, {"steps": "1"}):
        with pytest.raises(TypeError, match=f"{method}: expected `{next(iter(arguments))}`"):
            getattr(compiled(), method)(data[0], verbose=0, **arguments)


_MISSPELT = [
    (
        {"loss": "mean_squarred_error"},
        "Unknown loss 'mean_squarred_error'. Did you mean 'mean_squared_error'",
    ),
    ({"loss": {"kind": "mse", "size": "hingee"}}, "Unknown loss 'hingee'. Did you mean 'hinge'"),
    ({"loss": 3}, "Could not interpret loss identifier 3"),
    ({"loss": "mse", "metrics": ["accurracy"]}, "Unknown metric 'accurracy'. Did you mean 'accuracy'"),
    ({"loss": "mse", "weighted_metrics": [["mae", "maee"]]}, "Unknown metric 'maee'. Did you mean 'mae'"),
    ({"optimizer": "adm"}, "Unknown optimizer 'adm'. Did you mean 'adam'"),
]


@pytest.mark.parametrize(("arguments", "message"), _MISSPELT)
def test_compile_refuses_names_that_nobody_knows(arguments, message):
    with pytest.raises(ValueError, match=message):
        TwoHeads().compile(**arguments)


def test_compile_takes_registered_names_and_those_that_depend_on_targets():
    def mine(y_true, y_pred):
        return ops.mean(ops.square(y_pred), axis=-1)

    with CustomObjectScope({"mine": mine}):
        Perceptron().compile(loss="mine", metrics=["mine", "acc", "ce"])
    Perceptron().compile(loss="crossentropy", metrics={"output_0": ["accuracy", mine]})


def test_arguments_of_optimizers_that_are_misspelt_or_out_of_range():
    with pytest.raises(ValueError, match=r"\['learning_rte'\]. Did you mean 'learning_rate'\?.*beta_1"):
        Adam(learning_rte=0.1)
    with pytest.raises(ValueError, match=r"expected `learning_rate` to be 0 or more, received .*-1"):
        Adam(learning_rate=-1)
    optimizer = Adam(0.1)
    with pytest.raises(ValueError, match=r"learning_rate=-0\.5"):
        optimizer.learning_rate = -0.5


@trains
@pytest.mark.parametrize("callback", [EarlyStopping, ReduceLROnPlateau])
def test_what_is_monitored_but_not_there_is_named(data, callback):
    model = compiled(metrics=["accuracy"])
    with pytest.warns(
        UserWarning,
        match=r"metric 'acuracy' is not available; there are accuracy, .*loss.*"
        r"Did you mean 'accuracy'\?",
    ):
        model.fit(*data, verbose=0, callbacks=[callback(monitor="acuracy")])
