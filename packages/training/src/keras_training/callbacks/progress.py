"""The progress bar: `Progbar`, and `ProgbarLogger`, which feeds it.

On a terminal it is live, with an estimate of the time left; elsewhere it is one line per epoch.
"""

import math
import os
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

from keras_backends.api import export
from keras_backends.settings import is_interactive_logging_enabled

from keras_training.callbacks.callback import Callback

FULL, EMPTY = "━", "━"
_BOLD, _GREEN, _GREY, _RESET = "\x1b[1m", "\x1b[32m", "\x1b[37m", "\x1b[0m"


@export("keras.utils.Progbar")
class Progbar:
    """A progress bar on standard output.

    Args:
        target: Number of steps; `None` if it is not known.
        width: Width of the bar.
        verbose: 0 for nothing, 1 for a bar, 2 for a line at the end.
        interval: Shortest time between two updates of a live bar, in seconds.
        stateful_metrics: Names of values to be shown as they are; others are averaged over steps.
        stateless_metrics: Names of the only values to be averaged, where that is the shorter list.
        unit_name: What a step is called.

    Example:

        >>> Progbar(2, verbose=0).update(1, [("loss", 0.5)])
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.unit_name = unit_name
        self.stateful_metrics = set(stateful_metrics or ())
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        self._live = is_live(sys.stdout)
        self._totals: dict[str, tuple[Any, int]] = {}
        self._seen = 0
        self._start = time.monotonic()
        self._first: tuple[int, float] | None = None
        """How many steps were done, and when, at the first news of any."""
        self._last_drawn = 0.0
        self._drawn_width = 0

    def _averages(self, name: str) -> bool:
        if self.stateless_metrics is not None:
            return name in self.stateless_metrics
        return name not in self.stateful_metrics

    def wants_values(self, current: int) -> bool:
        """Says whether an update now would be drawn, so that values need to be at hand."""
        if self.verbose != 1 or not self._live:
            return self.target is not None and current >= self.target
        return time.monotonic() - self._last_drawn >= self.interval or current == self.target

    def update(
        self, current: int, values: Sequence[tuple[str, Any]] | None = None, finalize: bool | None = None
    ) -> None:
        """Shows progress.

        Args:
            current: Steps done.
            values: Pairs of name and value.
            finalize: Whether this is the last update; by default it is when `current` is the target.
        """
        now = time.monotonic()
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        steps = max(current - self._seen, 1)
        for name, value in values or ():
            if self._averages(name):
                total, count = self._totals.get(name, (0.0, 0))
                self._totals[name] = total + value * steps, count + steps
            else:
                self._totals[name] = value, 1
        self._seen = current
        self.passed(current)
        if finalize and self.target is None:
            self.target = current
        if self.verbose == 1 and self._live:
            if finalize or now - self._last_drawn >= self.interval:
                self._draw(self._bar(current, now, finalize), finalize)
                self._last_drawn = now
        elif finalize and self.verbose == 1:
            self._write(self._plain_bar(current, now) + "\n")
        elif finalize and self.verbose == 2:
            self._write(self._line(current, now) + "\n")

    def passed(self, current: int) -> None:
        """Takes note of the end of the first step, which is left out of the pace because it compiles."""
        if self._first is None and current:
            self._first = current, time.monotonic()

    def add(self, n: int, values: Sequence[tuple[str, Any]] | None = None) -> None:
        """Shows that `n` more steps are done."""
        self.update(self._seen + n, values)

    # Texts

    def _line(self, current: int, now: float) -> str:
        return f"{self._count(current)} - {now - self._start:.0f}s - {self._pace(current, now)}{self._values_text()}"

    def _plain_bar(self, current: int, now: float) -> str:
        return (
            f"{self._count(current)} {FULL * self.width} {duration(now - self._start)} "
            f"{self._pace(current, now)}{self._values_text()}"
        )

    def _bar(self, current: int, now: float, finalize: bool) -> str:
        bold, green, grey, reset = (_BOLD, _GREEN, _GREY, _RESET) if colored(sys.stdout) else ("",) * 4
        if self.target is None:
            shown = f"{bold}{current}/Unknown{reset}"
        else:
            done = self.width if finalize else min(self.width, self.width * current // max(1, self.target))
            bar = f"{green}{FULL * done}{grey}{EMPTY * (self.width - done)}{reset}"
            if not green:
                bar = FULL * done + " " * (self.width - done)
            shown = f"{bold}{self._count(current)}{reset} {bar}"
        clock = now - self._start
        if self.target is not None and not finalize:
            clock = self._step_time(current, now) * (self.target - current)
        return f"{shown} {bold}{duration(clock)}{reset} {self._pace(current, now)}{self._values_text()}"

    def _count(self, current: int) -> str:
        if self.target is None:
            return f"{current}/Unknown"
        digits = len(str(self.target))
        return f"{current:{digits}d}/{self.target}"

    def _step_time(self, current: int, now: float) -> float:
        """Seconds per step since the first one."""
        if not current:
            return 0.0
        steps, since = self._first or (0, self._start)
        return (now - since) / (current - steps) if current > steps else (now - self._start) / current

    def _pace(self, current: int, now: float) -> str:
        seconds = self._step_time(current, now)
        if seconds >= 1 or not seconds:
            return f"{seconds:.0f}s/{self.unit_name}"
        if seconds >= 1e-3:
            return f"{seconds * 1e3:.0f}ms/{self.unit_name}"
        return f"{seconds * 1e6:.0f}us/{self.unit_name}"

    def _values_text(self) -> str:
        text = ""
        for name, (total, count) in self._totals.items():
            text += f" - {name}: {number(total, count)}"
        return text

    def _draw(self, text: str, finalize: bool) -> None:
        # Trailing blanks wipe what a longer line left behind.
        blanks = " " * max(0, self._drawn_width - len(text))
        self._drawn_width = len(text)
        self._write("\r" + text + blanks + ("\n" if finalize else ""))

    def _write(self, text: str) -> None:
        stream = sys.stdout
        try:
            stream.write(text)
        except UnicodeEncodeError:
            stream.write(text.replace(FULL, "="))
        stream.flush()


def number(total: Any, count: int) -> str:
    """An average as text: four digits after the point, or scientific where it is small."""
    try:
        value = float(total) / max(1, count)
    except (TypeError, ValueError):
        return str(total)
    if math.isnan(value) or abs(value) > 1e-3 or value == 0:
        return f"{value:.4f}"
    return f"{value:.4e}"


def duration(seconds: float) -> str:
    """A time as text: `3s`, `2:05`, `1:00:00`."""
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}" if whole >= 60 else f"{whole}s"


def is_live(stream: Any) -> bool:
    """Says whether a line can be written over: on terminals and in notebooks."""
    if "ipykernel" in sys.modules:
        return True
    return bool(getattr(stream, "isatty", lambda: False)()) and os.environ.get("TERM") != "dumb"


def colored(stream: Any) -> bool:
    """Says whether the stream shows colors, and the user has not asked for none."""
    return is_live(stream) and "NO_COLOR" not in os.environ


@export("keras.callbacks.ProgbarLogger")
class ProgbarLogger(Callback):
    """Prints progress and metrics.

    Raises:
        ValueError: If `verbose` is none of 0, 1, 2 and `"auto"`.

    Example:

        >>> ProgbarLogger().verbose
        1
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0
        self.progbar: Progbar | None = None
        self.target: int | None = None
        self.verbose = 1
        self.epochs = 1
        self._in_fit = False

    def set_params(self, params: dict[str, Any]) -> None:
        """Takes `verbose`, `epochs` and `steps`."""
        super().set_params(params)
        verbose = params.get("verbose", 1)
        if verbose not in (0, 1, 2, "auto"):
            raise ValueError(f"Expected `verbose` to be 0, 1, 2 or 'auto', received verbose={verbose!r}.")
        self.verbose = (1 if is_interactive_logging_enabled() else 2) if verbose == "auto" else int(verbose)
        self.epochs = params.get("epochs", 1)
        self.target = params.get("steps")

    def wants_logs(self, batch: int) -> bool:
        """Says whether the bar would be drawn now."""
        return self.progbar is not None and self.progbar.wants_values(batch + 1)

    def _begin(self) -> None:
        self.seen = 0
        self.progbar = None
        if self.verbose:
            self.progbar = Progbar(self.target, verbose=self.verbose, stateless_metrics=())

    def _step(self, batch: int, logs: dict[str, Any] | None) -> None:
        self.seen = batch + 1 if self.target is None else min(batch + 1, self.target)
        if self.progbar is not None:
            self.progbar.passed(self.seen)
        # The last update is left to `_end`, which knows the final values.
        if (
            self.progbar is not None
            and self.seen != self.progbar.target
            and self.progbar.wants_values(self.seen)
        ):
            self.progbar.update(self.seen, list((logs or {}).items()), finalize=False)

    def _end(self, logs: dict[str, Any] | None) -> None:
        if self.progbar is not None:
            self.progbar.target = self.seen
            self.progbar.update(self.seen, list((logs or {}).items()), finalize=True)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Notes that evaluation is validation from now on, which is shown at the end of the epoch."""
        self._in_fit = True
        self.progbar = None

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Notes that training is over."""
        self._in_fit = False

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Starts."""
        if not self._in_fit:
            self._begin()

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Starts."""
        self._begin()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Prints the number of the epoch."""
        self._begin()
        if self.verbose and self.epochs > 1:
            sys.stdout.write(f"Epoch {epoch + 1}/{self.epochs}\n")
            sys.stdout.flush()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Shows progress."""
        self._step(batch, logs)

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Shows progress."""
        if not self._in_fit:
            self._step(batch, logs)

    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Shows progress."""
        self._step(batch, None)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Shows the metrics of the epoch."""
        self._end(logs)

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Shows the metrics."""
        if not self._in_fit:
            self._end(logs)

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        """Shows that all is done."""
        self._end(None)
