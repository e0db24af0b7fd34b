"""`Flatten`: all axes but the first become one."""

import math
from typing import Any

from keras_backends.api import export
from keras_backends.settings import standardize_data_format
from keras_ops import ops
from keras_ops.tensor import KerasTensor, Tensor

from keras_layers.input_spec import InputSpec
from keras_layers.layer import Layer, Shape


@export("keras.layers.Flatten")
class Flatten(Layer):
    """Reshapes `(batch, ...)` to `(batch, product of the rest)`.

    Args:
        data_format: With `"channels_first"` the channels are moved last before, so that the result does
            not depend on the format; `keras.config.image_data_format()` by default.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Example:

        >>> Flatten()(ops.ones((2, 3, 4))).shape == (2, 12)
        True
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Tensor) -> Tensor:
        rank = len(inputs.shape)
        if rank > 2 and self.data_format == "channels_first":
            inputs = ops.transpose(inputs, (0, *range(2, rank), 1))
        shape = tuple(inputs.shape)
        rest = self.compute_output_shape(shape)[1]
        return ops.reshape(inputs, (-1, rest) if isinstance(rest, int) else (ops.shape(inputs)[0], -1))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        sizes = input_shape[1:]
        known = all(isinstance(size, int) for size in sizes)
        return (input_shape[0], math.prod(sizes) if known else None)

    def compute_output_spec(self, inputs: KerasTensor) -> KerasTensor:
        return KerasTensor(self.compute_output_shape(inputs._shape), dtype=inputs.dtype, sparse=inputs.sparse)
