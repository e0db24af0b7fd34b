"""`Permute`: another order of the axes."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import KerasTensor, Tensor

from keras_layers.input_spec import InputSpec
from keras_layers.layer import Layer, Shape


@export("keras.layers.Permute")
class Permute(Layer):
    """Permutes the axes of every sample.

    Args:
        dims: The axes, counted from 1 without the batch axis, in their new order.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Raises:
        ValueError: If `dims` is no permutation of `1, ..., n`.

    Example:

        >>> Permute((2, 1))(ops.ones((2, 3, 4))).shape == (2, 4, 3)
        True
    """

    def __init__(self, dims: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(
                f"Permute: `dims` must be a permutation of 1, ..., {len(self.dims)}; the batch axis is not "
                f"counted. Received dims={dims!r}."
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], *(input_shape[axis] for axis in self.dims))

    def compute_output_spec(self, inputs: KerasTensor) -> KerasTensor:
        return KerasTensor(self.compute_output_shape(inputs._shape), dtype=inputs.dtype, sparse=inputs.sparse)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.transpose(inputs, (0, *self.dims))
