"""`AdaptiveMaxPooling1D`, `2D`, `3D`: the largest value of windows whose number is given instead of their size."""

from keras_backends.api import export
from keras_ops import ops

from keras_layers.documentation import INPUTS, documented
from keras_layers.pooling.base_pooling import ADAPTIVE_POOLING, BaseAdaptivePooling


@export("keras.layers.AdaptiveMaxPooling1D")
@documented(text=ADAPTIVE_POOLING, inputs=INPUTS[1])
class AdaptiveMaxPooling1D(BaseAdaptivePooling):
    """Maximum over windows of time, so many that the output has a given size.

    {text}

    Example:

        >>> AdaptiveMaxPooling1D(4)(ops.ones((2, 10, 3))).shape == (2, 4, 3)
        True
    """

    rank = 1
    reduction = staticmethod(ops.adaptive_max_pool)


@export("keras.layers.AdaptiveMaxPooling2D")
@documented(text=ADAPTIVE_POOLING, inputs=INPUTS[2])
class AdaptiveMaxPooling2D(BaseAdaptivePooling):
    """Maximum over windows of images, so many that the output has a given size.

    {text}

    Example:

        >>> AdaptiveMaxPooling2D(4)(ops.ones((2, 8, 6, 3))).shape == (2, 4, 4, 3)
        True
    """

    rank = 2
    reduction = staticmethod(ops.adaptive_max_pool)


@export("keras.layers.AdaptiveMaxPooling3D")
@documented(text=ADAPTIVE_POOLING, inputs=INPUTS[3])
class AdaptiveMaxPooling3D(BaseAdaptivePooling):
    """Maximum over windows of volumes, so many that the output has a given size.

    {text}

    Example:

        >>> AdaptiveMaxPooling3D(4)(ops.ones((2, 8, 6, 6, 3))).shape == (2, 4, 4, 4, 3)
        True
    """

    rank = 3
    reduction = staticmethod(ops.adaptive_max_pool)
