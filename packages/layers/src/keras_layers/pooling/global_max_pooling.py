"""`GlobalMaxPooling1D`, `2D`, `3D`: the largest value of each channel."""

from keras_backends.api import export
from keras_ops import ops

from keras_layers.documentation import INPUTS, documented
from keras_layers.pooling.base_pooling import GLOBAL_POOLING, BaseGlobalPooling


@export(["keras.layers.GlobalMaxPooling1D", "keras.layers.GlobalMaxPool1D"])
@documented(text=GLOBAL_POOLING, inputs=INPUTS[1])
class GlobalMaxPooling1D(BaseGlobalPooling):
    """Maximum over all positions of time.

    {text}

    Example:

        >>> GlobalMaxPooling1D()(ops.ones((2, 10, 3))).shape == (2, 3)
        True
    """

    rank = 1
    reduction = staticmethod(ops.max)


@export(["keras.layers.GlobalMaxPooling2D", "keras.layers.GlobalMaxPool2D"])
@documented(text=GLOBAL_POOLING, inputs=INPUTS[2])
class GlobalMaxPooling2D(BaseGlobalPooling):
    """Maximum over all positions of images.

    {text}

    Example:

        >>> GlobalMaxPooling2D()(ops.ones((2, 8, 8, 3))).shape == (2, 3)
        True
    """

    rank = 2
    reduction = staticmethod(ops.max)


@export(["keras.layers.GlobalMaxPooling3D", "keras.layers.GlobalMaxPool3D"])
@documented(text=GLOBAL_POOLING, inputs=INPUTS[3])
class GlobalMaxPooling3D(BaseGlobalPooling):
    """Maximum over all positions of volumes.

    {text}

    Example:

        >>> GlobalMaxPooling3D()(ops.ones((2, 4, 4, 4, 3))).shape == (2, 3)
        True
    """

    rank = 3
    reduction = staticmethod(ops.max)
