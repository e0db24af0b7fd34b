"""`AveragePooling1D`, `2D`, `3D`: the mean of each window; padding does not count."""

from keras_backends.api import export

from keras_layers.documentation import documented
from keras_layers.pooling.base_pooling import ARGUMENTS, BasePooling


@export(["keras.layers.AveragePooling1D", "keras.layers.AvgPool1D"])
@documented(arguments=ARGUMENTS)
class AveragePooling1D(BasePooling):
    """Average over windows of time.

    Args:
        {arguments}

    Call arguments:
        inputs: Tensor of shape `(batch, steps, channels)`, or
            `(batch, channels, steps)` with `data_format="channels_first"`.

    Returns:
        Tensor of the same rank.

    Example:

        >>> from keras_ops import ops
        >>> AveragePooling1D(2)(ops.ones((2, 10, 3))).shape == (2, 5, 3)
        True
    """

    rank = 1
    pool_mode = "average"


@export(["keras.layers.AveragePooling2D", "keras.layers.AvgPool2D"])
@documented(arguments=ARGUMENTS)
class AveragePooling2D(BasePooling):
    """Average over windows of images.

    Args:
        {arguments}

    Call arguments:
        inputs: Tensor of shape `(batch, height, width, channels)`, or
            `(batch, channels, height, width)` with `data_format="channels_first"`.

    Returns:
        Tensor of the same rank.

    Example:

        >>> from keras_ops import ops
        >>> AveragePooling2D(2)(ops.ones((2, 8, 8, 3))).shape == (2, 4, 4, 3)
        True
    """

    rank = 2
    pool_mode = "average"


@export(["keras.layers.AveragePooling3D", "keras.layers.AvgPool3D"])
@documented(arguments=ARGUMENTS)
class AveragePooling3D(BasePooling):
    """Average over windows of volumes.

    Args:
        {arguments}

    Call arguments:
        inputs: Tensor of shape `(batch, depth, height, width, channels)`, or
            `(batch, channels, depth, height,
            width)` with `data_format="channels_first"`.

    Returns:
        Tensor of the same rank.

    Example:

        >>> from keras_ops import ops
        >>> AveragePooling3D(2)(ops.ones((2, 4, 4, 4, 3))).shape == (2, 2, 2, 2, 3)
        True
    """

    rank = 3
    pool_mode = "average"
