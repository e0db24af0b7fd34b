"""Operations that read and write at positions: taking, slicing, indexing, scattering."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from keras_backends.api import export
from keras_backends.dtypes import is_int
from keras_backends.geometry import require_sizes

from keras_ops.op import op
from keras_ops.operations.core import cast, dtype
from keras_ops.operations.creation import zeros
from keras_ops.operations.elementwise import floor_divide, mod
from keras_ops.rules import broadcast, like, normalize_axis, promote, same_dtype
from keras_ops.sparse import indexing, taking
from keras_ops.tensor import KerasTensor, Shape, Tensor


def _taken(shape: Shape, indices: Shape, *, axis: int | None = None, **_: Any) -> Shape:
    if axis is None:
        return indices
    axis = normalize_axis(axis, len(shape))
    return (*shape[:axis], *indices, *shape[axis + 1 :])


@export(["keras.ops.take", "keras.ops.numpy.take"])
@op(shape=_taken, dtype=like(0), sparse=taking)
def take(x: Tensor, indices: Tensor, axis: int | None = None) -> Tensor:
    """Takes elements, or slices along an axis, at given positions.

    Args:
        x: Tensor of any shape.
        indices: Integer tensor; negative positions count from the end.
        axis: The axis; by default positions in the flattened tensor.

    Returns:
        A tensor with the shape of `x` in which the shape of `indices` replaces `axis`.

    Example:

        >>> take([10, 20, 30], [0, 2])
        Array([10, 30], dtype=int32)
    """


def _taken_along(shape: Shape, indices: Shape, *, axis: int | None = None, **_: Any) -> Shape:
    if axis is None:
        return (None if None in indices else math.prod(indices),)
    if len(shape) != len(indices):
        raise ValueError(f"expected tensors of equal rank, received shapes {shape} and {indices}.")
    axis = normalize_axis(axis, len(shape))
    rest = broadcast(*(s[:axis] + s[axis + 1 :] for s in (shape, indices)))
    return (*rest[:axis], indices[axis], *rest[axis:])


@export(["keras.ops.take_along_axis", "keras.ops.numpy.take_along_axis"])
@op(shape=_taken_along, dtype=like(0), checked=True)
def take_along_axis(x: Tensor, indices: Tensor, axis: int | None = None) -> Tensor:
    """Takes one element along an axis for each position of another tensor.

    Args:
        x: Tensor of any shape.
        indices: Integer tensor of the same rank; its other axes broadcast with those of `x`.
        axis: The axis; by default both tensors are flattened.

    Returns:
        A tensor with the size of `indices` along `axis`.

    Example:

        >>> take_along_axis([[10, 20], [30, 40]], [[1], [0]], axis=1)
        Array([[20],
               [30]], dtype=int32)
    """


def _is_advanced(key: Any) -> bool:
    return not (key is None or key is Ellipsis or isinstance(key, (int, slice, np.integer)))


def _key_shape(key: Any) -> tuple[Shape, bool]:
    """The shape of an index tensor, and whether it is a mask."""
    if isinstance(key, KerasTensor):
        return key._shape, key.dtype == "bool"
    if isinstance(key, (list, tuple)):
        key = np.asarray(key)
    if not hasattr(key, "shape"):
        raise ValueError(f"expected integers, slices, `None`, `...` or integer tensors, received {key!r}.")
    return tuple(key.shape), str(key.dtype).endswith("bool")


def _sliced(size: int | None, key: slice) -> int | None:
    bounds = (key.start, key.stop, key.step)
    if size is not None and all(b is None or isinstance(b, (int, np.integer)) for b in bounds):
        return len(range(*key.indices(size)))
    return None


def _item(shape: Shape, *, key: Any, **_: Any) -> Shape:
    keys = list(key) if isinstance(key, tuple) else [key]
    used = [len(_key_shape(k)[0]) if _is_advanced(k) and _key_shape(k)[1] else 1 for k in keys]
    taken = sum(n for n, k in zip(used, keys) if k is not None and k is not Ellipsis)
    if taken > len(shape):
        raise ValueError(f"expected at most {len(shape)} indices for shape {shape}, received key={key!r}.")
    if not any(k is Ellipsis for k in keys):
        keys.append(Ellipsis)
    result: list[int | None] = []
    mixed = any(_is_advanced(k) for k in keys)
    advanced: list[Shape] = []
    place, together, axis = None, True, 0
    for k in keys:
        if k is None:
            result.append(1)
        elif k is Ellipsis:
            result += shape[axis : axis + len(shape) - taken]
            axis += len(shape) - taken
        elif isinstance(k, slice):
            result.append(_sliced(shape[axis], k))
            axis += 1
        elif mixed:
            # Beside index tensors a number is one of them.
            where, mask = _key_shape(k) if _is_advanced(k) else ((), False)
            if place is None:
                place = len(result)
            else:
                together = together and place == len(result)
            advanced.append((None,) if mask else where)
            axis += len(where) if mask else 1
        else:
            size = shape[axis]
            if size is not None and not -size <= k < size:
                raise ValueError(f"expected an index in [{-size}, {size}) for axis {axis}, received {k}.")
            axis += 1
    if place is None:
        return tuple(result)
    # As in NumPy: index tensors with something between them put their axes in front.
    place = place if together else 0
    return (*result[:place], *broadcast(*advanced), *result[place:])


@export(["keras.ops.get_item", "keras.ops.numpy.get_item"])
@op(shape=_item, dtype=like(0), call=("key",), sparse=indexing)
def get_item(x: Tensor, key: Any) -> Tensor:
    """Indexes a tensor: `x[key]`.

    Args:
        x: Tensor of any shape.
        key: An integer, slice, `None`, `...`, integer or boolean tensor (or list), or a tuple of those.

    Returns:
        The part of the tensor.

    Example:

        >>> get_item([[1, 2], [3, 4]], (slice(None), 0))
        Array([1, 3], dtype=int32)
    """


@export(["keras.ops.unravel_index", "keras.ops.numpy.unravel_index"])
@op(dtype=promote)
def unravel_index(indices: Tensor, shape: Sequence[int]) -> list[Tensor]:
    """Turns positions in a flattened tensor into positions along its axes.

    Args:
        indices: Integer tensor of any shape; negative positions count from the end.
        shape: Shape of the tensor that the positions are in.

    Returns:
        A list with a tensor of the shape of `indices` for each axis.

    Example:

        >>> unravel_index([3], (2, 2))
        [Array([1], dtype=int32), Array([1], dtype=int32)]
    """
    kind = "int32" if dtype(indices) == "bool" else dtype(indices)
    results: list[Any] = []
    for size in reversed((shape,) if isinstance(shape, int) else shape):
        results.append(cast(mod(indices, size), kind))
        indices = floor_divide(indices, size)
    return results[::-1]


def _window(sizes: Shape, *, shape: Sequence[int], **_: Any) -> Shape:
    require_sizes(shape, sizes)
    return tuple(shape)


def _overwritten(sizes: Shape, updates: Shape, **_: Any) -> Shape:
    require_sizes(updates, sizes, "updates")
    return sizes


@export("keras.ops.slice")
@op(shape=_window, dtype=like(0), call=("start_indices",))
def slice_(inputs: Tensor, start_indices: Any, shape: Sequence[int]) -> Tensor:
    """Cuts a block out of a tensor; where it starts may depend on values.

    Args:
        inputs: Tensor of any shape.
        start_indices: Where the block starts: a number for each axis, or a tensor of them. A number below zero
            counts from the end, and a block that would stick out is moved inside.
        shape: Shape of the block, no larger than the tensor.

    Returns:
        A tensor of shape `shape`.

    Example:

        >>> slice_([1, 2, 3], [1], [2])
        Array([2, 3], dtype=int32)
    """


@export("keras.ops.slice_update")
@op(shape=_overwritten, dtype=same_dtype, call=("start_indices",))
def slice_update(inputs: Tensor, start_indices: Any, updates: Tensor) -> Tensor:
    """Overwrites a block of a tensor; where it starts may depend on values.

    Args:
        inputs: Tensor of any shape.
        start_indices: Where the block starts: a number for each axis, or a tensor of them. A number below zero
            counts from the end, and a block that would stick out is moved inside.
        updates: The block, a tensor of the same rank.

    Returns:
        A tensor of the shape of `inputs`.

    Example:

        >>> slice_update([1, 2, 3], [1], [8, 9])
        Array([1, 8, 9], dtype=int32)
    """


def _require_integers(name: str, x: Any) -> None:
    if isinstance(x, KerasTensor) and not is_int(x.dtype):
        raise ValueError(f"expected `{name}` of an integer dtype, received {x.dtype}.")


def _require_updates(name: str, updates: KerasTensor, indices: KerasTensor, sizes: Shape) -> None:
    """The values that are written have to fit the positions, by broadcasting."""
    _require_integers("indices", indices)
    depth = indices._shape[-1] if indices._shape else 0
    if not indices._shape or (depth is not None and depth > len(sizes)):
        raise ValueError(
            f"expected `indices` of shape (..., depth) with up to {len(sizes)} positions for a tensor of shape "
            f"{sizes}, received shape {indices._shape}."
        )
    if depth is None:
        return
    slots = (*indices._shape[:-1], *sizes[depth:])
    shape = updates._shape if isinstance(updates, KerasTensor) else ()
    if len(shape) > len(slots) or any(
        None not in (a, b) and a not in (1, b) for a, b in zip(shape[::-1], slots[::-1])
    ):
        raise ValueError(f"expected `{name}` of shape {slots}, received {shape}.")


def _scattered(indices: KerasTensor, values: KerasTensor, shape: Sequence[int]) -> KerasTensor:
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    _require_updates("values", values, indices, sizes)
    return KerasTensor.make(sizes, values.dtype)


def _written(
    inputs: KerasTensor, indices: KerasTensor, updates: KerasTensor, reduction: str | None = None
) -> KerasTensor:
    _require_updates("updates", updates, indices, inputs._shape)
    return inputs


@export("keras.ops.scatter")
@op(spec=_scattered, dtype=like(1), checked=True)
def scatter(indices: Tensor, values: Tensor, shape: Sequence[int]) -> Tensor:
    """Puts values at positions of a tensor of zeros; values at equal positions are summed.

    Args:
        indices: Integer tensor of shape `(..., depth)`: positions in the first `depth` axes.
        values: Tensor of shape `(..., *shape[depth:])`.
        shape: Shape of the result.

    Returns:
        A tensor of shape `shape`.

    Example:

        >>> scatter([[0], [2]], [5, 6], (4,))
        Array([5, 0, 6, 0], dtype=int32)
    """
    return scatter_update(zeros(shape, dtype(values)), indices, values, reduction="add")


@export("keras.ops.scatter_update")
@op(spec=_written, dtype=replace(same_dtype, free=frozenset({"indices"})), checked=True)
def scatter_update(inputs: Tensor, indices: Tensor, updates: Tensor, reduction: str | None = None) -> Tensor:
    """Writes values at positions of a tensor.

    Args:
        inputs: Tensor of any shape.
        indices: Integer tensor of shape `(..., depth)`: positions in the first `depth` axes.
        updates: Tensor of shape `(..., *inputs.shape[depth:])`.
        reduction: How a value and what is there are combined: `"add"`, `"max"`, `"min"`, `"mul"`;
            by default it is overwritten.

    Returns:
        A tensor of the shape of `inputs`.

    Example:

        >>> scatter_update([1, 2, 3], [[0], [2]], [8, 9])
        Array([8, 2, 9], dtype=int32)
    """
