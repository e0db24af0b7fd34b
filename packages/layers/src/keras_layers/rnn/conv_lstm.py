"""`ConvLSTM1D`, `ConvLSTM2D`, `ConvLSTM3D`: recurrent layers over sequences of images."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export

from keras_layers.documentation import documented
from keras_layers.input_spec import InputSpec
from keras_layers.layer import Shape
from keras_layers.rnn.base_cell import FORGET, GATES
from keras_layers.rnn.cell_layer import ACTIVITY, ARGUMENTS, CALL, CellLayer
from keras_layers.rnn.conv_lstm_cell import ConvLSTMCell

_WINDOW = """filters: Number of filters, the size of the channel axis of output and states.
kernel_size: Size of the window, one integer or one per dimension.
strides: Steps of the window over the inputs, one integer or one per dimension.
padding: `"valid"` for none, or `"same"` to keep the size of the inputs (divided by the strides).
data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
dilation_rate: Distance between neighbouring taps of the window over the inputs.
"""
_KERNELS = {
    "(features, {count}units)": "(*kernel_size, channels, 4 * filters)",
    "(units, {count}units)": "(*kernel_size, filters, 4 * filters)",
}


def _arguments() -> str:
    text = ARGUMENTS[ARGUMENTS.index("activation:") :]
    for matrix, window in _KERNELS.items():
        text = text.replace(matrix, window)
    return _WINDOW + text.format(gates=GATES, forget=FORGET, activity=ACTIVITY, reset="", unroll="", cudnn="")


_TEXTS = {
    "arguments": _arguments(),
    "call": CALL.partition("\n")[2],
    "returns": """The last output `(batch, *new_sizes, filters)`, or with `return_sequences` all of them
    `(batch, steps, *new_sizes, filters)`; with `return_state` a tuple of that and the two states.""",
}


class ConvLSTM(CellLayer):
    """Base of the layers; a member sets `rank`, the number of spatial dimensions."""

    cell_class = ConvLSTMCell
    rank = 0

    def __init__(
        self,
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
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        **kwargs: Any,
    ) -> None:
        self._set_up(locals(), rank=self.rank)
        self.input_spec = InputSpec(ndim=self.rank + 3)

    def _sizes(self, step_shape: Shape) -> tuple[list[Any], Any]:
        size = self.cell.size_for(step_shape)
        return [size, size], size


@export("keras.layers.ConvLSTM1D")
@documented(**_TEXTS)
class ConvLSTM1D(ConvLSTM):
    """`LSTM` over sequences of lines of pixels, with convolutions for matrix products.

    Args:
        {arguments}

    Call arguments:
        sequences: Tensor of shape `(batch, steps, size, channels)`, or with the channels at axis 2.
        {call}

    Returns:
        {returns}

    Example:

        >>> from keras_ops import ops
        >>> ConvLSTM1D(4, 3)(ops.ones((2, 5, 8, 3))).shape == (2, 6, 4)
        True
    """

    rank = 1


@export("keras.layers.ConvLSTM2D")
@documented(**_TEXTS)
class ConvLSTM2D(ConvLSTM):
    """`LSTM` over sequences of images, with convolutions for matrix products.

    Args:
        {arguments}

    Call arguments:
        sequences: Tensor of shape `(batch, steps, height, width, channels)`, or with the channels at axis 2.
        {call}

    Returns:
        {returns}

    Example:

        >>> from keras_ops import ops
        >>> ConvLSTM2D(4, 3)(ops.ones((2, 3, 8, 8, 3))).shape == (2, 6, 6, 4)
        True
    """

    rank = 2


@export("keras.layers.ConvLSTM3D")
@documented(**_TEXTS)
class ConvLSTM3D(ConvLSTM):
    """`LSTM` over sequences of volumes, with convolutions for matrix products.

    Args:
        {arguments}

    Call arguments:
        sequences: Tensor of shape `(batch, steps, depth, height, width, channels)`, or with the channels at
            axis 2.
        {call}

    Returns:
        {returns}

    Example:

        >>> from keras_ops import ops
        >>> ConvLSTM3D(2, 2)(ops.ones((1, 2, 4, 4, 4, 1))).shape == (1, 3, 3, 3, 2)
        True
    """

    rank = 3
