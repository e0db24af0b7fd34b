"""Reductions over segments: groups of the leading axis that a tensor of numbers tells apart."""

from typing import Any

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.rules import like
from keras_ops.tensor import Shape, Tensor


def _segmented(data: Shape, segment_ids: Shape, *, num_segments: int | None = None, **_: Any) -> Shape:
    if len(segment_ids) != 1:
        raise ValueError(f"expected `segment_ids` to have one axis, received shape {segment_ids}.")
    return (num_segments, *data[1:])


@export("keras.ops.segment_sum")
@op(shape=_segmented, dtype=like(0), module="math")
def segment_sum(
    data: Tensor, segment_ids: Tensor, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """Sums the slices of each segment.

    {segments}

    Returns:
        A tensor of shape `(num_segments, ...)`; 0 for a segment without slices.

    Example:

        >>> segment_sum([1, 2, 3], [0, 0, 1], num_segments=2)
        Array([3, 3], dtype=int32)
    """


@export("keras.ops.segment_prod")
@op(shape=_segmented, dtype=like(0), module="math")
def segment_prod(
    data: Tensor, segment_ids: Tensor, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """Multiplies the slices of each segment.

    {segments}

    Returns:
        A tensor of shape `(num_segments, ...)`; 1 for a segment without slices.

    Example:

        >>> segment_prod([1, 2, 3], [0, 0, 1], num_segments=2)
        Array([2, 3], dtype=int32)
    """


@export("keras.ops.segment_max")
@op(shape=_segmented, dtype=like(0), module="math")
def segment_max(
    data: Tensor, segment_ids: Tensor, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """Largest element of each segment.

    {segments}

    Returns:
        A tensor of shape `(num_segments, ...)`; the lowest value of the dtype for a segment without
        slices.

    Example:

        >>> segment_max([1, 2, 3], [0, 0, 1], num_segments=2)
        Array([2, 3], dtype=int32)
    """


@export("keras.ops.segment_min")
@op(shape=_segmented, dtype=like(0), module="math")
def segment_min(
    data: Tensor, segment_ids: Tensor, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """Smallest element of each segment.

    {segments}

    Returns:
        A tensor of shape `(num_segments, ...)`; the highest value of the dtype for a segment without
        slices.

    Example:

        >>> segment_min([1, 2, 3], [0, 0, 1], num_segments=2)
        Array([1, 3], dtype=int32)
    """
