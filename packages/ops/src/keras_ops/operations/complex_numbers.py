"""Complex numbers: their parts, angles and views.

Users find them in `keras.ops`. Arithmetic takes complex tensors wherever it makes sense.
"""

from dataclasses import replace

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.comparison import equal
from keras_ops.operations.trigonometry import arctan2
from keras_ops.rules import (
    DtypeRule,
    Promotion,
    broadcast,
    exact,
    fixed,
    magnitude,
    native,
    native_float,
    real_part,
    same,
)
from keras_ops.sparse import keeps_zeros
from keras_ops.tensor import Shape, Tensor


def _drop_pair(x: Shape) -> Shape:
    if not x or x[-1] not in (None, 2):
        raise ValueError(f"expected `x` of shape (..., 2), received shape {x}.")
    return x[:-1]


def _add_pair(x: Shape) -> Shape:
    return (*x, 2)


def _of_parts(p: Promotion, *dtypes: str) -> str:
    """Complex numbers start at twice 32 bits."""
    return "float64" if p.to_float(p.narrow(*dtypes)) == "float64" else "float32"


def _of_whole(p: Promotion, *dtypes: str) -> str:
    return "complex128" if _of_parts(p, *dtypes) == "float64" else "complex64"


_angle = replace(native_float, result=lambda p, x: real_part(p.to_float(p.native(x))))
_polar = DtypeRule(_of_parts, result=_of_whole)
_parts = replace(native, result=lambda p, x: real_part(p.native(x)))


@export(["keras.ops.real", "keras.ops.numpy.real"])
@op(shape=same, dtype=magnitude, sparse=keeps_zeros)
def real(x: Tensor) -> Tensor:
    """Returns the real part, element-wise; a real tensor as it is.

    Args:
        x: Tensor of any shape.

    Returns:
        A real tensor of the shape of `x`.

    Example:

        >>> real([1 + 2j, 3 - 1j])
        Array([1., 3.], dtype=float32)
    """


@export(["keras.ops.imag", "keras.ops.numpy.imag"])
@op(shape=same, dtype=magnitude, sparse=keeps_zeros)
def imag(x: Tensor) -> Tensor:
    """Returns the imaginary part, element-wise; zeros for a real tensor.

    Args:
        x: Tensor of any shape.

    Returns:
        A real tensor of the shape of `x`.

    Example:

        >>> imag([1 + 2j, 3 - 1j])
        Array([ 2., -1.], dtype=float32)
    """


@export(["keras.ops.conj", "keras.ops.numpy.conj"])
@op(shape=same, dtype=exact, sparse=keeps_zeros)
def conj(x: Tensor) -> Tensor:
    """Returns the complex conjugate, element-wise.

    {unary}

    Example:

        >>> conj([1 + 2j, 3 - 1j])
        Array([1.-2.j, 3.+1.j], dtype=complex64)
    """


@export(["keras.ops.conjugate", "keras.ops.numpy.conjugate"])
@op(shape=same, dtype=exact, sparse=keeps_zeros)
def conjugate(x: Tensor) -> Tensor:
    """Returns the complex conjugate, element-wise; another name of `conj`.

    {unary}

    Example:

        >>> conjugate([1 + 2j, 3 - 1j])
        Array([1.-2.j, 3.+1.j], dtype=complex64)
    """
    return conj(x)


@export(["keras.ops.isreal", "keras.ops.numpy.isreal"])
@op(shape=same, dtype=fixed("bool"))
def isreal(x: Tensor) -> Tensor:
    """Returns whether the imaginary part is zero, element-wise.

    {unary_bool}

    Example:

        >>> isreal([1 + 2j, 3 + 0j])
        Array([False,  True], dtype=bool)
    """
    return equal(imag(x), 0)


@export(["keras.ops.angle", "keras.ops.numpy.angle"])
@op(shape=same, dtype=_angle)
def angle(x: Tensor) -> Tensor:
    """Returns the angle of complex numbers in the plane, in `[-pi, pi]`.

    Args:
        x: Tensor of any shape; the angle of a negative real number is pi.

    Returns:
        A real tensor of the shape of `x`.

    Example:

        >>> angle([1j, -1 + 0j])
        Array([1.5707964, 3.1415927], dtype=float32)
    """
    return arctan2(imag(x), real(x))


@export(["keras.ops.polar", "keras.ops.nn.polar"])
@op(shape=broadcast, dtype=_polar)
def polar(abs_: Tensor, angle: Tensor) -> Tensor:
    """Makes complex numbers of lengths and angles.

    Args:
        abs_: Tensor of lengths.
        angle: Tensor of angles in radians, of a shape that broadcasts with that of `abs_`.

    Returns:
        A complex tensor of the broadcast shape.

    Example:

        >>> polar([1.0, 2.0], [0.0, 1.5707964])
        Array([ 1.000000e+00+0.j, -8.742278e-08+2.j], dtype=complex64)
    """


@export("keras.ops.view_as_complex")
@op(shape=_drop_pair, dtype=_polar, module="math")
def view_as_complex(x: Tensor) -> Tensor:
    """Makes complex numbers of pairs of a real and an imaginary part.

    Args:
        x: Tensor of shape `(..., 2)`.

    Returns:
        A complex tensor of shape `(...)`.

    Raises:
        ValueError: If the last axis is not of size 2.

    Example:

        >>> view_as_complex([[1.0, 2.0], [3.0, -1.0]])
        Array([1.+2.j, 3.-1.j], dtype=complex64)
    """


@export("keras.ops.view_as_real")
@op(shape=_add_pair, dtype=_parts, module="math")
def view_as_real(x: Tensor) -> Tensor:
    """Splits complex numbers into pairs of a real and an imaginary part.

    Args:
        x: Tensor of shape `(...)`; a real tensor has imaginary parts of zero.

    Returns:
        A real tensor of shape `(..., 2)`.

    Example:

        >>> view_as_real([1 + 2j, 3 - 1j])
        Array([[ 1.,  2.],
               [ 3., -1.]], dtype=float32)
    """
