"""Recurrent layers as single operations: `simple_rnn`, `gru`, `lstm` over all steps of a batch.

Layers call them where their options allow; backends override them with fused kernels. What one step computes is
in `simple_step`, `gru_step` and `lstm_step`, which the layers' cells call too. None of them is a public name.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

from keras_ops.documentation import documented
from keras_ops.op import op
from keras_ops.operations.activations_nn import relu, sigmoid
from keras_ops.operations.activations_piecewise import hard_sigmoid
from keras_ops.operations.arithmetic import add, multiply, subtract
from keras_ops.operations.comparison import greater, where
from keras_ops.operations.core import cast, shape
from keras_ops.operations.creation import zeros_like
from keras_ops.operations.cumulative import cumsum
from keras_ops.operations.indexing import get_item
from keras_ops.operations.joining import split
from keras_ops.operations.loops import _scan
from keras_ops.operations.matmul import matmul
from keras_ops.operations.shapes import expand_dims, flip, swapaxes
from keras_ops.operations.trigonometry import tanh
from keras_ops.programs import one_program
from keras_ops.rules import promote
from keras_ops.state import state as scopes
from keras_ops.tensor import KerasTensor, Tensor

Activation = Literal["tanh", "sigmoid", "relu", "hard_sigmoid", "linear"]
Function = Callable[[Any], Any]
_ACTIVATIONS: dict[str, Function] = {
    "tanh": tanh,
    "sigmoid": sigmoid,
    "relu": relu,
    "hard_sigmoid": hard_sigmoid,
    "linear": lambda x: x,
}
_dtypes = replace(promote, free=frozenset({"mask"}))
_texts = documented(
    mask="mask: Booleans `(batch, steps)`. Where false, a step keeps the states and repeats the output before.",
    way="""
reverse: Whether to go from the last step to the first; outputs come in the order of the calls.
zero_masked: Whether masked steps give zeros instead of the output before.
every: Whether the outputs of all steps are wanted, or that of the last one.
fused: Whether to insist on a kernel of the backend.
""",
    refusal="""
Raises:
    ValueError: If `fused` is set and the backend has no kernel for these arguments.
""",
)


def simple_step(x: Tensor, own: Tensor, activation: Function) -> Tensor:
    """Returns the next state of a simple cell.

    Args:
        x: The input of the step, projected, with the bias.
        own: The state, projected.
        activation: Function of a tensor.

    Example:

        >>> import numpy as np
        >>> float(simple_step(np.ones(()), np.ones(()), relu))
        2.0
    """
    return activation(add(x, own))


def gru_step(
    x: Tensor,
    own: Tensor,
    state: Tensor,
    activation: Function,
    gate: Function,
    project: Function | None = None,
) -> Tensor:
    """Returns the next state of gated recurrent units: `z * state + (1 - z) * candidate`.

    Args:
        x: The input of the step, projected, with its bias `(batch, 3 * units)`: blocks for the update gate `z`,
            the reset gate and the candidate.
        own: The state, projected likewise; with `project` `(batch, 2 * units)`, for the gates alone.
        state: The state `(batch, units)`.
        activation: Function of a tensor, the candidate's activation.
        gate: Function of a tensor, the gates' activation.
        project: What the candidate sees of the state, as a function of the reset gate, where that comes before
            the product.

    Example:

        >>> import numpy as np
        >>> float(gru_step(np.zeros((1, 3)), np.zeros((1, 3)), np.ones((1, 1)), tanh, sigmoid)[0, 0])
        0.5
    """
    of_update, of_reset, of_candidate = split(x, 3, axis=-1)
    own_update, own_reset, *rest = split(own, 2 if project else 3, axis=-1)
    update, reset = gate(add(of_update, own_update)), gate(add(of_reset, own_reset))
    seen = project(reset) if project else multiply(reset, rest[0])
    candidate = activation(add(of_candidate, seen))
    return add(candidate, multiply(update, subtract(state, candidate)))


def lstm_step(
    x: Tensor, memory: Tensor, activation: Function, gate: Function, axis: int = -1
) -> tuple[Tensor, Tensor]:
    """Returns the output and the next memory of long short-term memory.

    Args:
        x: Input and output before, both projected, with the bias: blocks along `axis` for the gates that let in
            and forget, the candidate, and the gate that lets out.
        memory: The memory.
        activation: Function of a tensor, the activation of candidate and memory.
        gate: Function of a tensor, the gates' activation.
        axis: Where the blocks are.

    Example:

        >>> import numpy as np
        >>> float(lstm_step(np.zeros((1, 4)), np.ones((1, 1)), tanh, sigmoid)[1][0, 0])
        0.5
    """
    enter, forget, candidate, leave = split(x, 4, axis=axis)
    memory = add(multiply(gate(forget), memory), multiply(gate(enter), activation(candidate)))
    return multiply(gate(leave), activation(memory)), memory


def _spec(count: int) -> Callable[..., tuple[KerasTensor, ...]]:
    """The spec of an operation with so many states: outputs, then the last states."""

    def spec(
        inputs: KerasTensor, *tensors: KerasTensor, every: bool = True, **_: Any
    ) -> tuple[KerasTensor, ...]:
        states, kernel = tensors[:count], tensors[count + 1]
        units = kernel._shape[0]
        if len(inputs._shape) != 3:
            raise ValueError(
                f"expected `inputs` of shape (batch, steps, features), received {inputs._shape}."
            )
        batch, steps = inputs._shape[:2]
        output = (batch, steps, units) if every else (batch, units)
        shapes = [output, *[(batch, units)] * len(states)]
        return tuple(KerasTensor.make(each, states[0].dtype) for each in shapes)

    return spec


@_texts
@op(spec=_spec(1), dtype=_dtypes)
@one_program
def simple_rnn(
    inputs: Tensor,
    state: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor | None = None,
    mask: Tensor | None = None,
    activation: Activation = "tanh",
    reverse: bool = False,
    zero_masked: bool = False,
    every: bool = True,
    fused: bool = False,
) -> tuple[Tensor, Tensor]:
    """Runs the cell `activation(x @ kernel + bias + state @ recurrent_kernel)` over all steps.

    Args:
        inputs: Tensor of shape `(batch, steps, features)`.
        state: The first state `(batch, units)`.
        kernel: Tensor of shape `(features, units)`.
        recurrent_kernel: Tensor of shape `(units, units)`.
        bias: Tensor of shape `(units,)`.
        {mask}
        activation: Name of the activation.
        {way}

    Returns:
        The outputs `(batch, steps, units)`, or the last one `(batch, units)`, and the last state.

    {refusal}

    Example:

        >>> import numpy as np
        >>> x, eye = np.ones((1, 3, 2), "float32"), np.eye(2, dtype="float32")
        >>> simple_rnn(x, x[:, 0], eye, eye, activation="linear")[1].shape
        (1, 2)
    """
    _refuse(fused)
    act = _ACTIVATIONS[activation]

    def step(states: list[Any], x: Any) -> list[Any]:
        return [simple_step(_projected(x, kernel, bias), matmul(states[0], recurrent_kernel), act)]

    return _over_steps(step, inputs, [state], mask, reverse, zero_masked, every)


@_texts
@op(spec=_spec(1), dtype=_dtypes)
@one_program
def gru(
    inputs: Tensor,
    state: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor | None = None,
    mask: Tensor | None = None,
    activation: Activation = "tanh",
    recurrent_activation: Activation = "sigmoid",
    reset_after: bool = True,
    reverse: bool = False,
    zero_masked: bool = False,
    every: bool = True,
    fused: bool = False,
) -> tuple[Tensor, Tensor]:
    """Runs gated recurrent units over all steps.

    The blocks of the kernels are those of the update gate, the reset gate and the candidate.

    Args:
        inputs: Tensor of shape `(batch, steps, features)`.
        state: The first state `(batch, units)`.
        kernel: Tensor of shape `(features, 3 * units)`.
        recurrent_kernel: Tensor of shape `(units, 3 * units)`.
        bias: With `reset_after` `(2, 3 * units)`, for the inputs and for the state; else `(3 * units,)`.
        {mask}
        activation: Name of the candidate's activation.
        recurrent_activation: Name of the gates' activation.
        reset_after: Whether the reset gate comes after the product with the kernel, or before.
        {way}

    Returns:
        The outputs `(batch, steps, units)`, or the last one `(batch, units)`, and the last state.

    {refusal}

    Example:

        >>> import numpy as np
        >>> x, zeros = np.ones((1, 3, 2), "float32"), np.zeros((2, 6), "float32")
        >>> float(gru(x, x[:, 0], zeros, zeros)[1][0, 0])
        0.125
    """
    _refuse(fused)
    act, gate, units = (
        _ACTIVATIONS[activation],
        _ACTIVATIONS[recurrent_activation],
        shape(recurrent_kernel)[0],
    )
    own_bias, last = None, None
    if not reset_after:
        recurrent_kernel, last = (
            get_item(recurrent_kernel, (..., part)) for part in (slice(2 * units), slice(2 * units, None))
        )
    elif bias is not None:
        bias, own_bias = get_item(bias, 0), get_item(bias, 1)

    def step(states: list[Any], x: Any) -> list[Any]:
        (before,) = states
        own = _projected(before, recurrent_kernel, own_bias)
        project = None if reset_after else lambda reset: matmul(multiply(reset, before), last)
        return [gru_step(_projected(x, kernel, bias), own, before, act, gate, project)]

    return _over_steps(step, inputs, [state], mask, reverse, zero_masked, every)


@_texts
@op(spec=_spec(2), dtype=_dtypes)
@one_program
def lstm(
    inputs: Tensor,
    state: Tensor,
    memory: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor | None = None,
    mask: Tensor | None = None,
    activation: Activation = "tanh",
    recurrent_activation: Activation = "sigmoid",
    reverse: bool = False,
    zero_masked: bool = False,
    every: bool = True,
    fused: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    """Runs long short-term memory over all steps.

    The blocks of the kernels are those of the gates that let in and forget, the candidate, and the gate that
    lets out.

    Args:
        inputs: Tensor of shape `(batch, steps, features)`.
        state: The output before the first step `(batch, units)`.
        memory: The first memory `(batch, units)`.
        kernel: Tensor of shape `(features, 4 * units)`.
        recurrent_kernel: Tensor of shape `(units, 4 * units)`.
        bias: Tensor of shape `(4 * units,)`.
        {mask}
        activation: Name of the activation of candidate and memory.
        recurrent_activation: Name of the gates' activation.
        {way}

    Returns:
        The outputs `(batch, steps, units)`, or the last one `(batch, units)`, and the last states.

    {refusal}

    Example:

        >>> import numpy as np
        >>> x, zeros = np.ones((1, 3, 2), "float32"), np.zeros((2, 8), "float32")
        >>> float(lstm(x, x[:, 0], x[:, 0], zeros, zeros)[2][0, 0])
        0.125
    """
    _refuse(fused)
    act, gate = _ACTIVATIONS[activation], _ACTIVATIONS[recurrent_activation]

    def step(states: list[Any], x: Any) -> list[Any]:
        before, memory = states
        x = add(_projected(x, kernel, bias), matmul(before, recurrent_kernel))
        return list(lstm_step(x, memory, act, gate))

    return _over_steps(step, inputs, [state, memory], mask, reverse, zero_masked, every)


def _refuse(fused: bool) -> None:
    if fused:
        raise ValueError(
            f"expected a fused kernel, as `use_cudnn=True` asks for, but the {scopes.backend.name!r} backend has "
            'none for these arguments or on this device; `use_cudnn="auto"` takes one only where there is.'
        )


def _projected(inputs: Any, kernel: Any, bias: Any) -> Any:
    """A product with a kernel; of a step at a time, since compiled loops that keep them all are slower."""
    projected = matmul(inputs, kernel)
    return projected if bias is None else add(projected, bias)


def _over_steps(
    step: Callable[[list[Any], Any], list[Any]],
    xs: Any,
    states: Sequence[Any],
    mask: Any,
    reverse: bool,
    zero_masked: bool,
    every: bool,
) -> tuple[Any, ...]:
    """Runs a step over `(batch, steps, ...)`; its first state is its output."""
    steps = shape(xs)[1]
    if isinstance(steps, int) and steps == 0:
        nothing = expand_dims(states[0], 1)[:, :0]
        return (nothing if every else states[0] if mask is None else zeros_like(states[0]), *states)
    moved = [swapaxes(x, 0, 1) for x in (xs, mask) if x is not None]

    def body(carry: Sequence[Any], x: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        new = step(list(carry), x[0])
        if mask is not None:
            counts = expand_dims(x[1], -1)
            new = [where(counts, value, old) for value, old in zip(new, carry)]
        return new, new[:1] if every else []

    last, outputs = _scan(list(states), moved, body, shape(moved[0])[0], reverse)
    shown = None if mask is None else _shown(mask, reverse, zero_masked)
    if every:
        result = swapaxes(flip(outputs[0], 0) if reverse else outputs[0], 0, 1)
        shown = None if shown is None else expand_dims(shown, -1)
    else:
        result = last[0]
        shown = None if shown is None else shown[:, -1:]
    if shown is not None:
        result = where(shown, result, 0)
    return (result, *last)


def _shown(mask: Any, reverse: bool, zero_masked: bool) -> Any:
    """Which steps have an output, in the order of the calls: others give zeros.

    Args:
        mask: Booleans `(batch, steps)`.
        reverse: Whether the calls go from the last step to the first.
        zero_masked: Whether only steps that count have one, or also those after such a step.
    """
    mask = flip(mask, 1) if reverse else mask
    return mask if zero_masked else greater(cumsum(cast(mask, "int32"), axis=1), 0)
