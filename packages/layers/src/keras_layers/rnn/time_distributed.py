"""`TimeDistributed`: one layer applied to every step of sequences."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops, tree
from keras_ops.registry import is_builtin
from keras_ops.tensor import KerasTensor, Tensor

from keras_layers.core.wrapper import Wrapper
from keras_layers.layer import Layer, Shape


@export("keras.layers.TimeDistributed")
class TimeDistributed(Wrapper):
    """Applies the same layer to each step of the input, which is its axis 1.

    Args:
        layer: The layer.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of shape `(batch, steps, ...)`.
        training: Handed on to the layer.
        mask: Booleans `(batch, steps)`; those of a step are handed on to the layer if it takes a mask.

    Returns:
        Tensor of shape `(batch, steps, ...)`.

    Raises:
        ValueError: If the input has no time axis.

    Example:

        >>> from keras_layers.core.dense import Dense
        >>> TimeDistributed(Dense(4))(ops.ones((2, 5, 3))).shape == (2, 5, 4)
        True
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        super().build(self._step_shape(input_shape))

    def _step_shape(self, input_shape: Shape) -> Shape:
        if not isinstance(input_shape, (tuple, list)) or len(input_shape) < 3:
            raise ValueError(
                f"TimeDistributed {self.name!r}: the input must have at least 3 axes, `(batch, steps, ...)`, "
                f"received an input of shape {input_shape}."
            )
        return (input_shape[0], *input_shape[2:])

    def compute_output_shape(self, input_shape: Shape) -> Any:
        shape = self.layer.compute_output_shape(self._step_shape(input_shape))
        return (shape[0], input_shape[1], *shape[1:])

    def compute_output_spec(
        self, inputs: KerasTensor, training: bool | None = None, mask: KerasTensor | None = None
    ) -> KerasTensor:
        spec = self.layer.compute_output_spec(KerasTensor(self._step_shape(inputs.shape), dtype=inputs.dtype))
        return KerasTensor((inputs.shape[0], inputs.shape[1], *spec.shape[1:]), dtype=spec.dtype)

    def call(self, inputs: Tensor, training: bool | None = None, mask: Tensor | None = None) -> Tensor:
        sizes = ops.shape(inputs)
        if mask is not None and tuple(mask.shape[:2]) != tuple(inputs.shape[:2]):
            raise ValueError(
                f"TimeDistributed {self.name!r}: `mask` must have the shape (batch, steps) of the input, "
                f"received a mask of shape {tuple(mask.shape)} and an input of shape {tuple(inputs.shape)}."
            )
        takes_mask = mask is not None and "mask" in self.layer._facts.call.names

        def apply(x: Tensor, own: Tensor | None) -> Tensor:
            more = {"mask": own} if takes_mask else {}
            return self.layer(x, training=training, **more)

        if self._steps_are_rows(training):
            rows = ops.reshape(inputs, (-1, *sizes[2:]))
            outputs = apply(rows, ops.reshape(mask, (-1, *ops.shape(mask)[2:])) if takes_mask else None)
            return ops.reshape(outputs, (-1, sizes[1], *ops.shape(outputs)[1:]))
        if isinstance(sizes[1], int):
            steps = [apply(inputs[:, i], mask[:, i] if takes_mask else None) for i in range(sizes[1])]
            return ops.stack(steps, axis=1)
        xs = tree.map_structure(lambda x: ops.swapaxes(x, 0, 1), (inputs, mask if takes_mask else None))
        return ops.swapaxes(ops.map(lambda x: apply(*x), xs), 0, 1)

    def _steps_are_rows(self, training: bool | None) -> bool:
        """Whether all steps may be computed at once, as rows of one large batch.

        That is not so where the layer adds up what it sees, looks at a whole batch, or keeps a state.
        """
        for layer in self.layer._flatten_layers():
            if layer.activity_regularizer is not None or not is_builtin(type(layer)):
                return False
            if getattr(layer, "stateful", False) or (training and layer._non_trainable_variables):
                return False
        return True
