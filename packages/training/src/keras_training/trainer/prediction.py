"""What prediction does with outputs: fetched from the device a few batches later, then joined.

Also the short way of `predict` for one array, which needs no adapter, no epoch and no callbacks.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
from keras_backends import settings
from keras_ops import tree
from keras_ops.state import state

HELD_OUTPUTS = 4
"""Batches of predictions that may stay on the device before they are fetched."""


class Collected:
    """Outputs of batches, fetched from the device a few batches later, then joined."""

    def __init__(self) -> None:
        self.waiting: deque[list[Any]] = deque()
        self.fetched: list[list[Any]] = []
        self.structure: Any = None

    def add(self, outputs: Any) -> None:
        """Takes the outputs of a batch."""
        if self.structure is None:
            self.structure = outputs
        self.waiting.append(tree.flatten(outputs))
        if len(self.waiting) > HELD_OUTPUTS:
            self._fetch()

    def _fetch(self) -> None:
        self.fetched.append([to_numpy(x) for x in self.waiting.popleft()])

    def joined(self) -> Any:
        """Returns the outputs of all batches, joined along the first axis."""
        while self.waiting:
            self._fetch()
        if not self.fetched:
            raise ValueError("There was no batch to predict: the data is empty, or was used up before.")
        if len(self.fetched) == 1:
            leaves = self.fetched[0]
        else:
            leaves = [None if parts[0] is None else np.concatenate(parts) for parts in zip(*self.fetched)]
        return tree.pack_sequence_as(self.structure, leaves)


def to_numpy(x: Any) -> Any:
    if x is None or isinstance(x, np.ndarray):
        return x
    return state.backend.numpy(x) if state.backend.is_tensor(x) else np.asarray(x)


def as_outputs(outputs: Any) -> dict[str, Any]:
    return {"outputs": tree.map_structure(to_numpy, outputs)}


def fits_short_way(model: Any, x: Any, batch_size: int) -> bool:
    """Says whether `predict_array` does for data what the epoch loop would do.

    Args:
        model: The model.
        x: The data.
        batch_size: Samples per batch.
    """
    return (
        type(x) is np.ndarray
        and x.dtype.kind in "fiub"
        and x.ndim > 0
        and len(x) > 0
        and batch_size >= 1
        and model.predict_function is not None
        and model.steps_per_execution == 1
        and settings.max_steps_per_epoch() is None
    )


def predict_array(model: Any, x: np.ndarray, batch_size: int, place: Callable[[Any], Any] | None) -> Any:
    """Predicts slices of one array, with nobody looking on.

    Args:
        model: A model whose `predict_function` is there.
        x: `(samples, ...)`.
        batch_size: Samples per batch.
        place: Puts a batch on the device; `None` leaves it where it is.

    Returns:
        NumPy arrays in the structure of the model's outputs.
    """
    floatx = settings.floatx()
    if x.dtype.kind == "f" and x.dtype != floatx:
        x = x.astype(floatx)
    model.stop_predicting = False
    run, collected = model.predict_function, Collected()
    for start in range(0, len(x), batch_size):
        batch = x[start : start + batch_size]
        collected.add(run([batch if place is None else place(batch)]))
        if model.stop_predicting:
            break
    return collected.joined()
