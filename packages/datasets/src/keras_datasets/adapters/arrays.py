"""Arrays and tensors in any nest, cut into batches.

Slices of arrays are views. Shuffled data is gathered in blocks of many batches, by one permutation
per epoch, and the batches are slices of the block.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from keras_backends import settings
from keras_backends.host import Coordinates
from keras_ops import ops, tree
from keras_ops.state import state

from keras_datasets.adapters.adapter import Adapter
from keras_datasets.adapters.class_weight import class_weights_of
from keras_datasets.packing import pack_x_y_sample_weight

BLOCK_BYTES = 1 << 24
"""How much shuffled data is gathered at once."""


def is_array(x: Any) -> bool:
    """Says whether `x` is data that can be cut along its first axis: an array, tensor or data frame."""
    if isinstance(x, np.ndarray) or state.backend.is_tensor(x):
        return True
    return hasattr(x, "shape") and (hasattr(x, "__array__") or hasattr(x, "tocoo"))


def _coordinates(x: Any) -> Coordinates | None:
    """The elements of a sparse tensor, or of a sparse matrix of SciPy; `None` for anything else."""
    backend = state.backend
    if backend.is_sparse(x):
        return Coordinates.ordered(*backend.sparse().coordinates(x), tuple(x.shape))
    if not hasattr(x, "tocoo"):
        return None
    x = x.tocoo(copy=True)
    x.sum_duplicates()
    values = x.data.astype(settings.floatx()) if x.data.dtype.kind == "f" else x.data
    return Coordinates.ordered(np.stack([x.row, x.col], axis=1), values, x.shape)


def as_array(x: Any, name: str) -> Any:
    """Returns `x` as a NumPy array, as coordinates if it is sparse, or as it is if it is a tensor of the backend.

    Raises:
        ValueError: If it can not be one, or is a scalar.
    """
    if x is None:
        return None
    if not is_array(x):
        raise ValueError(
            f"Expected `{name}` to be an array, a tensor or a nest of them, received {x!r} of type "
            f"{type(x).__name__}."
        )
    sparse = _coordinates(x)
    if sparse is not None:
        return sparse
    if not (isinstance(x, Coordinates) or state.backend.is_tensor(x)):
        x = np.asarray(x)
    if not len(x.shape):
        raise ValueError(f"Expected `{name}` to have a batch axis, received a scalar: {x!r}.")
    return x


def as_arrays(data: Any, name: str) -> Any:
    """Applies `as_array` to all leaves; a list of numbers counts as an array."""
    if isinstance(data, (list, tuple)) and data and all(isinstance(v, (int, float, str)) for v in data):
        return np.asarray(data)
    return tree.map_structure(lambda x: as_array(x, name), data)


def batch_length(data: Any) -> int:
    """Returns the number of samples that all leaves of `(x, y, sample_weight)` have.

    Raises:
        ValueError: If they differ, or there are none.
    """
    lengths: dict[str, int] = {}
    for name, part in zip(("x", "y", "sample_weight"), data):
        leaves = [leaf for leaf in tree.flatten(part) if leaf is not None]
        for i, leaf in enumerate(leaves):
            lengths[name if len(leaves) == 1 else f"{name} (part {i})"] = int(leaf.shape[0])
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name}: {length}" for name, length in lengths.items())
        raise ValueError(
            f"All arrays must have the same number of samples along the first axis, received {found}."
        )
    if not lengths or 0 in lengths.values():
        raise ValueError(f"The data is empty: received {', '.join(lengths) or 'no arrays'} without samples.")
    return next(iter(lengths.values()))


class ArrayAdapter(Adapter):
    """Batches of arrays or tensors.

    Args:
        x: Array or nest of arrays, first axes equal.
        y: Targets, likewise.
        sample_weight: Weights, likewise.
        batch_size: Samples per batch, default 32.
        steps: Number of batches if it is to be taken for the batch size instead.
        shuffle: `True`, `False`, or `"batch"` to shuffle batches as wholes.
        class_weight: Class number to weight, for training.

    Raises:
        ValueError: If first axes differ, there are no samples, or both kinds of weight are given.
    """

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        batch_size: int | None = None,
        steps: int | None = None,
        shuffle: bool | str = False,
        class_weight: dict[int, float] | None = None,
    ) -> None:
        x, y = as_arrays(x, "x"), as_arrays(y, "y")
        sample_weight = as_arrays(sample_weight, "sample_weight")
        if class_weight is not None:
            if sample_weight is not None:
                raise ValueError("`class_weight` and `sample_weight` can not be used together.")
            sample_weight = class_weights_of(y, class_weight)
        self.data = data = (x, y, sample_weight)
        self.num_samples = batch_length(data)
        if shuffle not in (True, False, "batch"):
            raise ValueError(
                f"Expected `shuffle` to be True, False or 'batch', received shuffle={shuffle!r}."
            )
        if batch_size is None:
            batch_size = -(-self.num_samples // steps) if steps else 32
        if not batch_size >= 1:
            raise ValueError(f"Expected a positive `batch_size`, received batch_size={batch_size!r}.")
        self.batch_size = int(batch_size)
        self.shuffle = shuffle
        self.num_batches = -(-self.num_samples // self.batch_size)
        batch = pack_x_y_sample_weight(*data)
        self.leaves = tree.flatten(batch)
        # Compiled functions take arrays as they are; what is sparse has to be placed first.
        self.stable = not any(isinstance(leaf, Coordinates) for leaf in self.leaves)
        self._cutters = [_cutter(leaf) for leaf in self.leaves]
        self._pack = _packer(batch)

    def epoch(self) -> Iterator[Any]:
        """Yields the batches of an epoch."""
        size, total = self.batch_size, self.num_samples
        if self.shuffle is True:
            yield from self._shuffled()
            return
        starts = np.arange(0, total, size)
        if self.shuffle == "batch":
            # The short batch stays last, so that shapes change once.
            full = len(starts) if total % size == 0 else len(starts) - 1
            np.random.shuffle(starts[:full])
        cutters, leaves, pack = self._cutters, self.leaves, self._pack
        for start in starts.tolist():
            part = slice(start, start + size)
            yield pack([cut(leaf, part) for cut, leaf in zip(cutters, leaves)])

    def first(self) -> Any:
        """Returns the first samples as a batch."""
        part = slice(0, self.batch_size)
        return self._pack([cut(leaf, part) for cut, leaf in zip(self._cutters, self.leaves)])

    def _shuffled(self) -> Iterator[Any]:
        order = np.random.permutation(self.num_samples)
        width = sum(_row_bytes(leaf) for leaf in self.leaves)
        size = self.batch_size
        block = size * max(1, BLOCK_BYTES // max(1, width * size))
        pack = self._pack
        for first in range(0, self.num_samples, block):
            rows = order[first : first + block]
            gathered = [cut(leaf, rows) for cut, leaf in zip(self._cutters, self.leaves)]
            for start in range(0, len(rows), size):
                part = slice(start, start + size)
                yield pack([None if leaf is None else leaf[part] for leaf in gathered])


def _row_bytes(leaf: Any) -> int:
    if isinstance(leaf, Coordinates):
        return (leaf.values.nbytes + leaf.indices.nbytes) // max(1, len(leaf))
    if not isinstance(leaf, np.ndarray):
        return 0 if leaf is None else 4 * int(np.prod(leaf.shape[1:]))
    return leaf.nbytes // max(1, len(leaf))


def _cutter(leaf: Any) -> Callable[[Any, Any], Any]:
    """Returns the function that cuts rows, given as slice or numbers, out of such a leaf."""
    if leaf is None:
        return lambda leaf, rows: None
    if isinstance(leaf, Coordinates):
        dense = state.backend.sparse is None
        return lambda leaf, rows: np.asarray(leaf[rows]) if dense else leaf[rows]
    if not isinstance(leaf, np.ndarray):
        return _cut_tensor
    floatx = settings.floatx()
    if leaf.dtype.kind == "f" and leaf.dtype != floatx:
        return lambda leaf, rows: leaf[rows].astype(floatx)
    return lambda leaf, rows: leaf[rows]


def _cut_tensor(leaf: Any, rows: Any) -> Any:
    return leaf[rows] if isinstance(rows, slice) else ops.take(leaf, rows, axis=0)


def _packer(batch: Any) -> Callable[[list[Any]], Any]:
    """Returns the function from leaves to a batch like `batch`; the usual cases do no tree work."""
    if not tree.is_nested(batch):
        return lambda leaves: leaves[0]
    if type(batch) is not tuple or any(tree.is_nested(part) for part in batch):
        return lambda leaves: tree.pack_sequence_as(batch, leaves)
    return tuple
