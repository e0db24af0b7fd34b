"""`RepeatVector`: one vector as a sequence of equal steps."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import KerasTensor, Tensor

from keras_layers.core.arguments import positive
from keras_layers.input_spec import InputSpec
from keras_layers.layer import Layer, Shape


@export("keras.layers.RepeatVector")
class RepeatVector(Layer):
    """Turns `(batch, features)` into `(batch, n, features)`.

    Args:
        n: Number of steps.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Example:

        >>> RepeatVector(3)(ops.ones((2, 4))).shape == (2, 3, 4)
        True
    """

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n = positive(self, "n", n)
        self.input_spec = InputSpec(ndim=2)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.n, input_shape[1])

    def compute_output_spec(self, inputs: KerasTensor) -> KerasTensor:
        return KerasTensor(self.compute_output_shape(inputs._shape), dtype=inputs.dtype)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.repeat(ops.expand_dims(inputs, 1), self.n, axis=1)
