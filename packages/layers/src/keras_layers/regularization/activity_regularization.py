"""`ActivityRegularization`: a penalty on what passes through."""

from typing import Any

from keras_backends.api import export
from keras_ops.tensor import Tensor

from keras_layers.layer import Layer, Shape
from keras_layers.regularizers import L1L2


@export("keras.layers.ActivityRegularization")
class ActivityRegularization(Layer):
    """Returns its input, and adds `l1 * sum(abs(x)) + l2 * sum(x ** 2)`, per sample, to the losses.

    Args:
        l1: Weight of the absolute values.
        l2: Weight of the squares.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Example:

        >>> from keras_ops import ops
        >>> layer = ActivityRegularization(l2=0.5)
        >>> _ = layer(ops.array([[1.0, 3.0]]))
        >>> float(layer.losses[0])
        5.0
    """

    not_in_config = ("activity_regularizer", "autocast")
    _records_build_shape = False

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=L1L2(l1=l1, l2=l2), **kwargs)
        self.l1 = l1
        self.l2 = l2
        self.supports_masking = True

    def call(self, inputs: Tensor) -> Tensor:
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.pop("activity_regularizer", None)
        return config
