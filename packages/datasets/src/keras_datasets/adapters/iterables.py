"""Data that is iterated over: generators, tf.data datasets, torch loaders, anything that yields batches.

The frameworks' classes are never imported: what they need is found on the objects.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from keras_ops import tree
from keras_ops.state import state

from keras_datasets.adapters.adapter import Adapter
from keras_datasets.adapters.class_weight import weigh
from keras_datasets.packing import pack_x_y_sample_weight, unpack_x_y_sample_weight

_INFINITE = -1
"""What a tf.data dataset says of its size when it has no end; -2 when it does not know."""


def as_host(x: Any) -> Any:
    """Returns a tensor of another framework as a NumPy array; tensors of the backend stay as they are."""
    if x is None or state.backend.is_tensor(x) or not hasattr(x, "__array__"):
        return x
    if hasattr(x, "detach"):
        x = x.detach().cpu()
    return x.numpy() if hasattr(x, "numpy") else x.__array__()


def prepared(batch: Any, class_weight: Mapping[int, float] | None) -> Any:
    """Returns a batch as `x`, `(x, y)` or `(x, y, sample_weight)` of arrays and tensors of the backend."""
    parts = unpack_x_y_sample_weight(batch)
    return pack_x_y_sample_weight(*weigh(tree.map_structure(as_host, parts), class_weight))


class IterableAdapter(Adapter):
    """Batches of something that can be iterated over again and again.

    Args:
        data: Yields `x`, `(x, y)` or `(x, y, sample_weight)`.
        class_weight: Class number to weight, for training.
    """

    def __init__(self, data: Iterable[Any], class_weight: Mapping[int, float] | None = None) -> None:
        self._batches = data
        self.class_weight = class_weight
        self.num_batches = _length(data)
        self.endless = self.num_batches == _INFINITE
        if self.endless:
            self.num_batches = None
        self.batch_size = getattr(data, "batch_size", None)

    def epoch(self) -> Iterator[Any]:
        """Yields the batches of an epoch."""
        for batch in self._batches:
            yield prepared(batch, self.class_weight)


def _length(data: Any) -> int | None:
    """Number of batches, `_INFINITE`, or `None` where it is not known."""
    if hasattr(data, "cardinality"):
        size = int(data.cardinality())
        return None if size < _INFINITE else size
    try:
        return len(data)
    except TypeError:
        return None


class GeneratorAdapter(Adapter):
    """Batches of a generator or iterator, which can be gone through once.

    Args:
        generator: Yields `x`, `(x, y)` or `(x, y, sample_weight)`.
        class_weight: Class number to weight, for training.

    Raises:
        ValueError: If it yields nothing at all.
    """

    restarts = False

    def __init__(self, generator: Iterator[Any], class_weight: Mapping[int, float] | None = None) -> None:
        self.class_weight = class_weight
        try:
            first = next(generator)
        except StopIteration:
            raise ValueError(
                "The generator yielded no batch. One that was used up before can not be used again: make a "
                "new one, or pass a `keras.utils.PyDataset`."
            ) from None
        self._batches = (prepared(batch, class_weight) for batch in chain([first], generator))

    def epoch(self) -> Iterator[Any]:
        """Yields what is left."""
        return self._batches
