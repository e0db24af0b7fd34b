"""Statistics: weighted averages, moments, histograms, counts, correlation.

Plain reductions live in `reductions`, order statistics in `quantiles`.
"""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_backends.dtypes import COMPLEX, result_type

from keras_ops.op import op
from keras_ops.operations.core import cast, saturate_cast
from keras_ops.operations.core import dtype as dtype_of
from keras_ops.operations.core import shape as shape_of
from keras_ops.operations.creation import ones_like
from keras_ops.operations.elementwise import clip, conj, equal, logical_and, sqrt, square, where
from keras_ops.operations.indexing import take
from keras_ops.operations.matmul import matmul
from keras_ops.operations.ranges import arange
from keras_ops.operations.reductions import Axis, max, mean, min, sum
from keras_ops.operations.segments import segment_sum
from keras_ops.operations.shapes import expand_dims, flip, reshape, squeeze, transpose
from keras_ops.operations.sorting import searchsorted
from keras_ops.rules import (
    DtypeRule,
    Promotion,
    exact_float,
    float_of,
    native,
    normalize_axis,
    reduce,
    to_float,
)
from keras_ops.sparse import encoding
from keras_ops.tensor import KerasTensor, Shape, Tensor


@export(["keras.ops.average", "keras.ops.numpy.average"])
@op(shape=lambda x, weights=None, *, axis=None, **_: reduce(x, axis=axis), dtype=to_float)
def average(x: Tensor, axis: Axis = None, weights: Tensor | None = None) -> Tensor:
    """Weighted average over axes.

    Args:
        x: Tensor.
        axis: Axis or axes to reduce; all by default.
        weights: Weights of the shape of `x`, or of shape `(x.shape[axis],)` for one axis; equal ones
            by default.

    Returns:
        A float tensor without the reduced axes.

    Example:

        >>> average([1.0, 2.0, 6.0], weights=[1.0, 1.0, 2.0])
        Array(3.75, dtype=float32)
    """
    if weights is None:
        return mean(x, axis)
    rank = len(x.shape)
    if len(weights.shape) == 1 and rank > 1:
        if not isinstance(axis, int):
            raise ValueError(
                f"expected `axis` to be an int, since `weights` has one axis and `x` has {rank}; "
                f"received axis={axis!r}."
            )
        axis = normalize_axis(axis, rank)
        weights = reshape(weights, (-1,) + (1,) * (rank - 1 - axis))
    # Weights that are broadcast count once for every element that they weigh.
    return sum(x * weights, axis) / sum(ones_like(x) * weights, axis)


@export(["keras.ops.moments", "keras.ops.nn.moments"])
@op(dtype=exact_float)
def moments(
    x: Tensor, axes: int | Sequence[int], keepdims: bool = False, synchronized: bool = False
) -> tuple[Tensor, Tensor]:
    """Mean and variance over axes.

    Args:
        x: Tensor.
        axes: Axis or axes to reduce.
        keepdims: Whether the reduced axes stay, with size 1.
        synchronized: Whether to average over the replicas of a distributed computation as well, where
            one is under way.

    Returns:
        Mean and variance: float tensors without the reduced axes. Half precision is computed in
        float32.

    Example:

        >>> moments([[0.0, 2.0], [4.0, 8.0]], axes=1)
        (Array([1., 6.], dtype=float32), Array([1., 4.], dtype=float32))
    """
    # Backends whose replicas have tensors of their own override this for `synchronized`.
    given = dtype_of(x)
    if given in ("float16", "bfloat16"):
        x = cast(x, "float32")
    center = mean(x, axes, keepdims=True)
    variance = mean(square(x - center), axes, keepdims)
    center = center if keepdims else mean(center, axes)
    if dtype_of(center) != given:
        return saturate_cast(center, given), saturate_cast(variance, given)
    return center, variance


def _counted_shape(x: Shape, weights: Shape | None = None, **_: Any) -> Shape:
    if not x:
        raise ValueError("expected `x` to have at least one axis, received a number.")
    if weights is not None:
        sizes = zip(x, weights)
        if len(weights) != len(x) or any(a != b for a, b in sizes if None not in (a, b)):
            raise ValueError(f"expected `weights` of the shape of `x`, received {weights} for {x}.")
    return (*x[:-1], None)


_counted = DtypeRule(
    None, result=lambda p, *dtypes: p.narrow("int") if len(dtypes) == 1 else p.narrow(*dtypes)
)
"""Counts are plain integers; sums of weights have the common dtype of numbers and weights."""


@op(shape=_counted_shape, dtype=_counted)
def _bin_counts(x: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """The counts, or the sums of weights in the dtype of the weights; see `bincount`."""


@export(["keras.ops.bincount", "keras.ops.numpy.bincount"])
@op(shape=_counted_shape, dtype=_counted, config=("weights",), sparse=encoding, checked=True)
def bincount(x: Tensor, weights: Tensor | None = None, minlength: int = 0, sparse: bool = False) -> Tensor:
    """Counts how often each number from 0 up occurs in the last axis.

    Args:
        x: Int tensor of shape `(n,)` or `(batch, n)`, not negative.
        weights: What each element counts, a tensor of the shape of `x`; 1 by default.
        minlength: Least size of the result.
        sparse: Whether to return a sparse tensor, where the backend has them.

    Returns:
        A tensor of shape `(length,)` or `(batch, length)`, where `length` is the largest number plus
        one, or `minlength`. In compiled functions of backends with fixed shapes it is `minlength`.

    Example:

        >>> bincount([1, 2, 2, 4])
        Array([0, 1, 2, 0, 1], dtype=int32)
    """
    if weights is not None:
        weights = cast(weights, result_type(dtype_of(x), dtype_of(weights)))
    return _bin_counts(x, weights, minlength)


def _histogram_spec(x: KerasTensor, bins: int = 10, range: Any = None) -> tuple[KerasTensor, KerasTensor]:
    _check_bins(bins, range)
    dtype = float_of(x.dtype)
    return KerasTensor.make((bins,), dtype), KerasTensor.make((bins + 1,), dtype)


def _check_bins(bins: Any, range: Any) -> None:
    if not hasattr(bins, "__index__") or isinstance(bins, bool) or bins < 1:
        raise ValueError(f"expected `bins` to be a positive int, received bins={bins!r}.")
    if range is not None and (len(range) != 2 or not range[0] <= range[1]):
        raise ValueError(f"expected `range` to be a pair (low, high), low <= high, received range={range!r}.")


@export(["keras.ops.histogram", "keras.ops.numpy.histogram"])
@op(spec=_histogram_spec, dtype=native, checked=True)
def histogram(x: Tensor, bins: int = 10, range: tuple[float, float] | None = None) -> tuple[Tensor, Tensor]:
    """Counts the elements in bins of equal width.

    Args:
        x: Tensor.
        bins: Number of bins.
        range: Lower and upper end of the bins; the extremes of `x` by default. Elements outside are
            not counted. The last bin contains its upper edge.

    Returns:
        Counts of shape `(bins,)` and edges of shape `(bins + 1,)`.

    Example:

        >>> histogram([1.0, 2.0, 2.0, 5.0], bins=2)
        (Array([3., 1.], dtype=float32), Array([1., 3., 5.], dtype=float32))
    """
    _check_bins(bins, range)
    x = reshape(cast(x, float_of(dtype_of(x))), (-1,))
    if range is None and 0 in x.shape:
        range = (0.0, 1.0)
    low, high = (min(x), max(x)) if range is None else (cast(end, dtype_of(x)) for end in range)
    # Bins around a single value, as wide as 1 in all.
    half = cast(where(equal(low, high), 0.5, 0.0), dtype_of(x))
    low, high = low - half, high + half
    edges = low + (high - low) * (cast(arange(bins + 1), dtype_of(x)) / cast(bins, dtype_of(x)))
    inside = logical_and(x >= low, x <= high)
    place = clip(searchsorted(edges, x, side="right") - 1, 0, bins - 1)
    return segment_sum(cast(inside, dtype_of(x)), place, bins), edges


@export(["keras.ops.corrcoef", "keras.ops.numpy.corrcoef"])
@op(
    shape=lambda x: (x[0], x[0]) if len(x) == 2 else (),
    dtype=DtypeRule(Promotion.exact, then=Promotion.to_wide_float),
)
def corrcoef(x: Tensor) -> Tensor:
    """Pearson correlation of variables with each other.

    Args:
        x: Tensor of shape `(variables, observations)`, or `(observations,)`.

    Returns:
        A float tensor of shape `(variables, variables)`, or without axes for one variable.

    Example:

        >>> corrcoef([[1.0, 2.0, 3.0], [6.0, 4.0, 2.0]])
        Array([[ 1., -1.],
               [-1.,  1.]], dtype=float32)
    """
    rank = len(x.shape)
    rows = reshape(x, (1, -1)) if rank < 2 else x
    centered = rows - mean(rows, -1, keepdims=True)
    norm = sqrt(sum(square(centered), -1, keepdims=True))
    # Rows are scaled before they are multiplied, so that their products cannot overflow.
    scaled = centered / norm
    result = clip(matmul(scaled, transpose(scaled)), -1.0, 1.0)
    return reshape(result, ()) if rank < 2 else result


def _correlated_shape(x1: Shape, x2: Shape, *, mode: str = "valid") -> Shape:
    if len(x1) != 1 or len(x2) != 1:
        raise ValueError(f"expected tensors with one axis, received shapes {x1} and {x2}.")
    if mode not in ("valid", "same", "full"):
        raise ValueError(f"expected `mode` to be 'valid', 'same' or 'full', received mode={mode!r}.")
    sizes = sorted((n for n in (x1[0], x2[0]) if n is not None), reverse=True)
    if len(sizes) < 2:
        return (None,)
    long, short = sizes
    return ({"valid": long - short + 1, "same": long, "full": long + short - 1}[mode],)


@export(["keras.ops.correlate", "keras.ops.numpy.correlate"])
@op(shape=_correlated_shape, dtype=DtypeRule(then=Promotion.to_wide_float))
def correlate(x1: Tensor, x2: Tensor, mode: str = "valid") -> Tensor:
    """Cross-correlation of two sequences: the sum of products at every shift of the second.

    Args:
        x1: Tensor of shape `(n,)`.
        x2: Tensor of shape `(m,)`.
        mode: Which shifts: `"valid"` for those with full overlap, `"same"` for as many as the longer
            sequence has elements, `"full"` for all with any overlap.

    Returns:
        A float tensor with one axis.

    Example:

        >>> correlate([1.0, 2.0, 3.0], [0.0, 1.0, 0.5])
        Array([3.5], dtype=float32)
    """
    n, m = shape_of(x1)[0], shape_of(x2)[0]
    if n < m:
        # Swapping the sequences reverses (and conjugates) the result.
        swapped = flip(correlate(x2, x1, mode))
        return conj(swapped) if dtype_of(x1) in COMPLEX else swapped
    before = {"valid": 0, "same": m // 2, "full": m - 1}[mode]
    count = {"valid": n - m + 1, "same": n, "full": n + m - 1}[mode]
    place = expand_dims(arange(count) - before, 1) + expand_dims(arange(m), 0)
    inside = logical_and(place >= 0, place < n)
    windows = where(inside, take(x1, clip(place, 0, n - 1)), 0)
    kernel = conj(x2) if dtype_of(x2) in COMPLEX else x2
    return squeeze(matmul(windows, expand_dims(kernel, 1)), 1)
