"""`Rescaling`: another range of values."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras_backends import settings
from keras_backends.api import export
from keras_ops import ops
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_ops.tensor import Tensor

from keras_layers.preprocessing.data_layer import DataLayer


@export("keras.layers.Rescaling")
class Rescaling(DataLayer):
    """Computes `inputs * scale + offset`.

    Args:
        scale: Factor, one number or one per channel: `1 / 255` brings bytes to `[0, 1]`. The channels of images are
            where `keras.config.image_data_format()` says, of other inputs in the last axis.
        offset: Added afterwards, likewise.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Example:

        >>> [float(x) for x in Rescaling(0.5, offset=1.0)(ops.array([2.0, 4.0]))]
        [2.0, 3.0]
    """

    runs_whole = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale
        self.offset = offset
        self.supports_masking = True
        # Raw numbers may be larger than half precision holds.
        self.autocast = False

    def call(self, inputs: Tensor) -> Tensor:
        dtype = "float32" if self.compute_dtype in ("float16", "bfloat16") else self.compute_dtype
        scale, offset = (_constant(value, dtype, inputs) for value in (self.scale, self.offset))
        return ops.cast(ops.add(ops.multiply(ops.cast(inputs, dtype), scale), offset), self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "scale": serialize_keras_object(_plain(self.scale)),
            "offset": serialize_keras_object(_plain(self.offset)),
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> "Rescaling":
        """Makes a layer from what `get_config` returned."""
        config = dict(config)
        for name in ("scale", "offset"):
            config[name] = deserialize_keras_object(config.get(name, 0.0), custom_objects=custom_objects)
        return cls(**config)


def _constant(value: Any, dtype: str, inputs: Tensor) -> Any:
    """A number, or one for each channel, with axes behind it where images have such."""
    if isinstance(value, (int, float)):
        return value
    value = ops.cast(ops.convert_to_tensor(value), dtype)
    first = settings.image_data_format() == "channels_first" and len(inputs.shape) in (3, 4)
    return ops.reshape(value, (-1, 1, 1)) if first and len(value.shape) == 1 else value


def _plain(value: Any) -> Any:
    return (
        list(value) if isinstance(value, list) else value.item() if isinstance(value, np.generic) else value
    )
