"""The activation functions that layers take by name.

`keras_ops.activations` finds them. They are operations of `keras_ops.operations`; here stand their public
names and defaults. `relu` and `mish` are in `saved_activations`.
"""

from collections.abc import Sequence

from keras_backends.api import export

from keras_ops import ops
from keras_ops.tensor import Tensor


@export("keras.activations.linear")
def linear(x: Tensor) -> Tensor:
    """Returns `x` as it is.

    Args:
        x: Tensor of any shape.

    Example:

        >>> linear([-2.0, 0.0, 2.0])
        [-2.0, 0.0, 2.0]
    """
    return x


@export("keras.activations.exponential")
def exponential(x: Tensor) -> Tensor:
    """Returns `exp(x)`, element-wise.

    Args:
        x: Tensor of any shape.

    Example:

        >>> exponential([-2.0, 0.0, 2.0])
        Array([0.13533528, 1.        , 7.389056  ], dtype=float32)
    """
    return ops.exp(x)


@export("keras.activations.tanh")
def tanh(x: Tensor) -> Tensor:
    """Returns the hyperbolic tangent, element-wise.

    Args:
        x: Tensor of any shape.

    Example:

        >>> tanh([-2.0, 0.0, 2.0])
        Array([-0.9640276,  0.       ,  0.9640276], dtype=float32)
    """
    return ops.tanh(x)


@export("keras.activations.sigmoid")
def sigmoid(x: Tensor) -> Tensor:
    """Returns `1 / (1 + exp(-x))`, element-wise.

    Args:
        x: Tensor of any shape.

    Example:

        >>> sigmoid([-2.0, 0.0, 2.0])
        Array([0.11920292, 0.5       , 0.880797  ], dtype=float32)
    """
    return ops.sigmoid(x)


@export("keras.activations.softmax")
def softmax(x: Tensor, axis: int | Sequence[int] | None = -1) -> Tensor:
    """Returns `exp(x) / sum(exp(x))` along an axis.

    Args:
        x: Tensor of any shape.
        axis: Axis or axes that sum to 1, the last one by default.

    Example:

        >>> softmax([1.0, 2.0, 3.0])
        Array([0.09003057, 0.24472848, 0.66524094], dtype=float32)
    """
    return ops.softmax(x, axis)


@export("keras.activations.log_softmax")
def log_softmax(x: Tensor, axis: int | Sequence[int] | None = -1) -> Tensor:
    """Returns the logarithm of `softmax` along an axis.

    Args:
        x: Tensor of any shape.
        axis: Axis or axes that sum to 1, the last one by default.

    Example:

        >>> log_softmax([1.0, 2.0, 3.0])
        Array([-2.407606  , -1.4076059 , -0.40760595], dtype=float32)
    """
    return ops.log_softmax(x, axis)


@export("keras.activations.sparsemax")
def sparsemax(x: Tensor, axis: int = -1) -> Tensor:
    """Projects `x` onto the probabilities along an axis: like `softmax`, with exact zeros.

    Args:
        x: Tensor of any shape.
        axis: Axis that sums to 1, the last one by default.

    Example:

        >>> sparsemax([1.0, 2.0, 1.5])
        Array([0.  , 0.75, 0.25], dtype=float32)
    """
    return ops.sparsemax(x, axis)


@export("keras.activations.leaky_relu")
def leaky_relu(x: Tensor, negative_slope: float = 0.2) -> Tensor:
    """Returns `x` where it is positive, else `negative_slope * x`.

    Args:
        x: Tensor of any shape.
        negative_slope: Slope for negative numbers, 0.2 by default.

    Example:

        >>> leaky_relu([-2.0, 0.0, 2.0])
        Array([-0.4,  0. ,  2. ], dtype=float32)
    """
    return ops.leaky_relu(x, negative_slope)


@export("keras.activations.relu6")
def relu6(x: Tensor) -> Tensor:
    """Returns `min(max(x, 0), 6)`, element-wise.

    Args:
        x: Tensor of any shape.

    Example:

        >>> relu6([-2.0, 3.0, 8.0])
        Array([0., 3., 6.], dtype=float32)
    """
    return ops.relu6(x)


@export("keras.activations.elu")
def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """Returns `x` where it is positive, else `alpha * (exp(x) - 1)`.

    Args:
        x: Tensor of any shape.
        alpha: Minus the limit for large negative numbers, 1 by default.

    Example:

        >>> elu([-2.0, 0.0, 2.0])
        Array([-0.86466473,  0.        ,  2.        ], dtype=float32)
    """
    return ops.elu(x, alpha)


@export("keras.activations.selu")
def selu(x: Tensor) -> Tensor:
    """Returns a scaled `elu`, which keeps mean and variance through many layers.

    Args:
        x: Tensor of any shape.

    Example:

        >>> selu([-2.0, 0.0, 2.0])
        Array([-1.5201665,  0.       ,  2.101402 ], dtype=float32)
    """
    return ops.selu(x)


@export("keras.activations.celu")
def celu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """Returns `max(x, 0) + min(0, alpha * (exp(x / alpha) - 1))`, element-wise.

    Args:
        x: Tensor of any shape.
        alpha: Minus the limit for large negative numbers, 1 by default.

    Example:

        >>> celu([-2.0, 0.0, 2.0])
        Array([-0.86466473,  0.        ,  2.        ], dtype=float32)
    """
    return ops.celu(x, alpha)


@export("keras.activations.gelu")
def gelu(x: Tensor, approximate: bool = False) -> Tensor:
    """Returns `x` times the normal distribution function of `x`.

    Args:
        x: Tensor of any shape.
        approximate: Whether to use a formula with `tanh` instead of the exact value, which is the
            default.

    Example:

        >>> gelu([-2.0, 0.0, 2.0])
        Array([-0.04550027,  0.        ,  1.9544997 ], dtype=float32)
    """
    return ops.gelu(x, approximate)


@export(["keras.activations.silu", "keras.activations.swish"])
def silu(x: Tensor) -> Tensor:
    """Returns `x * sigmoid(x)`, element-wise; also known as swish.

    Args:
        x: Tensor of any shape.

    Example:

        >>> silu([-2.0, 0.0, 2.0])
        Array([-0.23840584,  0.        ,  1.761594  ], dtype=float32)
    """
    return ops.silu(x)


@export(["keras.activations.hard_silu", "keras.activations.hard_swish"])
def hard_silu(x: Tensor) -> Tensor:
    """Returns `x * hard_sigmoid(x)`, element-wise; also known as hard swish.

    Args:
        x: Tensor of any shape.

    Example:

        >>> hard_silu([-4.0, 1.0, 4.0])
        Array([-0.       ,  0.6666667,  4.       ], dtype=float32)
    """
    return ops.hard_silu(x)


@export("keras.activations.glu")
def glu(x: Tensor, axis: int = -1) -> Tensor:
    """Halves `x` along an axis and returns the first half times the `sigmoid` of the second.

    Args:
        x: Tensor of any shape.
        axis: The axis to halve, the last one by default.

    Returns:
        A tensor with half the size along `axis`.

    Example:

        >>> glu([1.0, 2.0, 0.0, 0.0])
        Array([0.5, 1. ], dtype=float32)
    """
    return ops.glu(x, axis)


@export("keras.activations.softplus")
def softplus(x: Tensor) -> Tensor:
    """Returns `log(1 + exp(x))`, element-wise: a smooth `relu`.

    Args:
        x: Tensor of any shape.

    Example:

        >>> softplus([-2.0, 0.0, 2.0])
        Array([0.126928 , 0.6931472, 2.126928 ], dtype=float32)
    """
    return ops.softplus(x)


@export("keras.activations.sparse_plus")
def sparse_plus(x: Tensor) -> Tensor:
    """Returns 0 up to -1, `x` from 1 on, and `(x + 1)^2 / 4` in between.

    Args:
        x: Tensor of any shape.

    Example:

        >>> sparse_plus([-2.0, 0.0, 2.0])
        Array([0.  , 0.25, 2.  ], dtype=float32)
    """
    return ops.sparse_plus(x)


@export("keras.activations.squareplus")
def squareplus(x: Tensor, b: float = 4) -> Tensor:
    """Returns `(x + sqrt(x^2 + b)) / 2`, element-wise: a smooth `relu` without exponentials.

    Args:
        x: Tensor of any shape.
        b: How smooth it is, 4 by default; 0 gives `relu`.

    Example:

        >>> squareplus([-2.0, 0.0, 2.0])
        Array([0.41421354, 1.        , 2.4142137 ], dtype=float32)
    """
    return ops.squareplus(x, b)


@export("keras.activations.softsign")
def softsign(x: Tensor) -> Tensor:
    """Returns `x / (1 + |x|)`, element-wise.

    Args:
        x: Tensor of any shape.

    Example:

        >>> softsign([-2.0, 0.0, 2.0])
        Array([-0.6666667,  0.       ,  0.6666667], dtype=float32)
    """
    return ops.softsign(x)


@export("keras.activations.log_sigmoid")
def log_sigmoid(x: Tensor) -> Tensor:
    """Returns the logarithm of `sigmoid`, element-wise.

    Args:
        x: Tensor of any shape.

    Example:

        >>> log_sigmoid([-2.0, 0.0, 2.0])
        Array([-2.126928 , -0.6931472, -0.126928 ], dtype=float32)
    """
    return ops.log_sigmoid(x)


@export("keras.activations.hard_sigmoid")
def hard_sigmoid(x: Tensor) -> Tensor:
    """Returns `x / 6 + 1 / 2`, cut off at 0 and 1.

    Args:
        x: Tensor of any shape.

    Example:

        >>> hard_sigmoid([-4.0, 0.0, 1.5])
        Array([0.  , 0.5 , 0.75], dtype=float32)
    """
    return ops.hard_sigmoid(x)


@export("keras.activations.sparse_sigmoid")
def sparse_sigmoid(x: Tensor) -> Tensor:
    """Returns `(x + 1) / 2`, cut off at 0 and 1.

    Args:
        x: Tensor of any shape.

    Example:

        >>> sparse_sigmoid([-2.0, 0.5, 2.0])
        Array([0.  , 0.75, 1.  ], dtype=float32)
    """
    return ops.sparse_sigmoid(x)


@export("keras.activations.hard_tanh")
def hard_tanh(x: Tensor) -> Tensor:
    """Returns `x` cut off at -1 and 1.

    Args:
        x: Tensor of any shape.

    Example:

        >>> hard_tanh([-2.0, 0.0, 2.0])
        Array([-1.,  0.,  1.], dtype=float32)
    """
    return ops.hard_tanh(x)


@export("keras.activations.tanh_shrink")
def tanh_shrink(x: Tensor) -> Tensor:
    """Returns `x - tanh(x)`, element-wise.

    Args:
        x: Tensor of any shape.

    Example:

        >>> tanh_shrink([-2.0, 0.0, 2.0])
        Array([-1.0359724,  0.       ,  1.0359724], dtype=float32)
    """
    return ops.tanh_shrink(x)


@export("keras.activations.hard_shrink")
def hard_shrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    """Returns `x` where `|x| > threshold`, else 0.

    Args:
        x: Tensor of any shape.
        threshold: Below it everything is 0; 0.5 by default.

    Example:

        >>> hard_shrink([-1.0, 0.3, 1.0])
        Array([-1.,  0.,  1.], dtype=float32)
    """
    return ops.hard_shrink(x, threshold)


@export("keras.activations.soft_shrink")
def soft_shrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    """Moves `x` towards 0 by `threshold`, and no further than 0.

    Args:
        x: Tensor of any shape.
        threshold: By how much, 0.5 by default.

    Example:

        >>> soft_shrink([-1.0, 0.3, 1.0])
        Array([-0.5,  0. ,  0.5], dtype=float32)
    """
    return ops.soft_shrink(x, threshold)


@export("keras.activations.threshold")
def threshold(x: Tensor, threshold: float, default_value: float) -> Tensor:
    """Returns `x` where it is greater than `threshold`, else `default_value`.

    Args:
        x: Tensor of any shape.
        threshold: What values are compared with.
        default_value: What replaces values that are not greater.

    Example:

        >>> threshold([-1.0, 0.3, 1.0], 0.5, 0.0)
        Array([0., 0., 1.], dtype=float32)
    """
    return ops.threshold(x, threshold, default_value)
