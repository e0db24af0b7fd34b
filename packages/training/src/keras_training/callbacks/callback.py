"""`Callback`, the base of all callbacks."""

from typing import Any

from keras_backends.api import export


@export("keras.callbacks.Callback")
class Callback:
    """Base of callbacks: what is not overridden does nothing.

    Methods get `logs`, a dictionary of numbers: the metrics so far in `on_*_batch_end`, those of the
    epoch in `on_epoch_end` (validation metrics with the prefix `val_`), `{"outputs": ...}` in
    `on_predict_batch_end`.

    Attributes:
        params: Dictionary with `verbose`, `epochs`, `steps`.
        model: The model being trained.

    Example:

        >>> class Count(Callback):
        ...     seen = 0
        ...     def on_epoch_end(self, epoch, logs=None):
        ...         self.seen += 1
    """

    def __init__(self) -> None:
        self.params: Any = None
        self._model: Any = None

    params = None
    _model = None

    def set_params(self, params: dict[str, Any]) -> None:
        """Takes the parameters of the run."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Takes the model."""
        self._model = model

    @property
    def model(self) -> Any:
        """The model being trained."""
        return self._model

    def wants_logs(self, batch: int) -> bool:
        """Says whether the end of a batch is of interest for its metrics, which cost time to compute."""
        return True

    def on_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Short for `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Short for `on_train_batch_end`."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Called before an epoch of training."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Called after an epoch of training, validation included."""

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called before a batch (or group of batches) of training."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called after a batch (or group of batches) of training."""
        self.on_batch_end(batch, logs)

    def on_test_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called before a batch of evaluation, also of validation."""

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called after a batch of evaluation, also of validation."""

    def on_predict_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called before a batch of prediction."""

    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called after a batch of prediction."""

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Called when training begins."""

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Called when training ends."""

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Called when evaluation or validation begins."""

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Called when evaluation or validation ends."""

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Called when prediction begins."""

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        """Called when prediction ends."""
