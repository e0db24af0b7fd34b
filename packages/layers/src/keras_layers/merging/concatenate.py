"""`Concatenate`: tensors one after the other along an axis."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.layer import Shape
from keras_layers.merging.base_merge import Merge


@export("keras.layers.Concatenate")
class Concatenate(Merge):
    """Joins the inputs along an axis.

    Args:
        axis: The axis, default the last.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: List of tensors that have the same sizes along all other axes.

    Example:

        >>> Concatenate()([ops.ones((2, 3)), ops.ones((2, 4))]).shape == (2, 7)
        True
    """

    broadcasts = False

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def _merge_function(self, inputs: list[Tensor]) -> Tensor:
        return ops.concatenate(inputs, axis=self.axis)

    def compute_output_shape(self, input_shape: list[Shape]) -> Shape:
        self._check_list(input_shape, "shapes")
        shapes = [tuple(shape) for shape in input_shape]
        rank = len(shapes[0])
        if any(len(shape) != rank for shape in shapes) or not -rank <= self.axis < rank:
            raise self._incompatible(shapes)
        axis = self.axis % rank
        result: list[int | None] = list(shapes[0])
        for shape in shapes[1:]:
            for i, size in enumerate(shape):
                if i == axis:
                    result[i] = None if None in (result[i], size) else result[i] + size
                elif result[i] is None:
                    result[i] = size if i else None
                elif size is not None and size != result[i]:
                    raise self._incompatible(shapes)
        if any(shape[0] is None for shape in shapes) and axis:
            result[0] = None
        return tuple(result)

    def _incompatible(self, shapes: list[Shape]) -> ValueError:
        return ValueError(
            "A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis. "
            f"Layer {self.name!r} with axis={self.axis} received shapes {shapes}."
        )

    _mask_needs_values = False

    def compute_mask(self, inputs: list[Tensor], mask: list[Any] | None = None) -> Tensor | None:
        """The masks joined likewise; what has no mask counts everywhere."""
        if mask is None:
            return None
        if not isinstance(mask, (list, tuple)) or len(mask) != len(inputs):
            raise ValueError(
                f"Concatenate {self.name!r}: there must be one mask per input, received mask={mask!r} for "
                f"{len(inputs)} inputs."
            )
        if all(m is None for m in mask):
            return None
        full = []
        for x, m in zip(inputs, mask):
            if m is None:
                full.append(ops.ones_like(x, dtype="bool"))
                continue
            while len(m.shape) < len(x.shape):
                m = ops.expand_dims(m, axis=-1)
            full.append(ops.logical_or(ops.zeros_like(x, dtype="bool"), m))
        return ops.any(ops.concatenate(full, axis=self.axis), axis=-1)


@export("keras.layers.concatenate")
def concatenate(inputs: list[Tensor], axis: int = -1, **kwargs: Any) -> Tensor:
    """Joins a list of tensors along an axis, see `Concatenate`.

    Args:
        inputs: List of tensors that have the same sizes along all other axes.
        axis: The axis, default the last.
        **kwargs: Arguments of the layer, such as `name`.

    Example:

        >>> concatenate([ops.ones((2, 3)), ops.ones((2, 4))]).shape == (2, 7)
        True
    """
    return Concatenate(axis=axis, **kwargs)(inputs)
