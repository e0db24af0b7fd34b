"""`run_steps`: the loop over time of all recurrent layers, one `ops.scan` on every backend.

Used by `RNN`; what a step computes is the cells' affair.
"""

from collections.abc import Callable
from typing import Any

from keras_ops import ops, tree
from keras_ops.tensor import Tensor

Step = Callable[[Tensor, Any], tuple[Any, Any]]
"""From the input and the states of a step to its output and the new states."""


def run_steps(
    step: Step,
    sequences: Tensor,
    states: Any,
    output: Any,
    *,
    mask: Tensor | None = None,
    reverse: bool = False,
    unroll: bool = False,
    zero_masked: bool = False,
    every: bool = True,
) -> tuple[Any, Any, Any]:
    """Calls a function for each step of a batch of sequences.

    Args:
        step: The function.
        sequences: Tensor of shape `(batch, steps, ...)`.
        states: The first states, a structure of tensors.
        output: What counts as the output before the first step, a structure like the outputs.
        mask: Booleans `(batch, steps)`. Where false, a step keeps the states and repeats the output before.
        reverse: Whether to go from the last step to the first; outputs come in the order of the calls.
        unroll: Whether compiled programs hold every step instead of a loop.
        zero_masked: Whether masked steps give zeros instead of the output before.
        every: Whether the outputs of all steps are needed.

    Returns:
        The last output, the outputs of all steps `(batch, steps, ...)` (`None` unless `every`), and the last
        states.

    Example:

        >>> x = ops.ones((2, 3, 4))
        >>> add = lambda x, states: (x + states[0], [x + states[0]])
        >>> last, outputs, _ = run_steps(add, x, [ops.zeros((2, 4))], ops.zeros((2, 4)))
        >>> float(last[0, 0]), outputs.shape == (2, 3, 4)
        (3.0, True)
    """
    repeats = mask is not None and not zero_masked
    carries_output = repeats or not every
    xs = (ops.swapaxes(sequences, 0, 1), None if mask is None else ops.swapaxes(mask, 0, 1))

    def body(carry: Any, x: Any) -> tuple[Any, Any]:
        (before, states), (inputs, counts) = carry, x
        out, new = step(inputs, states)
        if counts is not None:
            instead = before if repeats else tree.map_structure(ops.zeros_like, out)
            out, new = _chosen(counts, out, instead), _chosen(counts, new, states)
        return (out if carries_output else None, new), out if every else None

    start = (output if carries_output else None, states)
    (last, states), outputs = ops.scan(body, start, xs, reverse=reverse, unroll=True if unroll else 1)
    if every:
        if reverse:
            outputs = tree.map_structure(lambda x: ops.flip(x, 0), outputs)
        if not carries_output:
            steps = sequences.shape[1]
            none = isinstance(steps, int) and steps == 0
            last = output if none else tree.map_structure(lambda x: x[-1], outputs)
        outputs = tree.map_structure(lambda x: ops.swapaxes(x, 0, 1), outputs)
    return last, outputs, states


def _chosen(counts: Tensor, new: Any, old: Any) -> Any:
    """The new values in the rows that count, the old ones in the others."""

    def choose(x: Tensor, y: Tensor) -> Tensor:
        return ops.where(ops.expand_dims(counts, tuple(range(len(counts.shape), len(x.shape)))), x, y)

    return tree.pack_sequence_as(old, [choose(x, y) for x, y in zip(tree.flatten(new), tree.flatten(old))])
