"""`RecurrentCell`: what the cells of recurrent layers share: options, weights, dropout, first states.

Members say how many gates they have and compute a step. Their constructors name all options and hand
`locals()` to `_set_up`, so that each option is read in one place.
"""

from typing import Any

from keras_ops import ops, random
from keras_ops.tensor import KerasTensor, Tensor

from keras_layers.constructor import checked_bool
from keras_layers.core.arguments import positive
from keras_layers.identifiers import resolved
from keras_layers.layer import Layer, Shape
from keras_layers.weight_options import KINDS, declare, make

ARGUMENTS = """
units: Size of the output and of each state.
activation: Name or function applied to what enters the state.
{gates}use_bias: Whether a bias is added.
kernel_initializer: Initializer of the kernel of the inputs `(features, {count}units)`.
recurrent_initializer: Initializer of the kernel of the state `(units, {count}units)`.
bias_initializer: Initializer of the bias.
{forget}kernel_regularizer: Penalty on the kernel of the inputs.
recurrent_regularizer: Penalty on the kernel of the state.
bias_regularizer: Penalty on the bias.
{activity}kernel_constraint: Constraint of the kernel of the inputs.
recurrent_constraint: Constraint of the kernel of the state.
bias_constraint: Constraint of the bias.
dropout: Part of the inputs that is dropped while training, the same features in all steps.
recurrent_dropout: Part of the state that is dropped while training, likewise.
"""
"""Options of all cells, for docstrings; a member fills the placeholders by `format`."""

GATES = "recurrent_activation: Name or function of the gates.\n"
FORGET = "unit_forget_bias: Whether the bias of the forget gate starts at 1.\n"
RESET = (
    "reset_after: Whether the reset gate comes after the product with the kernel, as in cuDNN, or before.\n"
)
SEED = "seed: Seed of dropout; a random one by default.\n"
KWARGS = "**kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.\n"


class RecurrentCell(Layer):
    """Base of the cells with a kernel for the inputs, one for the state, and a bias.

    Attributes:
        gates: How many blocks of `units` columns the kernels have.
        states: How many states there are.
    """

    gates = 1
    states = 1
    size_name = "units"
    not_in_config = (*Layer.not_in_config, "implementation")
    kernel: Any = None
    recurrent_kernel: Any = None
    bias: Any = None

    def _set_up(self, arguments: dict[str, Any]) -> None:
        """Keeps the arguments of a member's constructor, given as its `locals()`."""
        kwargs = arguments["kwargs"]
        implementation = kwargs.pop("implementation", 2)
        super().__init__(**kwargs)
        self.implementation = implementation
        setattr(self, self.size_name, positive(self, self.size_name, arguments[self.size_name]))
        for name in ("activation", "recurrent_activation"):
            if name in arguments:
                setattr(self, name, resolved(self, name, arguments[name]))
        for name in ("use_bias", "unit_forget_bias", "reset_after"):
            if name in arguments:
                setattr(self, name, checked_bool(self, name, arguments[name]))
        for weight in ("kernel", "recurrent", "bias"):
            declare(self, weight, *(arguments[f"{weight}_{kind}"] for kind in KINDS))
        for name in ("dropout", "recurrent_dropout"):
            setattr(self, name, _checked_rate(self, name, arguments[name]))
        self.seed = arguments["seed"]
        self.seed_generator = random.SeedGenerator(self.seed)
        self.__dict__["_masks"] = {}
        size = getattr(self, self.size_name)
        self.output_size: Any = size
        self.state_size: Any = size if self.states == 1 else [size] * self.states

    @property
    def dropout_mask_count(self) -> int:
        """Number of gates."""
        return self.gates

    # Weights

    def build(self, input_shape: Shape) -> None:
        features = input_shape[-1] if input_shape else None
        if features is None:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the last axis of the input must have a known size, "
                f"received input_shape={tuple(input_shape)}."
            )
        columns = self.gates * self.units
        self.kernel = make(self, "kernel", (features, columns))
        self.recurrent_kernel = make(self, "recurrent", (self.units, columns), name="recurrent_kernel")
        self.bias = self._make_bias(columns) if self.use_bias else None

    def _make_bias(self, columns: int) -> Any:
        return make(self, "bias", (columns,))

    def get_initial_state(self, batch_size: Any = None) -> list[Tensor]:
        """Returns the states before the first step: zeros.

        Args:
            batch_size: Number of sequences.
        """
        sizes = self.state_size if isinstance(self.state_size, list) else [self.state_size]
        return [
            ops.zeros((batch_size, *(size if isinstance(size, tuple) else (size,))), dtype=self.compute_dtype)
            for size in sizes
        ]

    # Dropout

    def get_dropout_mask(self, step_input: Tensor) -> Tensor | None:
        """Returns the factors of the inputs for all steps of a sequence; `None` without dropout.

        Args:
            step_input: The input of a step, whose shape the factors get.
        """
        return self._mask("dropout", step_input)

    def get_recurrent_dropout_mask(self, step_input: Tensor) -> Tensor | None:
        """Returns the factors of the state for all steps of a sequence; `None` without recurrent dropout.

        Args:
            step_input: The state of a step, whose shape the factors get.
        """
        return self._mask("recurrent_dropout", step_input)

    def _mask(self, name: str, like: Tensor) -> Tensor | None:
        rate = getattr(self, name)
        if not rate:
            return None
        mask = self._masks.get(name)
        if mask is None:
            mask = random.dropout(ops.ones_like(like), rate, seed=self.seed_generator)
            if not isinstance(mask, KerasTensor):
                self._masks[name] = mask
        return mask

    def reset_dropout_mask(self) -> None:
        """Forgets the factors of the inputs, so that the next sequence gets others."""
        self._masks.pop("dropout", None)

    def reset_recurrent_dropout_mask(self) -> None:
        """Forgets the factors of the state, so that the next sequence gets others."""
        self._masks.pop("recurrent_dropout", None)

    def _dropped(self, inputs: Tensor, state: Tensor, training: bool | None) -> tuple[Tensor, Tensor]:
        """Input and state as the products see them."""
        if training:
            if self.dropout:
                inputs = ops.multiply(inputs, self.get_dropout_mask(inputs))
            if self.recurrent_dropout:
                state = ops.multiply(state, self.get_recurrent_dropout_mask(state))
        return inputs, state

    # Parts of steps

    def _from_inputs(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """The product of an input with a kernel."""
        return ops.matmul(inputs, kernel)

    def _from_state(self, state: Tensor, kernel: Tensor) -> Tensor:
        """The product of a state with a kernel."""
        return ops.matmul(state, kernel)


def _checked_rate(owner: Layer, name: str, rate: Any) -> float:
    if not isinstance(rate, (int, float)) or isinstance(rate, bool) or not 0 <= rate <= 1:
        raise ValueError(
            f"{type(owner).__name__}: `{name}` must be a number in [0, 1], received {name}={rate!r}."
        )
    return rate
