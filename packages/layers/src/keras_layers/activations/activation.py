"""`Activation`: any activation function as a layer."""

from typing import Any

from keras_backends.api import export
from keras_ops.tensor import Tensor

from keras_layers.identifiers import resolved
from keras_layers.layer import Layer


@export("keras.layers.Activation")
class Activation(Layer):
    """Applies an activation function.

    Args:
        activation: Name or function.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Example:

        >>> from keras_ops import ops
        >>> [float(x) for x in Activation("relu")(ops.array([-1.0, 2.0]))]
        [0.0, 2.0]
    """

    _records_build_shape = False

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.activation = resolved(self, "activation", activation)

    def call(self, inputs: Tensor) -> Tensor:
        return self.activation(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape
