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
        query: Booleans of shape `(batch, queries)`.
        value: Booleans of shape `(batch, keys)`.
        key: Booleans of shape `(batch, keys)`.
        pairs: Booleans of shape `(batch, queries, keys)`.
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
        Booleans that broadcast to `(batch, queries, keys)`; `None` if everything is seen.

    Example:

        >>> x = ops.ones((1, 3, 2))
        >>> visibility(x, x, (1,), Masks(), True, 2)[0].tolist()
        [[True, False, False], [True, True, False], [False, True, True]]
    """
    count = len(axes)
    parts = [] if masks.query is None else [_of_queries(masks.query, count)]
    parts += [_of_keys(mask, count) for mask in (masks.value, masks.key) if mask is not None]
    if causal or window is not None:
        rows = ops.expand_dims(ops.arange(ops.shape(query)[axes[0]]), 1)
        columns = ops.arange(ops.shape(value)[axes[0]])
        if causal:
            parts.append(ops.expand_dims(ops.greater_equal(rows, columns), 0))
        if window is not None:
            near = ops.less(ops.absolute(ops.subtract(rows, columns)), window)
            parts.append(ops.expand_dims(near, 0))
    if masks.pairs is not None:
        parts.append(ops.cast(masks.pairs, "bool"))
    if not parts:
        return None
    result = parts[0]
    for part in parts[1:]:
        result = ops.logical_and(result, part)
    return result


def _of_queries(mask: Tensor, count: int) -> Tensor:
    mask = ops.cast(mask, "bool")
    for _ in range(count + max(0, 1 + count - len(mask.shape))):
        mask = ops.expand_dims(mask, -1)
    return mask


def _of_keys(mask: Tensor, count: int) -> Tensor:
    mask = ops.cast(mask, "bool")
    while len(mask.shape) < 1 + count:
        mask = ops.expand_dims(mask, -1)
    for _ in range(count):
        mask = ops.expand_dims(mask, -count - 1)
    return mask
