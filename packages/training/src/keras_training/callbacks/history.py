"""`History`: what `fit` returns."""

from typing import Any

from keras_backends.api import export

from keras_training.callbacks.callback import Callback


@export("keras.callbacks.History")
class History(Callback):
    """Keeps the metrics of all epochs.

    Attributes:
        epoch: Numbers of the epochs, from 0.
        history: Name of a metric to its values, one per epoch.

    Example:

        >>> history = History()
        >>> history.on_train_begin()
        >>> history.on_epoch_end(0, {"loss": 1.0})
        >>> history.history
        {'loss': [1.0]}
    """

    def __init__(self) -> None:
        super().__init__()
        self.epoch: list[int] = []
        self.history: dict[str, list[Any]] = {}

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Forgets former epochs."""
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keeps the metrics of an epoch."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        if self.model is not None:
            self.model.history = self
