"""`BaseConv`: what all convolution layers share, whatever their number of spatial dimensions.

`conv` has the plain members; transposed and depthwise families override how the kernel's shape and
the result are computed.
"""

from collections.abc import Sequence
from typing import Any

from keras_backends.geometry import padding_amounts
from keras_backends.settings import standardize_data_format
from keras_ops import ops
from keras_ops.inference import compute_output_spec
from keras_ops.tensor import KerasTensor, Tensor

from keras_layers.constructor import checked_bool
from keras_layers.core.adaptable import Adaptable, shown_kernel
from keras_layers.core.arguments import one_of, positive, size_tuple
from keras_layers.identifiers import resolved
from keras_layers.input_spec import InputSpec
from keras_layers.layer import Shape
from keras_layers.weight_options import declare

ARGUMENTS = """
filters: Number of filters, the size of the output's channel axis.
kernel_size: Size of the window, one integer or one per dimension.
strides: Steps of the window, one integer or one per dimension.
padding: {paddings}
data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
dilation_rate: Distance between neighbouring taps of the window. Not with `strides` above 1.
groups: Number of groups that the channels are split into; inputs and filters must be divisible by it.
activation: Name or function applied last; none by default.
use_bias: Whether a bias is added.
kernel_initializer: Initializer of the kernel `(*kernel_size, channels / groups, filters)`.
bias_initializer: Initializer of the bias `(filters,)`.
kernel_regularizer: Penalty on the kernel.
bias_regularizer: Penalty on the bias.
activity_regularizer: Penalty on the output.
kernel_constraint: Constraint of the kernel.
bias_constraint: Constraint of the bias.
**kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.
"""
SAME_OR_VALID = '`"valid"` for none, or `"same"` to keep the size (divided by the strides).'
WITH_CAUSAL = (
    '`"valid"` for none, `"same"` to keep the size (divided by the strides), or `"causal"`: so\n'
    "    that no output depends on later inputs."
)


class BaseConv(Adaptable):
    """Base of convolution layers; a member sets `rank`, the number of spatial dimensions."""

    rank = 0
    paddings: tuple[str, ...] = ("valid", "same")
    filters_axis = -1
    """Axis of the kernel that becomes the channels of the output."""
    not_in_config = ("autocast", "lora_rank", "lora_alpha")

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
        groups: int = 1,
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
        lora_rank, lora_alpha = kwargs.pop("lora_rank", None), kwargs.pop("lora_alpha", None)
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters = positive(self, "filters", filters)
        self.groups = positive(self, "groups", groups)
        self.kernel_size = size_tuple(self, "kernel_size", kernel_size, self.rank)
        self.strides = size_tuple(self, "strides", strides, self.rank)
        self.dilation_rate = size_tuple(self, "dilation_rate", dilation_rate, self.rank)
        self.padding = self._checked_padding(padding)
        self.data_format = standardize_data_format(data_format)
        self.activation = resolved(self, "activation", activation)
        self.use_bias = checked_bool(self, "use_bias", use_bias)
        declare(self, "kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        declare(self, "bias", bias_initializer, bias_regularizer, bias_constraint)
        self._set_lora(lora_rank, lora_alpha)
        self.input_spec = InputSpec(min_ndim=self.rank + 2)
        if self.filters % self.groups:
            raise ValueError(
                f"{type(self).__name__}: `filters` must be divisible by `groups`, received "
                f"filters={self.filters}, groups={self.groups}."
            )
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"{type(self).__name__}: `strides` > 1 does not go with `dilation_rate` > 1, received "
                f"strides={self.strides}, dilation_rate={self.dilation_rate}."
            )

    def _checked_padding(self, padding: str) -> str:
        return one_of(
            self, "padding", padding.lower() if isinstance(padding, str) else padding, self.paddings
        )

    @property
    def channel_axis(self) -> int:
        """Axis of the channels in input and output."""
        return -1 if self.data_format == "channels_last" else 1

    def _kernel_shape(self, channels: int) -> Shape:
        return (*self.kernel_size, channels // self.groups, self.filters)

    def build(self, input_shape: Shape) -> None:
        channels = self._channels(input_shape)
        if channels % self.groups:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the number of input channels must be divisible by "
                f"`groups`, received groups={self.groups} and input_shape={tuple(input_shape)} "
                f"({self.data_format})."
            )
        bias_shape = (self.filters,) if self.use_bias else None
        self._build_weights(self._kernel_shape(channels), bias_shape, (self.filters_axis,))
        self.input_spec = InputSpec(min_ndim=self.rank + 2, axes={self.channel_axis: channels})
        self._check_fits(input_shape)

    def _channels(self, input_shape: Shape) -> int:
        channels = input_shape[self.channel_axis]
        if channels is None:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the channel axis of the input must have a known size, "
                f"received input_shape={tuple(input_shape)} ({self.data_format})."
            )
        return channels

    def _check_fits(self, input_shape: Shape) -> None:
        """Says so now if the window is larger than the input."""
        try:
            self.compute_output_shape(input_shape)
        except ValueError as error:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: there is no output for the input shape "
                f"{tuple(input_shape)}: {error}"
            ) from error

    kernel = shown_kernel("The kernel: the variable, or with LoRA the merged tensor.")

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """Convolves `inputs` with `kernel`, without bias and activation; made for overriding."""
        padding = self.padding
        if padding == "causal":
            inputs, padding = self._padded(inputs), "valid"
        return ops.conv(
            inputs,
            kernel,
            strides=self.strides,
            padding=padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )

    def _padded(self, inputs: Tensor) -> Tensor:
        """Zeros in front, so that no window reaches past its position."""
        front = padding_amounts(1, self.kernel_size[0], 1, "causal", self.dilation_rate[0])
        none = (0, 0)
        widths = (none, front, none) if self.channel_axis == -1 else (none, none, front)
        return ops.pad(inputs, widths)

    def call(self, inputs: Tensor) -> Tensor:
        return self._finished(self._weight.times(inputs, self.convolution_op))

    def _placed_bias(self) -> Tensor:
        """The bias in a shape that broadcasts along the channel axis."""
        if self.channel_axis == -1:
            return self.bias.value
        return ops.reshape(self.bias.value, (1, -1, *(1,) * self.rank))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        inputs = KerasTensor(input_shape, dtype=self.compute_dtype)
        kernel = KerasTensor(self._kernel_shape(self._channels(input_shape)), dtype=self.compute_dtype)
        return compute_output_spec(self.convolution_op, inputs, kernel).shape
