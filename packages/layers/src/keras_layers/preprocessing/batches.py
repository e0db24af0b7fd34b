"""Data that layers adapt to: arrays, tensors, or iterables of batches such as `tf.data` datasets.

Used by the `adapt` methods of the preprocessing layers.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
from keras_backends.selection import active
from keras_ops import tree


def batches(data: Any, steps: int | None = None, encoding: str = "utf-8") -> Iterator[np.ndarray]:
    """Yields the batches of data as arrays, ragged ones as they are; an array or tensor is a single batch.

    Args:
        data: Array, tensor, list, or an iterable of batches. Of a batch that is a tuple, or a list of tensors by a
            loader of PyTorch, the first part counts.
        steps: Most batches to take of an iterable; all by default.
        encoding: How bytes are read as text.

    Example:

        >>> [batch.shape for batch in batches(iter([[1, 2], [3, 4]]), steps=1)]
        [(2,)]
    """
    if isinstance(data, (list, tuple, str)) or hasattr(data, "shape"):
        yield data if is_ragged(data) else as_array(data, encoding)
        return
    source = (data[i] for i in range(len(data))) if hasattr(data, "__getitem__") else iter(data)
    lists_parts = any(cls.__module__.startswith("torch.utils.data") for cls in type(data).__mro__)
    for batch in islice(source, steps):
        parted = isinstance(batch, tuple) or (
            lists_parts and isinstance(batch, list) and not isinstance(batch[0], str)
        )
        batch = batch[0] if parted else batch
        yield batch if is_ragged(batch) else as_array(batch, encoding)


def is_ragged(x: Any) -> bool:
    """Whether a value is a ragged tensor, which only TensorFlow has."""
    return hasattr(x, "with_flat_values")


def as_array(data: Any, encoding: str = "utf-8") -> np.ndarray:
    """Returns values on the host; strings as `str` objects, whether they came as such or as bytes."""
    backend = active()
    if backend.is_tensor(data):
        array = backend.numpy(data)
    elif hasattr(data, "detach"):
        array = data.detach().cpu().numpy()
    elif isinstance(data, (list, tuple)):
        if set(map(type, data)) == {str}:
            return as_objects(data)  # NumPy's own strings are all as long as the longest.
        array = np.asarray(tree.map_structure(lambda x: as_array(x) if hasattr(x, "shape") else x, data))
    else:
        array = np.asarray(data)
    return texts(array, encoding) if array.dtype.kind in "USO" else array


def texts(array: np.ndarray, encoding: str = "utf-8") -> np.ndarray:
    """Returns a copy of an array of strings with `str` objects."""
    if array.dtype.kind == "U":
        return array.astype(object)
    values = array.ravel().tolist()
    if set(map(type, values)) == {str}:
        return array.copy()
    found = [x.decode(encoding, "replace") if isinstance(x, bytes) else str(x) for x in values]
    return as_objects(found).reshape(array.shape)


def as_objects(values: Sequence[str]) -> np.ndarray:
    """Returns strings as an array of objects, of shape `(n,)`."""
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result
