"""`AdaptiveAveragePooling1D`, `2D`, `3D`: the mean of windows whose number is given instead of their size."""

from keras_backends.api import export
from keras_ops import ops

from keras_layers.documentation import INPUTS, documented
from keras_layers.pooling.base_pooling import ADAPTIVE_POOLING, BaseAdaptivePooling


@export("keras.layers.AdaptiveAveragePooling1D")
@documented(text=ADAPTIVE_POOLING, inputs=INPUTS[1])
class AdaptiveAveragePooling1D(BaseAdaptivePooling):
    """Average over windows of time, so many that the output has a given size.

    {text}

    Example:

        >>> AdaptiveAveragePooling1D(4)(ops.ones((2, 10, 3))).shape == (2, 4, 3)
        True
    """

    rank = 1
    reduction = staticmethod(ops.adaptive_average_pool)


@export("keras.layers.AdaptiveAveragePooling2D")
@documented(text=ADAPTIVE_POOLING, inputs=INPUTS[2])
class AdaptiveAveragePooling2D(BaseAdaptivePooling):
    """Average over windows of images, so many that the output has a given size.

    {text}

    Example:

        >>> AdaptiveAveragePooling2D(4)(ops.ones((2, 8, 6, 3))).shape == (2, 4, 4, 3)
        True
    """

    rank = 2
    reduction = staticmethod(ops.adaptive_average_pool)


@export("keras.layers.AdaptiveAveragePooling3D")
@documented(text=ADAPTIVE_POOLING, inputs=INPUTS[3])
class AdaptiveAveragePooling3D(BaseAdaptivePooling):
    """Average over windows of volumes, so many that the output has a given size.

    {text}

    Example:

        >>> AdaptiveAveragePooling3D(4)(ops.ones((2, 8, 6, 6, 3))).shape == (2, 4, 4, 4, 3)
        True
    """

    rank = 3
    reduction = staticmethod(ops.adaptive_average_pool)
