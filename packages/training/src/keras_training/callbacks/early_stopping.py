"""`EarlyStopping` and `TerminateOnNaN`: reasons to stop."""

import math
import warnings
from typing import Any

from keras_backends.api import export

from keras_training.callbacks.callback import Callback
from keras_training.callbacks.monitor import MonitorCallback


@export("keras.callbacks.EarlyStopping")
class EarlyStopping(MonitorCallback):
    """Stops training when a metric has stopped getting better.

    Args:
        monitor: Name of the metric.
        min_delta: Smallest change that counts as better.
        patience: How many epochs may pass without getting better.
        verbose: 1 to print a message.
        mode: `"min"`, `"max"`, or `"auto"` to ask the metric.
        baseline: The metric must get better than this.
        restore_best_weights: Whether to go back to the weights of the best epoch at the end.
        start_from_epoch: Epochs before this one do not count.

    Example:

        >>> EarlyStopping(monitor="loss", patience=3).patience
        3
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.wait = 0
        self.stopped_epoch = 0
        self.restore_best_weights = restore_best_weights
        self.best_weights: Any = None
        self.best_epoch = 0
        self.start_from_epoch = start_from_epoch

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Starts anew, so that the callback can be used again."""
        self.wait = 0
        self.stopped_epoch = 0
        self.best = None
        self.best_weights = None
        self.best_epoch = 0

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Looks whether the metric got better."""
        current = self.get_monitor_value(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self._keep(epoch)
        self.wait += 1
        if self._is_improvement(current, self.best):
            self.best = current
            self._keep(epoch)
            if self.baseline is None or self._is_improvement(current, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _keep(self, epoch: int) -> None:
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Restores the best weights, if asked for."""
        if self.stopped_epoch > 0 and self.verbose > 0:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                print(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)


@export("keras.callbacks.TerminateOnNaN")
class TerminateOnNaN(Callback):
    """Stops training at the first batch whose loss is not finite.

    It reads the loss of each batch, so each batch waits for the one before.

    Args:
        raise_error: Whether to raise an error instead.

    Raises:
        RuntimeError: If the loss is not finite and `raise_error` is set.

    Example:

        >>> TerminateOnNaN().raise_error
        False
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Looks at the loss."""
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(
                f"Batch {batch}: the loss is {loss}. Training ends, as TerminateOnNaN was asked to."
            )
        warnings.warn(f"Batch {batch}: the loss is {loss}. Training ends.", stacklevel=2)
        self.model.stop_training = True
