"""`RNN`: runs any cell over the steps of a batch of sequences.

Here is what happens around the loop: first states, masks, dropout, states that last from call to call. The
loop is in `loop`, what a step computes in the cells.
"""

from typing import Any

from keras_backends.api import export
from keras_ops import ops, tree
from keras_ops.state import name_scope
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_layers.constructor import checked_bool
from keras_layers.layer import Layer, Shape
from keras_layers.rnn.holder import Holder
from keras_layers.rnn.loop import run_steps
from keras_layers.rnn.stacked_rnn_cells import StackedRNNCells, check_cell, output_size
from keras_layers.rnn.states import first_states, like_size, sized_shape, zeros
from keras_layers.tracking import DotNotTrackScope

FLAGS = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll", "zero_output_for_mask")
"""What says how a cell is run."""


@export("keras.layers.RNN")
class RNN(Holder):
    """Base of recurrent layers: calls a cell for each step of a sequence.

    A cell is a layer with `call(inputs, states) -> (output, new_states)` and `state_size`, an integer or a
    list of them; `output_size` where the output is of another size than the first state, and
    `get_initial_state(batch_size)` where the first states are not zeros.

    Args:
        cell: The cell, or a list of cells that are stacked.
        return_sequences: Whether the outputs of all steps are returned, or only the last one.
        return_state: Whether the last states are returned too.
        go_backwards: Whether to go from the last step to the first; outputs come in that order.
        stateful: Whether the last states of a batch are the first ones of the next. The batch size must be
            known then.
        unroll: Whether compiled programs hold every step instead of a loop.
        zero_output_for_mask: Whether masked steps give zeros, instead of the output of the step before.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        sequences: Tensor of shape `(batch, steps, ...)`.
        initial_state: The first states, in a list; zeros by default.
        mask: Booleans `(batch, steps)`: steps that do not count keep the states.
        training: Handed on to the cell.

    Returns:
        The last output `(batch, units)`, or with `return_sequences` all of them `(batch, steps, units)`; with
        `return_state` a tuple of that and the states.

    Raises:
        ValueError: If the cell has no `call` or no `state_size`.

    Example:

        >>> from keras_layers.rnn.lstm_cell import LSTMCell
        >>> layer = RNN(LSTMCell(4), return_sequences=True, return_state=True)
        >>> [x.shape == (2, 4) for x in layer(ops.ones((2, 5, 3)))]
        [False, True, True]
    """

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        flags = locals()
        super().__init__(**kwargs)
        if isinstance(cell, (list, tuple)):
            cell = StackedRNNCells(cell)
        check_cell(self, cell)
        self.cell = cell
        for name in FLAGS:
            setattr(self, name, checked_bool(self, name, flags[name]))
        self.states: Any = None
        self.supports_masking = True

    @property
    def state_size(self) -> Any:
        """Size of the cell's state, or the list of the sizes of several."""
        size = self.cell.state_size
        return list(size) if isinstance(size, (list, tuple)) else size

    @property
    def single_state(self) -> bool:
        """Whether the cell has one state only."""
        return not isinstance(self.state_size, list)

    # Building

    def build(self, sequences_shape: Shape, initial_state_shape: Any = None) -> None:
        if len(sequences_shape) < 3:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: expected sequences of shape (batch, steps, features), "
                f"received shape {tuple(sequences_shape)}."
            )
        step_shape = (sequences_shape[0], *sequences_shape[2:])
        if isinstance(self.cell, Layer) and not self.cell.built:
            self.cell.build(step_shape)
        if self.stateful:
            if sequences_shape[0] is None:
                raise ValueError(
                    f"{type(self).__name__} {self.name!r}: with `stateful=True` the batch size must be known, "
                    f"received an input of shape {tuple(sequences_shape)}. Give it in "
                    "`keras.Input(batch_shape=...)`, or call the layer on data first."
                )
            self._make_states(sequences_shape[0])

    def _make_states(self, batch_size: int) -> None:
        """Makes the variables that hold the states; they are no weights, and not saved."""

        def variable(value: Tensor) -> Variable:
            dtype = self.variable_dtype
            return Variable(value, dtype=dtype, trainable=False, name="rnn_state")

        with DotNotTrackScope(), name_scope(self.name, caller=self):
            self.states = tree.map_structure(variable, self.get_initial_state(batch_size))

    def reset_state(self) -> None:
        """Sets the states of a stateful layer to zeros."""
        for variable in [] if self.states is None else tree.flatten(self.states):
            variable.assign(ops.zeros_like(variable.value))

    def reset_states(self) -> None:
        """Sets the states of a stateful layer to zeros."""
        self.reset_state()

    def get_initial_state(self, batch_size: Any) -> list[Any]:
        """Returns the list of the states before the first step.

        Args:
            batch_size: Number of sequences.
        """
        states = first_states(self.cell, batch_size, self.compute_dtype)
        return [states] if self.single_state else states

    # Calls

    def call(
        self,
        sequences: Tensor,
        initial_state: Any = None,
        mask: Any = None,
        training: bool = False,
    ) -> Any:
        states = self._first_states(sequences, initial_state)
        mask = mask[0] if isinstance(mask, (list, tuple)) else mask
        last, outputs, states = self.inner_loop(sequences, states, mask, training)
        if self.stateful:
            for variable, value in zip(tree.flatten(self.states), tree.flatten(states)):
                variable.assign(value)
        output = self._cast(outputs if self.return_sequences else last)
        return (output, *self._cast(states)) if self.return_state else output

    def _cast(self, values: Any) -> Any:
        """The values in the layer's dtype, which may be another than the cell's."""
        return tree.map_structure(lambda x: ops.cast(x, self.compute_dtype), values)

    def _first_states(self, sequences: Tensor, given: Any) -> list[Any]:
        if given is None:
            if self.stateful:
                return tree.map_structure(self._read_state, self.states)
            return self.get_initial_state(batch_size=ops.shape(sequences)[0])
        states = list(given) if isinstance(given, (list, tuple)) else [given]
        sizes = [self.state_size] if self.single_state else self.state_size
        if len(states) != len(sizes):
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: expected `initial_state` to be a list of {len(sizes)} "
                f"tensors, one for each state of the cell (state_size={self.state_size}), received "
                f"{len(states)}."
            )
        return [like_size(state, size) for state, size in zip(states, sizes)]

    def _read_state(self, variable: Variable) -> Tensor:
        # A copy: the new state may be written over the old one, which the gradient still needs.
        return ops.copy(ops.cast(variable.value, self.compute_dtype))

    def inner_loop(
        self, sequences: Tensor, initial_state: Any, mask: Any, training: bool = False
    ) -> tuple[Any, Any, Any]:
        """Runs the cell over all steps.

        Args:
            sequences: Tensor of shape `(batch, steps, ...)`.
            initial_state: List of the first states.
            mask: Booleans `(batch, steps)`, or `None`.
            training: Handed on to the cell.

        Returns:
            The last output, all outputs (`None` unless `return_sequences`), and the list of the last states.
        """
        cell, single = self.cell, self.single_state

        def step(inputs: Tensor, states: Any) -> tuple[Any, list[Any]]:
            output, new = cell(inputs, states, training=training)
            return output, [new] if single and not isinstance(new, (list, tuple)) else list(new)

        batch = ops.shape(sequences)[0]
        if training:
            _draw_dropout(cell, sequences[:, 0], initial_state)
        try:
            return run_steps(
                step,
                sequences,
                initial_state,
                zeros(output_size(cell), batch, self.compute_dtype),
                mask=mask,
                reverse=self.go_backwards,
                unroll=self.unroll,
                zero_masked=self.zero_output_for_mask,
                every=self.return_sequences,
            )
        finally:
            if training:
                _forget_dropout(cell)

    # Shapes and masks

    def compute_output_shape(self, sequences_shape: Shape, initial_state_shape: Any = None) -> Any:
        batch, steps = sequences_shape[:2]
        states, output = self._sizes((batch, *sequences_shape[2:]))
        output = sized_shape(output, (batch, steps) if self.return_sequences else (batch,))
        if not self.return_state:
            return output
        return output, *(sized_shape(size, (batch,)) for size in states)

    def _sizes(self, step_shape: Shape) -> tuple[list[Any], Any]:
        """The list of the sizes of the states, and the size of the output."""
        return [self.state_size] if self.single_state else self.state_size, output_size(self.cell)

    _mask_needs_values = False

    def compute_mask(self, _: Any, mask: Any) -> Any:
        mask = mask[0] if isinstance(mask, (list, tuple)) else mask
        own = mask if self.return_sequences else None
        return (
            [own, *[None] * (1 if self.single_state else len(self.state_size))] if self.return_state else own
        )


def _draw_dropout(cell: Any, step_input: Tensor, states: Any) -> None:
    """Draws what cells drop before the loop, in which all steps then drop the same."""
    if isinstance(cell, StackedRNNCells):
        for inner, own in zip(cell.cells, states):
            own = own if isinstance(own, (list, tuple)) else [own]
            _draw_dropout(inner, step_input, own)
            step_input = zeros(output_size(inner), ops.shape(step_input)[0], inner.compute_dtype)
    elif hasattr(cell, "get_dropout_mask"):
        cell.get_dropout_mask(step_input)
        cell.get_recurrent_dropout_mask(states[0])


def _forget_dropout(cell: Any) -> None:
    for inner in cell.cells if isinstance(cell, StackedRNNCells) else [cell]:
        if isinstance(inner, StackedRNNCells):
            _forget_dropout(inner)
        elif hasattr(inner, "reset_dropout_mask"):
            inner.reset_dropout_mask()
            inner.reset_recurrent_dropout_mask()
