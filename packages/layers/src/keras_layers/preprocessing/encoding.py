"""What categorical layers make of indices: the indices themselves, one-hot vectors, sets of them, or counts.

Used by `category_encoding`, `discretization`, `hashing`, `hashed_crossing` and the lookups.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from keras_ops import ops
from keras_ops.sparse import available
from keras_ops.state import state
from keras_ops.tensor import KerasTensor, Shape, Tensor

from keras_layers.core.arguments import one_of
from keras_layers.preprocessing.batches import is_ragged
from keras_layers.preprocessing.host_layer import index_dtype, on_host, over_ragged, shape_of

MODES = ("int", "one_hot", "multi_hot", "count")
MODES_TEXT = """`"int"` for the indices, `"one_hot"` for a vector for each, `"multi_hot"` for
    one vector per sample with a 1 at each index in it, `"count"` for how often each index occurs"""


MOST_ELEMENTS = 1 << 16
"""Up to how many elements of one-hot vectors per sample adding these up is the quicker way to count."""


def checked_mode(owner: Any, mode: Any, modes: tuple[str, ...] = MODES) -> str:
    """Returns `output_mode`.

    Raises:
        ValueError: If it is not one of `modes`.
    """
    return one_of(owner, "output_mode", mode, modes)


def encoded(
    x: Tensor, mode: str, depth: int, dtype: str, weights: Tensor | None = None, sparse: bool = False
) -> Tensor:
    """Encodes indices.

    Args:
        x: Tensor of indices of shape `(batch, ..., n)`, `(n,)` or `()`.
        mode: One of `MODES`.
        depth: Length of the vectors.
        dtype: Dtype of the result.
        weights: What each index counts, a tensor of the shape of `x`; 1 by default.
        sparse: Whether a sparse tensor is wanted, where the backend has them.

    Returns:
        Tensor of shape `encoded_shape(x.shape, mode, depth)`.

    Example:

        >>> encoded(ops.array([[0, 2, 2]]), "count", 3, "float32").tolist()
        [[1.0, 0.0, 2.0]]
    """
    if mode == "int":
        return ops.cast(x, dtype)
    x = ops.cast(x, "int32")
    axes = len(x.shape)
    if mode == "one_hot":
        if axes > 1 and x.shape[-1] == 1:
            x = ops.squeeze(x, axis=-1)
        return ops.one_hot(x, depth, dtype=dtype, sparse=sparse)
    count = x.shape[-1] if axes else 0
    if sparse or not axes or (isinstance(count, int) and count * depth <= MOST_ELEMENTS):
        vectors = ops.one_hot(x, depth, dtype=dtype, sparse=sparse)
        if not axes:
            return vectors
        if weights is not None:
            vectors = ops.multiply(vectors, ops.expand_dims(ops.cast(weights, dtype), axis=-1))
        counts = ops.sum(vectors, axis=-2)
    else:
        counts = _summed(x, depth, None if weights is None else ops.cast(weights, dtype))
    return ops.cast(ops.sign(counts) if mode == "multi_hot" else counts, dtype)


def _summed(x: Tensor, depth: int, weights: Tensor | None) -> Tensor:
    """Adds up what indices count, 1 or their weights, without a vector for each; those outside go to a last place."""
    *samples, count = ops.shape(x)
    rows = math.prod(samples)
    x = ops.reshape(x, (rows, count))
    inside = ops.logical_and(x >= 0, x < depth)
    places = ops.where(inside, x, depth) + ops.expand_dims(ops.arange(rows) * (depth + 1), -1)
    ones = ops.ones_like(places) if weights is None else weights
    sums = ops.segment_sum(ops.reshape(ones, (-1,)), ops.reshape(places, (-1,)), rows * (depth + 1))
    return ops.reshape(ops.reshape(sums, (rows, depth + 1))[:, :depth], (*samples, depth))


def counted(indices: np.ndarray, depth: int, once: bool = False) -> np.ndarray:
    """Returns what `encoded` makes of indices that are on the host, without a vector for each of them.

    Args:
        indices: Indices of shape `(batch, ..., n)`, `(n,)` or `()`; those outside of `[0, depth)` do not count.
        depth: Length of the vectors.
        once: Whether an index counts once per sample, as in `"multi_hot"`.

    Example:

        >>> counted(np.array([[0, 2, 2], [1, -1, -1]]), 3).tolist()
        [[1, 0, 2], [0, 1, 0]]
    """
    indices = np.atleast_1d(indices)
    samples = indices.shape[:-1]
    number = int(np.prod(samples))
    size = number * depth
    places = depth * np.arange(number).reshape(*samples, 1) + indices
    places = places[(indices >= 0) & (indices < depth)]
    if once:
        counts = np.zeros(size, "int64")
        counts[places] = 1
    else:
        counts = np.bincount(places, minlength=size)
    return counts.reshape(*samples, depth)


def encoded_on_host(
    find: Callable[[np.ndarray], np.ndarray],
    values: Any,
    shape: Shape,
    mode: str,
    depth: int,
    dtype: str,
    sparse: bool = False,
    encoding: str = "utf-8",
) -> Tensor:
    """Encodes the indices of values that are looked up on the host; dense counts are made there too.

    Args:
        find: Finds the indices of an array of values; those below 0 do not count.
        values: Tensor, array, or nested lists. Of a ragged tensor indices are ragged, too.
        shape: The shape of the indices, with `None` for sizes that are not known.
        mode: One of `MODES`.
        depth: Length of the vectors.
        dtype: Dtype of the result.
        sparse: Whether a sparse tensor is wanted, where the backend has them.
        encoding: How bytes are read as text.

    Example:

        >>> encoded_on_host(abs, [[-2, 0, 2]], (1, 3), "count", 3, "float32").tolist()
        [[1.0, 0.0, 2.0]]
    """
    if is_ragged(values):
        indices = over_ragged(lambda x: on_host(find, [x], shape_of(x), index_dtype(), encoding), values)
        if mode == "int":
            return over_ragged(lambda x: ops.cast(x, dtype), indices)
        if mode == "one_hot":
            return over_ragged(lambda x: ops.one_hot(x, depth, dtype=dtype), indices)
        return encoded(indices.to_tensor(-1), mode, depth, dtype, sparse=sparse)
    if mode in ("int", "one_hot") or sparse:
        indices = on_host(find, [values], shape, index_dtype(), encoding)
        return encoded(indices, mode, depth, dtype, sparse=sparse)
    once, shape = mode == "multi_hot", encoded_shape(shape, mode, depth)
    counts = on_host(lambda x: counted(find(x), depth, once), [values], shape, index_dtype(), encoding)
    return ops.cast(counts, dtype)


def encoded_spec(layer: Any, shape: Shape, dtype: str) -> KerasTensor:
    """Returns the spec of what a layer makes of inputs of a shape; it is sparse if its attribute `sparse` says so.

    Raises:
        ValueError: If the backend has no sparse tensors.
    """
    sparse = bool(layer.sparse) and layer.output_mode != "int"
    if sparse:
        available(state.backend, f"{type(layer).__name__} {layer.name!r}: `sparse=True`")
    return KerasTensor(layer.compute_output_shape(shape), dtype=dtype, sparse=sparse)


def encoded_shape(shape: Shape, mode: str, depth: int | None) -> Shape:
    """Returns the shape of what `encoded` makes of indices of a shape."""
    if mode == "int":
        return tuple(shape)
    if mode == "one_hot":
        kept = shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape
        return (*kept, depth)
    return (*shape[:-1], depth)
