"""Reductions over axes: sums, extrema, logical reductions, positions of extrema.

All take `axis` (an axis, several, or all by default) and most take `keepdims`. Reductions that skip
NaN live in `nan_reductions`, order statistics in `quantiles`, weighted ones in `statistics`.
"""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.core import dtype as dtype_of
from keras_ops.operations.elementwise import (
    exp,
    isfinite,
    log,
    maximum,
    minimum,
    not_equal,
    sqrt,
    square,
    where,
)
from keras_ops.operations.segments import segment_max, segment_min, segment_sum
from keras_ops.rules import (
    accumulate,
    accumulate_as_asked,
    boolean,
    exact,
    index,
    native_float,
    normalize_axis,
    reduce,
    to_float,
)
from keras_ops.sparse import counting_all, counting_any, extreme, summation
from keras_ops.tensor import Shape, Tensor

Axis = int | Sequence[int] | None


@export(["keras.ops.sum", "keras.ops.numpy.sum"])
@op(shape=reduce, dtype=accumulate, sparse=summation)
def sum(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Sums the elements over axes.

    Args:
        {over_axes}

    Returns:
        A tensor without the reduced axes. Booleans and small integers are summed in 32 bits.

    Example:

        >>> sum([[1.0, 2.0], [3.0, 4.0]], axis=0)
        Array([4., 6.], dtype=float32)
    """


@export(["keras.ops.mean", "keras.ops.numpy.mean"])
@op(shape=reduce, dtype=native_float, sparse=summation)
def mean(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Averages the elements over axes.

    {reduction_float}

    Example:

        >>> mean([[1, 2], [3, 4]], axis=1)
        Array([1.5, 3.5], dtype=float32)
    """


@export(["keras.ops.var", "keras.ops.numpy.var"])
@op(shape=reduce, dtype=to_float)
def var(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Variance over axes: the mean of the squared distances from the mean.

    {reduction_float}

    Example:

        >>> var([1.0, 2.0, 3.0, 4.0])
        Array(1.25, dtype=float32)
    """
    return mean(square(x - mean(x, axis, keepdims=True)), axis, keepdims)


@export(["keras.ops.std", "keras.ops.numpy.std"])
@op(shape=reduce, dtype=native_float)
def std(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Standard deviation over axes: the square root of the variance.

    {reduction_float}

    Example:

        >>> std([[1.0, 3.0], [0.0, 8.0]], axis=1)
        Array([1., 4.], dtype=float32)
    """
    return sqrt(mean(square(x - mean(x, axis, keepdims=True)), axis, keepdims))


@export(["keras.ops.prod", "keras.ops.numpy.prod"])
@op(shape=reduce, dtype=accumulate_as_asked)
def prod(x: Tensor, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> Tensor:
    """Multiplies the elements over axes.

    Args:
        {over_axes}
        dtype: Dtype of the result; by default that of `x`, with at least 32 bits for integers.

    Returns:
        A tensor without the reduced axes.

    Example:

        >>> prod([[1, 2], [3, 4]], axis=1)
        Array([ 2, 12], dtype=int32)
    """


_largest = extreme(segment_max, segment_sum, maximum)
_smallest = extreme(segment_min, segment_sum, minimum)


@export(["keras.ops.max", "keras.ops.numpy.max"])
@op(shape=reduce, dtype=exact, sparse=_largest)
def max(x: Tensor, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Tensor:
    """Largest element over axes.

    Args:
        {over_axes}
        initial: The least value of the result; needed for a tensor without elements.

    Returns:
        A tensor of the dtype of `x`, without the reduced axes.

    Example:

        >>> max([[1, 5], [7, 3]], axis=1)
        Array([5, 7], dtype=int32)
    """


@export(["keras.ops.min", "keras.ops.numpy.min"])
@op(shape=reduce, dtype=exact, sparse=_smallest)
def min(x: Tensor, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Tensor:
    """Smallest element over axes.

    Args:
        {over_axes}
        initial: The greatest value of the result; needed for a tensor without elements.

    Returns:
        A tensor of the dtype of `x`, without the reduced axes.

    Example:

        >>> min([[1, 5], [7, 3]], axis=1)
        Array([1, 3], dtype=int32)
    """


@export(["keras.ops.amax", "keras.ops.numpy.amax"])
@op(shape=reduce, dtype=exact, sparse=_largest)
def amax(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Largest element over axes; the same as `max` without `initial`.

    {reduction}

    Example:

        >>> amax([[1, 5], [7, 3]])
        Array(7, dtype=int32)
    """
    return max(x, axis, keepdims)


@export(["keras.ops.amin", "keras.ops.numpy.amin"])
@op(shape=reduce, dtype=exact, sparse=_smallest)
def amin(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Smallest element over axes; the same as `min` without `initial`.

    {reduction}

    Example:

        >>> amin([[1, 5], [7, 3]])
        Array(1, dtype=int32)
    """
    return min(x, axis, keepdims)


@export(["keras.ops.ptp", "keras.ops.numpy.ptp"])
@op(shape=reduce, dtype=exact)
def ptp(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Range of the values over axes: the largest minus the smallest.

    Args:
        x: Tensor of numbers.
        axis: Axis or axes to reduce; all by default.
        keepdims: Whether the reduced axes stay, with size 1.

    Returns:
        A tensor of the dtype of `x`, without the reduced axes.

    Example:

        >>> ptp([[1, 5], [7, 3]], axis=1)
        Array([4, 4], dtype=int32)
    """
    if dtype_of(x) == "bool":
        return not_equal(max(x, axis, keepdims), min(x, axis, keepdims))
    return max(x, axis, keepdims) - min(x, axis, keepdims)


@export(["keras.ops.all", "keras.ops.numpy.all"])
@op(shape=reduce, dtype=boolean, sparse=counting_all)
def all(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether all elements over axes are true (not zero).

    {reduction_bool}

    Example:

        >>> all([[True, False], [True, True]], axis=1)
        Array([False,  True], dtype=bool)
    """


@export(["keras.ops.any", "keras.ops.numpy.any"])
@op(shape=reduce, dtype=boolean, sparse=counting_any)
def any(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether any element over axes is true (not zero).

    {reduction_bool}

    Example:

        >>> any([[True, False], [False, False]], axis=1)
        Array([ True, False], dtype=bool)
    """


@export(["keras.ops.count_nonzero", "keras.ops.numpy.count_nonzero"])
@op(shape=reduce, dtype=index)
def count_nonzero(x: Tensor, axis: Axis = None) -> Tensor:
    """Counts the elements over axes that are not zero.

    Args:
        x: Tensor.
        axis: Axis or axes to reduce; all by default.

    Returns:
        An int32 tensor without the reduced axes.

    Example:

        >>> count_nonzero([[0, 5], [7, 3]], axis=0)
        Array([1, 2], dtype=int32)
    """
    return sum(x if dtype_of(x) == "bool" else not_equal(x, 0), axis)


@export("keras.ops.logsumexp")
@op(shape=reduce, dtype=native_float, module="math")
def logsumexp(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Logarithm of the sum of exponentials over axes, without overflow.

    Args:
        {over_axes}

    Returns:
        A float tensor without the reduced axes; minus infinity where there is nothing to sum.

    Example:

        >>> logsumexp([1000.0, 1000.0])
        Array(1000.6931, dtype=float32)
    """
    # Exponentials are taken relative to the largest element; an infinite one must not be subtracted.
    shift = max(x, axis, keepdims=True, initial=float("-inf"))
    shift = where(isfinite(shift), shift, 0.0)
    result = log(sum(exp(x - shift), axis, keepdims=True)) + shift
    return result if keepdims else sum(result, axis)


def reduce_one(shape: Shape, *, axis: int | None = None, keepdims: bool = False, **_: Any) -> Shape:
    """The shape after a reduction of one axis, or of all at once."""
    return reduce(shape, axis=None if axis is None else normalize_axis(axis, len(shape)), keepdims=keepdims)


@export(["keras.ops.argmax", "keras.ops.numpy.argmax"])
@op(shape=reduce_one, dtype=index)
def argmax(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Position of the largest element along an axis; the first one among equals.

    Args:
        {position}

    Returns:
        An int32 tensor without the reduced axis. NaN counts as the largest value.

    Example:

        >>> argmax([[1, 5, 2], [7, 3, 7]], axis=1)
        Array([1, 0], dtype=int32)
    """


@export(["keras.ops.argmin", "keras.ops.numpy.argmin"])
@op(shape=reduce_one, dtype=index)
def argmin(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Position of the smallest element along an axis; the first one among equals.

    Args:
        {position}

    Returns:
        An int32 tensor without the reduced axis. NaN counts as the smallest value.

    Example:

        >>> argmin([[1, 5, 1], [7, 3, 7]], axis=1)
        Array([0, 1], dtype=int32)
    """
