"""The activation functions that layers take by name.

`keras_ops.activations` finds them. Nearly all are operations of `keras_ops.operations`; here stand their
public names and defaults, and the two that files save under names of their own.
"""

from collections.abc import Sequence

from keras_backends.api import export

from keras_ops import ops
from keras_ops.graph import Operation
from keras_ops.registry import saved_as
from keras_ops.state import state
from keras_ops.tensor import KerasTensor, Tensor


@export("keras.activations.linear")
def linear(x: Tensor) -> Tensor:
    """Returns `x` as it is.

    Args:
        x: Tensor of any shape.

    Example:

        >>> linear([-2.0, 0.0, 2.0])
    """
    return x


@export("keras.activations.relu")
def relu(
    x: Tensor, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Tensor:
    """Returns `max(x, 0)`; with arguments, a leaky, limited or shifted form of it.

    Args:
        x: Tensor of any shape.
        negative_slope: Slope for values below `threshold`, 0 by default.
        max_value: Greatest result, unlimited by default.
        threshold: Below it the result is `negative_slope * (x - threshold)`; 0 by default.

    Example:

        >>> relu([-2.0, 1.0, 8.0], negative_slope=0.5, max_value=6.0)
    """
    if isinstance(x, KerasTensor) and not state.quiet:
        return ReLU(negative_slope, max_value, threshold)(x)
    if negative_slope == 0 and threshold == 0 and max_value is None:
        return ops.relu(x)
    return _shaped_relu(x, negative_slope, max_value, threshold)


@export("keras.activations.mish")
def mish(x: Tensor) -> Tensor:
    """Returns `x * tanh(softplus(x))`, element-wise.

    Args:
        x: Tensor of any shape.

    Example:

        >>> mish([-2.0, 0.0, 2.0])
    """
    if isinstance(x, KerasTensor) and not state.quiet:
        return Mish()(x)
    return ops.multiply(x, ops.tanh(ops.softplus(x)))


@export("keras.activations.exponential")
def exponential(x: Tensor) -> Tensor:
    """Returns `exp(x)`, element-wise.

    Args:
        x: Tensor of any shape.

    Example:

        >>> exponential([-2.0, 0.0, 2.0])
    """
    return ops.exp(x)


@export("keras.activations.tanh")
def tanh(x: Tensor) -> Tensor:
    """Returns the hyperbolic tangent, element-wise.

    Args:
        x: Tensor of any shape.

    Example:

        >>> tanh([-2.0, 0.0, 2.0])
    """
    return ops.tanh(x)


@export("keras.activations.sigmoid")
def sigmoid(x: Tensor) -> Tensor:
    """Returns `1 / (1 + exp(-x))`, element-wise.

    Args:
        x: Tensor of any shape.

    Example:

        >>> sigmoid([-2.0, 0.0, 2.0])
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
    """
    return ops.leaky_relu(x, negative_slope)


@export("keras.activations.relu6")
def relu6(x: Tensor) -> Tensor:
    """Returns `min(max(x, 0), 6)`, element-wise.

    Args:
        x: Tensor of any shape.

    Example:

        >>> relu6([-2.0, 3.0, 8.0])
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
    """
    return ops.elu(x, alpha)


@export("keras.activations.selu")
def selu(x: Tensor) -> Tensor:
    """Returns a scaled `elu`, which keeps mean and variance through many layers.

    Args:
        x: Tensor of any shape.

    Example:

        >>> selu([-2.0, 0.0, 2.0])
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
    """
    return ops.gelu(x, approximate)


@export(["keras.activations.silu", "keras.activations.swish"])
def silu(x: Tensor) -> Tensor:
    """Returns `x * sigmoid(x)`, element-wise; also known as swish.

    Args:
        x: Tensor of any shape.

    Example:

        >>> silu([-2.0, 0.0, 2.0])
    """
    return ops.silu(x)


@export(["keras.activations.hard_silu", "keras.activations.hard_swish"])
def hard_silu(x: Tensor) -> Tensor:
    """Returns `x * hard_sigmoid(x)`, element-wise; also known as hard swish.

    Args:
        x: Tensor of any shape.

    Example:

        >>> hard_silu([-4.0, 1.0, 4.0])
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
    """
    return ops.glu(x, axis)


@export("keras.activations.softplus")
def softplus(x: Tensor) -> Tensor:
    """Returns `log(1 + exp(x))`, element-wise: a smooth `relu`.

    Args:
        x: Tensor of any shape.

    Example:

        >>> softplus([-2.0, 0.0, 2.0])
    """
    return ops.softplus(x)


@export("keras.activations.sparse_plus")
def sparse_plus(x: Tensor) -> Tensor:
    """Returns 0 up to -1, `x` from 1 on, and `(x + 1)^2 / 4` in between.

    Args:
        x: Tensor of any shape.

    Example:

        >>> sparse_plus([-2.0, 0.0, 2.0])
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
    """
    return ops.squareplus(x, b)


@export("keras.activations.softsign")
def softsign(x: Tensor) -> Tensor:
    """Returns `x / (1 + |x|)`, element-wise.

    Args:
        x: Tensor of any shape.

    Example:

        >>> softsign([-2.0, 0.0, 2.0])
    """
    return ops.softsign(x)


@export("keras.activations.log_sigmoid")
def log_sigmoid(x: Tensor) -> Tensor:
    """Returns the logarithm of `sigmoid`, element-wise.

    Args:
        x: Tensor of any shape.

    Example:

        >>> log_sigmoid([-2.0, 0.0, 2.0])
    """
    return ops.log_sigmoid(x)


@export("keras.activations.hard_sigmoid")
def hard_sigmoid(x: Tensor) -> Tensor:
    """Returns `x / 6 + 1 / 2`, cut off at 0 and 1.

    Args:
        x: Tensor of any shape.

    Example:

        >>> hard_sigmoid([-4.0, 0.0, 1.5])
    """
    return ops.hard_sigmoid(x)


@export("keras.activations.sparse_sigmoid")
def sparse_sigmoid(x: Tensor) -> Tensor:
    """Returns `(x + 1) / 2`, cut off at 0 and 1.

    Args:
        x: Tensor of any shape.

    Example:

        >>> sparse_sigmoid([-2.0, 0.5, 2.0])
    """
    return ops.sparse_sigmoid(x)


@export("keras.activations.hard_tanh")
def hard_tanh(x: Tensor) -> Tensor:
    """Returns `x` cut off at -1 and 1.

    Args:
        x: Tensor of any shape.

    Example:

        >>> hard_tanh([-2.0, 0.0, 2.0])
    """
    return ops.hard_tanh(x)


@export("keras.activations.tanh_shrink")
def tanh_shrink(x: Tensor) -> Tensor:
    """Returns `x - tanh(x)`, element-wise.

    Args:
        x: Tensor of any shape.

    Example:

        >>> tanh_shrink([-2.0, 0.0, 2.0])
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
    """
    return ops.threshold(x, threshold, default_value)


def _shaped_relu(x: Tensor, negative_slope: float, max_value: float | None, threshold: float) -> Tensor:
    if negative_slope == 0 and threshold == 0 and max_value == 6:
        return ops.relu6(x)
    result = ops.where(ops.greater(x, threshold), x, 0.0)
    if max_value is not None:
        result = ops.clip(result, 0.0, max_value)
    if negative_slope:
        result = ops.subtract(result, ops.multiply(ops.relu(ops.subtract(threshold, x)), negative_slope))
    return result


@saved_as("keras.src.activations.activations")
class ReLU(Operation):
    """`relu` as a step of a graph.

    Args:
        negative_slope: Slope for values below `threshold`, 0 by default.
        max_value: Greatest result, unlimited by default.
        threshold: Below it the result is `negative_slope * (x - threshold)`; 0 by default.
        name: Name, made from the class name by default.
    """

    def __init__(
        self,
        negative_slope: float = 0.0,
        max_value: float | None = None,
        threshold: float = 0.0,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.negative_slope = negative_slope
        self.max_value = max_value
        self.threshold = threshold

    def call(self, x: Tensor) -> Tensor:
        return relu(x, self.negative_slope, self.max_value, self.threshold)


@saved_as("keras.src.activations.activations")
class Mish(Operation):
    """`mish` as a step of a graph.

    Args:
        name: Name, made from the class name by default.
    """

    def call(self, x: Tensor) -> Tensor:
        return mish(x)
