"""`GlobalMaxPooling1D`, `2D`, `3D`: the largest value of each channel."""

from keras_backends.api import export
from keras_ops import ops

from keras_layers.documentation import documented
from keras_layers.pooling.base_pooling import GLOBAL_ARGUMENTS, BaseGlobalPooling


@export(["keras.layers.GlobalMaxPooling1D", "keras.layers.GlobalMaxPool1D"])
@documented(arguments=GLOBAL_ARGUMENTS)
class GlobalMaxPooling1D(BaseGlobalPooling):
    """Maximum over all positions of time.

    Args:
        {arguments}

    Call arguments:
        inputs: Tensor of shape `(batch, steps, channels)`, or
            `(batch, channels, steps)` with `data_format="channels_first"`.

    Returns:
        Tensor of shape `(batch, channels)`; with `keepdims` of the input's rank.

    Example:

        >>> GlobalMaxPooling1D()(ops.ones((2, 10, 3))).shape == (2, 3)
        True
    """

    rank = 1
    reduction = staticmethod(ops.max)


@export(["keras.layers.GlobalMaxPooling2D", "keras.layers.GlobalMaxPool2D"])
@documented(arguments=GLOBAL_ARGUMENTS)
class GlobalMaxPooling2D(BaseGlobalPooling):
    """Maximum over all positions of images.

    Args:
        {arguments}

    Call arguments:
        inputs: Tensor of shape `(batch, height, width, channels)`, or
            `(batch, channels, height, width)` with `data_format="channels_first"`.

    Returns:
        Tensor of shape `(batch, channels)`; with `keepdims` of the input's rank.

    Example:

        >>> GlobalMaxPooling2D()(ops.ones((2, 8, 8, 3))).shape == (2, 3)
        True
    """

    rank = 2
    reduction = staticmethod(ops.max)


@export(["keras.layers.GlobalMaxPooling3D", "keras.layers.GlobalMaxPool3D"])
@documented(arguments=GLOBAL_ARGUMENTS)
class GlobalMaxPooling3D(BaseGlobalPooling):
    """Maximum over all positions of volumes.

    Args:
        {arguments}

    Call arguments:
        inputs: Tensor of shape `(batch, depth, height, width, channels)`, or
            `(batch, channels, depth, height,
            width)` with `data_format="channels_first"`.

    Returns:
        Tensor of shape `(batch, channels)`; with `keepdims` of the input's rank.

    Example:

        >>> GlobalMaxPooling3D()(ops.ones((2, 4, 4, 4, 3))).shape == (2, 3)
        True
    """

    rank = 3
    reduction = staticmethod(ops.max)
