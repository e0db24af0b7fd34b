"""`AveragePooling1D`, `2D`, `3D`: the mean of each window; padding does not count."""

from keras_backends.api import export

from keras_layers.documentation import INPUTS, documented
from keras_layers.pooling.base_pooling import POOLING, BasePooling


@export(["keras.layers.AveragePooling1D", "keras.layers.AvgPool1D"])
@documented(text=POOLING, inputs=INPUTS[1])
class AveragePooling1D(BasePooling):
    """Average over windows of time.

    {text}

    Example:

        >>> from keras_ops import ops
        >>> AveragePooling1D(2)(ops.ones((2, 10, 3))).shape == (2, 5, 3)
        True
    """

    rank = 1
    pool_mode = "average"


@export(["keras.layers.AveragePooling2D", "keras.layers.AvgPool2D"])
@documented(text=POOLING, inputs=INPUTS[2])
class AveragePooling2D(BasePooling):
    """Average over windows of images.

    {text}

    Example:

        >>> from keras_ops import ops
        >>> AveragePooling2D(2)(ops.ones((2, 8, 8, 3))).shape == (2, 4, 4, 3)
        True
    """

    rank = 2
    pool_mode = "average"


@export(["keras.layers.AveragePooling3D", "keras.layers.AvgPool3D"])
@documented(text=POOLING, inputs=INPUTS[3])
class AveragePooling3D(BasePooling):
    """Average over windows of volumes.

    {text}

    Example:

        >>> from keras_ops import ops
        >>> AveragePooling3D(2)(ops.ones((2, 4, 4, 4, 3))).shape == (2, 2, 2, 2, 3)
        True
    """

    rank = 3
    pool_mode = "average"
