"""Norms, what is divided by them, and distances."""

import math
from typing import Any

from keras_backends import settings
from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.core import cast
from keras_ops.operations.core import dtype as dtype_of
from keras_ops.operations.elementwise import absolute, maximum, not_equal, power, sqrt, square, where
from keras_ops.operations.linalg import singular_values
from keras_ops.operations.reductions import Axis, max, min, sum
from keras_ops.operations.shapes import expand_dims, moveaxis
from keras_ops.rules import exact_float, native_float, normalize_axes, reduce, same, to_float
from keras_ops.tensor import Shape, Tensor


@export(["keras.ops.norm", "keras.ops.linalg.norm"])
@op(shape=reduce, dtype=to_float)
def norm(x: Tensor, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Norm of vectors or matrices.

    Args:
        x: Tensor.
        ord: Which norm. For vectors (one axis): `None` or 2 for the Euclidean one, `inf`, `-inf`, 0 for
            the number of non-zero elements, or any number. For matrices (two axes): `None` or
            `"fro"` for the Frobenius norm, `"nuc"` for the nuclear one, 1, -1, 2, -2, `inf` or `-inf`.
        axis: One axis for vectors, two for matrices. By default all, and then `ord=None` takes any
            number of axes.
        keepdims: Whether the reduced axes stay, with size 1.

    Returns:
        A float tensor without the reduced axes.

    Raises:
        ValueError: If `ord` is no norm of vectors or matrices.

    Example:

        >>> norm([3.0, 4.0])
        Array(5., dtype=float32)
    """
    axes = normalize_axes(axis, len(x.shape))
    if ord is None and (axis is None or len(axes) <= 2):
        return _euclidean(x, axes, keepdims)
    if len(axes) == 1:
        return _vector_norm(x, ord, axes[0], keepdims)
    if len(axes) == 2:
        return _matrix_norm(x, ord, axes, keepdims)
    raise ValueError(
        f"expected one axis (vectors) or two (matrices) for ord={ord!r}; received axis={axis!r} for a "
        f"tensor of shape {tuple(x.shape)}."
    )


def _euclidean(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    given = dtype_of(x)
    if given in ("float16", "bfloat16"):  # The squares of half precision overflow early.
        return cast(sqrt(sum(square(cast(x, "float32")), axes, keepdims)), given)
    return sqrt(sum(square(absolute(x) if "complex" in given else x), axes, keepdims))


def _vector_norm(x: Tensor, ord: Any, axis: int, keepdims: bool) -> Tensor:
    if ord == 2:
        return _euclidean(x, (axis,), keepdims)
    if ord == math.inf:
        return max(absolute(x), axis, keepdims)
    if ord == -math.inf:
        return min(absolute(x), axis, keepdims)
    if ord == 0:
        return cast(sum(not_equal(x, 0), axis, keepdims), dtype_of(x))
    if ord == 1:
        return sum(absolute(x), axis, keepdims)
    if isinstance(ord, str):
        raise ValueError(f"expected `ord` to be a number for a norm of vectors, received ord={ord!r}.")
    return power(sum(power(absolute(x), float(ord)), axis, keepdims), 1.0 / ord)


def _matrix_norm(x: Tensor, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    rows, columns = axes
    if ord == "fro":
        return _euclidean(x, axes, keepdims)
    if ord in (1, -1, math.inf, -math.inf):
        summed, other = (rows, columns) if abs(ord) == 1 else (columns, rows)
        extreme = max if ord > 0 else min
        return _kept(extreme(sum(absolute(x), summed, keepdims=True), (summed, other), True), axes, keepdims)
    if ord in (2, -2, "nuc"):
        values = singular_values(moveaxis(x, axes, (-2, -1)))
        reduced = sum(values, -1) if ord == "nuc" else max(values, -1) if ord == 2 else min(values, -1)
        return expand_dims(reduced, sorted(axes)) if keepdims else reduced
    raise ValueError(
        f"expected `ord` to be None, 'fro', 'nuc', 1, -1, 2, -2, inf or -inf for a norm of matrices, "
        f"received ord={ord!r}."
    )


def _kept(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    """Drops axes of size 1 unless they are kept."""
    return x if keepdims else sum(x, axes)


@export(["keras.ops.normalize", "keras.ops.nn.normalize"])
@op(shape=same, dtype=native_float)
def normalize(x: Tensor, axis: Axis = -1, order: int = 2, epsilon: float | None = None) -> Tensor:
    """Divides by the norm along axes.

    Args:
        x: Tensor.
        axis: Axis of vectors, or two axes of matrices.
        order: Which norm, a positive int: see `norm`.
        epsilon: Least value to divide by, `keras.config.epsilon()` by default.

    Returns:
        A float tensor of the shape of `x`.

    Raises:
        ValueError: If `order` is no positive int.

    Example:

        >>> normalize([3.0, 4.0])
        Array([0.6, 0.8], dtype=float32)
    """
    if not isinstance(order, int) or order < 1:
        raise ValueError(f"expected `order` to be a positive int, received order={order!r}.")
    epsilon = settings.epsilon() if epsilon is None else epsilon
    axis = (axis,) if isinstance(axis, int) else axis
    size = (
        norm(x, order, axis, keepdims=True)
        if order != 2
        else _euclidean(x, normalize_axes(axis, len(x.shape)), True)
    )
    return x / maximum(size, epsilon)


def _pairs(x: Shape, y: Shape) -> Shape:
    if len(x) != len(y) or len(x) not in (2, 3):
        raise ValueError(f"expected two tensors with 2 or 3 axes, received shapes {x} and {y}.")
    if None not in (x[-1], y[-1]) and x[-1] != y[-1]:
        raise ValueError(f"expected points with as many coordinates, received shapes {x} and {y}.")
    batch = [a if b in (None, 1) else b for a, b in zip(x[:-2], y[:-2])]
    return (*batch, x[-2], y[-2])


@export("keras.ops.cdist")
@op(shape=_pairs, dtype=exact_float, module="math", class_name="CDist", checked=True)
def cdist(x: Tensor, y: Tensor) -> Tensor:
    """Euclidean distances of all pairs of points.

    Args:
        x: Points of shape `(n, features)` or `(batch, n, features)`.
        y: Points of shape `(m, features)` or `(batch, m, features)`.

    Returns:
        A float tensor of shape `(n, m)` or `(batch, n, m)`.

    Example:

        >>> cdist([[0.0, 0.0]], [[3.0, 4.0], [0.0, 1.0]])
        Array([[5., 1.]], dtype=float32)
    """
    squared = sum(square(expand_dims(x, -2) - expand_dims(y, -3)), -1)
    # The root of zero has no gradient; that of equal points is zero.
    apart = squared > 0
    return where(apart, sqrt(where(apart, squared, 1.0)), 0.0)
