"""`CellLayer`: base of layers that are an `RNN` with a cell of their own, such as `LSTM`.

A member names its cell's class and all arguments in its constructor, and hands `locals()` to `_set_up`; what the
cell's constructor takes goes to the cell, and is readable on the layer.
"""

import inspect
from operator import attrgetter
from typing import Any, ClassVar

from keras_ops.naming import to_snake_case

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
CUDNN = """use_cudnn: `False` for the loop in any case; `True` and `"auto"` for the framework's fused kernel
    where it has one that fits, else the loop.
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


class CellLayer(RNN):
    """Base of layers that make their cell themselves."""

    cell_class: ClassVar[type]
    not_in_config = ("autocast", "cell", "use_cudnn")
    _cell_arguments: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "cell_class" not in cls.__dict__:
            return
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
