"""`PyDataset` batches, prepared ahead by threads or processes where the dataset asks for it."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent import futures
from itertools import count
from typing import Any

import numpy as np

from keras_datasets.adapters.adapter import Adapter
from keras_datasets.adapters.iterables import prepared
from keras_datasets.py_dataset import PyDataset

_in_worker: dict[str, PyDataset] = {}


def _set_up_worker(dataset: PyDataset) -> None:
    _in_worker["dataset"] = dataset


def _batch_in_worker(index: int) -> Any:
    return _in_worker["dataset"][index]


class PyDatasetAdapter(Adapter):
    """Batches of a `PyDataset`.

    Datasets that shuffle in `on_epoch_end` rely on being told so once before the first epoch: `looked_at`.

    Args:
        dataset: The dataset.
        class_weight: Class number to weight, for training.
        shuffle: Whether each epoch goes through the batches in another order.

    Raises:
        ValueError: If the dataset has no batches.
    """

    looked_at = True

    def __init__(
        self, dataset: PyDataset, class_weight: Mapping[int, float] | None = None, shuffle: bool = False
    ) -> None:
        self.dataset = dataset
        self.class_weight = class_weight
        self.shuffle = shuffle
        self.num_batches = dataset.num_batches
        self.endless = self.num_batches is None
        if self.num_batches == 0:
            raise ValueError(
                f"The dataset of type {type(dataset).__name__} is empty: its length, the number of batches, "
                "is 0."
            )

    def on_epoch_begin(self) -> None:
        """Tells the dataset."""
        self.dataset.on_epoch_begin()

    def on_epoch_end(self) -> None:
        """Tells the dataset."""
        self.dataset.on_epoch_end()

    def first(self) -> Any:
        """Returns batch number 0."""
        return prepared(self.dataset[0], self.class_weight)

    def epoch(self) -> Iterator[Any]:
        """Yields the batches of an epoch."""
        # The dataset may have changed its length at the end of an epoch.
        self.num_batches = self.dataset.num_batches
        order: Iterable[int] = count() if self.num_batches is None else range(self.num_batches)
        if self.shuffle and self.num_batches is not None:
            order = np.random.permutation(self.num_batches).tolist()
        for batch in self._fetched(order):
            yield prepared(batch, self.class_weight)

    def _fetched(self, order: Iterable[int]) -> Iterator[Any]:
        dataset = self.dataset
        if dataset.workers > 1 or dataset.use_multiprocessing:
            with self._executor() as executor:
                fetch = _batch_in_worker if dataset.use_multiprocessing else dataset.__getitem__
                yield from _ahead(executor, fetch, order, max(1, dataset.max_queue_size))
        else:
            for index in order:
                yield dataset[index]

    def _executor(self) -> futures.Executor:
        workers = max(1, self.dataset.workers)
        if not self.dataset.use_multiprocessing:
            return futures.ThreadPoolExecutor(workers, thread_name_prefix="keras_py_dataset")
        import multiprocessing  # layering: loads sockets and more, and few datasets ask for processes

        # Forking a process whose framework has threads can lock up, so workers start afresh.
        context = multiprocessing.get_context("spawn")
        return futures.ProcessPoolExecutor(workers, context, _set_up_worker, (self.dataset,))


def _ahead(executor: futures.Executor, fetch: Any, order: Iterable[int], size: int) -> Iterator[Any]:
    """Yields results in order, while up to `size` calls run or wait."""
    pending: deque[Any] = deque()
    try:
        for index in order:
            pending.append(executor.submit(fetch, index))
            if len(pending) >= size:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        for future in pending:
            future.cancel()
