"""Activation functions made of pieces: leaky, limited, thresholded and shrinking ones.

Users find them in `keras.ops`. All others are in `activations_nn`.
"""

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.arithmetic import absolute, add, divide, maximum, minimum, multiply, sign, subtract
from keras_ops.operations.comparison import greater, less, less_equal, where
from keras_ops.operations.core import cast
from keras_ops.operations.core import dtype as dtype_of
from keras_ops.operations.limits import clip
from keras_ops.operations.powers import square
from keras_ops.rules import exact_float, native_float, native_number, same
from keras_ops.sparse import keeps_zeros
from keras_ops.tensor import Tensor


@export(["keras.ops.relu6", "keras.ops.nn.relu6"])
@op(shape=same, dtype=native_number, sparse=keeps_zeros)
def relu6(x: Tensor) -> Tensor:
    """Returns `min(max(x, 0), 6)`, element-wise.

    {unary_number}

    Example:

        >>> relu6([-2.0, 3.0, 8.0])
        Array([0., 3., 6.], dtype=float32)
    """
    return minimum(maximum(x, 0), 6)


@export(["keras.ops.leaky_relu", "keras.ops.nn.leaky_relu"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def leaky_relu(x: Tensor, negative_slope: float = 0.2) -> Tensor:
    """Returns `x` where it is positive, else `negative_slope * x`.

    Args:
        x: Tensor of any shape; integers are computed in floatx.
        negative_slope: Slope for negative numbers, 0.2 by default.

    Returns:
        A float tensor of the shape of `x`.

    Example:

        >>> leaky_relu([-2.0, 0.0, 2.0])
        Array([-0.4,  0. ,  2. ], dtype=float32)
    """
    return where(greater(x, 0.0), x, multiply(x, negative_slope))


@export(["keras.ops.hard_sigmoid", "keras.ops.nn.hard_sigmoid"])
@op(shape=same, dtype=exact_float)
def hard_sigmoid(x: Tensor) -> Tensor:
    """Returns `x / 6 + 1 / 2`, cut off at 0 and 1: a piecewise linear sigmoid.

    {unary_float}

    Example:

        >>> hard_sigmoid([-4.0, 0.0, 1.5])
        Array([0.  , 0.5 , 0.75], dtype=float32)
    """
    return divide(relu6(add(x, 3.0)), 6.0)


@export(["keras.ops.sparse_sigmoid", "keras.ops.nn.sparse_sigmoid"])
@op(shape=same, dtype=native_float)
def sparse_sigmoid(x: Tensor) -> Tensor:
    """Returns `(x + 1) / 2`, cut off at 0 and 1.

    {unary_float}

    Example:

        >>> sparse_sigmoid([-2.0, 0.5, 2.0])
        Array([0.  , 0.75, 1.  ], dtype=float32)
    """
    return clip(multiply(add(x, 1.0), 0.5), 0.0, 1.0)


@export(["keras.ops.hard_silu", "keras.ops.nn.hard_silu", "keras.ops.hard_swish", "keras.ops.nn.hard_swish"])
@op(shape=same, dtype=exact_float, sparse=keeps_zeros)
def hard_silu(x: Tensor) -> Tensor:
    """Returns `x * hard_sigmoid(x)`, element-wise; also known as hard swish.

    {unary_float}

    Example:

        >>> hard_silu([-4.0, 1.0, 4.0])
        Array([-0.       ,  0.6666667,  4.       ], dtype=float32)
    """
    return multiply(x, hard_sigmoid(x))


@export(["keras.ops.sparse_plus", "keras.ops.nn.sparse_plus"])
@op(shape=same, dtype=exact_float)
def sparse_plus(x: Tensor) -> Tensor:
    """Returns 0 up to -1, `x` from 1 on, and `(x + 1)^2 / 4` in between.

    {unary_float}

    Example:

        >>> sparse_plus([-2.0, 0.0, 2.0])
        Array([0.  , 0.25, 2.  ], dtype=float32)
    """
    middle = multiply(square(add(x, 1.0)), 0.25)
    return where(less_equal(x, -1.0), 0.0, where(less(x, 1.0), middle, x))


@export(["keras.ops.hard_tanh", "keras.ops.nn.hard_tanh"])
@op(shape=same, dtype=native_number, sparse=keeps_zeros)
def hard_tanh(x: Tensor) -> Tensor:
    """Returns `x` cut off at -1 and 1.

    {unary_number}

    Example:

        >>> hard_tanh([-2.0, 0.0, 2.0])
        Array([-1.,  0.,  1.], dtype=float32)
    """
    # Unsigned integers hold no -1, and need no lower limit.
    return minimum(x, 1) if dtype_of(x).startswith("uint") else clip(x, -1, 1)


@export(["keras.ops.hard_shrink", "keras.ops.nn.hard_shrink"])
@op(shape=same, dtype=native_float, sparse=keeps_zeros)
def hard_shrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    """Returns `x` where `|x| > threshold`, else 0.

    Args:
        x: Tensor of any shape; integers are computed in floatx.
        threshold: Below it everything is 0; 0.5 by default.

    Returns:
        A float tensor of the shape of `x`.

    Example:

        >>> hard_shrink([-1.0, 0.3, 1.0])
        Array([-1.,  0.,  1.], dtype=float32)
    """
    return where(greater(absolute(x), threshold), x, 0.0)


@export(["keras.ops.soft_shrink", "keras.ops.nn.soft_shrink"])
@op(shape=same, dtype=exact_float, sparse=keeps_zeros)
def soft_shrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    """Moves `x` towards 0 by `threshold`, and no further than 0.

    Args:
        x: Tensor of any shape; integers are computed in floatx.
        threshold: By how much, 0.5 by default.

    Returns:
        A float tensor of the shape of `x`.

    Example:

        >>> soft_shrink([-1.0, 0.3, 1.0])
        Array([-0.5,  0. ,  0.5], dtype=float32)
    """
    beyond = greater(absolute(x), threshold)
    return where(beyond, subtract(x, multiply(sign(x), threshold)), 0.0)


@export(["keras.ops.threshold", "keras.ops.nn.threshold"])
@op(shape=same, dtype=native_number)
def threshold(x: Tensor, threshold: float, default_value: float) -> Tensor:
    """Returns `x` where it is greater than `threshold`, else `default_value`.

    Args:
        x: Tensor of any shape.
        threshold: What values are compared with.
        default_value: What replaces values that are not greater.

    Returns:
        A tensor of the shape and dtype of `x` (int32 for booleans).

    Example:

        >>> threshold([-1.0, 0.3, 1.0], 0.5, 0.0)
        Array([0., 0., 1.], dtype=float32)
    """
    return where(greater(x, threshold), x, cast(default_value, x.dtype))
