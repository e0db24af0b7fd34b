"""`LSTM`: a recurrent layer of long short-term memory."""

from typing import Any

from keras_backends.api import export
from keras_ops.operations import recurrent

from keras_layers.documentation import documented
from keras_layers.rnn.base_cell import FORGET, GATES
from keras_layers.rnn.cell_layer import (
    ACTIVITY,
    ARGUMENTS,
    CUDNN,
    TEXTS,
    UNROLL,
    CellLayer,
    checked_use_cudnn,
)
from keras_layers.rnn.lstm_cell import LSTMCell


@export("keras.layers.LSTM")
@documented(
    arguments=ARGUMENTS.format(
        gates=GATES, count="4 * ", forget=FORGET, activity=ACTIVITY, reset="", unroll=UNROLL, cudnn=CUDNN
    ),
    **TEXTS,
)
class LSTM(CellLayer):
    """Long short-term memory: gates fill and empty a memory, and say what of it is the output.

    The states are the output and the memory.

    Args:
        {arguments}

    Call arguments:
        {call}

    Returns:
        {returns}

    Example:

        >>> from keras_ops import ops
        >>> output, state, memory = LSTM(4, return_state=True)(ops.ones((2, 5, 3)))
        >>> output.shape == (2, 4), memory.shape == (2, 4)
        (True, True)
    """

    cell_class = LSTMCell
    operation = recurrent.lstm
    supports_jit = True

    def __init__(
        self,
        units: int,
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
        unroll: bool = False,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        self._set_up(locals())
        self.use_cudnn = checked_use_cudnn(self, use_cudnn)
