"""Operations on diagonals and triangles of matrices."""

from dataclasses import replace
from typing import Any

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.reductions import sum
from keras_ops.operations.shapes import ravel
from keras_ops.rules import Promotion, native, normalize_axes, same, same_dtype
from keras_ops.tensor import Shape, Tensor


def _diag(shape: Shape, *, k: int = 0, **_: Any) -> Shape:
    if len(shape) == 1:
        size = None if shape[0] is None else shape[0] + abs(k)
        return size, size
    if len(shape) != 2:
        raise ValueError(f"expected a tensor of rank 1 or 2, received shape {shape}.")
    return _diagonal(shape, offset=k)


def _diagonal(shape: Shape, *, offset: int = 0, axis1: int = 0, axis2: int = 1, **_: Any) -> Shape:
    if len(shape) < 2:
        raise ValueError(f"expected a tensor of rank 2 or more, received shape {shape}.")
    first, second = normalize_axes((axis1, axis2), len(shape), "axis1, axis2")
    rows, columns = shape[first], shape[second]
    size = None
    if rows is not None and columns is not None:
        size = max(min(rows + min(offset, 0), columns - max(offset, 0)), 0)
    return (*(n for i, n in enumerate(shape) if i not in (first, second)), size)


@export(["keras.ops.diag", "keras.ops.numpy.diag"])
@op(shape=_diag, dtype=same_dtype)
def diag(x: Tensor, k: int = 0) -> Tensor:
    """Returns the diagonal of a matrix, or a matrix with the given diagonal.

    Args:
        x: Tensor of rank 2, or of rank 1.
        k: Which diagonal: 0 the main one, positive above, negative below.

    Returns:
        A tensor of rank 1, or a square matrix with zeros off the diagonal.

    Example:

        >>> diag([1, 2])
        Array([[1, 0],
               [0, 2]], dtype=int32)
    """


@export(["keras.ops.diagflat", "keras.ops.numpy.diagflat"])
@op(dtype=same_dtype)
def diagflat(x: Tensor, k: int = 0) -> Tensor:
    """Returns a matrix with the elements of a tensor on a diagonal.

    Args:
        x: Tensor of any shape; it is flattened.
        k: Which diagonal: 0 the main one, positive above, negative below.

    Returns:
        A square matrix.

    Example:

        >>> diagflat([[1, 2]])
        Array([[1, 0],
               [0, 2]], dtype=int32)
    """
    return diag(ravel(x), k)


@export(["keras.ops.diagonal", "keras.ops.numpy.diagonal"])
@op(shape=_diagonal, dtype=same_dtype)
def diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Returns diagonals of the matrices that two axes make.

    Args:
        x: Tensor of rank 2 or more.
        offset: Which diagonal: 0 the main one, positive above, negative below.
        axis1: Axis of the rows.
        axis2: Axis of the columns.

    Returns:
        A tensor without the two axes and with the diagonal as its last one.

    Example:

        >>> diagonal([[1, 2], [3, 4]])
        Array([1, 4], dtype=int32)
    """


@export(["keras.ops.trace", "keras.ops.numpy.trace"])
@op(dtype=replace(native, then=Promotion.widened))
def trace(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Sums along diagonals of the matrices that two axes make.

    Args:
        x: Tensor of rank 2 or more.
        offset: Which diagonal: 0 the main one, positive above, negative below.
        axis1: Axis of the rows.
        axis2: Axis of the columns.

    Returns:
        A tensor without the two axes.

    Example:

        >>> trace([[1, 2], [3, 4]])
        Array(5, dtype=int32)
    """
    return sum(diagonal(x, offset, axis1, axis2), axis=-1)


def _matrix(shape: Shape, **_: Any) -> Shape:
    if len(shape) < 2:
        raise ValueError(f"expected a tensor of rank 2 or more, received shape {shape}.")
    return same(shape)


@export(["keras.ops.tril", "keras.ops.numpy.tril"])
@op(shape=_matrix, dtype=same_dtype)
def tril(x: Tensor, k: int = 0) -> Tensor:
    """Keeps the lower triangle of matrices and sets the rest to zero.

    Args:
        x: Tensor of rank 2 or more.
        k: The last diagonal that is kept: 0 the main one, positive above, negative below.

    Returns:
        A tensor of the shape of `x`.

    Example:

        >>> tril([[1, 2], [3, 4]])
        Array([[1, 0],
               [3, 4]], dtype=int32)
    """


@export(["keras.ops.triu", "keras.ops.numpy.triu"])
@op(shape=_matrix, dtype=same_dtype)
def triu(x: Tensor, k: int = 0) -> Tensor:
    """Keeps the upper triangle of matrices and sets the rest to zero.

    Args:
        x: Tensor of rank 2 or more.
        k: The first diagonal that is kept: 0 the main one, positive above, negative below.

    Returns:
        A tensor of the shape of `x`.

    Example:

        >>> triu([[1, 2], [3, 4]])
        Array([[1, 2],
               [0, 4]], dtype=int32)
    """
