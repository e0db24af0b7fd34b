"""`MaxPooling1D`, `2D`, `3D`: the largest value in each window."""

from keras_backends.api import export

from keras_layers.documentation import documented, with_defaults
from keras_layers.pooling.base_pooling import ARGUMENTS, BasePooling


@export(["keras.layers.MaxPooling1D", "keras.layers.MaxPool1D"])
@documented(arguments=ARGUMENTS)
class MaxPooling1D(BasePooling):
    """Maximum over windows of time.

    Args:
        {arguments}

    Call arguments:
        inputs: Tensor of shape `(batch, steps, channels)`, or
            `(batch, channels, steps)` with `data_format="channels_first"`.

    Returns:
        Tensor of the same rank.

    Example:

        >>> from keras_ops import ops
        >>> MaxPooling1D()(ops.ones((2, 10, 3))).shape == (2, 5, 3)
        True
    """

    rank = 1
    pool_mode = "max"
    __init__ = with_defaults(BasePooling.__init__, pool_size=2)


@export(["keras.layers.MaxPooling2D", "keras.layers.MaxPool2D"])
@documented(arguments=ARGUMENTS)
class MaxPooling2D(BasePooling):
    """Maximum over windows of images.

    Args:
        {arguments}

    Call arguments:
        inputs: Tensor of shape `(batch, height, width, channels)`, or
            `(batch, channels, height, width)` with `data_format="channels_first"`.

    Returns:
        Tensor of the same rank.

    Example:

        >>> from keras_ops import ops
        >>> MaxPooling2D()(ops.ones((2, 8, 8, 3))).shape == (2, 4, 4, 3)
        True
    """

    rank = 2
    pool_mode = "max"
    __init__ = with_defaults(BasePooling.__init__, pool_size=(2, 2))


@export(["keras.layers.MaxPooling3D", "keras.layers.MaxPool3D"])
@documented(arguments=ARGUMENTS)
class MaxPooling3D(BasePooling):
    """Maximum over windows of volumes.

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
        >>> MaxPooling3D()(ops.ones((2, 4, 4, 4, 3))).shape == (2, 2, 2, 2, 3)
        True
    """

    rank = 3
    pool_mode = "max"
    __init__ = with_defaults(BasePooling.__init__, pool_size=(2, 2, 2))
