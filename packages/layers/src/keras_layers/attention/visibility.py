"""Which keys a query sees: masks of tensors, given pairs, causality and sliding windows as one mask.

Used by `projected_attention`; the softmax and fused kernels take the result.
"""

from collections.abc import Sequence
from typing import NamedTuple

from keras_ops import ops
from keras_ops.tensor import Tensor


class Masks(NamedTuple):
    """The masks of one call.

    Attributes:
        query: Booleans of shape `(batch, queries)`; with more axes, of the query's first ones.
        value: Booleans of shape `(batch, keys)`, likewise.
        key: Booleans of shape `(batch, keys)`, likewise.
        pairs: Booleans of shape `(batch, queries, keys)`, or `(batch, heads, queries, keys)`.
    """

    query: Tensor | None = None
    value: Tensor | None = None
    key: Tensor | None = None
    pairs: Tensor | None = None


def visibility(
    query: Tensor, value: Tensor, axes: Sequence[int], masks: Masks, causal: bool, window: int | None
) -> Tensor | None:
    """Returns which keys each query sees.

    Args:
        query: The query, for its sizes.
        value: The value, for its sizes.
        axes: Axes over which queries attend; one, if `causal` or `window` is given.
        masks: The masks of the call.
        causal: Whether later keys are hidden.
        window: Keys at this distance and farther are hidden.

    Returns:
        Booleans that broadcast to `(batch, queries, keys)`, with heads if the pairs have them; `None` if
        everything is seen.

    Example:

        >>> x = ops.ones((1, 3, 2))
        >>> ops.convert_to_numpy(visibility(x, x, (1,), Masks(), True, 2))[0].tolist()
        [[True, False, False], [True, True, False], [False, True, True]]
    """
    rank, count = len(query.shape), len(axes)
    parts = []
    if masks.query is not None:
        parts.append(_with_axes(_ordered(masks.query, rank, axes), count, -1))
    for mask in (masks.value, masks.key):
        if mask is not None:
            parts.append(_with_axes(_ordered(mask, rank, axes), count, -count - 1))
    if causal or window is not None:
        rows = ops.expand_dims(ops.arange(ops.shape(query)[axes[0]]), 1)
        columns = ops.arange(ops.shape(value)[axes[0]])
        if causal:
            parts.append(ops.expand_dims(ops.greater_equal(rows, columns), 0))
        if window is not None:
            near = ops.less(ops.absolute(ops.subtract(rows, columns)), window)
            parts.append(ops.expand_dims(near, 0))
    if masks.pairs is not None:
        heads = max(len(masks.pairs.shape) - (rank - 1 + count), 0)
        parts = [*(_with_axes(part, heads, -2 * count - 1) for part in parts), ops.cast(masks.pairs, "bool")]
    if not parts:
        return None
    result = parts[0]
    for part in parts[1:]:
        result = ops.logical_and(result, part)
    return result


def _ordered(mask: Tensor, rank: int, axes: Sequence[int]) -> Tensor:
    """Returns a mask of a tensor's first axes as one of all but the last, those that attend behind the others."""
    mask = _with_axes(ops.cast(mask, "bool"), rank - 1 - len(mask.shape), -1)
    order = (*(axis for axis in range(rank - 1) if axis not in axes), *axes)
    return mask if order == tuple(range(rank - 1)) else ops.transpose(mask, order)


def _with_axes(mask: Tensor, count: int, position: int) -> Tensor:
    for _ in range(count):
        mask = ops.expand_dims(mask, position)
    return mask
