"""`RMSNormalization`: every sample is divided by its root mean square."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.core.arguments import sizes_along
from keras_layers.layer import Layer, Shape


@export("keras.layers.RMSNormalization")
class RMSNormalization(Layer):
    """Computes `x / sqrt(mean(x ** 2) + epsilon) * scale` along some axes (https://arxiv.org/abs/1910.07467).

    Args:
        axis: Axis or axes, default the last.
        epsilon: Added to the mean square.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Example:

        >>> [round(float(x), 3) for x in RMSNormalization()(ops.array([[1.0, 7.0]]))[0]]
        [0.2, 1.4]
    """

    def __init__(self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if hasattr(axis, "__index__"):
            self.axis = [axis]
        elif isinstance(axis, (list, tuple)):
            self.axis = list(axis)
        else:
            raise TypeError(
                f"RMSNormalization: `axis` must be an integer or a list of them, received axis={axis!r}."
            )
        self.epsilon = epsilon

    def build(self, input_shape: Shape) -> None:
        sizes = sizes_along(self, self.axis, input_shape)
        self.scale = self.add_weight(name="scale", shape=sizes, initializer="ones", autocast=False)

    def call(self, x: Tensor) -> Tensor:
        rank = len(x.shape)
        axes = [axis % rank for axis in self.axis]
        scale = self.scale.value
        if axes != list(range(rank - len(axes), rank)):
            scale = ops.reshape(scale, tuple(x.shape[i] if i in axes else 1 for i in range(rank)))
        return ops.rms_normalization(x, scale, axis=tuple(axes), epsilon=self.epsilon)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        sizes_along(self, self.axis, [1 if size is None else size for size in input_shape])
        return input_shape
