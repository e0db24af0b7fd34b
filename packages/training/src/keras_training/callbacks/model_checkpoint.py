"""`ModelCheckpoint`: the model, or its weights, written to files while it is trained."""

import os
import re
from typing import Any

from keras_backends.api import export

from keras_training.callbacks.monitor import MonitorCallback


@export("keras.callbacks.ModelCheckpoint")
class ModelCheckpoint(MonitorCallback):
    """Saves the model, or its weights, after epochs or numbers of batches.

    Args:
        filepath: Path; `{epoch}`, `{batch}` and names of metrics in it are filled in, as in
            `"model_{epoch:02d}_{val_loss:.2f}.keras"`.
        monitor: Name of the metric.
        verbose: 1 to print a message.
        save_best_only: Whether to save only when the metric got better.
        save_weights_only: Whether to save weights only; the path must then end in `.weights.h5`.
        mode: `"min"`, `"max"`, or `"auto"` to ask the metric.
        save_freq: `"epoch"`, or a number of batches.
        initial_value_threshold: Value to be better than at first.

    Raises:
        ValueError: If the path does not fit, or `save_freq` is neither.

    Example:

        >>> ModelCheckpoint("best.keras", monitor="loss", save_best_only=True).save_freq
        'epoch'
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode, initial_value_threshold)
        self.verbose = verbose
        self.filepath = os.fspath(filepath)
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self._current_epoch = 0
        self._batches_since_save = 0
        self._last_batch = -1
        if save_freq != "epoch" and (not isinstance(save_freq, int) or save_freq < 1):
            raise ValueError(
                "ModelCheckpoint: expected `save_freq` to be 'epoch' or a positive number of batches, "
                f"received save_freq={save_freq!r}."
            )
        if save_weights_only and not self.filepath.endswith(".weights.h5"):
            raise ValueError(
                "ModelCheckpoint: expected `filepath` to end in '.weights.h5' with save_weights_only=True, "
                f"received filepath={self.filepath!r}."
            )
        if not save_weights_only and not self.filepath.endswith((".keras", ".h5")):
            raise ValueError(
                f"ModelCheckpoint: expected `filepath` to end in '.keras', received filepath={self.filepath!r}."
            )

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Notes the epoch."""
        self._current_epoch = epoch
        self._last_batch = -1

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Saves after so many batches."""
        if self.save_freq == "epoch":
            return
        # `batch` is the last one of a group where several are run at once.
        self._batches_since_save += batch - self._last_batch
        self._last_batch = batch
        if self._batches_since_save >= self.save_freq:
            self._batches_since_save = 0
            self._save(self._current_epoch, batch, logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Saves after an epoch."""
        if self.save_freq == "epoch":
            self._save(epoch, None, logs)

    def _save(self, epoch: int, batch: int | None, logs: dict[str, Any] | None) -> None:
        logs = dict(logs or {})
        if self.save_best_only and not self._got_better(epoch, logs):
            return
        path = self._path(epoch, batch, logs)
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: saving model to {path}")
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        if self.save_weights_only:
            self.model.save_weights(path, overwrite=True)
        else:
            self.model.save(path, overwrite=True)

    def _got_better(self, epoch: int, logs: dict[str, Any]) -> bool:
        current = self.get_monitor_value(logs)
        if current is None:
            return False
        if not self._is_improvement(current, self.best):
            if self.verbose > 0:
                print(f"\nEpoch {epoch + 1}: {self.monitor} did not improve from {self.best:.5f}")
            return False
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: {self.monitor} improved to {current:.5f}")
        self.best = current
        return True

    def _path(self, epoch: int, batch: int | None, logs: dict[str, Any]) -> str:
        values = logs | {"epoch": epoch + 1} | ({} if batch is None else {"batch": batch + 1})
        try:
            return self.filepath.format(**values)
        except KeyError as error:
            names = re.findall(r"{(\w+)", self.filepath)
            raise KeyError(
                f"ModelCheckpoint: filepath={self.filepath!r} refers to {names}, but {error} is not among "
                f"the logs, which have {sorted(values)}."
            ) from None
