"""Linear algebra: decompositions of matrices, and what follows from them. `norms` has the norms.

Users find it in `keras.ops` and `keras.ops.linalg`. All operations take stacks of matrices; kernels
are the framework's own functions.
"""

from collections.abc import Callable, Sequence
from typing import Any

import ml_dtypes
from keras_backends.api import export

from keras_ops.inference import compute_output_spec
from keras_ops.op import op
from keras_ops.operations.complex_numbers import conj
from keras_ops.operations.control import Packing, Structure
from keras_ops.operations.core import cast, convert_to_tensor
from keras_ops.operations.core import dtype as dtype_of
from keras_ops.operations.core import shape as shape_of
from keras_ops.operations.creation import eye
from keras_ops.operations.elementwise import greater, multiply
from keras_ops.operations.matmul import matmul
from keras_ops.operations.reductions import max as largest
from keras_ops.operations.reductions import sum as sum_of
from keras_ops.operations.shapes import expand_dims, squeeze, swapaxes
from keras_ops.rules import broadcast, exact_float, fixed, float_of, real_part
from keras_ops.tensor import KerasTensor, Shape, Tensor


def _matrices(x: Shape, name: str = "x") -> Shape:
    if len(x) < 2:
        raise ValueError(
            f"expected `{name}` to be matrices, of shape (..., rows, columns), received shape {x}."
        )
    return x


def _square(x: Shape, name: str = "x") -> Shape:
    if len(x) < 2 or (None not in x[-2:] and x[-2] != x[-1]):
        raise ValueError(
            f"expected `{name}` to be square matrices, of shape (..., n, n), received shape {x}."
        )
    return x


def _square_shape(x: Shape, **_: Any) -> Shape:
    return _square(x)


def _number_shape(x: Shape) -> Shape:
    return _square(x)[:-2]


def _floats(x: KerasTensor, *shapes: Shape) -> tuple[KerasTensor, ...]:
    return tuple(KerasTensor.make(shape, float_of(x.dtype)) for shape in shapes)


def _smaller(x: Shape) -> int | None:
    rows, columns = _matrices(x)[-2:]
    return None if rows is None or columns is None else min(rows, columns)


def _adjoint(x: Tensor) -> Tensor:
    return conj(swapaxes(x, -1, -2))


# Numbers and inverses


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


# Decompositions


@export(["keras.ops.cholesky", "keras.ops.linalg.cholesky"])
@op(shape=_square_shape, dtype=exact_float)
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


@export(["keras.ops.cholesky_inverse", "keras.ops.linalg.cholesky_inverse"])
@op(shape=_square_shape, dtype=exact_float)
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


def _eig_spec(x: KerasTensor) -> tuple[KerasTensor, ...]:
    shape, dtype = _square(x._shape), float_of(x.dtype)
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
    shape = _square(x._shape)
    return KerasTensor.make(shape[:-1], real_part(float_of(x.dtype))), *_floats(x, shape)


@export(["keras.ops.eigh", "keras.ops.linalg.eigh"])
@op(spec=_eigh_spec, dtype=exact_float)
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


_MODES = ("reduced", "complete")


def _qr_spec(x: KerasTensor, mode: str = "reduced") -> tuple[KerasTensor, ...]:
    if mode not in _MODES:
        raise ValueError(f"expected `mode` to be one of {_MODES}, received mode={mode!r}.")
    *batch, rows, columns = _matrices(x._shape)
    inner = rows if mode == "complete" else _smaller(x._shape)
    return _floats(x, (*batch, rows, inner), (*batch, inner, columns))


@op(spec=_qr_spec, dtype=exact_float, module="linalg")
def _qr_factors(x: Tensor, mode: str) -> tuple[Tensor, Tensor]:
    """The factors of `qr`."""


@export(["keras.ops.qr", "keras.ops.linalg.qr"])
@op(spec=_qr_spec, dtype=exact_float)
def qr(x: Tensor, mode: str = "reduced") -> tuple[Tensor, Tensor]:
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
        >>> matmul(q, r).shape
        (2, 2)
    """
    if mode not in _MODES:
        raise ValueError(f"ops.qr: expected `mode` to be one of {_MODES}, received mode={mode!r}.")
    return _qr_factors(x, mode)


def _singular_shape(x: Shape) -> Shape:
    return (*_matrices(x)[:-2], _smaller(x))


@op(shape=_singular_shape, dtype=exact_float)
def singular_values(x: Tensor) -> Tensor:
    """Singular values of matrices, largest first: `(..., m, n)` gives `(..., min(m, n))`."""


def _vectors_spec(x: KerasTensor, full_matrices: bool) -> tuple[KerasTensor, ...]:
    *batch, rows, columns = _matrices(x._shape)
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


def _negligible(x: Tensor) -> float:
    """The size, relative to the largest one, of singular values that rounding may have made."""
    return max(shape_of(x)[-2:]) * float(ml_dtypes.finfo(real_part(dtype_of(x))).eps)


@export(["keras.ops.matrix_rank", "keras.ops.linalg.matrix_rank"])
@op(shape=lambda x, **_: _matrices(x)[:-2], dtype=fixed("int32"))
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
        tol = multiply(largest(values, axis=-1, keepdims=True), _negligible(cast(x, dtype_of(values))))
    return sum_of(cast(greater(values, tol), "int32"), axis=-1)


def _transposed(x: Shape, **_: Any) -> Shape:
    *batch, rows, columns = _matrices(x)
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


# Equations


def _solved(a: Shape, b: Shape, square: bool = True, **_: Any) -> Shape:
    """The shape of `x` in `a @ x = b`, where `b` are vectors if it has one axis less than `a`."""
    (_square if square else _matrices)(a, "a")
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


@export(["keras.ops.lstsq", "keras.ops.linalg.lstsq"])
@op(shape=lambda a, b, **_: _solved(a, b, square=False), dtype=exact_float)
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


# Derivatives


def _jvp_spec(
    primals: Sequence[KerasTensor], tangents: Sequence[KerasTensor], function: Callable[..., Any]
) -> tuple[list[KerasTensor], ...]:
    outputs, aux = compute_output_spec(function, *primals)
    return outputs, [KerasTensor.make(x._shape, x.dtype) for x in outputs], aux


@op(spec=_jvp_spec, call=("function",), module="linalg")
def _jvp(
    primals: Sequence[Tensor], tangents: Sequence[Tensor], function: Callable[..., Any]
) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Outputs of a function, their derivatives along the tangents and what else it returns, see `jvp`."""


@export(["keras.ops.jvp", "keras.ops.linalg.jvp"])
def jvp(
    fun: Callable[..., Any],
    primals: Sequence[Structure],
    tangents: Sequence[Structure],
    has_aux: bool = False,
) -> tuple[Any, ...]:
    """Calls a function and differentiates it in a direction (forward mode).

    Args:
        fun: Function of tensors or structures of tensors.
        primals: Its arguments.
        tangents: The direction: for each argument one of the same shape.
        has_aux: Whether `fun` returns a pair whose second part is not differentiated.

    Returns:
        What `fun` returns, and the derivatives of that; with `has_aux` also the second part.

    Raises:
        ValueError: If there are not as many tangents as primals.
        NotImplementedError: If the backend takes no derivatives.

    Example:

        jvp(square, (convert_to_tensor(3.0),), (convert_to_tensor(1.0),))  # (9., 6.)
    """
    inputs, directions = Packing(list(primals)), Packing(list(tangents))
    if len(inputs.leaves) != len(directions.leaves):
        raise ValueError(
            f"ops.jvp: expected a tangent for each primal, received {len(inputs.leaves)} primals and "
            f"{len(directions.leaves)} tangents."
        )
    made: list[Packing] = []

    def function(*leaves: Any) -> tuple[list[Any], list[Any]]:
        result = fun(*inputs.pack(leaves))
        made[:] = map(Packing, result if has_aux else (result, None))
        outputs, aux = ([convert_to_tensor(x) for x in packing.leaves] for packing in made)
        return outputs, aux

    points = [convert_to_tensor(x) for x in inputs.leaves]
    moves = [convert_to_tensor(t, dtype_of(x)) for t, x in zip(directions.leaves, points)]
    outputs, derivatives, aux = _jvp(points, moves, function)
    results = made[0].pack(outputs), made[0].pack(derivatives)
    return (*results, made[1].pack(aux)) if has_aux else results
