"""Decompositions of matrices and determinants. `linear_equations` builds on them; `norms` has the norms.

Users find it in `keras.ops` and `keras.ops.linalg`. All operations take stacks of matrices; kernels
are the framework's own functions.
"""

from typing import Any, Literal

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.rules import exact_float, float_of, real_part
from keras_ops.tensor import KerasTensor, Shape, Tensor


def matrices(x: Shape, name: str = "x") -> Shape:
    """Checks that a shape is one of matrices, and returns it."""
    if len(x) < 2:
        raise ValueError(
            f"expected `{name}` to be matrices, of shape (..., rows, columns), received shape {x}."
        )
    return x


def square(x: Shape, name: str = "x") -> Shape:
    """Checks that a shape is one of square matrices, and returns it."""
    if len(x) < 2 or (None not in x[-2:] and x[-2] != x[-1]):
        raise ValueError(
            f"expected `{name}` to be square matrices, of shape (..., n, n), received shape {x}."
        )
    return x


def _square_shape(x: Shape, **_: Any) -> Shape:
    return square(x)


def _number_shape(x: Shape) -> Shape:
    return square(x)[:-2]


def _floats(x: KerasTensor, *shapes: Shape) -> tuple[KerasTensor, ...]:
    return tuple(KerasTensor.make(shape, float_of(x.dtype)) for shape in shapes)


def _smaller(x: Shape) -> int | None:
    rows, columns = matrices(x)[-2:]
    return None if rows is None or columns is None else min(rows, columns)


@export(["keras.ops.det", "keras.ops.linalg.det"])
@op(shape=_number_shape, dtype=exact_float)
def det(x: Tensor) -> Tensor:
    """Determinant.

    Args:
        x: Tensor of shape `(..., n, n)`.

    Returns:
        A float tensor of shape `(...)`.

    Raises:
        ValueError: If the matrices are not square.

    Example:

        >>> det([[2.0, 0.0], [0.0, 3.0]])
        Array(6., dtype=float32)
    """


def _slogdet_spec(x: KerasTensor) -> tuple[KerasTensor, ...]:
    shape = _number_shape(x._shape)
    return _floats(x, shape, shape)


@export(["keras.ops.slogdet", "keras.ops.numpy.slogdet"])
@op(spec=_slogdet_spec, dtype=exact_float)
def slogdet(x: Tensor) -> tuple[Tensor, Tensor]:
    """Sign of the determinant and logarithm of its absolute value, which does not overflow.

    Args:
        x: Tensor of shape `(..., n, n)`.

    Returns:
        Two float tensors of shape `(...)`; 0 and minus infinity for a singular matrix.

    Raises:
        ValueError: If the matrices are not square.

    Example:

        >>> sign, logarithm = slogdet([[0.0, 1.0], [1.0, 0.0]])
        >>> float(sign), float(logarithm)
        (-1.0, 0.0)
    """


@export("keras.ops.logdet")
@op(shape=_number_shape, dtype=exact_float, module="math")
def logdet(x: Tensor) -> Tensor:
    """Logarithm of the absolute value of the determinant, which does not overflow.

    Args:
        x: Tensor of shape `(..., n, n)`.

    Returns:
        A float tensor of shape `(...)`.

    Raises:
        ValueError: If the matrices are not square.

    Example:

        >>> logdet([[1.0, 0.0], [0.0, 1.0]])
        Array(0., dtype=float32)
    """
    return slogdet(x)[1]


@export(["keras.ops.inv", "keras.ops.linalg.inv"])
@op(shape=_square_shape, dtype=exact_float)
def inv(x: Tensor) -> Tensor:
    """Inverse. `solve` is faster and more exact where the inverse is only multiplied with.

    Args:
        x: Tensor of shape `(..., n, n)`.

    Returns:
        A float tensor of the shape of `x`.

    Raises:
        ValueError: If the matrices are not square.

    Example:

        >>> inv([[2.0, 0.0], [0.0, 4.0]])
        Array([[0.5 , 0.  ],
               [0.  , 0.25]], dtype=float32)
    """


@export(["keras.ops.cholesky", "keras.ops.linalg.cholesky"])
@op(shape=_square_shape, dtype=exact_float, checked=True)
def cholesky(x: Tensor, upper: bool = False) -> Tensor:
    """Cholesky factor of symmetric positive definite matrices: `x = L @ L.T`.

    Args:
        x: Tensor of shape `(..., n, n)`.
        upper: Whether the upper triangle `L.T` is wanted.

    Returns:
        A float tensor of the shape of `x`, lower triangles unless `upper`.

    Raises:
        ValueError: If the matrices are not square.

    Example:

        >>> cholesky([[4.0, 2.0], [2.0, 2.0]])
        Array([[2., 0.],
               [1., 1.]], dtype=float32)
    """


def _eig_spec(x: KerasTensor) -> tuple[KerasTensor, ...]:
    shape, dtype = square(x._shape), float_of(x.dtype)
    dtype = "complex128" if dtype in ("float64", "complex128") else "complex64"
    return KerasTensor.make(shape[:-1], dtype), KerasTensor.make(shape, dtype)


@export(["keras.ops.eig", "keras.ops.linalg.eig"])
@op(spec=_eig_spec, dtype=exact_float)
def eig(x: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues and eigenvectors.

    Args:
        x: Tensor of shape `(..., n, n)`.

    Returns:
        Complex tensors: the eigenvalues, of shape `(..., n)` and in no order, and the eigenvectors, of
        shape `(..., n, n)`, one in each column.

    Raises:
        ValueError: If the matrices are not square.

    Example:

        >>> values, vectors = eig([[2.0, 0.0], [0.0, 3.0]])
        >>> values
        Array([2.+0.j, 3.+0.j], dtype=complex64)
    """


def _eigh_spec(x: KerasTensor) -> tuple[KerasTensor, ...]:
    shape = square(x._shape)
    return KerasTensor.make(shape[:-1], real_part(float_of(x.dtype))), *_floats(x, shape)


@export(["keras.ops.eigh", "keras.ops.linalg.eigh"])
@op(spec=_eigh_spec, dtype=exact_float, checked=True)
def eigh(x: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues and eigenvectors of symmetric (or Hermitian) matrices.

    Args:
        x: Tensor of shape `(..., n, n)`.

    Returns:
        The eigenvalues, ascending, of shape `(..., n)`, and the eigenvectors, of shape `(..., n, n)`, one
        in each column.

    Raises:
        ValueError: If the matrices are not square.

    Example:

        >>> values, vectors = eigh([[3.0, 0.0], [0.0, 2.0]])
        >>> values
        Array([2., 3.], dtype=float32)
    """


def _lu_spec(x: KerasTensor) -> tuple[KerasTensor, ...]:
    shape = x._shape
    return *_floats(x, shape), KerasTensor.make((*shape[:-2], _smaller(shape)), "int32")


@export(["keras.ops.lu_factor", "keras.ops.linalg.lu_factor"])
@op(spec=_lu_spec, dtype=exact_float)
def lu_factor(x: Tensor) -> tuple[Tensor, Tensor]:
    """Factors of Gaussian elimination with swapped rows: `P @ x = L @ U`.

    Args:
        x: Tensor of shape `(..., n, n)`.

    Returns:
        A float tensor of the shape of `x` with `U` in the upper triangle and `L`, whose diagonal is one,
        below; and an int32 tensor of shape `(..., n)`: the row that row `i` was swapped with in step `i`.

    Raises:
        ValueError: If `x` has less than two axes.

    Example:

        >>> factors, pivots = lu_factor([[1.0, 2.0], [2.0, 2.0]])
        >>> factors, pivots
        (Array([[2. , 2. ],
               [0.5, 1. ]], dtype=float32), Array([1, 1], dtype=int32))
    """


def _qr_spec(x: KerasTensor, mode: str = "reduced") -> tuple[KerasTensor, ...]:
    *batch, rows, columns = matrices(x._shape)
    inner = rows if mode == "complete" else _smaller(x._shape)
    return _floats(x, (*batch, rows, inner), (*batch, inner, columns))


@export(["keras.ops.qr", "keras.ops.linalg.qr"])
@op(spec=_qr_spec, dtype=exact_float)
def qr(x: Tensor, mode: Literal["reduced", "complete"] = "reduced") -> tuple[Tensor, Tensor]:
    """Orthonormal columns and an upper triangle: `x = Q @ R`.

    Args:
        x: Tensor of shape `(..., m, n)`.
        mode: `"reduced"` for `Q` of shape `(..., m, min(m, n))`, `"complete"` for a square one.

    Returns:
        Two float tensors, `Q` and `R`.

    Raises:
        ValueError: If `mode` is unknown, or `x` has less than two axes.

    Example:

        >>> q, r = qr([[3.0, 1.0], [4.0, 2.0]])
        >>> q.shape
        (2, 2)
    """


def _singular_shape(x: Shape) -> Shape:
    return (*matrices(x)[:-2], _smaller(x))


@op(shape=_singular_shape, dtype=exact_float)
def singular_values(x: Tensor) -> Tensor:
    """Singular values of matrices, largest first: `(..., m, n)` gives `(..., min(m, n))`."""


def _vectors_spec(x: KerasTensor, full_matrices: bool) -> tuple[KerasTensor, ...]:
    *batch, rows, columns = matrices(x._shape)
    inner = _smaller(x._shape)
    left, right = (rows, columns) if full_matrices else (inner, inner)
    return _floats(x, (*batch, rows, left), (*batch, inner), (*batch, right, columns))


def _svd_spec(x: KerasTensor, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    return _vectors_spec(x, full_matrices) if compute_uv else _floats(x, _singular_shape(x._shape))[0]


@op(spec=_vectors_spec, dtype=exact_float, module="linalg")
def _singular_vectors(x: Tensor, full_matrices: bool) -> tuple[Tensor, Tensor, Tensor]:
    """The three factors of `svd`."""


@export(["keras.ops.svd", "keras.ops.linalg.svd"])
@op(spec=_svd_spec, dtype=exact_float, class_name="SVD")
def svd(x: Tensor, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Singular value decomposition: `x = (u * s) @ v` with orthonormal columns of `u` and rows of `v`.

    Args:
        x: Tensor of shape `(..., m, n)`.
        full_matrices: Whether `u` and `v` are square, instead of `(..., m, k)` and `(..., k, n)` with the
            smaller `k` of `m` and `n`.
        compute_uv: Whether `u` and `v` are wanted.

    Returns:
        Float tensors `u`, `s` of shape `(..., k)`, largest first, and `v`; or only `s`.

    Raises:
        ValueError: If `x` has less than two axes.

    Example:

        >>> svd([[3.0, 0.0], [0.0, 4.0]], compute_uv=False)
        Array([4., 3.], dtype=float32)
    """
    return _singular_vectors(x, full_matrices) if compute_uv else singular_values(x)
