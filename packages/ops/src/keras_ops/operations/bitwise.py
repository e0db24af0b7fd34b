"""Operations on the bits of integers, element-wise.

Users find them in `keras.ops`. Logic on truth values lives in `comparison`.
"""

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.rules import broadcast, native, native_number, same
from keras_ops.tensor import Tensor


@export(["keras.ops.bitwise_and", "keras.ops.numpy.bitwise_and"])
@op(shape=broadcast, dtype=native)
def bitwise_and(x: Tensor, y: Tensor) -> Tensor:
    """Joins the bits of two integers by `and`, element-wise.

    {bitwise}

    Example:

        >>> bitwise_and([12, 10], 6)
        Array([4, 2], dtype=int32)
    """


@export(["keras.ops.bitwise_or", "keras.ops.numpy.bitwise_or"])
@op(shape=broadcast, dtype=native)
def bitwise_or(x: Tensor, y: Tensor) -> Tensor:
    """Joins the bits of two integers by `or`, element-wise.

    {bitwise}

    Example:

        >>> bitwise_or([12, 10], 6)
        Array([14, 14], dtype=int32)
    """


@export(["keras.ops.bitwise_xor", "keras.ops.numpy.bitwise_xor"])
@op(shape=broadcast, dtype=native)
def bitwise_xor(x: Tensor, y: Tensor) -> Tensor:
    """Joins the bits of two integers by exclusive `or`, element-wise.

    {bitwise}

    Example:

        >>> bitwise_xor([12, 10], 6)
        Array([10, 12], dtype=int32)
    """


@export(["keras.ops.bitwise_invert", "keras.ops.numpy.bitwise_invert"])
@op(shape=same, dtype=native)
def bitwise_invert(x: Tensor) -> Tensor:
    """Inverts all bits, element-wise; of booleans, `not`.

    Args:
        x: Integer or boolean tensor.

    Returns:
        A tensor of the shape and dtype of `x`.

    Example:

        >>> bitwise_invert([0, 5])
        Array([-1, -6], dtype=int32)
    """


@export(["keras.ops.bitwise_not", "keras.ops.numpy.bitwise_not"])
@op(shape=same, dtype=native)
def bitwise_not(x: Tensor) -> Tensor:
    """Inverts all bits, element-wise; another name of `bitwise_invert`.

    Args:
        x: Integer or boolean tensor.

    Returns:
        A tensor of the shape and dtype of `x`.

    Example:

        >>> bitwise_not([0, 5])
        Array([-1, -6], dtype=int32)
    """
    return bitwise_invert(x)


@export(["keras.ops.left_shift", "keras.ops.numpy.left_shift"])
@op(shape=broadcast, dtype=native_number)
def left_shift(x: Tensor, y: Tensor) -> Tensor:
    """Shifts the bits of `x` to the left by `y`, element-wise: `x * 2^y`.

    {shift}

    Example:

        >>> left_shift([1, 3], 2)
        Array([ 4, 12], dtype=int32)
    """


@export(["keras.ops.right_shift", "keras.ops.numpy.right_shift"])
@op(shape=broadcast, dtype=native_number)
def right_shift(x: Tensor, y: Tensor) -> Tensor:
    """Shifts the bits of `x` to the right by `y`, element-wise: `x // 2^y`.

    {shift}

    Example:

        >>> right_shift([8, 13], 2)
        Array([2, 3], dtype=int32)
    """


@export(["keras.ops.bitwise_left_shift", "keras.ops.numpy.bitwise_left_shift"])
@op(shape=broadcast, dtype=native_number)
def bitwise_left_shift(x: Tensor, y: Tensor) -> Tensor:
    """Shifts bits to the left, element-wise; another name of `left_shift`.

    {shift}

    Example:

        >>> bitwise_left_shift([1, 3], 2)
        Array([ 4, 12], dtype=int32)
    """
    return left_shift(x, y)


@export(["keras.ops.bitwise_right_shift", "keras.ops.numpy.bitwise_right_shift"])
@op(shape=broadcast, dtype=native_number)
def bitwise_right_shift(x: Tensor, y: Tensor) -> Tensor:
    """Shifts bits to the right, element-wise; another name of `right_shift`.

    {shift}

    Example:

        >>> bitwise_right_shift([8, 13], 2)
        Array([2, 3], dtype=int32)
    """
    return right_shift(x, y)
