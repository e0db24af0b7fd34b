"""Operations that order and search: sorting, the largest elements, positions, unique values, membership."""

import math
from typing import Any, Literal

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.core import cast
from keras_ops.operations.core import dtype as dtype_of
from keras_ops.operations.core import shape as shape_of
from keras_ops.operations.creation import full_like, zeros
from keras_ops.operations.elementwise import equal, isfinite, logical_and, logical_not
from keras_ops.operations.indexing import take, take_along_axis
from keras_ops.operations.joining import concatenate
from keras_ops.operations.reductions import sum
from keras_ops.operations.shapes import expand_dims, repeat, reshape
from keras_ops.rules import boolean, exact, fixed, index, native, normalize_axis, promotion
from keras_ops.tensor import KerasTensor, Shape, Tensor


def _flat_without_axis(shape: Shape, *, axis: int | None = -1, **_: Any) -> Shape:
    if axis is not None:
        normalize_axis(axis, len(shape))
        return shape
    total: int | None = 1
    for length in shape:
        total = None if total is None or length is None else total * length
    return (total,)


@export(["keras.ops.sort", "keras.ops.numpy.sort"])
@op(shape=_flat_without_axis, dtype=exact)
def sort(x: Tensor, axis: int | None = -1) -> Tensor:
    """Sorts the elements along an axis, ascending.

    Args:
        x: Tensor.
        axis: Axis; `None` flattens the tensor first.

    Returns:
        A tensor of the dtype of `x`.

    Example:

        >>> sort([[3, 1, 2], [1, 7, 5]])
        Array([[1, 2, 3],
               [1, 5, 7]], dtype=int32)
    """


@export(["keras.ops.argsort", "keras.ops.numpy.argsort"])
@op(shape=_flat_without_axis, dtype=index)
def argsort(x: Tensor, axis: int | None = -1) -> Tensor:
    """Positions of the elements in ascending order along an axis; equal ones keep their order.

    Args:
        x: Tensor.
        axis: Axis; `None` flattens the tensor first.

    Returns:
        An int32 tensor.

    Example:

        >>> argsort([30, 10, 20])
        Array([1, 2, 0], dtype=int32)
    """


@export(["keras.ops.argpartition", "keras.ops.numpy.argpartition"])
@op(shape=_flat_without_axis, dtype=index)
def argpartition(x: Tensor, kth: int, axis: int | None = -1) -> Tensor:
    """Positions of the elements ordered so far that no later one is smaller than the `kth`.

    Args:
        x: Tensor.
        kth: Position in the sorted order: smaller elements come before it, others behind.
        axis: Axis; `None` flattens the tensor first.

    Returns:
        An int32 tensor.

    Example:

        >>> argpartition([30, 10, 20], 1)[1]
        Array(2, dtype=int32)
    """
    size = math.prod(x.shape) if axis is None else x.shape[axis]
    if isinstance(size, int) and not -size <= kth < size:
        raise ValueError(f"ops.argpartition: expected `kth` in [{-size}, {size}), received kth={kth}.")
    return argsort(x, axis)


def _top_k_spec(x: KerasTensor, k: int, sorted: bool = True) -> tuple[KerasTensor, KerasTensor]:
    # Specs say int32 on every backend, as recorded, also where the framework's positions are int64 (torch, numpy).
    shape = (*_rank_checked(x._shape, k)[:-1], int(k))
    return KerasTensor.make(shape, x.dtype), KerasTensor.make(shape, "int32")


def _rank_checked(shape: Shape, k: int) -> Shape:
    if not shape:
        raise ValueError("expected a tensor with at least one axis, received a scalar.")
    if k < 0 or (shape[-1] is not None and k > shape[-1]):
        raise ValueError(f"expected `k` from 0 to the size of the last axis of {shape}, received k={k}.")
    return shape


@export("keras.ops.top_k")
@op(spec=_top_k_spec, dtype=exact, module="math")
def top_k(x: Tensor, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """The `k` largest elements of the last axis, largest first, and their positions.

    Args:
        x: Tensor of shape `(..., n)`.
        k: How many.
        sorted: Whether the elements have to be ordered.

    Returns:
        Values and positions of shape `(..., k)`. Of equal elements the earlier comes first. Positions
        are of the framework's own integer type, int32 or int64.

    Example:

        >>> top_k([10, 40, 20], 2)
        (Array([40, 20], dtype=int32), Array([1, 2], dtype=int32))
    """


@export("keras.ops.in_top_k")
@op(
    shape=lambda targets, predictions, **_: targets,
    dtype=fixed("bool"),
    module="math",
)
def in_top_k(targets: Tensor, predictions: Tensor, k: int) -> Tensor:
    """Whether the score of the target class is among the `k` largest of its sample.

    Args:
        targets: Class numbers, an int tensor of shape `(batch,)`.
        predictions: Scores of shape `(batch, classes)`.
        k: How many of the largest scores count. Scores equal to the last one that counts do too.

    Returns:
        A bool tensor of shape `(batch,)`; False where a target or its score is not valid.

    Example:

        >>> in_top_k([1, 0], [[0.1, 0.9], [0.2, 0.8]], k=1)
        Array([ True, False], dtype=bool)
    """
    classes = shape_of(predictions)[-1]
    targets = cast(targets, "int32")
    valid = logical_and(targets >= 0, targets < classes)
    index = expand_dims(targets * cast(valid, "int32"), -1)
    score = take_along_axis(predictions, index, -1)
    better = sum(predictions > score, -1)
    return logical_and(logical_and(valid, isfinite(reshape(score, (-1,)))), better < k)


@export(["keras.ops.searchsorted", "keras.ops.numpy.searchsorted"])
@op(shape=lambda sorted_sequence, values, **_: values, dtype=index, class_name="SearchSorted")
def searchsorted(sorted_sequence: Tensor, values: Tensor, side: Literal["left", "right"] = "left") -> Tensor:
    """Where values would have to be inserted to keep a sequence sorted.

    Args:
        sorted_sequence: Ascending tensor of shape `(n,)`.
        values: Tensor of any shape.
        side: Whether equal elements of the sequence stay to the right (`"left"`) or to the left
            (`"right"`) of the value.

    Returns:
        An int32 tensor of the shape of `values`, from 0 to `n`.

    Example:

        >>> searchsorted([1, 3, 5], [3, 4])
        Array([1, 2], dtype=int32)
    """


@export(["keras.ops.digitize", "keras.ops.numpy.digitize"])
@op(shape=lambda x, bins, **_: x, dtype=index)
def digitize(x: Tensor, bins: Tensor) -> Tensor:
    """Numbers of the bins that values fall into.

    Args:
        x: Tensor of any shape.
        bins: Ascending edges of shape `(n,)`; each bin contains its lower edge.

    Returns:
        An int32 tensor of the shape of `x`: 0 below the first edge, `n` from the last one on.

    Example:

        >>> digitize([0.5, 1.0, 9.0], [1.0, 2.0])
        Array([0, 1, 2], dtype=int32)
    """
    return searchsorted(bins, x, side="right")


def _unique_spec(
    x: KerasTensor,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    shape = x._shape
    if axis is None:
        values: Shape = (size,)
        inverse = _flat_without_axis(shape, axis=None)
    else:
        axis = normalize_axis(axis, len(shape))
        values = (*shape[:axis], size, *shape[axis + 1 :])
        inverse = (shape[axis],)
    results = [KerasTensor.make(values, x.dtype)]
    for wanted, positions in ((return_index, (size,)), (return_inverse, inverse), (return_counts, (size,))):
        if wanted:
            results.append(KerasTensor.make(positions, "int32"))
    return results[0] if len(results) == 1 else tuple(results)


@op(spec=_unique_spec, dtype=native)
def _unique_elements(
    x: Tensor,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
) -> Any:
    """Sorted unique elements (or slices), as many as there are; see `unique`."""


@export(["keras.ops.unique", "keras.ops.numpy.unique"])
@op(spec=_unique_spec, dtype=native)
def unique(
    x: Tensor,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    """Unique elements in ascending order.

    Args:
        x: Tensor.
        sorted: Whether the result has to be sorted. It always is.
        return_index: Whether to return where each was found first.
        return_inverse: Whether to return the place of each element of `x` in the result.
        return_counts: Whether to return how often each occurs.
        axis: Axis whose slices are compared; by default the tensor is flattened first.
        size: Number of results to return, so that the shape does not depend on values: later ones
            are left out, missing ones filled up.
        fill_value: What to fill up with; by default the first result.

    Returns:
        The unique elements, or a tuple of these and what else was asked for. Positions and counts
        are of the framework's own integer type, int32 or int64.

    Example:

        >>> unique([3, 1, 3, 2])
        Array([1, 2, 3], dtype=int32)
    """
    found = _unique_elements(x, return_index, return_inverse, return_counts, axis)
    if size is None:
        return found
    results = list(found) if isinstance(found, tuple) else [found]
    place = 0 if axis is None else axis
    results[0] = _resized(results[0], size, place, fill_value)
    if return_index:
        results[1] = _resized(results[1], size, 0, None)
    if return_counts:
        results[-1] = _resized(results[-1], size, 0, 0)
    return results[0] if len(results) == 1 else tuple(results)


def _resized(x: Tensor, size: int, axis: int, fill_value: Any) -> Tensor:
    """Cuts or fills an axis to a size; `None` fills with the first slice."""
    axis = normalize_axis(axis, len(x.shape))
    before = (slice(None),) * axis
    missing = size - shape_of(x)[axis]
    if missing <= 0:
        return x[(*before, slice(None, size))]
    first = x[(*before, slice(None, 1))]
    filling = first if fill_value is None else full_like(first, fill_value)
    return concatenate([x, repeat(filling, missing, axis)], axis)


def _nonzero_spec(x: KerasTensor) -> tuple[KerasTensor, ...]:
    rank = len(x._shape)
    return tuple(KerasTensor.make((None,), promotion().narrow("int")) for _ in range(rank or 1))


@export(["keras.ops.nonzero", "keras.ops.numpy.nonzero"])
@op(spec=_nonzero_spec, dtype=exact)
def nonzero(x: Tensor) -> tuple[Tensor, ...]:
    """Positions of the elements that are not zero.

    Args:
        x: Tensor.

    Returns:
        An int32 tensor for each axis of `x`, all of shape `(count,)`.

    Example:

        >>> nonzero([[0, 3], [4, 0]])
        (Array([0, 1], dtype=int32), Array([1, 0], dtype=int32))
    """


@export(["keras.ops.isin", "keras.ops.numpy.isin"])
@op(shape=lambda x1, x2, **_: x1, dtype=boolean, class_name="IsIn")
def isin(x1: Tensor, x2: Tensor, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Whether each element of one tensor occurs in another.

    Args:
        x1: Tensor of any shape.
        x2: What to look for, of any shape.
        assume_unique: Whether no element occurs twice in either, which may be faster.
        invert: Whether to return the opposite.

    Returns:
        A bool tensor of the shape of `x1`.

    Example:

        >>> isin([1, 2, 3], [2, 5])
        Array([False,  True, False], dtype=bool)
    """
    known = sort(x2, None)
    count = shape_of(known)[0]
    place = searchsorted(known, x1)
    inside = place < count
    # One element more keeps every place valid, also when there is nothing to look for.
    padded = concatenate([known, zeros([1], dtype_of(known))], 0)
    found = logical_and(inside, equal(take(padded, place), x1))
    return logical_not(found) if invert else found
