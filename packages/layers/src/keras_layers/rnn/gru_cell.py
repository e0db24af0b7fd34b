"""`GRUCell`: gated recurrent units, with the reset gate before or after the product."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.operations import recurrent
from keras_ops.tensor import Tensor

from keras_layers.documentation import documented
from keras_layers.rnn.base_cell import ARGUMENTS, GATES, KWARGS, RESET, SEED, RecurrentCell
from keras_layers.weight_options import make


@export("keras.layers.GRUCell")
@documented(arguments=ARGUMENTS + RESET + SEED + KWARGS, gates=GATES, count="3 * ", forget="", activity="")
class GRUCell(RecurrentCell):
    """One step of `GRU`: update gate `z`, reset gate `r`, and a candidate that replaces part of the state.

    The new state is `z * state + (1 - z) * candidate`, where the candidate sees the state through `r`.

    Args:
        {arguments}

    Call arguments:
        inputs: Tensor of shape `(batch, features)`, the input of one step.
        states: List of the state `(batch, units)`.
        training: Whether values are dropped.

    Returns:
        The output `(batch, units)`, and the list of the new state.

    Example:

        >>> cell = GRUCell(4)
        >>> output, states = cell(ops.ones((2, 3)), cell.get_initial_state(2))
        >>> output.shape == (2, 4), len(states)
        (True, 1)
    """

    gates = 3

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
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        self._set_up(locals())

    def _make_bias(self, columns: int) -> Any:
        return make(self, "bias", (2, columns) if self.reset_after else (columns,))

    def call(self, inputs: Tensor, states: Any, training: bool = False) -> tuple[Tensor, Any]:
        before = states[0] if isinstance(states, (list, tuple)) else states
        inputs, state = self._dropped(inputs, before, training)
        biases = self._biases()
        x = self._from_inputs(inputs, self.kernel.value)
        if biases is not None:
            x = ops.add(x, biases[0])
        kernel, project = self.recurrent_kernel.value, None
        if not self.reset_after:
            kernel, last = kernel[:, : 2 * self.units], kernel[:, 2 * self.units :]

            def project(reset: Tensor) -> Tensor:
                return self._from_state(ops.multiply(reset, state), last)

        own = self._from_state(state, kernel)
        if biases is not None and self.reset_after:
            own = ops.add(own, biases[1])
        output = recurrent.gru_step(x, own, before, self.activation, self.recurrent_activation, project)
        return output, [output] if isinstance(states, (list, tuple)) else output

    def _biases(self) -> Any:
        """The bias of the inputs and, with `reset_after`, that of the state."""
        if self.bias is None:
            return None
        bias = self.bias.value
        return bias if self.reset_after else (bias,)
