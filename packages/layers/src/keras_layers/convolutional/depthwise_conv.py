"""`DepthwiseConv1D`, `DepthwiseConv2D`: convolutions in which each channel keeps to itself."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.convolutional.base_conv import SAME_OR_VALID, BaseConv
from keras_layers.core.arguments import positive
from keras_layers.documentation import INPUTS, documented, with_defaults
from keras_layers.input_spec import InputSpec
from keras_layers.layer import Layer, Shape
from keras_layers.weight_options import declare, make

ARGUMENTS = """
kernel_size: Size of the window, one integer or one per dimension.
strides: Steps of the window, one integer or one per dimension.
padding: {paddings}
depth_multiplier: Number of results per channel.
data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
dilation_rate: Distance between neighbouring taps of the window. Not with `strides` above 1.
activation: Name or function applied last; none by default.
use_bias: Whether a bias is added.
depthwise_initializer: Initializer of the kernel `(*kernel_size, channels, depth_multiplier)`.
bias_initializer: Initializer of the bias `(channels * depth_multiplier,)`.
depthwise_regularizer: Penalty on the kernel.
bias_regularizer: Penalty on the bias.
activity_regularizer: Penalty on the output.
depthwise_constraint: Constraint of the kernel.
bias_constraint: Constraint of the bias.
**kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.
"""


class BaseDepthwiseConv(BaseConv):
    """Base of the depthwise convolutions; a member sets `rank`."""

    not_in_config = (
        *BaseConv.not_in_config,
        "filters",
        "groups",
        "kernel_initializer",
        "kernel_regularizer",
        "kernel_constraint",
    )

    # The kernel is a plain weight, which no scheme can replace.
    kernel: Any = None
    save_own_variables = Layer.save_own_variables
    load_own_variables = Layer.load_own_variables

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            1,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            activation=activation,
            use_bias=use_bias,
            bias_initializer=bias_initializer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            bias_constraint=bias_constraint,
            **kwargs,
        )
        self.depth_multiplier = positive(self, "depth_multiplier", depth_multiplier)
        declare(self, "depthwise", depthwise_initializer, depthwise_regularizer, depthwise_constraint)

    def _kernel_shape(self, channels: int) -> Shape:
        return (*self.kernel_size, channels, self.depth_multiplier)

    def build(self, input_shape: Shape) -> None:
        channels = self._channels(input_shape)
        self.kernel = make(self, "depthwise", self._kernel_shape(channels), name="kernel")
        self.bias = make(self, "bias", (channels * self.depth_multiplier,)) if self.use_bias else None
        self.input_spec = InputSpec(min_ndim=self.rank + 2, axes={self.channel_axis: channels})
        self._check_fits(input_shape)

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """Convolves each channel of `inputs`, without bias and activation; made for overriding."""
        return ops.depthwise_conv(
            inputs,
            kernel,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )

    def call(self, inputs: Tensor) -> Tensor:
        return self._finished(self.convolution_op(inputs, self.kernel.value))


@export("keras.layers.DepthwiseConv1D")
@documented(arguments=ARGUMENTS, paddings=SAME_OR_VALID, inputs=INPUTS[1])
class DepthwiseConv1D(BaseDepthwiseConv):
    """Convolution over time of each channel by itself.

    Args:
        {arguments}

    Call arguments:
        inputs: {inputs}

    Returns:
        Tensor of shape `(batch, new_steps, channels * depth_multiplier)`, or with the channels at axis 1.

    Example:

        >>> DepthwiseConv1D(3, depth_multiplier=2)(ops.ones((2, 10, 4))).shape == (2, 8, 8)
        True
    """

    rank = 1


@export("keras.layers.DepthwiseConv2D")
@documented(arguments=ARGUMENTS, paddings=SAME_OR_VALID, inputs=INPUTS[2])
class DepthwiseConv2D(BaseDepthwiseConv):
    """Convolution over images of each channel by itself.

    Args:
        {arguments}

    Call arguments:
        inputs: {inputs}

    Returns:
        Tensor of shape `(batch, new_height, new_width, channels * depth_multiplier)`, or with the
        channels at axis 1.

    Example:

        >>> DepthwiseConv2D(3, depth_multiplier=2)(ops.ones((2, 10, 10, 4))).shape == (2, 8, 8, 8)
        True
    """

    rank = 2
    __init__ = with_defaults(BaseDepthwiseConv.__init__, strides=(1, 1), dilation_rate=(1, 1))
