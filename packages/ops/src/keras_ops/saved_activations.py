"""The activation functions `relu` and `mish`, which files save under names of their own.

`keras_ops.activations` finds them. As a step of a graph they are a `ReLU` or `Mish`, where the other
activations are the operation that they call.
"""

from keras_backends.api import export

from keras_ops import ops
from keras_ops.graph import Operation
from keras_ops.registry import saved_as
from keras_ops.state import state
from keras_ops.tensor import KerasTensor, Tensor


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
        Array([-1.,  1.,  6.], dtype=float32)
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
        Array([-0.25250146,  0.        ,  1.943959  ], dtype=float32)
    """
    if isinstance(x, KerasTensor) and not state.quiet:
        return Mish()(x)
    return ops.multiply(x, ops.tanh(ops.softplus(x)))


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
