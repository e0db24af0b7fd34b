"""`SimpleRNNCell`: a dense layer of input and state."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.operations import recurrent
from keras_ops.tensor import Tensor

from keras_layers.documentation import documented
from keras_layers.rnn.base_cell import ARGUMENTS, KWARGS, SEED, RecurrentCell


@export("keras.layers.SimpleRNNCell")
@documented(arguments=(ARGUMENTS + SEED + KWARGS).format(gates="", count="", forget="", activity=""))
class SimpleRNNCell(RecurrentCell):
    """One step of `SimpleRNN`: `activation(x @ kernel + bias + state @ recurrent_kernel)`.

    Args:
        {arguments}

    Call arguments:
        sequence: Tensor of shape `(batch, features)`, the input of one step.
        states: List of the state `(batch, units)`.
        training: Whether values are dropped.

    Returns:
        The output `(batch, units)`, and the list of the new state.

    Example:

        >>> cell = SimpleRNNCell(4)
        >>> output, states = cell(ops.ones((2, 3)), cell.get_initial_state(2))
        >>> output.shape == (2, 4), len(states)
        (True, 1)
    """

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
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        self._set_up(locals())

    def call(self, sequence: Tensor, states: Any, training: bool = False) -> tuple[Tensor, list[Tensor]]:
        before = states[0] if isinstance(states, (list, tuple)) else states
        inputs, state = self._dropped(sequence, before, training)
        x = self._from_inputs(inputs, self.kernel.value)
        if self.bias is not None:
            x = ops.add(x, self.bias.value)
        own = self._from_state(state, self.recurrent_kernel.value)
        output = recurrent.simple_step(x, own, self.activation)
        return output, [output] if isinstance(states, (list, tuple)) else output
