"""Operations that join several tensors, cut one into several, or pad it."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.core import ndim, shape
from keras_ops.operations.shapes import expand_dims, ravel, reshape
from keras_ops.rules import DtypeRule, Promotion, native, normalize_axis, same_dtype
from keras_ops.sparse import structural
from keras_ops.tensor import KerasTensor, Shape, Tensor


def _concatenated(shapes: Sequence[Shape], *, axis: int | None = 0, **_: Any) -> Shape:
    if axis is None:
        shapes, axis = [(None if None in s else math.prod(s),) for s in shapes], 0
    first = shapes[0]
    axis = normalize_axis(axis, len(first))
    result = list(first)
    for other in shapes[1:]:
        if len(other) != len(first):
            raise ValueError(f"expected tensors of equal rank, received shapes {list(shapes)}.")
        for i, size in enumerate(other):
            if i == axis:
                result[i] = None if size is None or result[i] is None else result[i] + size
            elif None in (size, result[i]):
                result[i] = None
            elif size != result[i]:
                raise ValueError(
                    f"expected shapes that differ only along axis {axis}, received {list(shapes)}."
                )
    return tuple(result)


def _common(p: Promotion, *dtypes: str) -> str:
    """The dtype of joined tensors: where frameworks join them by themselves, numbers are not weak."""
    if len(set(dtypes)) == 1:
        return p.first(*dtypes)
    return p.exact(*map(p.first, dtypes)) if p.backend.traits.keeps_width else p.narrow(*dtypes)


_joined = DtypeRule(_common)


@export(["keras.ops.concatenate", "keras.ops.numpy.concatenate"])
@op(shape=_concatenated, dtype=_joined, sparse=structural)
def concatenate(xs: Sequence[Tensor], axis: int | None = 0) -> Tensor:
    """Joins tensors along an existing axis.

    Args:
        xs: Tensors of equal shapes except along `axis`.
        axis: The axis; `None` flattens the tensors first.

    Returns:
        The joined tensor.

    Raises:
        ValueError: If the shapes do not fit.

    Example:

        >>> concatenate([[1, 2], [3]])
        Array([1, 2, 3], dtype=int32)
    """


def _stacked(shapes: Sequence[Shape], *, axis: int = 0, **_: Any) -> Shape:
    merged = list(shapes[0])
    for other in shapes[1:]:
        if len(other) != len(merged) or any(None not in (a, b) and a != b for a, b in zip(merged, other)):
            raise ValueError(f"expected equal shapes, received {list(shapes)}.")
        merged = [None if b is None else a for a, b in zip(merged, other)]
    axis = normalize_axis(axis, len(merged) + 1)
    return (*merged[:axis], len(shapes), *merged[axis:])


@export(["keras.ops.stack", "keras.ops.numpy.stack"])
@op(shape=_stacked, dtype=_joined, sparse=structural)
def stack(x: Sequence[Tensor], axis: int = 0) -> Tensor:
    """Joins tensors along a new axis.

    Args:
        x: Tensors of equal shapes.
        axis: Where the new axis is in the result.

    Returns:
        A tensor with one more axis.

    Example:

        >>> stack([[1, 2], [3, 4]])
        Array([[1, 2],
               [3, 4]], dtype=int32)
    """


@export(["keras.ops.hstack", "keras.ops.numpy.hstack"])
@op(dtype=_joined)
def hstack(xs: Sequence[Tensor]) -> Tensor:
    """Joins tensors side by side: along axis 1, or along axis 0 if they have one axis only.

    Args:
        xs: Tensors of equal shapes except along that axis.

    Returns:
        The joined tensor.

    Example:

        >>> hstack([[[1], [2]], [[3], [4]]])
        Array([[1, 3],
               [2, 4]], dtype=int32)
    """
    xs = [_at_least(x, 1) for x in _members(xs)]
    return concatenate(xs, axis=0 if ndim(xs[0]) == 1 else 1)


@export(["keras.ops.vstack", "keras.ops.numpy.vstack"])
@op(dtype=_joined)
def vstack(xs: Sequence[Tensor]) -> Tensor:
    """Joins tensors on top of each other: along axis 0, where those with one axis count as rows.

    Args:
        xs: Tensors of equal shapes except along axis 0.

    Returns:
        A tensor of rank 2 or more.

    Example:

        >>> vstack([[1, 2], [3, 4]])
        Array([[1, 2],
               [3, 4]], dtype=int32)
    """
    return concatenate([_at_least(x, 2) for x in _members(xs)], axis=0)


@export(["keras.ops.dstack", "keras.ops.numpy.dstack"])
@op(dtype=_joined)
def dstack(xs: Sequence[Tensor]) -> Tensor:
    """Joins tensors behind each other: along axis 2, where rows and planes count as `(1, n, 1)`, `(m, n, 1)`.

    Args:
        xs: Tensors of equal shapes except along axis 2.

    Returns:
        A tensor of rank 3 or more.

    Example:

        >>> dstack([[1, 2], [3, 4]])
        Array([[[1, 3],
                [2, 4]]], dtype=int32)
    """
    planes = [_at_least(x, 2) for x in _members(xs)]
    return concatenate([expand_dims(x, 2) if ndim(x) == 2 else x for x in planes], axis=2)


def _members(xs: Any) -> list[Any]:
    """The tensors to join; a single tensor stands for its rows."""
    return list(xs) if isinstance(xs, (list, tuple)) else unstack(xs)


def _at_least(x: Any, rank: int) -> Any:
    """`x` with axes of size 1 in front up to `rank`."""
    missing = rank - ndim(x)
    return expand_dims(x, tuple(range(missing))) if missing > 0 else x


@export(["keras.ops.append", "keras.ops.numpy.append"])
@op(dtype=native)
def append(x1: Tensor, x2: Tensor, axis: int | None = None) -> Tensor:
    """Joins two tensors.

    Args:
        x1: Tensor of any shape.
        x2: Tensor of the same rank, with the same sizes except along `axis`.
        axis: The axis; by default both are flattened first.

    Returns:
        The joined tensor.

    Example:

        >>> append([1, 2], [[3], [4]])
        Array([1, 2, 3, 4], dtype=int32)
    """
    if axis is None:
        return concatenate([ravel(x1), ravel(x2)])
    return concatenate([x1, x2], axis=axis)


def _parts(x: KerasTensor, indices_or_sections: Any, axis: int, equal: bool) -> list[KerasTensor]:
    axis = normalize_axis(axis, len(x._shape))
    size = x._shape[axis]
    sizes: list[int | None]
    if isinstance(indices_or_sections, int):
        count = indices_or_sections
        if count < 1:
            raise ValueError(f"expected one part or more, received indices_or_sections={count}.")
        if size is None:
            sizes = [None] * count
        elif equal and size % count:
            raise ValueError(f"expected an axis of a size divisible by {count}, received shape {x._shape}.")
        else:
            sizes = [size // count + (i < size % count) for i in range(count)]
    else:
        if np.ndim(indices_or_sections) != 1:
            raise ValueError(
                "expected a number of parts or a list of positions, received "
                f"indices_or_sections={indices_or_sections!r}."
            )
        cuts: list[int | None] = [int(i) for i in np.asarray(indices_or_sections, "int64")]
        # Those below zero count from the end.
        if size is None:
            cuts = [None if i < 0 else i for i in cuts]
        else:
            cuts = [min(max(i + size if i < 0 else i, 0), size) for i in cuts]
        sizes = [None if None in (a, b) else max(b - a, 0) for a, b in pairwise([0, *cuts, size])]
    return [KerasTensor.make((*x._shape[:axis], n, *x._shape[axis + 1 :]), x.dtype) for n in sizes]


def _split_spec(x: KerasTensor, indices_or_sections: Any, axis: int = 0) -> list[KerasTensor]:
    return _parts(x, indices_or_sections, axis, equal=True)


def _array_split_spec(x: KerasTensor, indices_or_sections: Any, axis: int = 0) -> list[KerasTensor]:
    return _parts(x, indices_or_sections, axis, equal=False)


@export(["keras.ops.split", "keras.ops.numpy.split"])
@op(spec=_split_spec)
def split(x: Tensor, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """Cuts a tensor into parts along an axis.

    Args:
        x: Tensor of rank 1 or more.
        indices_or_sections: The number of equal parts, or the positions to cut at.
        axis: The axis.

    Returns:
        A list of tensors.

    Raises:
        ValueError: If the axis can not be cut into so many equal parts.

    Example:

        >>> split([1, 2, 3, 4], 2)
        [Array([1, 2], dtype=int32), Array([3, 4], dtype=int32)]
    """


@export(["keras.ops.array_split", "keras.ops.numpy.array_split"])
@op(spec=_array_split_spec)
def array_split(x: Tensor, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """Cuts a tensor into parts of nearly equal size; the first ones get what is left over.

    Args:
        x: Tensor of rank 1 or more.
        indices_or_sections: The number of parts, or the positions to cut at.
        axis: The axis.

    Returns:
        A list of tensors.

    Example:

        >>> array_split([1, 2, 3], 2)
        [Array([1, 2], dtype=int32), Array([3], dtype=int32)]
    """


@export(["keras.ops.hsplit", "keras.ops.numpy.hsplit"])
@op(dtype=native)
def hsplit(x: Tensor, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """Cuts a tensor side by side: along axis 1, or along axis 0 if it has one axis only.

    Args:
        x: Tensor of rank 1 or more.
        indices_or_sections: The number of equal parts, or the positions to cut at.

    Returns:
        A list of tensors.

    Example:

        >>> hsplit([[1, 2], [3, 4]], 2)[0]
        Array([[1],
               [3]], dtype=int32)
    """
    return split(x, indices_or_sections, axis=0 if ndim(x) == 1 else 1)


@export(["keras.ops.vsplit", "keras.ops.numpy.vsplit"])
@op(dtype=native)
def vsplit(x: Tensor, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """Cuts a tensor along axis 0.

    Args:
        x: Tensor of rank 2 or more.
        indices_or_sections: The number of equal parts, or the positions to cut at.

    Returns:
        A list of tensors.

    Example:

        >>> vsplit([[1, 2], [3, 4]], 2)[0]
        Array([[1, 2]], dtype=int32)
    """
    return split(x, indices_or_sections, axis=0)


@export(["keras.ops.dsplit", "keras.ops.numpy.dsplit"])
@op(dtype=native)
def dsplit(x: Tensor, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """Cuts a tensor along axis 2.

    Args:
        x: Tensor of rank 3 or more.
        indices_or_sections: The number of equal parts, or the positions to cut at.

    Returns:
        A list of tensors.

    Example:

        >>> dsplit([[[1, 2]]], 2)[0].shape
        (1, 1, 1)
    """
    return split(x, indices_or_sections, axis=2)


def _unstacked(x: KerasTensor, num: int | None = None, axis: int = 0) -> list[KerasTensor]:
    axis = normalize_axis(axis, len(x._shape))
    size = x._shape[axis] if num is None else num
    if size is None:
        raise ValueError(
            f"expected `num` since the size of axis {axis} is unknown, received shape {x._shape}."
        )
    if x._shape[axis] not in (None, size):
        raise ValueError(f"expected num={x._shape[axis]}, the size of axis {axis}, received num={num}.")
    return [KerasTensor.make((*x._shape[:axis], *x._shape[axis + 1 :]), x.dtype) for _ in range(size)]


@export("keras.ops.unstack")
@op(spec=_unstacked)
def unstack(x: Tensor, num: int | None = None, axis: int = 0) -> list[Tensor]:
    """Takes a tensor apart along an axis.

    Args:
        x: Tensor of rank 1 or more.
        num: The size of the axis, needed where it is unknown.
        axis: The axis.

    Returns:
        A list of tensors without that axis.

    Example:

        >>> unstack([[1, 2], [3, 4]])
        [Array([1, 2], dtype=int32), Array([3, 4], dtype=int32)]
    """
    axis = normalize_axis(axis, ndim(x))
    sizes = [size for i, size in enumerate(shape(x)) if i != axis]
    return [reshape(part, sizes) for part in split(x, shape(x)[axis], axis=axis)]


def _pairs(pad_width: Any, rank: int) -> list[tuple[int, int]]:
    pairs = np.broadcast_to(np.asarray(pad_width, "int64"), (rank, 2))
    if (pairs < 0).any():
        raise ValueError(f"expected non-negative numbers, received pad_width={pad_width}.")
    return [(int(before), int(after)) for before, after in pairs]


def _padded(shape: Shape, *, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Shape:
    if mode != "constant" and constant_values is not None:
        raise ValueError(f"expected `constant_values` with mode='constant' only, received mode={mode!r}.")
    pairs = _pairs(pad_width, len(shape))
    return tuple(None if n is None else n + before + after for n, (before, after) in zip(shape, pairs))


@export(["keras.ops.pad", "keras.ops.numpy.pad"])
@op(shape=_padded, dtype=same_dtype, call=("constant_values",))
def pad(
    x: Tensor,
    pad_width: int | Sequence[int] | Sequence[Sequence[int]],
    mode: Literal["constant", "edge", "reflect", "symmetric", "wrap"] = "constant",
    constant_values: Any = None,
) -> Tensor:
    """Adds elements at the edges of a tensor.

    Args:
        x: Tensor of any shape.
        pad_width: How many before and after: pairs `(before, after)` for each axis, or one pair or
            number for all axes.
        mode: `"constant"`, or a repetition of the tensor's own elements: `"edge"`, `"reflect"`,
            `"symmetric"`, `"wrap"`.
        constant_values: What to fill in with mode `"constant"`, 0 by default.

    Returns:
        The padded tensor.

    Raises:
        ValueError: If `constant_values` is given with another mode.

    Example:

        >>> pad([1, 2], ((1, 2),))
        Array([0, 1, 2, 0, 0], dtype=int32)
    """
