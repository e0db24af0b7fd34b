"""`GlobalAveragePooling1D`, `2D`, `3D`: the mean of each channel."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.documentation import INPUTS, documented
from keras_layers.pooling.base_pooling import GLOBAL_POOLING, BaseGlobalPooling

MASK = "mask: Booleans of shape `(batch, steps)`; steps where it is False do not count."


@export(["keras.layers.GlobalAveragePooling1D", "keras.layers.GlobalAvgPool1D"])
@documented(text=GLOBAL_POOLING, inputs=f"{INPUTS[1]}\n{MASK}")
class GlobalAveragePooling1D(BaseGlobalPooling):
    """Average over all positions of time.

    {text}

    Example:

        >>> GlobalAveragePooling1D()(ops.ones((2, 10, 3))).shape == (2, 3)
        True
    """

    rank = 1
    reduction = staticmethod(ops.mean)

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, keepdims=keepdims, **kwargs)
        self.supports_masking = True

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is None:
            return super().call(inputs)
        (axis,) = self._axes
        weights = ops.expand_dims(ops.cast(mask, inputs.dtype), axis=3 - axis)
        total = ops.sum(ops.multiply(inputs, weights), axis=axis, keepdims=self.keepdims)
        return ops.divide(total, ops.sum(weights, axis=axis, keepdims=self.keepdims))

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> None:
        """The steps are gone, so there is no mask any more."""


@export(["keras.layers.GlobalAveragePooling2D", "keras.layers.GlobalAvgPool2D"])
@documented(text=GLOBAL_POOLING, inputs=INPUTS[2])
class GlobalAveragePooling2D(BaseGlobalPooling):
    """Average over all positions of images.

    {text}

    Example:

        >>> GlobalAveragePooling2D()(ops.ones((2, 8, 8, 3))).shape == (2, 3)
        True
    """

    rank = 2
    reduction = staticmethod(ops.mean)


@export(["keras.layers.GlobalAveragePooling3D", "keras.layers.GlobalAvgPool3D"])
@documented(text=GLOBAL_POOLING, inputs=INPUTS[3])
class GlobalAveragePooling3D(BaseGlobalPooling):
    """Average over all positions of volumes.

    {text}

    Example:

        >>> GlobalAveragePooling3D()(ops.ones((2, 4, 4, 4, 3))).shape == (2, 3)
        True
    """

    rank = 3
    reduction = staticmethod(ops.mean)
