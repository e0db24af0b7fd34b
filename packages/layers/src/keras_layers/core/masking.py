"""`Masking`: marks the steps of a sequence that hold nothing but a given value."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.masks import set_mask
from keras_ops.tensor import Tensor

from keras_layers.input_spec import InputSpec
from keras_layers.layer import Layer


@export("keras.layers.Masking")
class Masking(Layer):
    """Masks the steps whose features all equal `mask_value`, and sets them to zero.

    Layers behind it skip masked steps, if they support masks.

    Args:
        mask_value: The value that marks padding, default 0.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of shape `(batch, steps, features)`.

    Returns:
        Tensor of the same shape, with a mask of shape `(batch, steps)`.

    Example:

        >>> x = ops.array([[[1.0, 2.0], [0.0, 0.0]]])
        >>> [bool(m) for m in Masking().compute_mask(x)[0]]
        [True, False]
    """

    _records_build_shape = False

    def __init__(self, mask_value: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value
        self.input_spec = InputSpec(min_ndim=1)
        self.supports_masking = True

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)

    def call(self, inputs: Tensor) -> Tensor:
        kept = ops.any(ops.not_equal(inputs, self.mask_value), axis=-1, keepdims=True)
        outputs = ops.multiply(inputs, ops.cast(kept, inputs.dtype))
        set_mask(outputs, ops.squeeze(kept, axis=-1))
        return outputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape
