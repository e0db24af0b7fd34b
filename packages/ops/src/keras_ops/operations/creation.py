"""Operations that make tensors: filled with one value, like another tensor, identities, grids.

Sequences of numbers live in `ranges`, window functions in `windows`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.core import cast
from keras_ops.operations.core import convert_to_tensor as _convert
from keras_ops.operations.core import shape as shape_of
from keras_ops.operations.shapes import broadcast_to, reshape
from keras_ops.rules import DtypeRule, Promotion, given, given_dtype, like, same
from keras_ops.tensor import KerasTensor, Shape, Tensor

_given_or_same = replace(like(0), asked="result")
"""The attribute `dtype`, else the dtype of the first tensor."""
_filled = DtypeRule(lambda p, *_: p.floatx, asked="all")
"""The attribute `dtype`, else floatx; a number is made a tensor of that dtype, which int32 may not hold."""


@export(["keras.ops.zeros", "keras.ops.numpy.zeros"])
@op(shape=given, dtype=given_dtype)
def zeros(shape: int | Sequence[int], dtype: Any = None) -> Any:
    """Makes a tensor of zeros.

    {filled}

    Example:

        >>> zeros((2, 3), "int32")
        Array([[0, 0, 0],
               [0, 0, 0]], dtype=int32)
    """


@export(["keras.ops.ones", "keras.ops.numpy.ones"])
@op(shape=given, dtype=given_dtype)
def ones(shape: int | Sequence[int], dtype: Any = None) -> Any:
    """Makes a tensor of ones.

    {filled}

    Example:

        >>> ones(3)
        Array([1., 1., 1.], dtype=float32)
    """


@export(["keras.ops.empty", "keras.ops.numpy.empty"])
@op(shape=given, dtype=given_dtype)
def empty(shape: int | Sequence[int], dtype: Any = None) -> Any:
    """Makes a tensor whose values do not matter.

    {filled}

    Example:

        >>> empty((2, 3)).shape
        (2, 3)
    """
    return zeros(shape, dtype)


@export(["keras.ops.full", "keras.ops.numpy.full"])
@op(shape=lambda fill_value, *, shape, **_: given(shape=shape), dtype=_filled)
def full(shape: int | Sequence[int], fill_value: Tensor, dtype: Any = None) -> Tensor:
    """Makes a tensor filled with a value.

    Args:
        shape: Its shape.
        fill_value: The value, or a tensor that is broadcast to `shape`.
        dtype: Its dtype, `keras.config.floatx()` by default.

    Returns:
        A tensor of shape `shape`.

    Example:

        >>> full((2, 2), 7, "int32")
        Array([[7, 7],
               [7, 7]], dtype=int32)
    """
    return broadcast_to(cast(fill_value, dtype), given(shape=shape))


@export(["keras.ops.zeros_like", "keras.ops.numpy.zeros_like"])
@op(shape=same, dtype=_given_or_same)
def zeros_like(x: Tensor, dtype: Any = None) -> Tensor:
    """Makes a tensor of zeros of the shape of another.

    {like}

    Example:

        >>> zeros_like([3, 4])
        Array([0, 0], dtype=int32)
    """
    return zeros(shape_of(x), dtype)


@export(["keras.ops.ones_like", "keras.ops.numpy.ones_like"])
@op(shape=same, dtype=_given_or_same)
def ones_like(x: Tensor, dtype: Any = None) -> Tensor:
    """Makes a tensor of ones of the shape of another.

    {like}

    Example:

        >>> ones_like([3, 4])
        Array([1, 1], dtype=int32)
    """
    return ones(shape_of(x), dtype)


@export(["keras.ops.empty_like", "keras.ops.numpy.empty_like"])
@op(shape=same, dtype=_given_or_same)
def empty_like(x: Tensor, dtype: Any = None) -> Tensor:
    """Makes a tensor of the shape of another, whose values do not matter.

    {like}

    Example:

        >>> empty_like([3, 4]).shape
        (2,)
    """
    return empty(shape_of(x), dtype)


@export(["keras.ops.full_like", "keras.ops.numpy.full_like"])
@op(shape=same, dtype=_given_or_same)
def full_like(x: Tensor, fill_value: Tensor, dtype: Any = None) -> Tensor:
    """Makes a tensor of the shape of another, filled with a value.

    Args:
        x: Tensor.
        fill_value: The value, or a tensor that is broadcast to the shape of `x`.
        dtype: Dtype of the result, that of `x` by default.

    Returns:
        A tensor of the shape of `x`.

    Example:

        >>> full_like([3, 4], 7)
        Array([7, 7], dtype=int32)
    """
    return full(shape_of(x), fill_value, dtype)


@export(["keras.ops.array", "keras.ops.numpy.array"])
@op(shape=same, dtype=DtypeRule(None, result=Promotion.native, asked="result"))
def array(x: Tensor, dtype: Any = None) -> Tensor:
    """Converts a value to a tensor.

    Args:
        x: Number, nested list, array or tensor.
        dtype: Dtype of the result, that of `x` by default.

    Returns:
        A tensor of the shape of `x`.

    Example:

        >>> array([[1, 2], [3, 4]])
        Array([[1, 2],
               [3, 4]], dtype=int32)
    """
    return _convert(x, dtype)


@export(["keras.ops.eye", "keras.ops.numpy.eye"])
@op(shape=lambda *, N, M=None, **_: (N, N if M is None else M), dtype=given_dtype)
def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """Makes a matrix with ones on a diagonal and zeros elsewhere.

    {matrix}

    Example:

        >>> eye(2, 3, k=1)
        Array([[0., 1., 0.],
               [0., 0., 1.]], dtype=float32)
    """


@export(["keras.ops.identity", "keras.ops.numpy.identity"])
@op(shape=lambda *, n, **_: (n, n), dtype=given_dtype)
def identity(n: int, dtype: Any = None) -> Any:
    """Makes a square matrix with ones on the main diagonal and zeros elsewhere.

    Args:
        n: Number of rows and columns.
        dtype: Dtype, `keras.config.floatx()` by default.

    Returns:
        A tensor of shape `(n, n)`.

    Example:

        >>> identity(2)
        Array([[1., 0.],
               [0., 1.]], dtype=float32)
    """
    return eye(n, n, 0, dtype)


@export(["keras.ops.tri", "keras.ops.numpy.tri"])
@op(shape=lambda *, N, M=None, **_: (N, N if M is None else M), dtype=given_dtype)
def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """Makes a matrix with ones on and below a diagonal and zeros above.

    {matrix}

    Example:

        >>> tri(2, 3)
        Array([[1., 0., 0.],
               [1., 1., 0.]], dtype=float32)
    """


def _meshgrid_spec(*x: KerasTensor, indexing: str = "xy") -> list[KerasTensor]:
    sizes = _grid_sizes([t._shape for t in x], indexing)
    return [KerasTensor.make(tuple(sizes), t.dtype) for t in x]


def _grid_sizes(shapes: Sequence[Shape], indexing: str) -> list[int | None]:
    if indexing not in ("xy", "ij"):
        raise ValueError(f"expected `indexing` to be 'xy' or 'ij', received indexing={indexing!r}.")
    sizes: list[int | None] = []
    for shape in shapes:
        if len(shape) > 1:
            raise ValueError(f"expected tensors with at most one axis, received one of shape {shape}.")
        sizes.append(shape[0] if shape else 1)
    if indexing == "xy" and len(sizes) > 1:
        sizes[:2] = sizes[1], sizes[0]
    return sizes


@export(["keras.ops.meshgrid", "keras.ops.numpy.meshgrid"])
@op(spec=_meshgrid_spec)
def meshgrid(*x: Tensor, indexing: str = "xy") -> list[Tensor]:
    """Coordinates of the points of a grid.

    Args:
        *x: The coordinates along each axis, tensors with one axis (or none).
        indexing: `"xy"` lets the first tensor run along the second axis of the results, as in plots;
            `"ij"` along the first, as in matrices.

    Returns:
        As many tensors, of the sizes of all as shape.

    Example:

        >>> meshgrid([1, 2], [3, 4], indexing="ij")[0]
        Array([[1, 1],
               [2, 2]], dtype=int32)
    """
    sizes = _grid_sizes([shape_of(t) for t in x], indexing)
    results = []
    for i, t in enumerate(x):
        axis = 1 - i if indexing == "xy" and len(x) > 1 and i < 2 else i
        column = reshape(t, [-1 if j == axis else 1 for j in range(len(x))])
        results.append(broadcast_to(column, sizes))
    return results
