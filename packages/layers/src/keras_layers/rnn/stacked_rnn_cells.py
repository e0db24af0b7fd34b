"""`StackedRNNCells`: several cells as one, each fed with the output of the one before."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops.serialize import serialize_keras_object
from keras_ops.tensor import Tensor

from keras_layers.layer import Layer, Shape
from keras_layers.rnn.holder import Holder
from keras_layers.rnn.states import first_states


@export("keras.layers.StackedRNNCells")
class StackedRNNCells(Holder):
    """Runs several cells in each step, as `RNN` does with a list of cells.

    Args:
        cells: The cells, in order.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of shape `(batch, features)`, the input of one step.
        states: List of the states of each cell.
        training: Handed on to the cells.
        **kwargs: Handed on to the cells whose `call` takes them.

    Returns:
        The output of the last cell, and the list of the new states of each cell.

    Raises:
        ValueError: If a cell has no `call` or no `state_size`.

    Example:

        >>> from keras_ops import ops
        >>> from keras_layers.rnn.gru_cell import GRUCell
        >>> cells = StackedRNNCells([GRUCell(4), GRUCell(3)])
        >>> output, states = cells(ops.ones((2, 5)), cells.get_initial_state(2))
        >>> output.shape == (2, 3), cells.state_size
        (True, [4, 3])
    """

    def __init__(self, cells: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for cell in cells:
            check_cell(self, cell)
        self.cells = list(cells)

    @property
    def state_size(self) -> list[Any]:
        """Sizes of the states of each cell."""
        return [list(s) if isinstance(s := cell.state_size, (list, tuple)) else s for cell in self.cells]

    @property
    def output_size(self) -> Any:
        """Size of the output of the last cell."""
        return output_size(self.cells[-1])

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """Returns the list of the first states of each cell.

        Args:
            batch_size: Number of sequences.
        """
        return [first_states(cell, batch_size, self.compute_dtype) for cell in self.cells]

    def build(self, input_shape: Shape) -> None:
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(input_shape)
            size = output_size(cell)
            input_shape = (input_shape[0], *(size if isinstance(size, tuple) else (size,)))

    def call(
        self, inputs: Tensor, states: Any, training: bool = False, **kwargs: Any
    ) -> tuple[Tensor, list[Any]]:
        new = []
        for cell, own in zip(self.cells, states, strict=True):
            single = not isinstance(own, (list, tuple))
            fitting = {name: x for name, x in kwargs.items() if name in cell._facts.call.names}
            inputs, own = cell(inputs, [own] if single else list(own), training=training, **fitting)
            new.append(own[0] if single and isinstance(own, (list, tuple)) else own)
        return inputs, new

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config["cells"] = [serialize_keras_object(cell) for cell in self.cells]
        return config


def check_cell(owner: Layer, cell: Any) -> None:
    """Refuses what can not be a cell.

    Args:
        owner: The layer that it was given to.
        cell: The cell.

    Raises:
        ValueError: If it has no `call` or no `state_size`.
    """
    if not hasattr(cell, "call"):
        missing = "a `call(inputs, states)` method"
    elif not hasattr(cell, "state_size"):
        missing = "an attribute `state_size`, the size of its state, or the list of their sizes"
    else:
        return
    raise ValueError(f"{type(owner).__name__}: a cell needs {missing}, received {cell!r}.")


def output_size(cell: Any) -> Any:
    """Returns the size of a cell's output: what it says, else the size of its first state.

    Args:
        cell: The cell.
    """
    size = getattr(cell, "output_size", None)
    if size is None:
        size = cell.state_size
        size = size[0] if isinstance(size, (list, tuple)) else size
    return size
