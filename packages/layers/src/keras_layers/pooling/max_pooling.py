"""`MaxPooling1D`, `2D`, `3D`: the largest value in each window."""

from keras_backends.api import export

from keras_layers.documentation import INPUTS, documented, with_defaults
from keras_layers.pooling.base_pooling import POOLING, BasePooling


@export(["keras.layers.MaxPooling1D", "keras.layers.MaxPool1D"])
@documented(text=POOLING, inputs=INPUTS[1])
class MaxPooling1D(BasePooling):
    """Maximum over windows of time.

    {text}

    Example:

        >>> from keras_ops import ops
        >>> MaxPooling1D()(ops.ones((2, 10, 3))).shape == (2, 5, 3)
        True
    """

    rank = 1
    pool_mode = "max"
    __init__ = with_defaults(BasePooling.__init__, pool_size=2)


@export(["keras.layers.MaxPooling2D", "keras.layers.MaxPool2D"])
@documented(text=POOLING, inputs=INPUTS[2])
class MaxPooling2D(BasePooling):
    """Maximum over windows of images.

    {text}

    Example:

        >>> from keras_ops import ops
        >>> MaxPooling2D()(ops.ones((2, 8, 8, 3))).shape == (2, 4, 4, 3)
        True
    """

    rank = 2
    pool_mode = "max"
    __init__ = with_defaults(BasePooling.__init__, pool_size=(2, 2))


@export(["keras.layers.MaxPooling3D", "keras.layers.MaxPool3D"])
@documented(text=POOLING, inputs=INPUTS[3])
class MaxPooling3D(BasePooling):
    """Maximum over windows of volumes.

    {text}

    Example:

        >>> from keras_ops import ops
        >>> MaxPooling3D()(ops.ones((2, 4, 4, 4, 3))).shape == (2, 2, 2, 2, 3)
        True
    """

    rank = 3
    pool_mode = "max"
    __init__ = with_defaults(BasePooling.__init__, pool_size=(2, 2, 2))
