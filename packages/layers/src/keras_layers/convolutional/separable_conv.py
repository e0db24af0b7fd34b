"""`SeparableConv1D`, `SeparableConv2D`: a convolution per channel, then one across channels."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.inference import compute_output_spec
from keras_ops.tensor import KerasTensor, Tensor

from keras_layers.convolutional.base_conv import SAME_OR_VALID, WITH_CAUSAL, BaseConv
from keras_layers.core.arguments import positive
from keras_layers.documentation import INPUTS, documented, with_defaults
from keras_layers.input_spec import InputSpec
from keras_layers.layer import Layer, Shape
from keras_layers.weight_options import declare, make

ARGUMENTS = """
filters: Number of filters, the size of the output's channel axis.
kernel_size: Size of the window, one integer or one per dimension.
strides: Steps of the window, one integer or one per dimension.
padding: {paddings}
data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
dilation_rate: Distance between neighbouring taps of the window. Not with `strides` above 1.
depth_multiplier: Number of results per channel that the first convolution makes.
activation: Name or function applied last; none by default.
use_bias: Whether a bias is added.
depthwise_initializer: Initializer of the first kernel `(*kernel_size, channels, depth_multiplier)`.
pointwise_initializer: Initializer of the second kernel `(*ones, channels * depth_multiplier, filters)`.
bias_initializer: Initializer of the bias `(filters,)`.
depthwise_regularizer: Penalty on the first kernel.
pointwise_regularizer: Penalty on the second kernel.
bias_regularizer: Penalty on the bias.
activity_regularizer: Penalty on the output.
depthwise_constraint: Constraint of the first kernel.
pointwise_constraint: Constraint of the second kernel.
bias_constraint: Constraint of the bias.
**kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.
"""


class BaseSeparableConv(BaseConv):
    """Base of the separable convolutions; a member sets `rank`."""

    not_in_config = (
        *BaseConv.not_in_config,
        "groups",
        "kernel_initializer",
        "kernel_regularizer",
        "kernel_constraint",
    )

    # Its two kernels are plain weights, which no scheme can replace.
    save_own_variables = Layer.save_own_variables
    load_own_variables = Layer.load_own_variables

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
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
        declare(self, "pointwise", pointwise_initializer, pointwise_regularizer, pointwise_constraint)

    def _kernel_shapes(self, channels: int) -> tuple[Shape, Shape]:
        depthwise = (*self.kernel_size, channels, self.depth_multiplier)
        return depthwise, (*(1,) * self.rank, channels * self.depth_multiplier, self.filters)

    def build(self, input_shape: Shape) -> None:
        channels = self._channels(input_shape)
        for part, shape in zip(("depthwise", "pointwise"), self._kernel_shapes(channels)):
            kernel = make(self, part, shape, name=f"{part}_kernel")
            setattr(self, f"{part}_kernel", kernel)
        self.bias = make(self, "bias", (self.filters,)) if self.use_bias else None
        self.input_spec = InputSpec(min_ndim=self.rank + 2, axes={self.channel_axis: channels})
        self._check_fits(input_shape)

    def separable_conv(self, inputs: Tensor, depthwise: Tensor, pointwise: Tensor) -> Tensor:
        """Convolves `inputs` with both kernels, without bias and activation."""
        padding = self.padding
        if padding == "causal":
            inputs, padding = self._padded(inputs), "valid"
        return ops.separable_conv(
            inputs,
            depthwise,
            pointwise,
            strides=self.strides,
            padding=padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )

    def call(self, inputs: Tensor) -> Tensor:
        kernels = self.depthwise_kernel.value, self.pointwise_kernel.value
        return self._finished(self.separable_conv(inputs, *kernels))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        shapes = (input_shape, *self._kernel_shapes(self._channels(input_shape)))
        specs = [KerasTensor(shape, dtype=self.compute_dtype) for shape in shapes]
        return compute_output_spec(self.separable_conv, *specs).shape


@export(["keras.layers.SeparableConv1D", "keras.layers.SeparableConvolution1D"])
@documented(arguments=ARGUMENTS, paddings=WITH_CAUSAL, inputs=INPUTS[1])
class SeparableConv1D(BaseSeparableConv):
    """Separable convolution over time: each channel by itself, then the channels with each other.

    Args:
        {arguments}

    Call arguments:
        inputs: {inputs}

    Returns:
        Tensor of shape `(batch, new_steps, filters)`, or with the filters at axis 1.

    Example:

        >>> from keras_ops import ops
        >>> SeparableConv1D(4, 3)(ops.ones((2, 10, 8))).shape == (2, 8, 4)
        True

    Source: Chollet 2017, Xception: Deep Learning with Depthwise Separable Convolutions.
    """

    rank = 1
    paddings = ("valid", "same", "causal")


@export(["keras.layers.SeparableConv2D", "keras.layers.SeparableConvolution2D"])
@documented(arguments=ARGUMENTS, paddings=SAME_OR_VALID, inputs=INPUTS[2])
class SeparableConv2D(BaseSeparableConv):
    """Separable convolution over images: each channel by itself, then the channels with each other.

    Args:
        {arguments}

    Call arguments:
        inputs: {inputs}

    Returns:
        Tensor of shape `(batch, new_height, new_width, filters)`, or with the filters at axis 1.

    Example:

        >>> from keras_ops import ops
        >>> SeparableConv2D(4, 3)(ops.ones((2, 10, 10, 3))).shape == (2, 8, 8, 4)
        True

    Source: Chollet 2017, Xception: Deep Learning with Depthwise Separable Convolutions.
    """

    rank = 2
    __init__ = with_defaults(BaseSeparableConv.__init__, strides=(1, 1), dilation_rate=(1, 1))
