"""`Adapter`: what training sees of data, whatever it was."""

from collections.abc import Iterator
from typing import Any


class Adapter:
    """Batches of one epoch after another.

    Attributes:
        data: All of `(x, y, sample_weight)`, where it is there before any batch is asked for.
        num_batches: Batches of an epoch; `None` where that is not known or has no end.
        batch_size: Samples of a full batch; `None` where that is not known.
        endless: Whether an epoch never ends by itself.
        stable: Whether the memory of a batch is not written to afterwards, so that it may be shared.
        restarts: Whether `epoch` starts anew each time; otherwise it goes on where it was.
        looked_at: Whether a model that is not built yet is built from `first`, and the data told that a pass
            has ended, before the first epoch.
    """

    data: tuple[Any, Any, Any] | None = None
    num_batches: int | None = None
    batch_size: int | None = None
    endless = False
    stable = False
    restarts = True
    looked_at = False

    def epoch(self) -> Iterator[Any]:
        """Yields the batches of an epoch: `x`, `(x, y)` or `(x, y, sample_weight)`, trees of arrays."""
        raise NotImplementedError(f"{type(self).__name__} must implement `epoch(self)`.")

    def first(self) -> Any:
        """Returns a batch like the first one of an epoch, for its shapes, where `data` is there or `looked_at`."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `first(self)`, since it has `data` or is `looked_at`."
        )

    def on_epoch_begin(self) -> None:
        """Called before each epoch."""

    def on_epoch_end(self) -> None:
        """Called after each epoch."""
