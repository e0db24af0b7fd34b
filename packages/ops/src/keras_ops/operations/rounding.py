"""Rounding to whole or neighbouring numbers, element-wise.

Users find it in `keras.ops`. Signs and integer division live in `arithmetic`.
"""

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.rules import broadcast, exact_number, native, same, to_float
from keras_ops.sparse import keeps_zeros
from keras_ops.tensor import Tensor


@export(["keras.ops.floor", "keras.ops.numpy.floor"])
@op(shape=same, dtype=to_float, sparse=keeps_zeros)
def floor(x: Tensor) -> Tensor:
    """Rounds down, element-wise.

    {unary_float}

    Example:

        >>> floor([1.7, -1.2])
        Array([ 1., -2.], dtype=float32)
    """


@export(["keras.ops.ceil", "keras.ops.numpy.ceil"])
@op(shape=same, dtype=to_float, sparse=keeps_zeros)
def ceil(x: Tensor) -> Tensor:
    """Rounds up, element-wise.

    {unary_float}

    Example:

        >>> ceil([1.2, -1.7])
        Array([ 2., -1.], dtype=float32)
    """


@export(["keras.ops.trunc", "keras.ops.numpy.trunc"])
@op(shape=same, dtype=native, sparse=keeps_zeros)
def trunc(x: Tensor) -> Tensor:
    """Rounds towards zero, element-wise.

    {unary}

    Example:

        >>> trunc([1.7, -1.7])
        Array([ 1., -1.], dtype=float32)
    """


@export(["keras.ops.round", "keras.ops.numpy.round"])
@op(shape=same, dtype=exact_number, sparse=keeps_zeros)
def round(x: Tensor, decimals: int = 0) -> Tensor:
    """Rounds to a number of decimals; halves go to the even neighbour.

    Args:
        x: Tensor of any shape.
        decimals: Number of digits kept after the point, 0 by default; a negative number counts in front
            of it.

    Returns:
        A tensor of the shape and dtype of `x` (int32 for booleans).

    Example:

        >>> round([0.5, 1.25, 1.75], decimals=1)
        Array([0.5      , 1.2      , 1.8000001], dtype=float32)
    """


@export(["keras.ops.nextafter", "keras.ops.numpy.nextafter"])
@op(shape=broadcast, dtype=to_float)
def nextafter(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns the next number of the dtype after `x1` in the direction of `x2`.

    {binary_float}

    Example:

        >>> nextafter(1.0, 2.0)
        Array(1.0000001, dtype=float32)
    """
