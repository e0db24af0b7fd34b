"""The epoch loop: batches of an adapter, grouped, placed, run, with callbacks told of it.

`fit`, `evaluate` and `predict` all run `Epochs`; nothing in here waits for the device.
"""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

from keras_backends import settings
from keras_datasets.adapters.adapter import Adapter

from keras_training.callbacks.callback_list import CallbackList


class Epochs:
    """Epochs over an adapter.

    Args:
        adapter: The data.
        steps: Batches per epoch, `None` for all there are.
        group: How many batches a call of the step takes.
        place: Puts a batch on the device; `None` leaves it where it is.

    Raises:
        ValueError: If the data has no end and `steps` is not given.
    """

    def __init__(
        self,
        adapter: Adapter,
        steps: int | None = None,
        group: int = 1,
        place: Callable[[Any], Any] | None = None,
    ) -> None:
        if steps is not None and not steps >= 1:
            raise ValueError(f"Expected a positive number of steps per epoch, received {steps!r}.")
        if steps is None and adapter.endless:
            raise ValueError(
                "The data has no end, so the number of batches per epoch must be given: pass "
                "`steps_per_epoch` (or `validation_steps`, `steps`)."
            )
        limit = settings.max_steps_per_epoch()
        if limit is not None:
            known = steps or adapter.num_batches
            steps = limit if known is None else min(known, limit)
        self.adapter = adapter
        self.steps = steps
        self.group = group
        self.place = place
        self._iterator: Iterator[Any] | None = None

    @property
    def num_batches(self) -> int | None:
        """Batches of an epoch, `None` if that is not known yet."""
        return self.steps or self.adapter.num_batches

    def rewind(self) -> None:
        """Makes the next epoch begin at the first batch, where the data can be gone through again."""
        if self.adapter.restarts:
            self._iterator = None

    def epoch(self) -> Iterator[tuple[int, list[Any]]]:
        """Yields the number of the first batch and a list of up to `group` batches."""
        self.adapter.on_epoch_begin()
        if self.steps is None:
            self._iterator = None
        first, pending, place = 0, [], self.place
        batches = self.adapter.epoch() if self.steps is None else self._counted()
        for batch in batches:
            pending.append(batch if place is None else place(batch))
            if len(pending) == self.group:
                yield first, pending
                first, pending = first + self.group, []
        if pending:
            yield first, pending
        self.adapter.on_epoch_end()

    def _counted(self) -> Iterator[Any]:
        """Yields a fixed number of batches; an epoch goes on where the last one ended."""
        for step in range(self.steps):
            batch = None if self._iterator is None else next(self._iterator, None)
            if batch is None and step == 0 and (self._iterator is None or self.adapter.restarts):
                self._iterator = self.adapter.epoch()
                batch = next(self._iterator, None)
            if batch is None:
                warnings.warn(
                    f"The data ran out after {step} of {self.steps} batches of the epoch, which ends here. "
                    "Give fewer steps per epoch, or data that can be gone through again.",
                    stacklevel=4,
                )
                return
            yield batch


def run_epoch(
    epochs: Epochs,
    run: Callable[[list[Any]], Any],
    callbacks: CallbackList,
    phase: str,
    logs_of: Callable[[Any], Any],
    stopped: Callable[[], bool],
) -> Any:
    """Runs one epoch.

    Args:
        epochs: The data.
        run: Takes a list of batches.
        callbacks: Told of each call of `run`: before it with the number of its first batch, after it
            with that of the last batch of a full group and logs.
        phase: `"train"`, `"test"` or `"predict"`.
        logs_of: Makes logs of what `run` returned; not called if nobody wants them.
        stopped: Says whether to stop.

    Returns:
        What the last call of `run` returned; `None` if there was no batch.
    """
    begin, end = callbacks.listening(f"on_{phase}_batch_begin"), callbacks.listening(f"on_{phase}_batch_end")
    wants_logs = callbacks.wants_logs_of(f"on_{phase}_batch_end")
    result = None
    for first, batches in epochs.epoch():
        for method in begin:
            method(first, {})
        result = run(batches)
        if end:
            last = first + epochs.group - 1
            logs = logs_of(result) if any(wants(last) for wants in wants_logs) else {}
            for method in end:
                method(last, logs)
        if stopped():
            break
    return result
