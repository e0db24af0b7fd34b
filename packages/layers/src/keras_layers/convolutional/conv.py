"""`Conv1D`, `Conv2D`, `Conv3D`: convolutions whose weights are shared over positions."""

from keras_backends.api import export

from keras_layers.convolutional.base_conv import ARGUMENTS, SAME_OR_VALID, WITH_CAUSAL, BaseConv
from keras_layers.documentation import INPUTS, documented, with_defaults


@export(["keras.layers.Conv1D", "keras.layers.Convolution1D"])
@documented(arguments=ARGUMENTS, paddings=WITH_CAUSAL, inputs=INPUTS[1])
class Conv1D(BaseConv):
    """Convolution over time: `activation(conv(x, kernel) + bias)`.

    Args:
        {arguments}

    Call arguments:
        inputs: {inputs}

    Returns:
        Tensor of shape `(batch, new_steps, filters)`, or with the filters at axis 1.

    Example:

        >>> from keras_ops import ops
        >>> Conv1D(32, 3, activation="relu")(ops.ones((4, 10, 8))).shape == (4, 8, 32)
        True
    """

    rank = 1
    paddings = ("valid", "same", "causal")


@export(["keras.layers.Conv2D", "keras.layers.Convolution2D"])
@documented(arguments=ARGUMENTS, paddings=SAME_OR_VALID, inputs=INPUTS[2])
class Conv2D(BaseConv):
    """Convolution over images: `activation(conv(x, kernel) + bias)`.

    Args:
        {arguments}

    Call arguments:
        inputs: {inputs}

    Returns:
        Tensor of shape `(batch, new_height, new_width, filters)`, or with the filters at axis 1.

    Example:

        >>> from keras_ops import ops
        >>> Conv2D(32, 3, activation="relu")(ops.ones((4, 10, 10, 3))).shape == (4, 8, 8, 32)
        True
    """

    rank = 2
    __init__ = with_defaults(BaseConv.__init__, strides=(1, 1), dilation_rate=(1, 1))


@export(["keras.layers.Conv3D", "keras.layers.Convolution3D"])
@documented(arguments=ARGUMENTS, paddings=SAME_OR_VALID, inputs=INPUTS[3])
class Conv3D(BaseConv):
    """Convolution over volumes: `activation(conv(x, kernel) + bias)`.

    Args:
        {arguments}

    Call arguments:
        inputs: {inputs}

    Returns:
        Tensor of shape `(batch, new_depth, new_height, new_width, filters)`, or with the filters at
        axis 1.

    Example:

        >>> from keras_ops import ops
        >>> Conv3D(8, 3)(ops.ones((1, 6, 6, 6, 2))).shape == (1, 4, 4, 4, 8)
        True
    """

    rank = 3
    __init__ = with_defaults(BaseConv.__init__, strides=(1, 1, 1), dilation_rate=(1, 1, 1))
