"""Reductions over axes that skip NaN.

Each replaces NaN by the neutral value of a plain reduction. Along an axis without any number the
result is that of no elements: 0 for sums, 1 for products, NaN for means and extrema.
"""

from typing import Any

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.core import cast
from keras_ops.operations.core import dtype as dtype_of
from keras_ops.operations.cumulative import without_nan
from keras_ops.operations.elementwise import isnan, logical_not, sqrt, square, where
from keras_ops.operations.reductions import Axis, all, argmax, argmin, max, min, prod, reduce_one, sum
from keras_ops.rules import accumulate, accumulate_as_asked, exact, index, reduce, to_float
from keras_ops.tensor import Tensor

_NAN, _INF = float("nan"), float("inf")


def _is_float(x: Tensor) -> bool:
    return "float" in dtype_of(x)


def _nan_where_all(missing: Tensor, result: Tensor) -> Tensor:
    return where(missing, _NAN, result)


@export(["keras.ops.nansum", "keras.ops.numpy.nansum"])
@op(shape=reduce, dtype=accumulate)
def nansum(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Sums the elements over axes, NaN counted as zero.

    Args:
        {over_axes}

    Returns:
        A tensor without the reduced axes.

    Example:

        >>> nansum([1.0, float("nan"), 2.0])
        Array(3., dtype=float32)
    """
    return sum(without_nan(x, 0.0), axis, keepdims)


@export(["keras.ops.nanprod", "keras.ops.numpy.nanprod"])
@op(shape=reduce, dtype=accumulate_as_asked)
def nanprod(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Multiplies the elements over axes, NaN counted as one.

    Args:
        {over_axes}

    Returns:
        A tensor without the reduced axes.

    Example:

        >>> nanprod([3.0, float("nan"), 2.0])
        Array(6., dtype=float32)
    """
    return prod(without_nan(x, 1.0), axis, keepdims)


@export(["keras.ops.nanmax", "keras.ops.numpy.nanmax"])
@op(shape=reduce, dtype=exact)
def nanmax(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Largest element over axes, NaN left out.

    Args:
        {over_axes}

    Returns:
        A tensor without the reduced axes; NaN where there is nothing else.

    Example:

        >>> nanmax([1.0, float("nan"), 2.0])
        Array(2., dtype=float32)
    """
    if not _is_float(x):
        return max(x, axis, keepdims)
    return _nan_where_all(all(isnan(x), axis, keepdims), max(without_nan(x, -_INF), axis, keepdims))


@export(["keras.ops.nanmin", "keras.ops.numpy.nanmin"])
@op(shape=reduce, dtype=exact)
def nanmin(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Smallest element over axes, NaN left out.

    Args:
        {over_axes}

    Returns:
        A tensor without the reduced axes; NaN where there is nothing else.

    Example:

        >>> nanmin([1.0, float("nan"), 2.0])
        Array(1., dtype=float32)
    """
    if not _is_float(x):
        return min(x, axis, keepdims)
    return _nan_where_all(all(isnan(x), axis, keepdims), min(without_nan(x, _INF), axis, keepdims))


def _count(x: Tensor, axis: Any, keepdims: bool) -> Tensor:
    """How many elements are not NaN, as floats."""
    return cast(sum(logical_not(isnan(x)), axis, keepdims), dtype_of(x))


@export(["keras.ops.nanmean", "keras.ops.numpy.nanmean"])
@op(shape=reduce, dtype=to_float)
def nanmean(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Averages the elements over axes, NaN left out.

    {reduction_nan}

    Example:

        >>> nanmean([1.0, float("nan"), 2.0])
        Array(1.5, dtype=float32)
    """
    return sum(without_nan(x, 0.0), axis, keepdims) / _count(x, axis, keepdims)


@export(["keras.ops.nanvar", "keras.ops.numpy.nanvar"])
@op(shape=reduce, dtype=to_float)
def nanvar(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Variance over axes, NaN left out.

    {reduction_nan}

    Example:

        >>> nanvar([1.0, float("nan"), 3.0])
        Array(1., dtype=float32)
    """
    missing = isnan(x)
    distance = x - nanmean(x, axis, keepdims=True)
    # Distances from an infinite mean are not numbers either, but are not missing.
    return sum(where(missing, 0.0, square(distance)), axis, keepdims) / _count(x, axis, keepdims)


@export(["keras.ops.nanstd", "keras.ops.numpy.nanstd"])
@op(shape=reduce, dtype=to_float)
def nanstd(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Standard deviation over axes, NaN left out.

    {reduction_nan}

    Example:

        >>> nanstd([1.0, float("nan"), 5.0])
        Array(2., dtype=float32)
    """
    return sqrt(nanvar(x, axis, keepdims))


@export(["keras.ops.nanargmax", "keras.ops.numpy.nanargmax"])
@op(shape=reduce_one, dtype=index)
def nanargmax(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Position of the largest element along an axis, NaN left out.

    Args:
        {position}

    Returns:
        An int32 tensor without the reduced axis; -1 where there is only NaN.

    Example:

        >>> nanargmax([1.0, float("nan"), 2.0])
        Array(2, dtype=int32)
    """
    return _position(argmax, x, -_INF, axis, keepdims)


@export(["keras.ops.nanargmin", "keras.ops.numpy.nanargmin"])
@op(shape=reduce_one, dtype=index)
def nanargmin(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Position of the smallest element along an axis, NaN left out.

    Args:
        {position}

    Returns:
        An int32 tensor without the reduced axis; -1 where there is only NaN.

    Example:

        >>> nanargmin([float("nan"), 3.0, 2.0])
        Array(2, dtype=int32)
    """
    return _position(argmin, x, _INF, axis, keepdims)


def _position(find: Any, x: Tensor, neutral: float, axis: int | None, keepdims: bool) -> Tensor:
    if not _is_float(x):
        return find(x, axis, keepdims)
    missing = isnan(x)
    position = find(without_nan(x, neutral), axis, keepdims)
    return where(all(missing, axis, keepdims), -1, position)
