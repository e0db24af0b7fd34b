"""`SpatialDropout1D`, `2D` and `3D`: dropout of whole feature maps."""

from typing import Any

from keras_backends.api import export
from keras_backends.settings import standardize_data_format
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.documentation import INPUTS, documented
from keras_layers.input_spec import InputSpec
from keras_layers.regularization.dropout import Dropout

TEXT = """
Neighbours in a feature map are alike, so that dropping single values would change little.

Args:
    rate: Part of the feature maps that is set to zero, in `[0, 1]`.{data_format}
    seed: Seed; a random one by default.
    name: Name of the layer.
    dtype: Dtype policy of the layer.

Call arguments:
    inputs: {inputs}
    training: Whether feature maps are dropped.
"""
_FORMAT = """
    data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default."""
_SEQUENCE = "Tensor of shape `(batch, steps, channels)`."


class BaseSpatialDropout(Dropout):
    """Base of the family; a member sets `rank`."""

    rank = 0
    data_format = "channels_last"
    not_in_config = (*Dropout.not_in_config, "trainable")

    def __init__(self, rate: float, seed: Any = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def _noise_shape_for(self, inputs: Tensor) -> tuple[Any, ...]:
        sizes = ops.shape(inputs)
        ones = (1,) * self.rank
        if self.data_format == "channels_last":
            return (sizes[0], *ones, sizes[-1])
        return (*sizes[:2], *ones)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "dtype": self.dtype_policy.name}


class BaseFormattedSpatialDropout(BaseSpatialDropout):
    """Base of the members that know formats of images."""

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: Any = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.data_format = standardize_data_format(data_format)


@export("keras.layers.SpatialDropout1D")
@documented(text=TEXT, data_format="", inputs=_SEQUENCE)
class SpatialDropout1D(BaseSpatialDropout):
    """Drops whole channels of sequences while training.

    {text}

    Example:

        >>> SpatialDropout1D(0.5)(ops.ones((2, 4, 3))).shape == (2, 4, 3)
        True
    """

    rank = 1


@export("keras.layers.SpatialDropout2D")
@documented(text=TEXT, data_format=_FORMAT, inputs=INPUTS[2])
class SpatialDropout2D(BaseFormattedSpatialDropout):
    """Drops whole channels of images while training.

    {text}

    Example:

        >>> SpatialDropout2D(0.5)(ops.ones((2, 4, 4, 3))).shape == (2, 4, 4, 3)
        True
    """

    rank = 2


@export("keras.layers.SpatialDropout3D")
@documented(text=TEXT, data_format=_FORMAT, inputs=INPUTS[3])
class SpatialDropout3D(BaseFormattedSpatialDropout):
    """Drops whole channels of volumes while training.

    {text}

    Example:

        >>> SpatialDropout3D(0.5)(ops.ones((2, 4, 4, 4, 3))).shape == (2, 4, 4, 4, 3)
        True
    """

    rank = 3
