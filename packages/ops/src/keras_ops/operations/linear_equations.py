"""Linear equations, and what is solved with them: pseudo-inverses, least squares, ranks.

Users find it in `keras.ops` and `keras.ops.linalg`. Stacks of matrices are solved at once.
"""

from collections.abc import Callable
from typing import Any

import ml_dtypes
from keras_backends.api import export
from keras_backends.selection import active

from keras_ops.op import op
from keras_ops.operations.complex_numbers import conj
from keras_ops.operations.core import cast
from keras_ops.operations.core import dtype as dtype_of
from keras_ops.operations.core import shape as shape_of
from keras_ops.operations.creation import eye
from keras_ops.operations.elementwise import greater, maximum, multiply
from keras_ops.operations.linalg import matrices, singular_values, square
from keras_ops.operations.matmul import matmul
from keras_ops.operations.reductions import max as largest
from keras_ops.operations.reductions import sum as sum_of
from keras_ops.operations.shapes import expand_dims, squeeze, swapaxes
from keras_ops.rules import broadcast, exact_float, fixed, real_part
from keras_ops.tensor import Shape, Tensor


def _adjoint(x: Tensor) -> Tensor:
    return conj(swapaxes(x, -1, -2))


def _solved(a: Shape, b: Shape, is_square: bool = True, **_: Any) -> Shape:
    """The shape of `x` in `a @ x = b`, where `b` are vectors if it has one axis less than `a`."""
    (square if is_square else matrices)(a, "a")
    vectors = len(b) == len(a) - 1
    if len(b) < len(a) - 1:
        raise ValueError(
            f"expected `b` to have at least {len(a) - 1} axes for `a` of shape {a}, received {b}."
        )
    columns = () if vectors else b[-1:]
    rows, batch = (b[-1], b[:-1]) if vectors else (b[-2], b[:-2])
    if None not in (rows, a[-2]) and rows != a[-2]:
        raise ValueError(f"expected `b` to have as many rows as `a`, received shapes {a} and {b}.")
    return (*broadcast(a[:-2], batch), a[-1], *columns)


def _by_columns(solver: Callable[..., Tensor], a: Tensor, b: Tensor, **options: Any) -> Tensor:
    """Calls a solver for matrices; vectors become columns."""
    if len(b.shape) == len(a.shape) - 1:
        return squeeze(solver(a, expand_dims(b, -1), **options), -1)
    return solver(a, b, **options)


@op(shape=_solved, dtype=exact_float, module="linalg")
def _solve_columns(a: Tensor, b: Tensor) -> Tensor:
    """Solves `a @ x = b` for matrices `b`, see `solve`."""


@op(shape=_solved, dtype=exact_float, module="linalg")
def _solve_triangle(a: Tensor, b: Tensor, lower: bool) -> Tensor:
    """Solves `a @ x = b` for matrices `b`, see `solve_triangular`."""


@export(["keras.ops.solve", "keras.ops.linalg.solve"])
@op(shape=_solved, dtype=exact_float)
def solve(a: Tensor, b: Tensor) -> Tensor:
    """Solves linear equations `a @ x = b`.

    Args:
        a: Tensor of shape `(..., n, n)`.
        b: Tensor of shape `(..., n, k)`, or vectors of shape `(..., n)`.

    Returns:
        A float tensor `x` of the shape of `b`.

    Raises:
        ValueError: If `a` is not square, or the shapes do not fit together.

    Example:

        >>> solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 2.0])
        Array([1. , 0.5], dtype=float32)
    """
    return _by_columns(_solve_columns, a, b)


@export(["keras.ops.solve_triangular", "keras.ops.linalg.solve_triangular"])
@op(shape=_solved, dtype=exact_float)
def solve_triangular(a: Tensor, b: Tensor, lower: bool = False) -> Tensor:
    """Solves linear equations `a @ x = b` with triangular `a`, by substitution.

    Args:
        a: Tensor of shape `(..., n, n)`; only one triangle is read.
        b: Tensor of shape `(..., n, k)`, or vectors of shape `(..., n)`.
        lower: Whether the lower triangle counts, instead of the upper one.

    Returns:
        A float tensor `x` of the shape of `b`.

    Raises:
        ValueError: If `a` is not square, or the shapes do not fit together.

    Example:

        >>> solve_triangular([[1.0, 1.0], [0.0, 2.0]], [2.0, 2.0])
        Array([1., 1.], dtype=float32)
    """
    return _by_columns(_solve_triangle, a, b, lower=lower)


@export(["keras.ops.cholesky_inverse", "keras.ops.linalg.cholesky_inverse"])
@op(shape=lambda x, **_: square(x), dtype=exact_float)
def cholesky_inverse(x: Tensor, upper: bool = False) -> Tensor:
    """Inverse of the matrices that have the given Cholesky factors.

    Args:
        x: Triangular factors, a tensor of shape `(..., n, n)`.
        upper: Whether the factors are upper triangles.

    Returns:
        A float tensor of the shape of `x`.

    Raises:
        ValueError: If the matrices are not square.

    Example:

        >>> cholesky_inverse([[2.0, 0.0], [0.0, 1.0]])
        Array([[0.25, 0.  ],
               [0.  , 1.  ]], dtype=float32)
    """
    identity = eye(shape_of(x)[-1], dtype=dtype_of(x))
    inverse = _solve_triangle(x, identity, lower=not upper)
    return matmul(inverse, _adjoint(inverse)) if upper else matmul(_adjoint(inverse), inverse)


def _negligible(x: Tensor) -> Any:
    """The size, relative to the largest one, of singular values that rounding may have made."""
    dtype, (rows, columns) = dtype_of(x), shape_of(x)[-2:]
    # Sizes are tensors where a graph does not know them.
    known = isinstance(rows, int) and isinstance(columns, int)
    size = max(rows, columns) if known else cast(maximum(rows, columns), dtype)
    return size * _step_at_one(real_part(dtype))


@active().unread
def _step_at_one(dtype: str) -> float:
    return float(ml_dtypes.finfo(dtype).eps)


@export(["keras.ops.matrix_rank", "keras.ops.linalg.matrix_rank"])
@op(shape=lambda x, **_: matrices(x)[:-2], dtype=fixed("int32"))
def matrix_rank(x: Tensor, tol: float | None = None) -> Tensor:
    """Number of singular values that are not negligible.

    Args:
        x: Tensor of shape `(..., m, n)`.
        tol: Largest value that counts as zero; by default the largest singular value times `max(m, n)`
            times the precision of the dtype.

    Returns:
        An int32 tensor of shape `(...)`.

    Raises:
        ValueError: If `x` has less than two axes.

    Example:

        >>> matrix_rank([[1.0, 2.0], [2.0, 4.0]])
        Array(1, dtype=int32)
    """
    values = singular_values(x)
    if tol is None:
        # None of them is below 0, and an empty matrix has none.
        tol = multiply(
            largest(values, axis=-1, keepdims=True, initial=0), _negligible(cast(x, dtype_of(values)))
        )
    return sum_of(cast(greater(values, tol), "int32"), axis=-1)


def _transposed(x: Shape, **_: Any) -> Shape:
    *batch, rows, columns = matrices(x)
    return (*batch, columns, rows)


@op(shape=_transposed, dtype=exact_float)
def _pseudo_inverse(x: Tensor, rcond: float) -> Tensor:
    """The inverse on the space of the singular values above `rcond` times the largest, see `pinv`."""


@export(["keras.ops.pinv", "keras.ops.linalg.pinv"])
@op(shape=_transposed, dtype=exact_float)
def pinv(x: Tensor, rcond: float | None = None) -> Tensor:
    """Moore-Penrose pseudo-inverse: the inverse as far as there is one.

    Args:
        x: Tensor of shape `(..., m, n)`.
        rcond: Singular values up to this share of the largest one count as zero; by default
            `max(m, n)` times the precision of the dtype.

    Returns:
        A float tensor of shape `(..., n, m)`.

    Raises:
        ValueError: If `x` has less than two axes.

    Example:

        >>> pinv([[2.0], [0.0]])
        Array([[0.5, 0. ]], dtype=float32)
    """
    return _pseudo_inverse(x, _negligible(x) if rcond is None else rcond)


@export(["keras.ops.lstsq", "keras.ops.linalg.lstsq"])
@op(shape=lambda a, b, **_: _solved(a, b, is_square=False), dtype=exact_float)
def lstsq(a: Tensor, b: Tensor, rcond: float | None = None) -> Tensor:
    """Solves linear equations `a @ x = b` with the least squares of errors, and the shortest `x` of these.

    Args:
        a: Tensor of shape `(..., m, n)`.
        b: Tensor of shape `(..., m, k)`, or vectors of shape `(..., m)`.
        rcond: As in `pinv`.

    Returns:
        A float tensor of shape `(..., n, k)` or `(..., n)`.

    Raises:
        ValueError: If the shapes do not fit together.

    Example:

        >>> lstsq([[1.0], [1.0]], [1.0, 3.0]).shape
        (1,)
    """
    return _by_columns(matmul, pinv(a, rcond), b)
