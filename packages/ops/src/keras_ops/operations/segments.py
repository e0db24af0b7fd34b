"""Reductions over segments: groups of the leading axis that a tensor of numbers tells apart."""

from keras_backends.api import export
from keras_backends.dtypes import is_int

from keras_ops.op import op
from keras_ops.rules import like
from keras_ops.tensor import KerasTensor, Tensor


def _segmented(
    data: KerasTensor, segment_ids: KerasTensor, num_segments: int | None = None, sorted: bool = False
) -> KerasTensor:
    ids = segment_ids._shape
    if len(ids) != 1:
        raise ValueError(f"expected `segment_ids` to have one axis, received shape {ids}.")
    if not is_int(segment_ids.dtype):
        raise ValueError(f"expected `segment_ids` of an integer dtype, received {segment_ids.dtype}.")
    if not data._shape or (None not in (ids[0], data._shape[0]) and ids[0] != data._shape[0]):
        raise ValueError(
            f"expected a segment for each slice of `data`, received shapes {data._shape} and {ids}."
        )
    if num_segments is not None and num_segments < 0:
        raise ValueError(f"expected `num_segments` of 0 or more, received num_segments={num_segments}.")
    return KerasTensor.make((num_segments, *data._shape[1:]), data.dtype)


@export("keras.ops.segment_sum")
@op(spec=_segmented, dtype=like(0), module="math", checked=True)
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
@op(spec=_segmented, dtype=like(0), module="math", checked=True)
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
@op(spec=_segmented, dtype=like(0), module="math", checked=True)
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
@op(spec=_segmented, dtype=like(0), module="math", checked=True)
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
