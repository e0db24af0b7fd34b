"""`SimpleRNN`: a fully connected recurrent layer."""

from typing import Any

from keras_backends.api import export
from keras_ops.operations import recurrent

from keras_layers.documentation import documented
from keras_layers.rnn.cell_layer import ACTIVITY, ARGUMENTS, TEXTS, UNROLL, CellLayer
from keras_layers.rnn.simple_rnn_cell import SimpleRNNCell


@export("keras.layers.SimpleRNN")
@documented(
    arguments=ARGUMENTS.format(
        gates="", count="", forget="", activity=ACTIVITY, reset="", unroll=UNROLL, cudnn=""
    ),
    **TEXTS,
)
class SimpleRNN(CellLayer):
    """Feeds the output of each step back: `activation(x @ kernel + bias + output_before @ recurrent_kernel)`.

    Args:
        {arguments}

    Call arguments:
        {call}

    Returns:
        {returns}

    Example:

        >>> from keras_ops import ops
        >>> SimpleRNN(4, return_sequences=True)(ops.ones((2, 5, 3))).shape == (2, 5, 4)
        True
    """

    cell_class = SimpleRNNCell
    operation = recurrent.simple_rnn
    # Files hold no seed of this layer.
    not_in_config = (*CellLayer.not_in_config, "seed")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
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
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        self._set_up(locals())
