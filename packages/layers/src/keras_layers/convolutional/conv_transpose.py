"""`Conv1DTranspose`, `Conv2DTranspose`, `Conv3DTranspose`: the way back from a convolution's output to its input."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.convolutional.base_conv import BaseConv
from keras_layers.core.arguments import size_tuple
from keras_layers.documentation import INPUTS, documented, with_defaults
from keras_layers.layer import Shape

ARGUMENTS = """
filters: Number of filters, the size of the output's channel axis.
kernel_size: Size of the window, one integer or one per dimension.
strides: How much larger the output is, one integer or one per dimension.
padding: `"valid"`, or `"same"` for an output of exactly `size * stride`.
output_padding: How many elements the output is longer than the shortest one that fits, one integer or one
    per dimension, less than the strides; by default as `padding` says.
data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
dilation_rate: Distance between neighbouring taps of the window. Not with `strides` above 1.
activation: Name or function applied last; none by default.
use_bias: Whether a bias is added.
kernel_initializer: Initializer of the kernel `(*kernel_size, filters, channels)`.
bias_initializer: Initializer of the bias `(filters,)`.
kernel_regularizer: Penalty on the kernel.
bias_regularizer: Penalty on the bias.
activity_regularizer: Penalty on the output.
kernel_constraint: Constraint of the kernel.
bias_constraint: Constraint of the bias.
**kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.
"""


class BaseConvTranspose(BaseConv):
    """Base of the transposed convolutions; a member sets `rank`."""

    not_in_config = (*BaseConv.not_in_config, "groups")
    filters_axis = -2

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        output_padding: int | Sequence[int] | None = None,
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            filters,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            1,
            activation,
            use_bias,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
            **kwargs,
        )
        self.output_padding = (
            None
            if output_padding is None
            else size_tuple(self, "output_padding", output_padding, self.rank, zero=True)
        )

    def _kernel_shape(self, channels: int) -> Shape:
        return (*self.kernel_size, self.filters, channels)

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """Computes the transposed convolution, without bias and activation; made for overriding."""
        return ops.conv_transpose(
            inputs,
            kernel,
            strides=self.strides,
            padding=self.padding,
            output_padding=self.output_padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )


@export(["keras.layers.Conv1DTranspose", "keras.layers.Convolution1DTranspose"])
@documented(arguments=ARGUMENTS, inputs=INPUTS[1])
class Conv1DTranspose(BaseConvTranspose):
    """Transposed convolution over time, which makes sequences longer.

    Args:
        {arguments}

    Call arguments:
        inputs: {inputs}

    Returns:
        Tensor of shape `(batch, new_steps, filters)`, or with the filters at axis 1.

    Example:

        >>> Conv1DTranspose(4, 3, strides=2, padding="same")(ops.ones((2, 10, 8))).shape == (2, 20, 4)
        True
    """

    rank = 1


@export(["keras.layers.Conv2DTranspose", "keras.layers.Convolution2DTranspose"])
@documented(arguments=ARGUMENTS, inputs=INPUTS[2])
class Conv2DTranspose(BaseConvTranspose):
    """Transposed convolution over images, which makes them larger.

    Args:
        {arguments}

    Call arguments:
        inputs: {inputs}

    Returns:
        Tensor of shape `(batch, new_height, new_width, filters)`, or with the filters at axis 1.

    Example:

        >>> Conv2DTranspose(4, 3, strides=2, padding="same")(ops.ones((2, 5, 6, 8))).shape == (2, 10, 12, 4)
        True
    """

    rank = 2
    __init__ = with_defaults(BaseConvTranspose.__init__, strides=(1, 1), dilation_rate=(1, 1))


@export(["keras.layers.Conv3DTranspose", "keras.layers.Convolution3DTranspose"])
@documented(arguments=ARGUMENTS, inputs=INPUTS[3])
class Conv3DTranspose(BaseConvTranspose):
    """Transposed convolution over volumes, which makes them larger.

    Args:
        {arguments}

    Call arguments:
        inputs: {inputs}

    Returns:
        Tensor of shape `(batch, new_depth, new_height, new_width, filters)`, or with the filters at
        axis 1.

    Example:

        >>> Conv3DTranspose(2, 3)(ops.ones((1, 4, 4, 4, 3))).shape == (1, 6, 6, 6, 2)
        True
    """

    rank = 3

    # The order of `data_format` and `output_padding` is the other way round in this member alone.
    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = (1, 1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        output_padding: int | Sequence[int] | None = None,
        dilation_rate: int | Sequence[int] = (1, 1, 1),
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            filters,
            kernel_size,
            strides,
            padding,
            output_padding,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
            **kwargs,
        )
