"""The activation functions that layers take by name.

`keras_ops.activations` finds them. They are operations of `keras_ops.operations`, with whose docstrings
theirs go on; here stand their public names and defaults. `relu` and `mish` are in `saved_activations`.
"""

from collections.abc import Sequence

from keras_backends.api import export

from keras_ops import ops
from keras_ops.documentation import continued
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
@continued(ops.tanh)
def tanh(x: Tensor) -> Tensor:
    """Returns the hyperbolic tangent, element-wise."""
    return ops.tanh(x)


@export("keras.activations.sigmoid")
@continued(ops.sigmoid)
def sigmoid(x: Tensor) -> Tensor:
    """Returns `1 / (1 + exp(-x))`, element-wise."""
    return ops.sigmoid(x)


@export("keras.activations.softmax")
@continued(ops.softmax)
def softmax(x: Tensor, axis: int | Sequence[int] | None = -1) -> Tensor:
    """Returns `exp(x) / sum(exp(x))` along an axis."""
    return ops.softmax(x, axis)


@export("keras.activations.log_softmax")
@continued(ops.log_softmax)
def log_softmax(x: Tensor, axis: int | Sequence[int] | None = -1) -> Tensor:
    """Returns the logarithm of `softmax` along an axis."""
    return ops.log_softmax(x, axis)


@export("keras.activations.sparsemax")
@continued(ops.sparsemax)
def sparsemax(x: Tensor, axis: int = -1) -> Tensor:
    """Projects `x` onto the probabilities along an axis: like `softmax`, with exact zeros."""
    return ops.sparsemax(x, axis)


@export("keras.activations.leaky_relu")
@continued(ops.leaky_relu)
def leaky_relu(x: Tensor, negative_slope: float = 0.2) -> Tensor:
    """Returns `x` where it is positive, else `negative_slope * x`."""
    return ops.leaky_relu(x, negative_slope)


@export("keras.activations.relu6")
@continued(ops.relu6)
def relu6(x: Tensor) -> Tensor:
    """Returns `min(max(x, 0), 6)`, element-wise."""
    return ops.relu6(x)


@export("keras.activations.elu")
@continued(ops.elu)
def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """Returns `x` where it is positive, else `alpha * (exp(x) - 1)`."""
    return ops.elu(x, alpha)


@export("keras.activations.selu")
@continued(ops.selu)
def selu(x: Tensor) -> Tensor:
    """Returns a scaled `elu`, which keeps mean and variance through many layers."""
    return ops.selu(x)


@export("keras.activations.celu")
@continued(ops.celu)
def celu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """Returns `max(x, 0) + min(0, alpha * (exp(x / alpha) - 1))`, element-wise."""
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
@continued(ops.silu)
def silu(x: Tensor) -> Tensor:
    """Returns `x * sigmoid(x)`, element-wise; also known as swish."""
    return ops.silu(x)


@export(["keras.activations.hard_silu", "keras.activations.hard_swish"])
@continued(ops.hard_silu)
def hard_silu(x: Tensor) -> Tensor:
    """Returns `x * hard_sigmoid(x)`, element-wise; also known as hard swish."""
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
@continued(ops.softplus)
def softplus(x: Tensor) -> Tensor:
    """Returns `log(1 + exp(x))`, element-wise: a smooth `relu`."""
    return ops.softplus(x)


@export("keras.activations.sparse_plus")
@continued(ops.sparse_plus)
def sparse_plus(x: Tensor) -> Tensor:
    """Returns 0 up to -1, `x` from 1 on, and `(x + 1)^2 / 4` in between."""
    return ops.sparse_plus(x)


@export("keras.activations.squareplus")
@continued(ops.squareplus)
def squareplus(x: Tensor, b: float = 4) -> Tensor:
    """Returns `(x + sqrt(x^2 + b)) / 2`, element-wise: a smooth `relu` without exponentials."""
    return ops.squareplus(x, b)


@export("keras.activations.softsign")
@continued(ops.softsign)
def softsign(x: Tensor) -> Tensor:
    """Returns `x / (1 + |x|)`, element-wise."""
    return ops.softsign(x)


@export("keras.activations.log_sigmoid")
@continued(ops.log_sigmoid)
def log_sigmoid(x: Tensor) -> Tensor:
    """Returns the logarithm of `sigmoid`, element-wise."""
    return ops.log_sigmoid(x)


@export("keras.activations.hard_sigmoid")
@continued(ops.hard_sigmoid)
def hard_sigmoid(x: Tensor) -> Tensor:
    """Returns `x / 6 + 1 / 2`, cut off at 0 and 1."""
    return ops.hard_sigmoid(x)


@export("keras.activations.sparse_sigmoid")
@continued(ops.sparse_sigmoid)
def sparse_sigmoid(x: Tensor) -> Tensor:
    """Returns `(x + 1) / 2`, cut off at 0 and 1."""
    return ops.sparse_sigmoid(x)


@export("keras.activations.hard_tanh")
@continued(ops.hard_tanh)
def hard_tanh(x: Tensor) -> Tensor:
    """Returns `x` cut off at -1 and 1."""
    return ops.hard_tanh(x)


@export("keras.activations.tanh_shrink")
@continued(ops.tanh_shrink)
def tanh_shrink(x: Tensor) -> Tensor:
    """Returns `x - tanh(x)`, element-wise."""
    return ops.tanh_shrink(x)


@export("keras.activations.hard_shrink")
@continued(ops.hard_shrink)
def hard_shrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    """Returns `x` where `|x| > threshold`, else 0."""
    return ops.hard_shrink(x, threshold)


@export("keras.activations.soft_shrink")
@continued(ops.soft_shrink)
def soft_shrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    """Moves `x` towards 0 by `threshold`, and no further than 0."""
    return ops.soft_shrink(x, threshold)


@export("keras.activations.threshold")
@continued(ops.threshold)
def threshold(x: Tensor, threshold: float, default_value: float) -> Tensor:
    """Returns `x` where it is greater than `threshold`, else `default_value`."""
    return ops.threshold(x, threshold, default_value)
