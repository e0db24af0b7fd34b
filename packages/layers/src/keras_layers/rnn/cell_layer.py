"""`CellLayer`: base of layers that are an `RNN` with a cell of their own, such as `LSTM`.

A member names its cell's class and all arguments in its constructor, and hands `locals()` to `_set_up`; what the
cell's constructor takes goes to the cell, and is readable on the layer. It also names the operation that runs all
steps at once, which backends have fused kernels for; the cell is called where that does not do.
"""

import inspect
from collections.abc import Callable
from operator import attrgetter
from typing import Any, ClassVar

from keras_ops import activations, ops
from keras_ops.naming import to_snake_case
from keras_ops.tensor import Tensor

from keras_layers.rnn.base_cell import ARGUMENTS as CELL_ARGUMENTS
from keras_layers.rnn.base_cell import KWARGS, SEED
from keras_layers.rnn.rnn import FLAGS, RNN

ARGUMENTS = (
    CELL_ARGUMENTS
    + SEED
    + """return_sequences: Whether the outputs of all steps are returned, or only the last one.
return_state: Whether the last states are returned too.
go_backwards: Whether to go from the last step to the first; outputs come in that order.
stateful: Whether the last states of a batch are the first ones of the next. The batch size must be
    known then.
{unroll}{reset}{cudnn}"""
    + KWARGS
)
UNROLL = "unroll: Whether compiled programs hold every step instead of a loop.\n"
CUDNN = """use_cudnn: `"auto"` for the framework's fused kernel where it has one that fits, else a loop; `False`
    for the loop in any case, as for second derivatives or for a graph that is to run on another device;
    `True` to be refused where no kernel fits. On a GPU the kernels are cuDNN's.
"""
ACTIVITY = "activity_regularizer: Penalty on the output.\n"
CALL = """sequences: Tensor of shape `(batch, steps, features)`.
initial_state: The first states, in a list; zeros by default.
mask: Booleans `(batch, steps)`: steps that do not count keep the states.
training: Whether values are dropped.
"""
RETURNS = """The last output `(batch, units)`, or with `return_sequences` all of them `(batch, steps, units)`; with
`return_state` a tuple of that and the states."""
TEXTS = {"call": CALL, "returns": RETURNS}
_NAMES = {getattr(activations, name): name for name in ("tanh", "sigmoid", "relu", "hard_sigmoid", "linear")}
"""The activations that operations over all steps know."""
_ACTIVATIONS = ("activation", "recurrent_activation")


class CellLayer(RNN):
    """Base of layers that make their cell themselves."""

    cell_class: ClassVar[type]
    operation: ClassVar[Callable[..., Any] | None] = None
    use_cudnn: Any = "auto"
    not_in_config = ("autocast", "cell", "use_cudnn")
    _cell_arguments: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "cell_class" not in cls.__dict__:
            return
        if "operation" not in cls.__dict__:
            cls.operation = None  # The one inherited computes what another cell does.
        parameters = inspect.signature(cls.cell_class.__init__).parameters
        cls._cell_arguments = tuple(name for name in parameters if name not in ("self", "kwargs"))
        for name in cls._cell_arguments:
            setattr(cls, name, property(attrgetter(f"cell.{name}"), doc=f"`{name}` of the cell."))

    def _set_up(self, arguments: dict[str, Any], **of_cell: Any) -> None:
        """Makes the cell and the layer from the arguments of a member's constructor, given as its `locals()`."""
        kwargs = arguments["kwargs"]
        shared = {name: kwargs[name] for name in ("dtype", "trainable") if name in kwargs}
        if "implementation" in kwargs:
            shared["implementation"] = kwargs.pop("implementation")
        cls = self.cell_class
        cell = cls(
            **{name: arguments[name] for name in self._cell_arguments if name in arguments},
            **of_cell,
            **shared,
            name=to_snake_case(cls.__name__),
        )
        flags = {name: arguments[name] for name in FLAGS if name in arguments}
        super().__init__(cell, **flags, activity_regularizer=arguments["activity_regularizer"], **kwargs)

    def inner_loop(
        self, sequences: Tensor, initial_state: Any, mask: Any, training: bool = False
    ) -> tuple[Any, Any, Any]:
        operation = type(self).operation
        if operation is None:
            return super().inner_loop(sequences, initial_state, mask, training)
        obstacle = self._obstacle(sequences, mask, training)
        if obstacle and self.use_cudnn is True:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: with `use_cudnn=True` a fused kernel must fit, but {obstacle}; "
                'use_cudnn="auto" calls the cell instead.'
            )
        if obstacle or self.use_cudnn is False:
            return super().inner_loop(sequences, initial_state, mask, training)
        cell = self.cell
        if training and cell.dropout:
            sequences = ops.multiply(sequences, ops.expand_dims(cell.get_dropout_mask(sequences[:, 0]), 1))
            cell.reset_dropout_mask()
        result, *states = operation(
            sequences,
            *initial_state,
            cell.kernel.value,
            cell.recurrent_kernel.value,
            None if cell.bias is None else cell.bias.value,
            None if mask is None else ops.cast(mask, "bool"),
            **self._operation_options(),
            reverse=self.go_backwards,
            zero_masked=self.zero_output_for_mask,
            every=self.return_sequences,
            fused=self.use_cudnn is True,
        )
        if not self.return_sequences:
            return result, None, states
        steps = result.shape[1]
        none = isinstance(steps, int) and steps == 0
        return initial_state[0] if none else result[:, -1], result, states

    def _obstacle(self, sequences: Tensor, mask: Any, training: bool) -> str | None:
        """Why the cell has to be called for each step, if it has to."""
        cell, kind = self.cell, self.cell_class.__name__
        if type(cell) is not self.cell_class:
            return f"the cell is {type(cell).__name__}, not {kind}"
        if any(getattr(cell, name) not in _NAMES for name in _ACTIVATIONS if name in self._cell_arguments):
            return f"the activations are not among {tuple(_NAMES.values())}"
        if training and cell.recurrent_dropout:
            return f"recurrent_dropout={cell.recurrent_dropout}"
        if self.unroll:
            return "unroll=True"
        if cell.compute_dtype != self.compute_dtype:
            return f"the cell computes in {cell.compute_dtype}, the layer in {self.compute_dtype}"
        if mask is not None and tuple(mask.shape) != tuple(sequences.shape[:2]):
            return f"the mask is of shape {tuple(mask.shape)} for inputs of shape {tuple(sequences.shape)}"
        return None

    def _operation_options(self) -> dict[str, Any]:
        """What the operation is told beside how it is run."""
        has = self._cell_arguments
        names = {name: _NAMES[getattr(self.cell, name)] for name in _ACTIVATIONS if name in has}
        return names | ({"reset_after": self.cell.reset_after} if "reset_after" in has else {})


def checked_use_cudnn(layer: RNN, value: Any) -> Any:
    """Returns `use_cudnn`, if it is one of its values.

    Args:
        layer: The layer.
        value: What the user wrote.

    Raises:
        ValueError: If it is neither a bool nor `"auto"`.
    """
    if value not in (True, False, "auto"):
        raise ValueError(
            f'{type(layer).__name__}: `use_cudnn` must be True, False or "auto", received use_cudnn={value!r}.'
        )
    return value
