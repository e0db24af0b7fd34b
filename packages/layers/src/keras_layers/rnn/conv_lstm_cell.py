"""`ConvLSTMCell`: the step of `LSTM` with convolutions for products, for images of any rank.

The layers `ConvLSTM1D`, `ConvLSTM2D` and `ConvLSTM3D` make it; it has no public name.
"""

from collections.abc import Sequence
from typing import Any

from keras_backends.settings import standardize_data_format
from keras_ops import ops
from keras_ops.inference import compute_output_spec
from keras_ops.tensor import KerasTensor, Tensor

from keras_layers.core.arguments import size_tuple
from keras_layers.layer import Shape
from keras_layers.rnn.lstm_cell import LSTMCell
from keras_layers.weight_options import make


class ConvLSTMCell(LSTMCell):
    """One step of `ConvLSTM2D` and its relatives.

    The window moves over the inputs as the options say, and over the states so that they keep their size.

    Args:
        rank: Number of spatial dimensions.
        filters: Number of filters.
        kernel_size: Size of the window.
        strides: Steps of the window over the inputs.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`.
        dilation_rate: Distance between neighbouring taps of the window over the inputs.
        activation: As those after it an option of `LSTMCell`.
    """

    size_name = "filters"

    def __init__(
        self,
        rank: int,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        self._set_up(locals())
        self.rank = rank
        self.kernel_size = size_tuple(self, "kernel_size", kernel_size, rank)
        self.strides = size_tuple(self, "strides", strides, rank)
        self.dilation_rate = size_tuple(self, "dilation_rate", dilation_rate, rank)
        self.data_format = standardize_data_format(data_format)
        self.padding = padding.lower() if isinstance(padding, str) else padding
        if self.padding not in ("valid", "same"):
            raise ValueError(
                f'{type(self).__name__}: `padding` must be "valid" or "same", received padding={padding!r}.'
            )
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"{type(self).__name__}: `strides` > 1 does not go with `dilation_rate` > 1, received "
                f"strides={self.strides}, dilation_rate={self.dilation_rate}."
            )

    @property
    def _channel_axis(self) -> int:
        return -1 if self.data_format == "channels_last" else 1

    def build(self, input_shape: Shape) -> None:
        channels, columns = self._channels(input_shape), self.gates * self.filters
        self.kernel = make(self, "kernel", (*self.kernel_size, channels, columns))
        self.recurrent_kernel = make(
            self, "recurrent", (*self.kernel_size, self.filters, columns), name="recurrent_kernel"
        )
        self.bias = self._make_bias(columns) if self.use_bias else None
        self.output_size = self.size_for(input_shape)
        self.state_size = [self.output_size] * self.states

    def _channels(self, input_shape: Shape) -> int:
        channels = input_shape[self._channel_axis]
        if channels is None:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the channel axis of the input must have a known size, "
                f"received input_shape={tuple(input_shape)} ({self.data_format})."
            )
        return channels

    def size_for(self, input_shape: Shape) -> Shape:
        """Returns the shape of output and states, without the batch axis.

        Args:
            input_shape: Shape of the input of a step.
        """
        kernel = (*self.kernel_size, self._channels(input_shape), self.filters)
        specs = [KerasTensor(shape, dtype=self.compute_dtype) for shape in (input_shape, kernel)]
        return tuple(compute_output_spec(self._from_inputs, *specs).shape[1:])

    def _from_inputs(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        return ops.conv(
            inputs,
            kernel,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )

    def _from_state(self, state: Tensor, kernel: Tensor) -> Tensor:
        return ops.conv(state, kernel, padding="same", data_format=self.data_format)

    def _placed_bias(self) -> Tensor:
        bias = self.bias.value
        return bias if self._channel_axis == -1 else ops.reshape(bias, (1, -1, *(1,) * self.rank))
