"""`Trainer`: `fit`, `evaluate`, `predict` and their relatives for one batch.

What it asks of a model is in `protocol`, what a step is in `steps`, how it is compiled in `compiling`,
`functions` and `engine`, how epochs run in `loop`.
"""

import warnings
from collections.abc import Mapping
from typing import Any

from keras_backends import settings
from keras_datasets.adapters.adapter import Adapter
from keras_datasets.adapters.choice import is_dataset, make_adapter, train_validation_split
from keras_datasets.packing import unpack_x_y_sample_weight
from keras_ops import tree
from keras_ops.inference import compute_output_spec

from keras_training.callbacks.callback_list import CallbackList, Callbacks
from keras_training.callbacks.history import History
from keras_training.callbacks.logs import Logs
from keras_training.trainer.arguments import check_arguments
from keras_training.trainer.compiling import Compiling
from keras_training.trainer.functions import placer
from keras_training.trainer.loop import Epochs, run_epoch
from keras_training.trainer.prediction import (
    Collected,
    as_outputs,
    fits_short_way,
    predict_array,
    to_numpy,
)
from keras_training.trainer.reporting import as_logs, in_order
from keras_training.trainer.shapes import outputs_for, spec


class Trainer(Compiling):
    """Training, evaluation and prediction for whatever has the protocol of a model.

    See `protocol.TrainedModel` for what that is.
    """

    stop_evaluating = False
    stop_predicting = False
    history: History | None = None

    def _prepare(self, batch: Any, train: bool) -> None:
        """Builds what waits for the shapes of a first batch: model, losses, metrics, optimizer."""
        if self._needs_build():
            x, y, _ = unpack_x_y_sample_weight(batch)
            y_pred = outputs_for(self, x)
            if self._compilation is not None:
                self._compilation.build(tree.map_structure(spec, y), y_pred)
        if train and self.optimizer is not None:
            self._prepare_optimizer()

    def _needs_build(self) -> bool:
        compilation = self._compilation
        if compilation is not None and compilation.needs_build:
            return True
        return not all(layer.built for layer in self._flatten_layers())

    def _prepare_optimizer(self) -> None:
        """Builds the optimizer, or lets it take in variables that were not trained before."""
        trained, optimizer = self.trainable_variables, self.optimizer
        if not trained and self.variables:
            warnings.warn(
                f"Model {self.name!r} has no trainable variables, so training changes none of its "
                f"{len(self.variables)} variables. Set `trainable = True` on what is to be trained.",
                stacklevel=5,
            )
        if not optimizer.built:
            optimizer.build(trained)
            return
        extend = getattr(optimizer, "extend", None)
        known = set(map(id, getattr(optimizer, "_trainable_variables", ())))
        # An optimizer that knows nothing of this model was built for another one; it says so itself.
        if extend is not None and (not known or not known.isdisjoint(map(id, self.variables))):
            extend(trained)

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
            ValueError: If the model is not compiled, the data does not fit, or an argument is out of range.
            TypeError: If an argument has the wrong type.
            NotImplementedError: If the backend can not train.

        Example:

            >>> model.fit(x, y, epochs=2, validation_split=0.2)  # doctest: +SKIP
        """
        self._assert_compiled("fit")
        self._assert_trainable("fit")
        check_arguments(
            "fit",
            batch_size=batch_size,
            epochs=epochs,
            verbose=verbose,
            validation_split=validation_split,
            initial_epoch=initial_epoch,
            steps_per_epoch=steps_per_epoch,
            validation_steps=validation_steps,
            validation_batch_size=validation_batch_size,
            validation_freq=validation_freq,
        )
        epochs = _at_most_max_epochs(epochs)
        if validation_split and validation_data is None:
            (x, y, sample_weight), validation_data = train_validation_split(
                (x, y, sample_weight), validation_split
            )
        adapter = make_adapter(x, y, sample_weight, batch_size, steps_per_epoch, shuffle, class_weight)
        self._check_targets(adapter)
        self._look_at(adapter)
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
            validates = validation is not None and _validates(epoch, validation_freq)
            logs = self._train_epoch(epoch, data, validation if validates else None, callbacks)
            if self.stop_training:
                break
        if self.optimizer is not None and epochs > initial_epoch:
            self.optimizer.finalize_variable_values(self.trainable_variables)
        callbacks.on_train_end(logs)
        return self.history

    def _train_epoch(
        self, epoch: int, data: Epochs, validation: Epochs | None, callbacks: CallbackList
    ) -> Logs:
        self.reset_metrics()
        callbacks.on_epoch_begin(epoch)
        result = run_epoch(data, self._train_batches, callbacks, "train", as_logs, lambda: self.stop_training)
        logs = Logs(self._epoch_logs(result))
        logs.settle()  # Validation resets the metrics, which some backends write in place.
        if validation is not None:
            found = self._run_evaluation(validation, callbacks)
            logs.update({f"val_{name}": value for name, value in found.items()})
        callbacks.on_epoch_end(epoch, logs)
        return logs

    def _check_targets(self, adapter: Adapter, fetch: bool = True) -> None:
        """Looks at targets that are there before the first batch, as far as the loss has to say something."""
        loss = self._compile_loss
        if loss is None or adapter.data is None or adapter.data[1] is None:
            return
        if not loss.built:
            self._prepare(adapter.first(), train=False)
        loss.check_targets(adapter.data[1], fetch)

    def _look_at(self, adapter: Adapter) -> None:
        """Builds what is not built from a first batch, where the data expects that and is told of the pass."""
        if adapter.looked_at and self._needs_build():
            self._prepare(adapter.first(), train=False)
            adapter.on_epoch_end()

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
        self._notice_changes()
        if self.train_function is None:
            self._prepare(batches[0], train=True)
            self._take_snapshot()
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
        self._check_targets(adapter)
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
        batch = self._one_batch(x, y, sample_weight, class_weight)
        self.reset_metrics()
        return self._report(self._train_batches([batch]), return_dict)

    def _one_batch(self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None) -> Any:
        """Returns data as one batch `(x, y, sample_weight)`."""
        first = tree.flatten(x)[0]
        length = (
            first.shape[0] if getattr(first, "shape", ()) else len(first) if hasattr(first, "__len__") else 1
        )
        adapter: Adapter = make_adapter(x, y, sample_weight, max(1, length), class_weight=class_weight)
        self._check_targets(adapter, fetch=False)
        batch = next(iter(adapter.epoch()))
        # Results are fetched before the caller gets its arrays back, so that their memory may be shared.
        put = placer(self, adapter.stable)
        return batch if put is None else put(batch)

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
        check_arguments("evaluate", batch_size=batch_size, verbose=verbose, steps=steps)
        adapter = make_adapter(x, y, sample_weight, batch_size, steps)
        self._check_targets(adapter)
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
        self._notice_changes()
        if self.test_function is None:
            self._prepare(batches[0], train=False)
            self._take_snapshot()
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
        return self._report(self._test_batches([self._one_batch(x, y, sample_weight)]), return_dict)

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
        self._notice_changes()
        check_arguments("predict", batch_size=batch_size, verbose=verbose, steps=steps)
        size = batch_size or 32
        if verbose == 0 and not callbacks and steps is None and fits_short_way(self, x, size):
            return predict_array(self, x, size, placer(self, stable=True))
        adapter = make_adapter(x, None, None, batch_size, steps)
        data = self._epochs(adapter, steps)
        callbacks = self._callback_list(callbacks, verbose, data, epochs=1)
        self.stop_predicting = False
        callbacks.on_predict_begin()
        collected = Collected()

        def run(batches: list[Any]) -> Any:
            outputs = self._predict_batches(batches)
            collected.add(outputs)
            return outputs

        run_epoch(data, run, callbacks, "predict", as_outputs, lambda: self.stop_predicting)
        callbacks.on_predict_end()
        return collected.joined()

    def _predict_batches(self, batches: list[Any]) -> Any:
        self._notice_changes()
        if self.predict_function is None:
            self._prepare_prediction(batches[0])
            self._take_snapshot()
            self.make_predict_function()
        return self.predict_function(batches)

    def _prepare_prediction(self, batch: Any) -> None:
        """Builds the model, if need be; losses and metrics do not matter."""
        if not all(layer.built for layer in self._flatten_layers()):
            compute_output_spec(
                self._call, tree.map_structure(spec, unpack_x_y_sample_weight(batch)[0]), training=False
            )

    def predict_on_batch(self, x: Any) -> Any:
        """Computes predictions for one batch.

        Args:
            x: Inputs.

        Returns:
            NumPy arrays in the structure of the model's outputs.
        """
        return tree.map_structure(to_numpy, self._predict_batches([self._one_batch(x)]))

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


def _at_most_max_epochs(epochs: int) -> int:
    limit = settings.max_epochs()
    if limit is None or limit >= epochs:
        return epochs
    warnings.warn(f"Training for {limit} epochs, as `keras.config.max_epochs` says.", stacklevel=3)
    return limit


def _validates(epoch: int, frequency: Any) -> bool:
    """Says whether an epoch, counted from 0, is followed by validation."""
    if isinstance(frequency, int):
        return (epoch + 1) % frequency == 0
    return epoch + 1 in frequency
