"""`LSTMCell`: long short-term memory, with gates for input, forgetting and output."""

from typing import Any

import numpy as np
from keras_backends.api import export
from keras_ops import ops
from keras_ops.operations import recurrent
from keras_ops.tensor import Tensor

from keras_layers.documentation import documented
from keras_layers.rnn.base_cell import ARGUMENTS, FORGET, GATES, KWARGS, SEED, RecurrentCell
from keras_layers.weight_options import make


@export("keras.layers.LSTMCell")
@documented(
    arguments=(ARGUMENTS + SEED + KWARGS).format(gates=GATES, count="4 * ", forget=FORGET, activity="")
)
class LSTMCell(RecurrentCell):
    """One step of `LSTM`: a memory `c` that gates `i`, `f` fill and empty, and `o` lets out.

    The blocks of the kernels are those of `i`, `f`, the candidate `g`, and `o`; the memory becomes
    `f * c + i * g` and the output `o * activation(c)`.

    Args:
        {arguments}

    Call arguments:
        inputs: Tensor of shape `(batch, features)`, the input of one step.
        states: List of the output before and the memory, each `(batch, units)`.
        training: Whether values are dropped.

    Returns:
        The output `(batch, units)`, and the list of the output and the new memory.

    Example:

        >>> cell = LSTMCell(4)
        >>> output, states = cell(ops.ones((2, 3)), cell.get_initial_state(2))
        >>> output.shape == (2, 4), len(states)
        (True, 2)
    """

    gates = 4
    states = 2
    _channel_axis = -1

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
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        self._set_up(locals())

    def _make_bias(self, columns: int) -> Any:
        if not self.unit_forget_bias:
            return make(self, "bias", (columns,))
        options = {"regularizer": self.bias_regularizer, "constraint": self.bias_constraint}
        return self.add_weight(shape=(columns,), initializer=self._with_forget_bias, name="bias", **options)

    def _with_forget_bias(self, shape: Any, dtype: Any = None) -> Any:
        """Initial bias: ones for the forget gate, drawn for the others."""
        size = shape[0] // self.gates
        drawn = [
            ops.convert_to_numpy(self.bias_initializer((n,), dtype=dtype))
            for n in (size, (self.gates - 2) * size)
        ]
        return np.concatenate([drawn[0], np.ones_like(drawn[0]), drawn[1]])

    def call(self, inputs: Tensor, states: Any, training: bool = False) -> tuple[Tensor, list[Tensor]]:
        before, memory = states
        inputs, state = self._dropped(inputs, before, training)
        x = self._from_inputs(inputs, self.kernel.value)
        x = ops.add(x, self._from_state(state, self.recurrent_kernel.value))
        if self.bias is not None:
            x = ops.add(x, self._placed_bias())
        output, memory = recurrent.lstm_step(
            x, memory, self.activation, self.recurrent_activation, self._channel_axis
        )
        return output, [output, memory]

    def _placed_bias(self) -> Tensor:
        return self.bias.value
