"""What callbacks that watch a metric share: which way is better, and whether it got better."""

import operator
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from keras_ops.naming import did_you_mean

from keras_training.callbacks.callback import Callback

_MODES = ("auto", "min", "max")
_OPERATORS = {"min": operator.lt, "max": operator.gt}
_DIRECTIONS = {"down": "min", "up": "max"}


class MonitorCallback(Callback):
    """Base of callbacks that watch a metric.

    Args:
        monitor: Name of the metric in the logs.
        mode: `"min"`, `"max"`, or `"auto"` to ask the metric.
        baseline: Value to be better than at first.
        min_delta: Smallest change that counts.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        mode: str = "auto",
        baseline: float | None = None,
        min_delta: float = 0,
    ) -> None:
        super().__init__()
        if mode not in _MODES:
            warnings.warn(
                f"{type(self).__name__}: expected `mode` to be one of {_MODES}, received mode={mode!r}; "
                "'auto' is used.",
                stacklevel=3,
            )
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.best = baseline
        self.min_delta = abs(min_delta)
        self.monitor_op: Callable[[Any, Any], bool] | None = _OPERATORS.get(mode)

    def _set_monitor_op(self) -> None:
        """Finds out which way is better, once the metrics are known."""
        if self.monitor_op is None:
            self.monitor_op = _OPERATORS[self._direction()]

    def _direction(self) -> str:
        name = self.monitor.removeprefix("val_")
        if name == "loss" or name.endswith("_loss"):
            return "min"
        for metric in _all_metrics(self.model):
            if name == metric.name or name.endswith(f"_{metric.name}"):
                direction = _DIRECTIONS.get(getattr(metric, "_direction", None))
                if direction:
                    return direction
        raise ValueError(
            f"{type(self).__name__}: it is not known whether monitor={self.monitor!r} should rise or fall. "
            "Pass mode='max' or mode='min'."
        )

    def _is_improvement(self, value: Any, reference: Any) -> bool:
        if reference is None:
            return True
        delta = self.min_delta if self.monitor_op is operator.gt else -self.min_delta
        return bool(self.monitor_op(value - delta, reference))

    def get_monitor_value(self, logs: dict[str, Any] | None) -> Any:
        """Returns the metric's value, or `None` with a warning if the logs do not have it.

        The first value also settles which way is better.
        """
        logs = logs or {}
        if self.monitor not in logs:
            warnings.warn(
                f"{type(self).__name__}: metric {self.monitor!r} is not available"
                f"{' (is there validation data?)' if self.monitor.startswith('val_') else ''}; there are "
                f"{', '.join(logs) or 'none'}.{did_you_mean(self.monitor, logs)}",
                stacklevel=3,
            )
            return None
        self._set_monitor_op()
        return logs[self.monitor]


def _all_metrics(model: Any) -> Iterator[Any]:
    """All metrics of a model, those given to `compile` too."""
    for metric in getattr(model, "metrics", None) or ():
        yield metric
        yield from getattr(metric, "metrics", None) or ()
