"""`Trainer`: `compile`, `fit`, `evaluate`, `predict` and their relatives for one batch.

It sees a model by protocol: a call, variables, losses. What a step is stands in `steps`, how it is
compiled in `functions` and `engine`, how epochs run in `loop`.
"""

import warnings
from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np
from keras_backends import settings
from keras_datasets.adapters.adapter import Adapter
from keras_datasets.adapters.choice import is_dataset, make_adapter, train_validation_split
from keras_datasets.packing import unpack_x_y_sample_weight
from keras_ops import tree
from keras_ops.inference import compute_output_spec
from keras_ops.serialize import deserialize_keras_object
from keras_ops.state import state
from keras_ops.tensor import KerasTensor

from keras_training.callbacks.callback_list import CallbackList, Callbacks
from keras_training.callbacks.history import History
from keras_training.callbacks.logs import Logs
from keras_training.optimizers import identifiers as optimizers
from keras_training.trainer.compilation import Compilation
from keras_training.trainer.engine import place
from keras_training.trainer.functions import Function, make_function, placer
from keras_training.trainer.loop import Epochs, run_epoch
from keras_training.trainer.reporting import as_logs, in_order
from keras_training.trainer.steps import Steps

HELD_OUTPUTS = 4
"""Batches of predictions that may stay on the device before they are fetched."""


class Trainer(Steps):
    """Training, evaluation and prediction for whatever has the protocol of a model.

    The protocol: `__call__(x, training=...)`, `variables`, `trainable_variables`,
    `non_trainable_variables`, `losses`, `name`.
    """

    train_function: Function | None = None
    test_function: Function | None = None
    predict_function: Function | None = None
    steps_per_execution = 1
    stop_training = False
    stop_evaluating = False
    stop_predicting = False
    history: History | None = None
    auto_scale_loss = True
    _run_eagerly = False
    _jit_compile: Any = "auto"
    _jit_asked = False

    # Compiling

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str | None = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Says how to train.

        Args:
            optimizer: Optimizer or its name.
            loss: Loss, function, name, or a list or dict of them by output.
            loss_weights: Factors of the losses, in the same form.
            metrics: Metrics, functions, names (`"accuracy"` adapts to the targets), or lists and
                dicts of them by output. They ignore sample weights.
            weighted_metrics: Likewise, with sample weights.
            run_eagerly: Whether to run steps as plain Python, e.g. to debug them.
            steps_per_execution: How many batches to run by one call.
            jit_compile: Whether to compile steps: `"auto"` does so where it pays.
            auto_scale_loss: Whether a float16 dtype policy gets dynamic loss scaling.

        Raises:
            ValueError: If an argument is not understood.

        Example:

            >>> model.compile("adam", "mse", metrics=["mae"])  # doctest: +SKIP
        """
        if jit_compile not in ("auto", True, False, None):
            raise ValueError(f"Expected `jit_compile` to be True, False or 'auto', received {jit_compile!r}.")
        if jit_compile is True and run_eagerly:
            raise ValueError("`run_eagerly=True` and `jit_compile=True` exclude each other.")
        traits = state.backend.traits
        if jit_compile is True and not traits.trainable:
            raise ValueError(
                f"`jit_compile=True`: the {state.backend.name!r} backend has no compiler. Pass "
                "jit_compile='auto', which compiles where that can be had."
            )
        if not isinstance(steps_per_execution, (int, np.integer)) or steps_per_execution < 1:
            raise ValueError(
                f"Expected `steps_per_execution` to be a positive integer, received {steps_per_execution!r}."
            )
        self.optimizer = self._scaling(optimizers.get(optimizer), auto_scale_loss)
        self._run_eagerly = bool(run_eagerly)
        self._jit_compile = jit_compile
        self._jit_asked = jit_compile is True
        self.steps_per_execution = int(steps_per_execution)
        self.auto_scale_loss = auto_scale_loss
        arguments = {
            "optimizer": self.optimizer,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": self._run_eagerly,
            "steps_per_execution": self.steps_per_execution,
            "jit_compile": self.jit_compile,
        }
        self._compilation = Compilation(arguments, getattr(self, "output_names", None))
        self._forget_functions()
        self.stop_training = False
        self.compiled = True

    def _scaling(self, optimizer: Any, wanted: bool) -> Any:
        """Returns the optimizer, with dynamic loss scaling where the dtype policy calls for it."""
        return optimizer

    def _forget_functions(self) -> None:
        self.train_function = self.test_function = self.predict_function = None

    @property
    def jit_compile(self) -> bool:
        """Whether steps are compiled; `"auto"` is settled by the backend."""
        if self._jit_compile in ("auto", None):
            return not self._run_eagerly and state.backend.traits.compiles
        return bool(self._jit_compile)

    @jit_compile.setter
    def jit_compile(self, value: bool | str) -> None:
        self._jit_compile = value
        self._jit_asked = value is True
        self._forget_functions()

    @property
    def run_eagerly(self) -> bool:
        """Whether steps run as plain Python."""
        return self._run_eagerly

    @run_eagerly.setter
    def run_eagerly(self, value: bool) -> None:
        self._run_eagerly = bool(value)
        self._forget_functions()

    def _assert_compiled(self, method: str) -> None:
        if not self.compiled:
            raise ValueError(
                f"Model {self.name!r} must be compiled before `{method}`: call "
                "`model.compile(optimizer=..., loss=...)` first."
            )

    def _assert_trainable(self, method: str) -> None:
        if not state.backend.traits.trainable:
            raise NotImplementedError(
                f"`{method}` is not available on the {state.backend.name!r} backend, which computes no "
                "gradients. Set KERAS_BACKEND to 'jax', 'torch' or 'tensorflow' to train; this backend can "
                "evaluate and predict."
            )

    def get_compile_config(self) -> dict[str, Any] | None:
        """Returns the arguments of `compile` as plain data; `None` if it was not called."""
        if not self.compiled or self._compilation is None:
            return None
        return self._compilation.get_config()

    def compile_from_config(self, config: Mapping[str, Any]) -> None:
        """Compiles as `get_compile_config` says.

        Args:
            config: What it returned. A model class with a `compile` of its own is left uncompiled,
                with a warning.
        """
        if type(self).compile is not Trainer.compile:
            warnings.warn(
                f"Model {self.name!r} is left uncompiled: its class {type(self).__name__} has a `compile` of "
                "its own. Override `compile_from_config` (and `get_compile_config`) to have it compiled.",
                stacklevel=3,
            )
            return
        arguments = deserialize_keras_object(dict(config))
        jit = arguments.pop("jit_compile", "auto")
        self.compile(**arguments)
        # The file says what its writer's backend did, which is no demand on this one.
        self._jit_compile = jit
        self._compilation.arguments["jit_compile"] = jit
        if self.optimizer is not None and getattr(self, "built", True):
            self.optimizer.build(self.trainable_variables)

    # Functions

    def make_train_function(self, force: bool = False) -> Function:
        """Makes the function that trains on batches, unless it is there.

        Args:
            force: Whether to make it anew.
        """
        if self.train_function is None or force:
            self.train_function = make_function(self, "train_step")
        return self.train_function

    def make_test_function(self, force: bool = False) -> Function:
        """Makes the function that evaluates batches, unless it is there."""
        if self.test_function is None or force:
            self.test_function = make_function(self, "test_step")
        return self.test_function

    def make_predict_function(self, force: bool = False) -> Function:
        """Makes the function that predicts batches, unless it is there."""
        if self.predict_function is None or force:
            self.predict_function = make_function(self, "predict_step")
        return self.predict_function

    def _prepare(self, batch: Any, train: bool) -> None:
        """Builds what waits for the shapes of a first batch: model, losses, metrics, optimizer."""
        layers = getattr(self, "_flatten_layers", None)
        unbuilt = layers is not None and not all(layer.built for layer in layers())
        if unbuilt or (self._compilation is not None and self._compilation.needs_build):
            x, y, _ = unpack_x_y_sample_weight(batch)
            specs = tree.map_structure(_spec, x)
            try:
                y_pred = compute_output_spec(self._call, specs, training=False)
            except Exception as error:
                raise RuntimeError(
                    f"Model {self.name!r} could not be built from a batch of shapes "
                    f"{tree.map_structure(lambda s: getattr(s, 'shape', None), specs)}: "
                    f"{type(error).__name__}: {error}"
                ) from error
            if self._compilation is not None:
                self._compilation.build(tree.map_structure(_spec, y), y_pred)
        if train and self.optimizer is not None and not self.optimizer.built:
            self.optimizer.build(self.trainable_variables)

    # Training

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Callbacks = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool | str = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
    ) -> History:
        """Trains for a number of epochs.

        Args:
            x: Inputs: arrays or tensors in any nest; or something that yields batches, such as a
                `PyDataset`, a generator, a tf.data dataset, a torch loader.
            y: Targets, if `x` does not yield them.
            batch_size: Samples per batch, default 32; for arrays.
            epochs: Number of the epoch to end before.
            verbose: 0 silent, 1 progress bar, 2 one line per epoch, `"auto"` usually 1.
            callbacks: Callbacks.
            validation_split: Share of the arrays, at their end, that validates instead of training.
            validation_data: `(x, y)`, `(x, y, sample_weight)`, or something that yields batches.
            shuffle: Whether to shuffle arrays before each epoch; `"batch"` shuffles whole batches.
            class_weight: Class number to weight in the loss.
            sample_weight: Weight of each sample in the loss, for arrays.
            initial_epoch: Number of the epoch to start with.
            steps_per_epoch: Batches per epoch; the next epoch goes on where this one ended.
            validation_steps: Batches per validation.
            validation_batch_size: Samples per batch of validation, default `batch_size`.
            validation_freq: After how many epochs to validate, or a list of the epochs, counted from 1.

        Returns:
            A `History`, whose `history` is a dict from metric to its values per epoch.

        Raises:
            ValueError: If the model is not compiled or the data does not fit.
            NotImplementedError: If the backend can not train.

        Example:

            >>> model.fit(x, y, epochs=2, validation_split=0.2)  # doctest: +SKIP
        """
        self._assert_compiled("fit")
        self._assert_trainable("fit")
        limit = settings.max_epochs()
        if limit is not None and limit < epochs:
            warnings.warn(f"Training for {limit} epochs, as `keras.config.max_epochs` says.", stacklevel=2)
            epochs = limit
        if validation_split and validation_data is None:
            (x, y, sample_weight), validation_data = train_validation_split(
                (x, y, sample_weight), validation_split
            )
        adapter = make_adapter(x, y, sample_weight, batch_size, steps_per_epoch, shuffle, class_weight)
        data = self._epochs(adapter, steps_per_epoch)
        validation = None
        if validation_data is not None:
            size = validation_batch_size or batch_size or adapter.batch_size
            validation = self._validation(validation_data, size, validation_steps)
        callbacks = self._callback_list(callbacks, verbose, data, epochs=epochs)
        self.stop_training = False
        callbacks.on_train_begin()
        logs: Any = None
        for epoch in range(initial_epoch, epochs):
            self.reset_metrics()
            callbacks.on_epoch_begin(epoch)
            result = run_epoch(
                data, self._train_batches, callbacks, "train", as_logs, lambda: self.stop_training
            )
            logs = Logs(self._epoch_logs(result))
            logs.settle()  # Validation resets the metrics, which some backends write in place.
            if validation is not None and _validates(epoch, validation_freq):
                found = self._run_evaluation(validation, callbacks)
                logs.update({f"val_{name}": value for name, value in found.items()})
            callbacks.on_epoch_end(epoch, logs)
            if self.stop_training:
                break
        if self.optimizer is not None and epochs > initial_epoch:
            self.optimizer.finalize_variable_values(self.trainable_variables)
        callbacks.on_train_end(logs)
        return self.history

    def _epochs(self, adapter: Adapter, steps: int | None) -> Epochs:
        return Epochs(adapter, steps, self.steps_per_execution, placer(self, adapter.stable))

    def _callback_list(
        self, callbacks: Callbacks, verbose: int | str, data: Epochs, **params: Any
    ) -> CallbackList:
        if isinstance(callbacks, CallbackList):
            return callbacks
        return CallbackList(
            callbacks,
            add_history=True,
            add_progbar=verbose != 0,
            model=self,
            verbose=verbose,
            steps=data.num_batches,
            **params,
        )

    def _train_batches(self, batches: list[Any]) -> Any:
        if self.train_function is None:
            self._prepare(batches[0], train=True)
            self.make_train_function()
        return self.train_function(batches)

    def _epoch_logs(self, result: Any) -> dict[str, Any]:
        """The logs of an epoch: what the last step returned."""
        if result is None:
            raise ValueError("There was no batch in the epoch: the data is empty, or was used up before.")
        return as_logs(result)

    def _validation(self, data: Any, batch_size: int | None, steps: int | None) -> Epochs:
        if is_dataset(data):
            adapter = make_adapter(data)
        else:
            x, y, sample_weight = unpack_x_y_sample_weight(data)
            adapter = make_adapter(x, y, sample_weight, batch_size, steps if batch_size is None else None)
        return self._epochs(adapter, steps)

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Trains on one batch; metrics are those of this batch.

        Args:
            x: Inputs.
            y: Targets.
            sample_weight: Weights of the samples.
            class_weight: Class number to weight, instead of `sample_weight`.
            return_dict: Whether to return a dict.

        Returns:
            The loss, a list of loss and metrics, or a dict.
        """
        self._assert_compiled("train_on_batch")
        self._assert_trainable("train_on_batch")
        batch = _one_batch(x, y, sample_weight, class_weight)
        self.reset_metrics()
        return self._report(self._train_batches([batch]), return_dict)

    def _report(self, result: Any, return_dict: bool) -> Any:
        logs = dict(as_logs(result))
        return logs if return_dict else in_order(logs, self.metrics)

    # Evaluation

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Callbacks = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Computes loss and metrics on data.

        Args:
            x: Inputs; see `fit`.
            y: Targets, if `x` does not yield them.
            batch_size: Samples per batch, default 32; for arrays.
            verbose: See `fit`.
            sample_weight: Weight of each sample, for arrays.
            steps: Number of batches, all by default.
            callbacks: Callbacks.
            return_dict: Whether to return a dict.

        Returns:
            The loss, a list of loss and metrics, or a dict.

        Raises:
            ValueError: If the model is not compiled or the data does not fit.
        """
        self._assert_compiled("evaluate")
        if kwargs:
            raise ValueError(f"evaluate: arguments not recognized: {sorted(kwargs)}.")
        adapter = make_adapter(x, y, sample_weight, batch_size, steps)
        data = self._epochs(adapter, steps)
        logs = self._run_evaluation(data, self._callback_list(callbacks, verbose, data, epochs=1))
        return logs if return_dict else in_order(logs, self.metrics)

    def _run_evaluation(self, data: Epochs, callbacks: CallbackList) -> dict[str, Any]:
        self.stop_evaluating = False
        data.rewind()
        callbacks.on_test_begin()
        self.reset_metrics()
        result = run_epoch(data, self._test_batches, callbacks, "test", as_logs, lambda: self.stop_evaluating)
        logs = dict(self._epoch_logs(result))
        callbacks.on_test_end(logs)
        return logs

    def _test_batches(self, batches: list[Any]) -> Any:
        if self.test_function is None:
            self._prepare(batches[0], train=False)
            self.make_test_function()
        return self.test_function(batches)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Evaluates one batch; metrics are those of this batch.

        Args:
            x: Inputs.
            y: Targets.
            sample_weight: Weights of the samples.
            return_dict: Whether to return a dict.

        Returns:
            The loss, a list of loss and metrics, or a dict.
        """
        self._assert_compiled("test_on_batch")
        self.reset_metrics()
        return self._report(self._test_batches([_one_batch(x, y, sample_weight, None)]), return_dict)

    # Prediction

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        steps: int | None = None,
        callbacks: Callbacks = None,
    ) -> Any:
        """Computes predictions in batches.

        Args:
            x: Inputs; see `fit`.
            batch_size: Samples per batch, default 32; for arrays.
            verbose: See `fit`.
            steps: Number of batches, all by default.
            callbacks: Callbacks.

        Returns:
            NumPy arrays in the structure of the model's outputs.
        """
        adapter = make_adapter(x, None, None, batch_size, steps)
        data = self._epochs(adapter, steps)
        callbacks = self._callback_list(callbacks, verbose, data, epochs=1)
        self.stop_predicting = False
        callbacks.on_predict_begin()
        collected = _Collected()

        def run(batches: list[Any]) -> Any:
            outputs = self._predict_batches(batches)
            collected.add(outputs)
            return outputs

        run_epoch(data, run, callbacks, "predict", _as_outputs, lambda: self.stop_predicting)
        callbacks.on_predict_end()
        return collected.joined()

    def _predict_batches(self, batches: list[Any]) -> Any:
        if self.predict_function is None:
            self._prepare_prediction(batches[0])
            self.make_predict_function()
        return self.predict_function(batches)

    def _prepare_prediction(self, batch: Any) -> None:
        """Builds the model, if need be; losses and metrics do not matter."""
        layers = getattr(self, "_flatten_layers", None)
        if layers is not None and not all(layer.built for layer in layers()):
            compute_output_spec(self._call, tree.map_structure(_spec, batch[0]), training=False)

    def predict_on_batch(self, x: Any) -> Any:
        """Computes predictions for one batch.

        Args:
            x: Inputs.

        Returns:
            NumPy arrays in the structure of the model's outputs.
        """
        return tree.map_structure(_to_numpy, self._predict_batches([_one_batch(x, None, None, None)]))

    # The incumbent's names

    def jax_state_sync(self) -> None:
        """Does nothing: variables are up to date after each step."""

    def compiled_loss(
        self, y: Any, y_pred: Any, sample_weight: Any = None, regularization_losses: Any = None
    ) -> Any:
        """Computes the loss; `compute_loss` is the method to use."""
        return self.compute_loss(None, y, y_pred, sample_weight)

    def loss(self, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Computes the loss; `compute_loss` is the method to use."""
        return self.compute_loss(None, y, y_pred, sample_weight)


class _Collected:
    """Outputs of batches, fetched from the device a few batches later, then joined."""

    def __init__(self) -> None:
        self.waiting: deque[list[Any]] = deque()
        self.fetched: list[list[Any]] = []
        self.structure: Any = None

    def add(self, outputs: Any) -> None:
        """Takes the outputs of a batch."""
        if self.structure is None:
            self.structure = outputs
        self.waiting.append(tree.flatten(outputs))
        if len(self.waiting) > HELD_OUTPUTS:
            self._fetch()

    def _fetch(self) -> None:
        self.fetched.append([_to_numpy(x) for x in self.waiting.popleft()])

    def joined(self) -> Any:
        """Returns the outputs of all batches, joined along the first axis."""
        while self.waiting:
            self._fetch()
        if not self.fetched:
            raise ValueError("There was no batch to predict: the data is empty, or was used up before.")
        if len(self.fetched) == 1:
            leaves = self.fetched[0]
        else:
            leaves = [None if parts[0] is None else np.concatenate(parts) for parts in zip(*self.fetched)]
        return tree.pack_sequence_as(self.structure, leaves)


def _to_numpy(x: Any) -> Any:
    if x is None or isinstance(x, np.ndarray):
        return x
    return state.backend.numpy(x) if state.backend.is_tensor(x) else np.asarray(x)


def _as_outputs(outputs: Any) -> dict[str, Any]:
    return {"outputs": tree.map_structure(_to_numpy, outputs)}


def _spec(x: Any) -> Any:
    if x is None:
        return None
    dtype = state.backend.dtype(x) if state.backend.is_tensor(x) else str(np.asarray(x).dtype)
    return KerasTensor(tuple(x.shape), "string" if dtype[0] in "<|>oOUS" else dtype)


def _one_batch(x: Any, y: Any, sample_weight: Any, class_weight: Any) -> Any:
    """Returns data as one batch `(x, y, sample_weight)`."""
    length = tree.flatten(x)[0]
    size = max(1, len(length) if hasattr(length, "__len__") else 1)
    adapter: Adapter = make_adapter(x, y, sample_weight, size, class_weight=class_weight)
    return place(next(iter(adapter.epoch())))


def _validates(epoch: int, frequency: Any) -> bool:
    """Says whether an epoch, counted from 0, is followed by validation."""
    if isinstance(frequency, int):
        return (epoch + 1) % frequency == 0
    return epoch + 1 in frequency
