"""Callbacks that change the learning rate between epochs."""

from collections.abc import Callable
from typing import Any

import numpy as np
from keras_backends.api import export
from keras_ops.state import state

from keras_training.callbacks.callback import Callback
from keras_training.callbacks.monitor import MonitorCallback


def learning_rate_of(model: Any) -> float:
    """Returns the current learning rate of a model's optimizer.

    Raises:
        ValueError: If the optimizer has none.
    """
    rate = getattr(model.optimizer, "learning_rate", None)
    if rate is None:
        raise ValueError(
            f"The optimizer {model.optimizer!r} has no attribute `learning_rate` that a callback could change."
        )
    if state.backend.is_tensor(rate):
        rate = state.backend.numpy(rate)
    return float(np.asarray(rate))


@export("keras.callbacks.LearningRateScheduler")
class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch by a function.

    Args:
        schedule: `(epoch, learning_rate) -> learning_rate`, or `(epoch) -> learning_rate`.
        verbose: 1 to print the rate.

    Example:

        >>> LearningRateScheduler(lambda epoch, rate: rate * 0.9).verbose
        0
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Sets the rate."""
        current = learning_rate_of(self.model)
        try:
            rate = self.schedule(epoch, current)
        except TypeError:
            rate = self.schedule(epoch)
        if not isinstance(rate, (float, int, np.floating, np.integer)):
            raise ValueError(
                f"LearningRateScheduler: expected `schedule` to return a float, received {rate!r} of type "
                f"{type(rate).__name__}."
            )
        self.model.optimizer.learning_rate = float(rate)
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Adds the rate to the logs."""
        if logs is not None:
            logs["learning_rate"] = learning_rate_of(self.model)


@export("keras.callbacks.ReduceLROnPlateau")
class ReduceLROnPlateau(MonitorCallback):
    """Lowers the learning rate when a metric has stopped getting better.

    Args:
        monitor: Name of the metric.
        factor: Below 1; the rate is multiplied by it.
        patience: How many epochs may pass without getting better.
        verbose: 1 to print a message.
        mode: `"min"`, `"max"`, or `"auto"` to ask the metric.
        min_delta: Smallest change that counts as better.
        cooldown: Epochs after a change in which nothing is counted.
        min_lr: Lowest rate.

    Raises:
        ValueError: If `factor` is not below 1.

    Example:

        >>> ReduceLROnPlateau(factor=0.5).factor
        0.5
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        if kwargs:
            raise TypeError(f"ReduceLROnPlateau: unexpected keyword arguments {sorted(kwargs)}.")
        if factor >= 1.0:
            raise ValueError(f"ReduceLROnPlateau: expected `factor` below 1, received factor={factor!r}.")
        self.factor = factor
        self.min_lr = min_lr
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.cooldown_counter = 0
        self.wait = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Starts anew."""
        self.best = None
        self.cooldown_counter = 0
        self.wait = 0

    def in_cooldown(self) -> bool:
        """Says whether epochs are not counted at present."""
        return self.cooldown_counter > 0

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Looks whether the metric got better, and lowers the rate if it did not for too long."""
        if logs is not None:
            logs["learning_rate"] = learning_rate_of(self.model)
        current = self.get_monitor_value(logs)
        if current is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_improvement(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience:
                self._lower(epoch)

    def _lower(self, epoch: int) -> None:
        old = learning_rate_of(self.model)
        if old <= np.float32(self.min_lr):
            return
        rate = max(old * self.factor, self.min_lr)
        self.model.optimizer.learning_rate = rate
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {rate}.")
        self.cooldown_counter = self.cooldown
        self.wait = 0
