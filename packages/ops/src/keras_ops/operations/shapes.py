"""Operations that change the shape or the order of axes, and repeat or reverse elements.

Joining and splitting live in `joining`, diagonals in `diagonals`.
"""

import math
from collections.abc import Sequence
from typing import Any

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.core import ndim
from keras_ops.rules import normalize_axes, normalize_axis, same, same_dtype
from keras_ops.sparse import composed, reshaping, structural
from keras_ops.tensor import Shape, Tensor


def _as_shape(value: int | Sequence[int | None]) -> Shape:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _reshaped(shape: Shape, *, newshape: Any, **_: Any) -> Shape:
    sizes = _as_shape(newshape)
    inferred = [i for i, size in enumerate(sizes) if size == -1]
    if len(inferred) > 1:
        raise ValueError(f"expected at most one size of -1, received newshape={newshape}.")
    # Sizes unknown on both sides are the same ones: a function passes on what `shape` told it.
    comparable = sum(s is None for s in sizes) == sum(s is None for s in shape)
    total = math.prod(s for s in shape if s is not None)
    known = math.prod(s for s in sizes if s is not None and s != -1)
    if inferred:
        size = total // known if comparable and known else None
        if size is not None and size * known != total:
            raise ValueError(f"expected {total} elements to fill newshape={newshape}, input shape {shape}.")
        return tuple(size if s == -1 else s for s in sizes)
    if None not in shape and None not in sizes and total != known:
        raise ValueError(f"expected {known} elements for newshape={newshape}, received shape {shape}.")
    return sizes


@export(["keras.ops.reshape", "keras.ops.numpy.reshape"])
@op(shape=_reshaped, dtype=same_dtype, sparse=reshaping)
def reshape(x: Tensor, newshape: int | Sequence[int]) -> Tensor:
    """Gives a tensor another shape with the same elements in the same order.

    Args:
        x: Tensor of any shape.
        newshape: The new shape; one size may be -1 and is inferred.

    Returns:
        A tensor of shape `newshape`.

    Raises:
        ValueError: If the number of elements differs.

    Example:

        >>> reshape([[1, 2], [3, 4]], (4,))
        Array([1, 2, 3, 4], dtype=int32)
    """


@export(["keras.ops.ravel", "keras.ops.numpy.ravel"])
@op(dtype=same_dtype, sparse=composed)
def ravel(x: Tensor) -> Tensor:
    """Flattens a tensor to one axis.

    Args:
        x: Tensor of any shape.

    Returns:
        A tensor of shape `(size,)`.

    Example:

        >>> ravel([[1, 2], [3, 4]])
        Array([1, 2, 3, 4], dtype=int32)
    """
    return reshape(x, (-1,))


def _permuted(shape: Shape, *, axes: Any = None, **_: Any) -> Shape:
    if axes is None:
        return shape[::-1]
    order = normalize_axes(axes, len(shape), "axes")
    if len(order) != len(shape):
        raise ValueError(f"expected a permutation of {len(shape)} axes, received axes={axes}.")
    return tuple(shape[i] for i in order)


@export(["keras.ops.transpose", "keras.ops.numpy.transpose"])
@op(shape=_permuted, dtype=same_dtype, sparse=structural)
def transpose(x: Tensor, axes: Sequence[int] | None = None) -> Tensor:
    """Permutes the axes of a tensor.

    Args:
        x: Tensor of any shape.
        axes: For each axis of the result the axis of `x` it comes from; reversed by default.

    Returns:
        A tensor with the axes of `x` in the new order.

    Example:

        >>> transpose([[1, 2, 3]]).shape
        (3, 1)
    """


@export(["keras.ops.swapaxes", "keras.ops.numpy.swapaxes"])
@op(dtype=same_dtype, sparse=composed)
def swapaxes(x: Tensor, axis1: int, axis2: int) -> Tensor:
    """Exchanges two axes.

    Args:
        x: Tensor of rank 1 or more.
        axis1: One axis.
        axis2: The other.

    Returns:
        A tensor with the two axes exchanged.

    Example:

        >>> swapaxes([[[1, 2, 3]]], 0, 2).shape
        (3, 1, 1)
    """
    rank = ndim(x)
    order = list(range(rank))
    first, second = normalize_axis(axis1, rank, "axis1"), normalize_axis(axis2, rank, "axis2")
    order[first], order[second] = second, first
    return transpose(x, order)


@export(["keras.ops.moveaxis", "keras.ops.numpy.moveaxis"])
@op(dtype=same_dtype, sparse=composed)
def moveaxis(x: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """Moves axes to other places; the rest keep their order.

    Args:
        x: Tensor of rank 1 or more.
        source: Axis or axes to move.
        destination: Where each of them goes.

    Returns:
        A tensor with the axes in the new order.

    Example:

        >>> moveaxis([[[1, 2, 3]]], 2, 0).shape
        (3, 1, 1)
    """
    rank = ndim(x)
    sources, targets = (
        normalize_axes(source, rank, "source"),
        normalize_axes(destination, rank, "destination"),
    )
    order = [axis for axis in range(rank) if axis not in sources]
    for target, axis in sorted(zip(targets, sources, strict=True)):
        order.insert(target, axis)
    return transpose(x, order)


def _expanded(shape: Shape, *, axis: Any, **_: Any) -> Shape:
    count = len(axis) if isinstance(axis, (tuple, list)) else 1
    places = normalize_axes(axis, len(shape) + count)
    sizes = iter(shape)
    return tuple(1 if i in places else next(sizes) for i in range(len(shape) + count))


@export(["keras.ops.expand_dims", "keras.ops.numpy.expand_dims"])
@op(shape=_expanded, dtype=same_dtype, sparse=reshaping)
def expand_dims(x: Tensor, axis: int | Sequence[int]) -> Tensor:
    """Inserts axes of size 1.

    Args:
        x: Tensor of any shape.
        axis: Where the new axes are in the result.

    Returns:
        A tensor with more axes.

    Example:

        >>> expand_dims([1, 2, 3], -1).shape
        (3, 1)
    """


def _squeezed(shape: Shape, *, axis: Any = None, **_: Any) -> Shape:
    if axis is None:
        return tuple(size for size in shape if size != 1)
    axes = normalize_axes(axis, len(shape))
    for i in axes:
        if shape[i] not in (1, None):
            raise ValueError(f"expected axes of size 1, received axis={axis} for shape {shape}.")
    return tuple(size for i, size in enumerate(shape) if i not in axes)


@export(["keras.ops.squeeze", "keras.ops.numpy.squeeze"])
@op(shape=_squeezed, dtype=same_dtype, sparse=reshaping)
def squeeze(x: Tensor, axis: int | Sequence[int] | None = None) -> Tensor:
    """Removes axes of size 1.

    Args:
        x: Tensor of any shape.
        axis: The axes to remove; all of size 1 by default.

    Returns:
        A tensor with fewer axes.

    Raises:
        ValueError: If one of the axes is not of size 1.

    Example:

        >>> squeeze([[[1, 2]]], axis=0).shape
        (1, 2)
    """


def _broadcasted(own: Shape, *, shape: Any, **_: Any) -> Shape:
    target = _as_shape(shape)
    aligned = target[len(target) - len(own) :]
    fits = len(own) <= len(target) and all(
        a in (1, None) or b is None or a == b for a, b in zip(own, aligned)
    )
    if not fits:
        raise ValueError(f"expected a shape that broadcasts to {target}, received {own}.")
    return target


@export(["keras.ops.broadcast_to", "keras.ops.numpy.broadcast_to"])
@op(shape=_broadcasted, dtype=same_dtype)
def broadcast_to(x: Tensor, shape: Sequence[int]) -> Tensor:
    """Repeats a tensor along axes of size 1, and along new ones in front, to give it a shape.

    Args:
        x: Tensor whose shape broadcasts to `shape`.
        shape: The shape of the result.

    Returns:
        A tensor of shape `shape`.

    Example:

        >>> broadcast_to([1, 2], (2, 2))
        Array([[1, 2],
               [1, 2]], dtype=int32)
    """


@export(["keras.ops.flip", "keras.ops.numpy.flip"])
@op(shape=same, dtype=same_dtype)
def flip(x: Tensor, axis: int | Sequence[int] | None = None) -> Tensor:
    """Reverses the order of elements along axes.

    Args:
        x: Tensor of any shape.
        axis: The axes; all by default.

    Returns:
        A tensor of the shape of `x`.

    Example:

        >>> flip([1, 2, 3])
        Array([3, 2, 1], dtype=int32)
    """


@export(["keras.ops.fliplr", "keras.ops.numpy.fliplr"])
@op()
def fliplr(x: Tensor) -> Tensor:
    """Reverses the columns: the order along axis 1.

    Args:
        x: Tensor of rank 2 or more.

    Returns:
        A tensor of the shape of `x`.

    Example:

        >>> fliplr([[1, 2, 3]])
        Array([[3, 2, 1]], dtype=int32)
    """
    normalize_axis(1, ndim(x))
    return flip(x, axis=1)


@export(["keras.ops.flipud", "keras.ops.numpy.flipud"])
@op()
def flipud(x: Tensor) -> Tensor:
    """Reverses the rows: the order along axis 0.

    Args:
        x: Tensor of rank 1 or more.

    Returns:
        A tensor of the shape of `x`.

    Example:

        >>> flipud([1, 2, 3])
        Array([3, 2, 1], dtype=int32)
    """
    normalize_axis(0, ndim(x))
    return flip(x, axis=0)


@export(["keras.ops.rot90", "keras.ops.numpy.rot90"])
@op()
def rot90(array: Tensor, k: int = 1, axes: Sequence[int] = (0, 1)) -> Tensor:
    """Rotates a tensor by multiples of 90 degrees in the plane of two axes.

    Args:
        array: Tensor of rank 2 or more.
        k: How many times to rotate, from the first axis towards the second.
        axes: The two axes.

    Returns:
        The rotated tensor.

    Raises:
        ValueError: If the axes are not two different ones.

    Example:

        >>> rot90([[1, 2], [3, 4]])
        Array([[2, 4],
               [1, 3]], dtype=int32)
    """
    if len(axes) != 2:
        raise ValueError(f"rot90: expected two axes, received axes={axes}.")
    first, second = normalize_axes(axes, ndim(array), "axes")
    k %= 4
    if k == 0:
        return array
    if k == 2:
        return flip(array, (first, second))
    if k == 1:
        return swapaxes(flip(array, second), first, second)
    return flip(swapaxes(array, first, second), second)


def _rolled(shape: Shape, *, axis: Any = None, **_: Any) -> Shape:
    # An axis that is named twice is moved twice, as in NumPy.
    for one in axis if isinstance(axis, (tuple, list)) else () if axis is None else (axis,):
        normalize_axis(one, len(shape))
    return shape


@export(["keras.ops.roll", "keras.ops.numpy.roll"])
@op(shape=_rolled, dtype=same_dtype)
def roll(x: Tensor, shift: int | Sequence[int], axis: int | Sequence[int] | None = None) -> Tensor:
    """Moves elements along axes; what leaves at the end comes in at the start.

    Args:
        x: Tensor of any shape.
        shift: By how many places, for each axis.
        axis: The axes; by default the flattened tensor is rolled.

    Returns:
        A tensor of the shape of `x`.

    Example:

        >>> roll([1, 2, 3], 1)
        Array([3, 1, 2], dtype=int32)
    """


def _repeated(shape: Shape, *, repeats: Any, axis: int | None = None, **_: Any) -> Shape:
    if axis is None:
        shape, axis = (None if None in shape else math.prod(shape),), 0
    axis = normalize_axis(axis, len(shape))
    size = shape[axis]
    if isinstance(repeats, int):
        size = None if size is None else size * repeats
    elif isinstance(repeats, (tuple, list)):
        size = sum(repeats) if len(repeats) != 1 else _repeated((size,), repeats=repeats[0])[0]
    else:
        size = None
    return (*shape[:axis], size, *shape[axis + 1 :])


@export(["keras.ops.repeat", "keras.ops.numpy.repeat"])
@op(shape=_repeated, dtype=same_dtype)
def repeat(x: Tensor, repeats: int | Sequence[int], axis: int | None = None) -> Tensor:
    """Repeats each element of a tensor in place.

    Args:
        x: Tensor of any shape.
        repeats: How often, or one number for each element along `axis`.
        axis: The axis; by default the tensor is flattened first.

    Returns:
        A tensor with the shape of `x` except along `axis`.

    Example:

        >>> repeat([1, 2], 2)
        Array([1, 1, 2, 2], dtype=int32)
    """


def _tiled(shape: Shape, *, repeats: Any, **_: Any) -> Shape:
    counts = _as_shape(repeats)
    rank = max(len(shape), len(counts))
    shape = (1,) * (rank - len(shape)) + shape
    counts = (1,) * (rank - len(counts)) + counts
    return tuple(None if s is None or n is None else s * n for s, n in zip(shape, counts))


@export(["keras.ops.tile", "keras.ops.numpy.tile"])
@op(shape=_tiled, dtype=same_dtype)
def tile(x: Tensor, repeats: int | Sequence[int]) -> Tensor:
    """Repeats a tensor as a whole along its axes.

    Args:
        x: Tensor of any shape.
        repeats: How often along each of the last axes; more numbers than axes add axes in front.

    Returns:
        The tiled tensor.

    Example:

        >>> tile([1, 2], 2)
        Array([1, 2, 1, 2], dtype=int32)
    """
