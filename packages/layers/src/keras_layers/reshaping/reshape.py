"""`Reshape`: the same values in another shape."""

import math
import operator
from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import KerasTensor, Tensor

from keras_layers.layer import Layer, Shape


@export("keras.layers.Reshape")
class Reshape(Layer):
    """Reshapes every sample to `target_shape`.

    Args:
        target_shape: Shape without the batch axis; one size may be -1 and is then found from the rest.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Raises:
        ValueError: If more than one size is -1, or the sizes do not fit the input.

    Example:

        >>> Reshape((3, -1))(ops.ones((2, 12))).shape == (2, 3, 4)
        True
    """

    _records_build_shape = False

    def __init__(self, target_shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        try:
            sizes = tuple(operator.index(size) for size in target_shape)
        except TypeError:
            sizes = (-2,)
        if min(sizes, default=0) < -1 or sizes.count(-1) > 1:
            raise ValueError(
                "Reshape: `target_shape` must hold sizes, at most one of them -1, received "
                f"target_shape={target_shape!r}."
            )
        self.target_shape = sizes

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        if not input_shape:
            raise ValueError(
                f"Reshape {self.name!r}: expected an input with a batch axis, received shape ()."
            )
        return (input_shape[0], *self._resolved(tuple(input_shape[1:])))

    def _resolved(self, sizes: tuple[Any, ...]) -> tuple[int | None, ...]:
        """`target_shape` with -1 replaced, by `None` where the input is not known enough."""
        unknown = not all(isinstance(size, int) for size in sizes)
        others = math.prod([size for size in self.target_shape if size != -1])
        if unknown:
            return tuple(None if size == -1 else size for size in self.target_shape)
        total = math.prod(sizes)
        fits = (total % others == 0 if others else total == 0) if -1 in self.target_shape else total == others
        if not fits:
            raise ValueError(
                f"Reshape {self.name!r}: {total} values per sample, in shape {sizes}, do not fit "
                f"target_shape={self.target_shape}."
            )
        missing = total // others if others else 0
        return tuple(missing if size == -1 else size for size in self.target_shape)

    def compute_output_spec(self, inputs: KerasTensor) -> KerasTensor:
        return KerasTensor(self.compute_output_shape(inputs._shape), dtype=inputs.dtype, sparse=inputs.sparse)

    def call(self, inputs: Tensor) -> Tensor:
        sizes = self._resolved(tuple(inputs.shape)[1:])
        if None in sizes:
            return ops.reshape(inputs, (ops.shape(inputs)[0], *self.target_shape))
        batch = inputs.shape[0]
        if isinstance(batch, int):
            return ops.reshape(inputs, (batch, *sizes))
        return ops.reshape(inputs, (-1, *sizes))
