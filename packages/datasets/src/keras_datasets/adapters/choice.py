"""Which adapter fits which data, and the split into training and validation data."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from keras_ops import tree
from keras_ops.state import state

from keras_datasets.adapters.adapter import Adapter
from keras_datasets.adapters.arrays import ArrayAdapter, as_arrays, batch_length, is_array
from keras_datasets.adapters.iterables import GeneratorAdapter, IterableAdapter
from keras_datasets.adapters.py_dataset import PyDatasetAdapter
from keras_datasets.py_dataset import PyDataset


def is_dataset(x: Any) -> bool:
    """Says whether `x` yields whole batches by itself, rather than being data to cut."""
    if isinstance(x, (PyDataset, Iterator)):
        return True
    if x is None or tree.is_nested(x) or is_array(x) or isinstance(x, (str, bytes)):
        return False
    return hasattr(x, "__iter__")


def make_adapter(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    batch_size: int | None = None,
    steps: int | None = None,
    shuffle: bool | str = False,
    class_weight: Mapping[int, float] | None = None,
) -> Adapter:
    """Returns the adapter for some data.

    Args:
        x: Arrays or tensors in any nest; or something that yields batches: a `PyDataset`, a
            generator, a tf.data dataset, a torch loader, any iterable object.
        y: Targets, for arrays.
        sample_weight: Weights, for arrays.
        batch_size: Samples per batch, for arrays.
        steps: Batches per epoch, where that is to determine the batch size of arrays.
        shuffle: See `ArrayAdapter`; for a `PyDataset` whether batches change their order.
        class_weight: Class number to weight.

    Raises:
        ValueError: If arguments are given that the kind of data does not go with.
    """
    if not is_dataset(x):
        return ArrayAdapter(x, y, sample_weight, batch_size, steps, shuffle, class_weight)
    for name, value in (("y", y), ("sample_weight", sample_weight)):
        if value is not None:
            raise ValueError(
                f"`{name}` can not be given with x={x!r} of type {type(x).__name__}, which yields whole "
                f"batches: let it yield `{name}` too, as in `(x, y, sample_weight)`."
            )
    if isinstance(x, PyDataset):
        return PyDatasetAdapter(x, class_weight, bool(shuffle))
    if isinstance(x, Iterator):
        return GeneratorAdapter(x, class_weight)
    return IterableAdapter(x, class_weight)


def train_validation_split(data: tuple[Any, ...], validation_split: float) -> tuple[Any, Any]:
    """Splits arrays into a first part for training and a last part for validation.

    Args:
        data: Nests of arrays, `None` where there is nothing.
        validation_split: Share of the samples in the last part, in (0, 1).

    Returns:
        Both parts, in the structure of `data`.

    Raises:
        ValueError: If the data is no array, or one part would be empty.

    Example:

        >>> a, b = train_validation_split((np.arange(4), None), 0.25)
        >>> a[0].tolist(), b[0].tolist()
        ([0, 1, 2], [3])
    """
    bad = sorted(
        {type(x).__name__ for part in data if part is not None for x in tree.flatten(part) if not _splits(x)}
    )
    if bad or is_dataset(data[0]):
        kinds = ", ".join(bad) or type(data[0]).__name__
        raise ValueError(
            "`validation_split` is for arrays and tensors, which can be cut; received data of type "
            f"{kinds}. Pass `validation_data` instead."
        )
    data = tuple(as_arrays(part, name) for part, name in zip(data, ("x", "y", "sample_weight")))
    total = batch_length(data)
    at = int(np.floor(total * (1.0 - validation_split)))
    if at in (0, total):
        raise ValueError(
            f"{total} samples can not be split with validation_split={validation_split!r}: one part would "
            "be empty. Give more data, or another share."
        )
    first = tree.map_structure(lambda x: None if x is None else x[:at], data)
    return first, tree.map_structure(lambda x: None if x is None else x[at:], data)


def _splits(x: Any) -> bool:
    return x is None or is_array(x) or isinstance(x, (int, float)) or state.backend.is_tensor(x)
