"""`UnitNormalization`: every vector is scaled to length 1."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.layer import Layer, Shape

_LEAST = 1e-12
"""Shorter vectors are divided by it instead of their length."""


@export("keras.layers.UnitNormalization")
class UnitNormalization(Layer):
    """Divides by the Euclidean norm along an axis, or along several together.

    Args:
        axis: Axis or axes, default the last.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Example:

        >>> [round(float(x), 3) for x in UnitNormalization()(ops.array([[3.0, 4.0]]))[0]]
        [0.6, 0.8]
    """

    _records_build_shape = False

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not hasattr(axis, "__index__") and not isinstance(axis, (list, tuple)):
            raise TypeError(
                f"UnitNormalization: `axis` must be an integer or a list of them, received axis={axis!r}."
            )
        self.axis = axis
        self.supports_masking = True

    def call(self, inputs: Tensor) -> Tensor:
        return ops.normalize(inputs, axis=self.axis, order=2, epsilon=_LEAST)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape
