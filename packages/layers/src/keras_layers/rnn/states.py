"""Sizes of states, and the states before the first step, of any cell.

A size is an integer, a shape without the batch axis, or a list of sizes. What a step computes is in the cells.
"""

from typing import Any

from keras_ops import ops
from keras_ops.tensor import Tensor


def sized_shape(size: Any, leading: tuple[Any, ...]) -> Any:
    """Returns the shape, or list of shapes, of what has a size and some leading axes.

    Example:

        >>> sized_shape([3, (4, 5)], (None,))
        [(None, 3), (None, 4, 5)]
    """
    if isinstance(size, list):
        return [sized_shape(part, leading) for part in size]
    return (*leading, *(size if isinstance(size, tuple) else (size,)))


def zeros(size: Any, batch_size: Any, dtype: str) -> Any:
    """Returns zeros of a size, in its structure."""
    if isinstance(size, list):
        return [zeros(part, batch_size, dtype) for part in size]
    return ops.zeros(sized_shape(size, (batch_size,)), dtype=dtype)


def like_size(state: Any, size: Any) -> Any:
    """Returns a state in the structure of its size: a cell with one state returns it in a list."""
    if isinstance(size, list):
        return list(state)
    return state[0] if isinstance(state, (list, tuple)) else state


def first_states(cell: Any, batch_size: Any, dtype: str) -> Tensor | list[Any]:
    """Returns what a cell starts with, in the structure of its size: zeros, if it does not say.

    Args:
        cell: Has `state_size`, and perhaps `get_initial_state(batch_size)`.
        batch_size: Number of sequences.
        dtype: Dtype of the zeros.
    """
    size = list(cell.state_size) if isinstance(cell.state_size, (list, tuple)) else cell.state_size
    get = getattr(cell, "get_initial_state", None)
    if get is None:
        return zeros(size, batch_size, dtype)
    given = get(batch_size=batch_size)
    if not isinstance(size, list):
        return like_size(given, size)
    return [like_size(state, part) for state, part in zip(given, size, strict=True)]
