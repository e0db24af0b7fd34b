"""Order statistics along axes: quantiles, percentiles, medians, and the same without NaN.

All are one computation: sort the reduced axes, laid together as the last one, and interpolate at the
positions asked for.
"""

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.core import cast
from keras_ops.operations.core import dtype as dtype_of
from keras_ops.operations.core import shape as shape_of
from keras_ops.operations.creation import full
from keras_ops.operations.elementwise import ceil, equal, floor, isnan, logical_not, maximum, round, where
from keras_ops.operations.indexing import take_along_axis
from keras_ops.operations.reductions import Axis, any, sum
from keras_ops.operations.shapes import broadcast_to, reshape, transpose
from keras_ops.operations.sorting import sort
from keras_ops.refusals import SpecError
from keras_ops.rules import DtypeRule, normalize_axes, promotion, reduce, to_float
from keras_ops.tensor import Shape, Tensor

_METHODS = ("linear", "lower", "higher", "midpoint", "nearest")


def _quantile_shape(x: Shape, q: Shape, *, axis: Any = None, keepdims: bool = False, **_: Any) -> Shape:
    return (*q, *reduce(x, axis=axis, keepdims=keepdims))


def _of_range(most: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Refuses `q` outside of `[0, most]` where it has a value that is known without asking a device."""

    def decorate(operation: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(operation)
        def checked(x: Any, q: Any, *args: Any, **kwargs: Any) -> Any:
            if not _within(q, most):
                raise SpecError(
                    f"ops.{operation.__name__}: expected `q` to be a number, or numbers, in [0, {most}], "
                    f"received q={q!r}."
                )
            return operation(x, q, *args, **kwargs)

        return checked

    return decorate


def _within(q: Any, most: int) -> bool:
    """Says whether numbers, in lists and arrays too, are in `[0, most]`; tensors are taken to be."""
    if isinstance(q, (list, tuple)):
        return all(_within(item, most) for item in q)
    if isinstance(q, (np.ndarray, np.generic)):
        return bool(np.all((q >= 0) & (q <= most)))
    return not isinstance(q, (int, float)) or 0 <= q <= most


_float_of_first = DtypeRule(None, result=lambda p, x, *_: p.to_float(p.narrow(x)))


@export(["keras.ops.quantile", "keras.ops.numpy.quantile"])
@_of_range(1)
@op(shape=_quantile_shape, dtype=_float_of_first)
def quantile(
    x: Tensor, q: Tensor, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """Quantiles over axes.

    Args:
        x: Tensor.
        q: Which quantiles, in `[0, 1]`: a number or a tensor of shape `(n,)`.
        {quantile_options}

    Returns:
        A float tensor without the reduced axes, with the axes of `q` in front; NaN where an element
        is NaN.

    Example:

        >>> quantile([1.0, 2.0, 3.0, 5.0], 0.5)
        Array(2.5, dtype=float32)
    """
    return _at_fractions(x, q, axis, method, keepdims, skip_nan=False)


@export(["keras.ops.percentile", "keras.ops.numpy.percentile"])
@_of_range(100)
@op(shape=_quantile_shape, dtype=_float_of_first)
def percentile(
    x: Tensor, q: Tensor, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """Percentiles over axes.

    Args:
        x: Tensor.
        q: Which percentiles, in `[0, 100]`: a number or a tensor of shape `(n,)`.
        {quantile_options}

    Returns:
        A float tensor without the reduced axes, with the axes of `q` in front.

    Example:

        >>> percentile([1.0, 2.0, 3.0, 5.0], 50)
        Array(2.5, dtype=float32)
    """
    return quantile(x, _fraction(q), axis, method, keepdims)


@export(["keras.ops.nanquantile", "keras.ops.numpy.nanquantile"])
@_of_range(1)
@op(shape=_quantile_shape, dtype=_float_of_first)
def nanquantile(
    x: Tensor, q: Tensor, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """Quantiles over axes, NaN left out.

    Args:
        x: Tensor.
        q: Which quantiles, in `[0, 1]`: a number or a tensor of shape `(n,)`.
        {quantile_options}

    Returns:
        A float tensor without the reduced axes, with the axes of `q` in front; NaN where there is
        nothing else.

    Example:

        >>> nanquantile([1.0, float("nan"), 2.0], 0.5)
        Array(1.5, dtype=float32)
    """
    return _at_fractions(x, q, axis, method, keepdims, skip_nan=True)


@export(["keras.ops.nanpercentile", "keras.ops.numpy.nanpercentile"])
@_of_range(100)
@op(shape=_quantile_shape, dtype=_float_of_first)
def nanpercentile(
    x: Tensor, q: Tensor, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """Percentiles over axes, NaN left out.

    Args:
        x: Tensor.
        q: Which percentiles, in `[0, 100]`: a number or a tensor of shape `(n,)`.
        {quantile_options}

    Returns:
        A float tensor without the reduced axes, with the axes of `q` in front; NaN where there is
        nothing else.

    Example:

        >>> nanpercentile([1.0, float("nan"), 2.0], 50)
        Array(1.5, dtype=float32)
    """
    return nanquantile(x, _fraction(q), axis, method, keepdims)


@export(["keras.ops.median", "keras.ops.numpy.median"])
@op(shape=reduce, dtype=to_float)
def median(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Median over axes.

    {reduction_float}

    Example:

        >>> median([[1, 5, 2], [7, 3, 4]], axis=1)
        Array([2., 4.], dtype=float32)
    """
    return quantile(x, 0.5, axis, keepdims=keepdims)


@export(["keras.ops.nanmedian", "keras.ops.numpy.nanmedian"])
@op(shape=reduce, dtype=to_float)
def nanmedian(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Median over axes, NaN left out.

    {reduction_nan}

    Example:

        >>> nanmedian([1.0, float("nan"), 2.0, 6.0])
        Array(2., dtype=float32)
    """
    return nanquantile(x, 0.5, axis, keepdims=keepdims)


def _fraction(percent: Tensor) -> Tensor:
    # Divided in the widest float: hundredths are not exact in half precision.
    return percent / 100.0 if isinstance(percent, (int, float)) else cast(percent, "float64") / 100.0


def _at_fractions(x: Tensor, q: Tensor, axis: Any, method: str, keepdims: bool, skip_nan: bool) -> Tensor:
    """Quantiles of `x` at the fractions `q`."""
    if method not in _METHODS:
        raise ValueError(f"expected `method` to be one of {_METHODS}, received method={method!r}.")
    p = promotion()
    given = p.to_float(p.narrow(dtype_of(x)))
    # Positions are computed in float32 at least: half precision cannot count far.
    work = "float32" if given in ("float16", "bfloat16") else given
    axes = normalize_axes(axis, len(x.shape))
    kept = [i for i in range(len(x.shape)) if i not in axes]
    sizes = shape_of(x)
    rest = [1 if i in axes else sizes[i] for i in range(len(sizes))] if keepdims else [sizes[i] for i in kept]
    count = math.prod(sizes[i] for i in axes) if 0 in x.shape else -1
    if type(count) is int and count == 0:
        return full([*shape_of(q), *rest], float("nan"), given)
    x = reshape(transpose(cast(x, given), [*kept, *axes]), [*(sizes[i] for i in kept), count])
    fractions = reshape(cast(q, work), (-1,))
    missing = isnan(x)
    ordered = sort(where(missing, float("inf"), x), -1)
    if skip_nan:
        last = cast(sum(logical_not(missing), -1, keepdims=True), work) - 1.0
        empty = last < 0.0
        last = maximum(last, 0.0)
    else:
        empty = any(missing, -1, keepdims=True)
        last = cast(shape_of(x)[-1], work) - 1.0
    position = broadcast_to(fractions * last, [*(sizes[i] for i in kept), shape_of(fractions)[0]])
    result = where(empty, float("nan"), _interpolated(ordered, position, method, work))
    # The quantiles, last so far, come first.
    result = transpose(cast(result, given), [len(kept), *range(len(kept))])
    return reshape(result, [*shape_of(q), *rest])


def _interpolated(ordered: Tensor, position: Tensor, method: str, work: str) -> Tensor:
    """Values between the elements of the last axis at fractional positions."""

    def at(place: Tensor) -> Tensor:
        return cast(take_along_axis(ordered, cast(place, "int32"), -1), work)

    if method == "nearest":
        return at(round(position))
    below = floor(position)
    if method == "lower":
        return at(below)
    if method == "higher":
        return at(ceil(position))
    low, high = at(below), at(ceil(position))
    share = 0.5 if method == "midpoint" else position - below
    # Between equal elements there is nothing to add, also where their difference is not a number.
    return where(equal(low, high), low, low + (high - low) * share)
