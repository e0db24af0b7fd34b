"""`Identity`: a layer that changes nothing."""

from typing import Any

from keras_backends.api import export
from keras_ops import tree
from keras_ops.tensor import KerasTensor

from keras_layers.layer import Layer


@export("keras.layers.Identity")
class Identity(Layer):
    """Returns its input, a tensor or a structure of tensors.

    Args:
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Example:

        >>> from keras_ops import ops
        >>> [float(x) for x in Identity()(ops.array([1.0, 2.0]))]
        [1.0, 2.0]
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def compute_output_spec(self, inputs: Any) -> Any:
        return tree.map_structure(lambda x: KerasTensor.make(x._shape, x.dtype, x.sparse), inputs)
