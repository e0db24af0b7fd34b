"""Products that contract axes: matrix products and their relatives. `einsum` has a module of its own."""

import math
from collections.abc import Sequence
from string import ascii_letters
from typing import Any

from keras_backends.api import export
from keras_backends.dtypes import COMPLEX

from keras_ops.op import op
from keras_ops.operations.core import cast
from keras_ops.operations.core import dtype as dtype_of
from keras_ops.operations.core import shape as shape_of
from keras_ops.operations.einsum import einsum, native_product
from keras_ops.operations.elementwise import add, conj, multiply
from keras_ops.operations.joining import stack
from keras_ops.operations.shapes import moveaxis, reshape, transpose
from keras_ops.rules import DtypeRule, Promotion, broadcast, native, normalize_axes, normalize_axis, promote
from keras_ops.sparse import composed, contraction
from keras_ops.tensor import Shape, Tensor


def _product(p: Promotion, *dtypes: str) -> str:
    """Products of int8 are summed in 32 bits, as accelerators do; other dtypes in themselves."""
    return "int32" if set(dtypes) == {"int8"} else p.narrow(*dtypes)


def _matmul_shape(x1: Shape, x2: Shape) -> Shape:
    if not x1 or not x2:
        raise ValueError(f"expected tensors with at least one axis, received shapes {x1} and {x2}.")
    rows, inner1 = ((), x1[0]) if len(x1) == 1 else (x1[-2:-1], x1[-1])
    inner2, columns = (x2[0], ()) if len(x2) == 1 else (x2[-2], x2[-1:])
    if None not in (inner1, inner2) and inner1 != inner2:
        raise ValueError(
            f"expected the last axis of the first tensor to have the size of the last but one of the "
            f"second, received shapes {x1} and {x2}."
        )
    return (*broadcast(x1[:-2], x2[:-2]), *rows, *columns)


@export(["keras.ops.matmul", "keras.ops.numpy.matmul"])
@op(shape=_matmul_shape, dtype=DtypeRule(_product), sparse=contraction)
def matmul(x1: Tensor, x2: Tensor) -> Tensor:
    """Matrix product.

    Args:
        x1: Tensor of shape `(..., n, k)`, or a vector `(k,)`, taken as a row.
        x2: Tensor of shape `(..., k, m)`, or a vector `(k,)`, taken as a column.

    Returns:
        A tensor of shape `(..., n, m)`, without the axes of vectors. Leading axes are broadcast.
        Products of int8 are summed in int32.

    Raises:
        ValueError: If the inner sizes differ.

    Example:

        >>> matmul([[1, 2]], [[3], [4]])
        Array([[11]], dtype=int32)
    """


@op(shape=_matmul_shape, dtype=DtypeRule(None, result="int32"))
def int8_product(x1: Tensor, x2: Tensor) -> Tensor:
    """Matrix product of int8 tensors, summed in int32: what quantized layers compute with.

    The result is that of `matmul`; here frameworks get the int8 tensors, which many multiply several times faster.

    Args:
        x1: Tensor of shape `(..., n, k)`.
        x2: Matrix `(k, m)`.

    Returns:
        An int32 tensor of shape `(..., n, m)`.

    Example:

        >>> x = cast([[100, 100]], "int8")
        >>> int8_product(x, cast([[100], [100]], "int8"))
        Array([[20000]], dtype=int32)
    """
    return matmul(x1, x2)


def _affine_shape(x: Shape, kernel: Shape, bias: Shape, axes: int, **_: Any) -> Shape:
    inputs, units = x[len(x) - axes :], kernel[axes:]
    if len(x) < axes or any(None not in pair and pair[0] != pair[1] for pair in zip(inputs, kernel[:axes])):
        raise ValueError(
            f"expected the last axes of the input, as many as axes={axes}, to have the sizes of the kernel's first, "
            f"received shapes {x} and {kernel}."
        )
    if bias != units:
        raise ValueError(
            f"expected a bias with the kernel's other axes {units}, received one of shape {bias} for a kernel of "
            f"shape {kernel}."
        )
    return (*x[: len(x) - axes], *units)


@op(shape=_affine_shape, dtype=native_product, sparse=composed)
def affine(x: Tensor, kernel: Tensor, bias: Tensor, axes: int = 1) -> Tensor:
    """Sum over the last axes of `x` of its products with a kernel, plus a bias: what dense layers compute.

    As one operation, since frameworks add the bias while they multiply.

    Args:
        x: Tensor of shape `(..., *inputs)`.
        kernel: Tensor of shape `(*inputs, *units)`.
        bias: Tensor of shape `(*units,)`.
        axes: Number of axes in `inputs`.

    Returns:
        A tensor of shape `(..., *units)`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:

        >>> affine([[1, 2]], [[3], [4]], [5])
        Array([[16]], dtype=int32)
    """
    kept, units = len(x.shape) - axes, len(kernel.shape) - axes
    if axes == units == 1:
        return add(matmul(x, kernel), bias)
    letters = ascii_letters[: kept + axes + units]
    left, right, result = letters[: kept + axes], letters[kept:], letters[:kept] + letters[kept + axes :]
    return add(einsum(f"{left},{right}->{result}", x, kernel), bias)


def _dot_shape(x1: Shape, x2: Shape) -> Shape:
    if not x1 or not x2:
        return x1 or x2
    if len(x2) == 1:
        _check_inner(x1, x2, x1[-1], x2[0])
        return x1[:-1]
    _check_inner(x1, x2, x1[-1], x2[-2])
    return (*x1[:-1], *x2[:-2], x2[-1])


def _check_inner(x1: Shape, x2: Shape, size1: int | None, size2: int | None) -> None:
    if None not in (size1, size2) and size1 != size2:
        raise ValueError(
            f"expected the contracted axes to have one size, received {size1} and {size2} in shapes "
            f"{x1} and {x2}."
        )


@export(["keras.ops.dot", "keras.ops.numpy.dot"])
@op(shape=_dot_shape, dtype=promote, sparse=composed)
def dot(x1: Tensor, x2: Tensor) -> Tensor:
    """Dot product: sums over the last axis of `x1` and the last but one of `x2`.

    Args:
        x1: Tensor of shape `(..., k)`, or a number.
        x2: Tensor of shape `(..., k, m)` or `(k,)`, or a number.

    Returns:
        A tensor with all other axes of `x1`, then all of `x2`; for a number, the plain product.

    Example:

        >>> dot([1, 2, 3], [4, 5, 6])
        Array(32, dtype=int32)
    """
    rank1, rank2 = len(x1.shape), len(x2.shape)
    if rank1 == 0 or rank2 == 0:
        return multiply(x1, x2)
    return _contract(x1, x2, [rank1 - 1], [max(rank2 - 2, 0)])


@export(["keras.ops.vdot", "keras.ops.numpy.vdot"])
@op(shape=lambda x1, x2: (), dtype=promote)
def vdot(x1: Tensor, x2: Tensor) -> Tensor:
    """Sum of the products of all elements, those of `x1` conjugated.

    Args:
        x1: Tensor.
        x2: Tensor with as many elements.

    Returns:
        A tensor without axes.

    Example:

        >>> vdot([[1, 2], [3, 4]], [[1, 0], [0, 1]])
        Array(5, dtype=int32)
    """
    x1 = conj(x1) if dtype_of(x1) in COMPLEX else x1
    return _contract(reshape(x1, (-1,)), reshape(x2, (-1,)), [0], [0])


def _inner_shape(x1: Shape, x2: Shape) -> Shape:
    if not x1 or not x2:
        return x1 or x2
    _check_inner(x1, x2, x1[-1], x2[-1])
    return (*x1[:-1], *x2[:-1])


@export(["keras.ops.inner", "keras.ops.numpy.inner"])
@op(shape=_inner_shape, dtype=promote)
def inner(x1: Tensor, x2: Tensor) -> Tensor:
    """Inner product: sums over the last axes of both.

    Args:
        x1: Tensor of shape `(..., k)`, or a number.
        x2: Tensor of shape `(..., k)`, or a number.

    Returns:
        A tensor with all other axes of `x1`, then all of `x2`.

    Example:

        >>> inner([[1, 2], [3, 4]], [1, 10])
        Array([21, 43], dtype=int32)
    """
    rank1, rank2 = len(x1.shape), len(x2.shape)
    if rank1 == 0 or rank2 == 0:
        return multiply(x1, x2)
    return _contract(x1, x2, [rank1 - 1], [rank2 - 1])


@export(["keras.ops.outer", "keras.ops.numpy.outer"])
@op(shape=lambda x1, x2: (_total(x1), _total(x2)), dtype=native)
def outer(x1: Tensor, x2: Tensor) -> Tensor:
    """Products of each element of one tensor with each of another.

    Args:
        x1: Tensor with `n` elements.
        x2: Tensor with `m` elements.

    Returns:
        A tensor of shape `(n, m)`.

    Example:

        >>> outer([1, 2], [1, 10])
        Array([[ 1, 10],
               [ 2, 20]], dtype=int32)
    """
    return multiply(reshape(x1, (-1, 1)), reshape(x2, (1, -1)))


def _total(shape: Shape) -> int | None:
    return None if None in shape else math.prod(shape)


def _contracted(axes: Any, rank1: int, rank2: int) -> tuple[list[int], list[int]]:
    """The axes of both tensors that `tensordot` sums over, counted from the front."""
    if isinstance(axes, int):
        if not 0 <= axes <= min(rank1, rank2):
            raise ValueError(f"expected `axes` from 0 to {min(rank1, rank2)}, received axes={axes}.")
        return list(range(rank1 - axes, rank1)), list(range(axes))
    first, second = axes
    first = normalize_axes(first, rank1, "axes")
    second = normalize_axes(second, rank2, "axes")
    if len(first) != len(second):
        raise ValueError(f"expected as many axes of both tensors, received axes={axes}.")
    return list(first), list(second)


def _tensordot_shape(x1: Shape, x2: Shape, *, axes: Any = 2) -> Shape:
    first, second = _contracted(axes, len(x1), len(x2))
    for i, j in zip(first, second):
        _check_inner(x1, x2, x1[i], x2[j])
    kept1 = tuple(n for i, n in enumerate(x1) if i not in first)
    return kept1 + tuple(n for i, n in enumerate(x2) if i not in second)


@export(["keras.ops.tensordot", "keras.ops.numpy.tensordot"])
@op(shape=_tensordot_shape, dtype=promote, checked=True)
def tensordot(x1: Tensor, x2: Tensor, axes: int | Sequence[Any] = 2) -> Tensor:
    """Sums products over chosen axes.

    Args:
        x1: Tensor.
        x2: Tensor.
        axes: How many axes to sum over, the last of `x1` and the first of `x2`; or a pair of axes (or
            of lists of axes), one for each tensor.

    Returns:
        A tensor with all other axes of `x1`, then all of `x2`.

    Example:

        >>> tensordot([[1, 2], [3, 4]], [[1, 0], [0, 1]], axes=[[0], [1]])
        Array([[1, 3],
               [2, 4]], dtype=int32)
    """
    return _contract(x1, x2, *_contracted(axes, len(x1.shape), len(x2.shape)))


def _contract(x1: Tensor, x2: Tensor, first: list[int], second: list[int]) -> Tensor:
    """Sums over the given axes by one matrix product."""
    sizes1, sizes2 = shape_of(x1), shape_of(x2)
    free1 = [i for i in range(len(sizes1)) if i not in first]
    free2 = [i for i in range(len(sizes2)) if i not in second]
    inner_size = math.prod(sizes1[i] for i in first)
    rows, columns = [sizes1[i] for i in free1], [sizes2[i] for i in free2]
    left = reshape(transpose(x1, [*free1, *first]), (math.prod(rows), inner_size))
    right = reshape(transpose(x2, [*second, *free2]), (inner_size, math.prod(columns)))
    # The product of int8 comes in int32; other operations than `matmul` keep the dtype.
    return cast(reshape(matmul(left, right), [*rows, *columns]), dtype_of(x1))


def _kron_shape(x1: Shape, x2: Shape) -> Shape:
    rank = max(len(x1), len(x2))
    pairs = zip((1,) * (rank - len(x1)) + x1, (1,) * (rank - len(x2)) + x2)
    return tuple(None if a is None or b is None else a * b for a, b in pairs)


@export(["keras.ops.kron", "keras.ops.numpy.kron"])
@op(shape=_kron_shape, dtype=native)
def kron(x1: Tensor, x2: Tensor) -> Tensor:
    """Kronecker product: each element of `x1` replaced by its product with all of `x2`.

    Args:
        x1: Tensor.
        x2: Tensor; the one with fewer axes gets more of size 1 in front.

    Returns:
        A tensor whose sizes are the products of theirs.

    Example:

        >>> kron([1, 2], [1, 10])
        Array([ 1, 10,  2, 20], dtype=int32)
    """
    sizes1, sizes2 = list(shape_of(x1)), list(shape_of(x2))
    rank = max(len(sizes1), len(sizes2))
    sizes1, sizes2 = [1] * (rank - len(sizes1)) + sizes1, [1] * (rank - len(sizes2)) + sizes2
    # All products first: frameworks do not broadcast over axes that alternate.
    products = reshape(outer(x1, x2), [*sizes1, *sizes2])
    products = transpose(products, [n for i in range(rank) for n in (i, rank + i)])
    return reshape(products, [a * b for a, b in zip(sizes1, sizes2)])


def _cross_axes(rank1: int, rank2: int, axisa: int, axisb: int, axis: int | None) -> tuple[int, int]:
    axisa, axisb = (axisa, axisb) if axis is None else (axis, axis)
    return normalize_axis(axisa, rank1, "axisa"), normalize_axis(axisb, rank2, "axisb")


def _cross_shape(
    x1: Shape, x2: Shape, *, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Shape:
    i, j = _cross_axes(len(x1), len(x2), axisa, axisb, axis)
    sizes = {x1[i], x2[j]}
    if not sizes <= {2, 3, None}:
        raise ValueError(f"expected vectors with 2 or 3 elements, received shapes {x1} and {x2}.")
    batch = broadcast(x1[:i] + x1[i + 1 :], x2[:j] + x2[j + 1 :])
    if 3 not in sizes and sizes != {None}:
        return batch
    k = normalize_axis(axisc if axis is None else axis, len(batch) + 1, "axisc")
    return (*batch[:k], 3, *batch[k:])


@export(["keras.ops.cross", "keras.ops.numpy.cross"])
@op(shape=_cross_shape, dtype=promote)
def cross(
    x1: Tensor, x2: Tensor, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Tensor:
    """Cross product of vectors with 2 or 3 elements.

    Args:
        x1: Tensor of vectors.
        x2: Tensor of vectors; other axes broadcast.
        axisa: Axis of the vectors in `x1`.
        axisb: Axis of the vectors in `x2`.
        axisc: Axis of the vectors in the result.
        axis: Stands for all three.

    Returns:
        A tensor of vectors with 3 elements; where both had 2, of their last elements alone.

    Example:

        >>> cross([1, 0, 0], [0, 1, 0])
        Array([0, 0, 1], dtype=int32)
    """
    i, j = _cross_axes(len(x1.shape), len(x2.shape), axisa, axisb, axis)
    x1, x2 = moveaxis(x1, i, -1), moveaxis(x2, j, -1)
    flat1, flat2 = x1.shape[-1] == 2, x2.shape[-1] == 2
    a, b = [x1[..., n] for n in range(2 if flat1 else 3)], [x2[..., n] for n in range(2 if flat2 else 3)]
    last = a[0] * b[1] - a[1] * b[0]
    if flat1 and flat2:
        return last
    # A vector of two elements has zero as its third.
    first = (0 if flat2 else a[1] * b[2]) - (0 if flat1 else a[2] * b[1])
    second = (0 if flat1 else a[2] * b[0]) - (0 if flat2 else a[0] * b[2])
    return stack([first, second, last], normalize_axis(axisc if axis is None else axis, len(last.shape) + 1))
