"""`GRU`: a recurrent layer of gated units."""

from typing import Any

from keras_backends.api import export
from keras_ops.operations import recurrent

from keras_layers.documentation import documented
from keras_layers.rnn.base_cell import GATES, RESET
from keras_layers.rnn.cell_layer import (
    ACTIVITY,
    ARGUMENTS,
    CUDNN,
    TEXTS,
    UNROLL,
    CellLayer,
    checked_use_cudnn,
)
from keras_layers.rnn.gru_cell import GRUCell


@export("keras.layers.GRU")
@documented(
    arguments=ARGUMENTS.format(
        gates=GATES, count="3 * ", forget="", activity=ACTIVITY, reset=RESET, unroll=UNROLL, cudnn=CUDNN
    ),
    **TEXTS,
)
class GRU(CellLayer):
    """Gated recurrent units: gates say which part of the state is replaced, and what the replacement sees of it.

    Args:
        {arguments}

    Call arguments:
        {call}

    Returns:
        {returns}

    Example:

        >>> from keras_ops import ops
        >>> output, state = GRU(4, return_state=True)(ops.ones((2, 5, 3)))
        >>> output.shape == (2, 4), state.shape == (2, 4)
        (True, True)
    """

    cell_class = GRUCell
    operation = recurrent.gru
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
        reset_after: bool = True,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        self._set_up(locals())
        self.use_cudnn = checked_use_cudnn(self, use_cudnn)
