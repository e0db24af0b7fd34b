"""`Softmax`: exponentials that sum to one, as a layer that knows masks."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_backends.dtypes import standardize_dtype
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.layer import Layer


@export("keras.layers.Softmax")
class Softmax(Layer):
    """Computes `exp(x) / sum(exp(x))` along an axis, or along several together.

    Args:
        axis: Axis or axes, default the last.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of any shape.
        mask: Booleans of the same shape, or of its first axes; where False the result is zero.

    Example:

        >>> [float(x) for x in Softmax()(ops.array([1.0, 1.0]))]
        [0.5, 0.5]
    """

    _records_build_shape = False

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is not None:
            while len(mask.shape) < len(inputs.shape):
                mask = ops.expand_dims(mask, axis=-1)
            lowest = -3e4 if standardize_dtype(inputs.dtype) == "float16" else -1e9
            inputs = ops.where(ops.cast(mask, "bool"), inputs, ops.add(inputs, lowest))
        if not isinstance(self.axis, (tuple, list)):
            return ops.softmax(inputs, axis=self.axis)
        if len(self.axis) == 1:
            return ops.softmax(inputs, axis=self.axis[0])
        axes = tuple(self.axis)
        return ops.exp(inputs - ops.logsumexp(inputs, axis=axes, keepdims=True))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape
