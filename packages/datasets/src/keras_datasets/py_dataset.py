"""`PyDataset`, the base of datasets that give batches by number.

How its batches are prepared in parallel is in `adapters.py_dataset`.
"""

from collections.abc import Iterator
from typing import Any

from keras_backends.api import export


@export(["keras.utils.PyDataset", "keras.utils.Sequence"])
class PyDataset:
    """Base of datasets that give batch number `i` by `__getitem__(i)`.

    A subclass implements `__getitem__` and `__len__`. Without `__len__` (or with `num_batches`
    `None`) the data has no end, and `fit` needs `steps_per_epoch`.

    Args:
        workers: How many threads or processes prepare batches ahead; up to 1 means none.
        use_multiprocessing: Whether the workers are processes.
        max_queue_size: How many batches are prepared ahead at most.

    Example:

        >>> class Squares(PyDataset):
        ...     def __len__(self):
        ...         return 2
        ...     def __getitem__(self, i):
        ...         return [2 * i, 2 * i + 1], [4 * i * i, (2 * i + 1) ** 2]
        >>> list(Squares())
        [([0, 1], [0, 1]), ([2, 3], [4, 9])]
    """

    _workers = 1
    _use_multiprocessing = False
    _max_queue_size = 10

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self._workers = workers
        self._use_multiprocessing = use_multiprocessing
        self._max_queue_size = max_queue_size

    @property
    def workers(self) -> int:
        """How many threads or processes prepare batches ahead."""
        return self._workers

    @workers.setter
    def workers(self, value: int) -> None:
        self._workers = value

    @property
    def use_multiprocessing(self) -> bool:
        """Whether the workers are processes."""
        return self._use_multiprocessing

    @use_multiprocessing.setter
    def use_multiprocessing(self, value: bool) -> None:
        self._use_multiprocessing = value

    @property
    def max_queue_size(self) -> int:
        """How many batches are prepared ahead at most."""
        return self._max_queue_size

    @max_queue_size.setter
    def max_queue_size(self, value: int) -> None:
        self._max_queue_size = value

    def __getitem__(self, index: int) -> Any:
        """Returns batch number `index`: `(x, y)` or `(x, y, sample_weight)`."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `__getitem__(self, index)`, which returns a batch; it "
            "does not."
        )

    @property
    def num_batches(self) -> int | None:
        """Number of batches in the dataset; `None` if it has no end."""
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(
            f"{type(self).__name__} must implement `__len__`, or the property `num_batches` (which may be "
            "None, for data without end); it does neither."
        )

    def on_epoch_begin(self) -> None:
        """Called before each epoch."""

    def on_epoch_end(self) -> None:
        """Called after each epoch, for instance to shuffle.

        The first `fit` of a compiled model looks at batch 0 to build what waits for its shapes, and calls this
        once more, before the first epoch.
        """

    def __iter__(self) -> Iterator[Any]:
        """Yields all batches in order."""
        for index in range(self.num_batches):
            yield self[index]
