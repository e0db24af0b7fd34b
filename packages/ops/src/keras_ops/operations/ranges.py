"""Sequences of numbers: counted, and spaced evenly on a linear or a logarithmic scale."""

from dataclasses import replace
from typing import Any

from keras_backends.api import export
from keras_backends.dtypes import is_float, result_type, standardize_dtype

from keras_ops.conversion import dtype_token
from keras_ops.op import op
from keras_ops.operations.core import cast
from keras_ops.operations.core import dtype as dtype_of
from keras_ops.operations.elementwise import exp, floor, log, power
from keras_ops.operations.shapes import moveaxis, reshape
from keras_ops.rules import given_dtype, normalize_axis, to_float
from keras_ops.state import state
from keras_ops.tensor import KerasTensor, Tensor


@op(shape=lambda **_: (None,), dtype=given_dtype)
def _count_up(start: Any, stop: Any, step: Any, dtype: Any = None) -> Any:
    """Counts from `start` to before `stop`; these are Python numbers, or tensors without axes."""


def _range_dtype(start: Any, stop: Any, step: Any, dtype: Any) -> str:
    if dtype is not None:
        return standardize_dtype(dtype)
    backend = state.backend
    return result_type(*(dtype_token(x, backend) for x in (start, stop, step) if x is not None))


def _arange_spec(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> KerasTensor:
    return KerasTensor.make((None,), _range_dtype(start, stop, step, dtype))


@export(["keras.ops.arange", "keras.ops.numpy.arange"])
@op(spec=_arange_spec)
def arange(
    start: Tensor, stop: Tensor | None = None, step: Tensor | None = None, dtype: Any = None
) -> Tensor:
    """Makes a sequence of numbers at equal steps.

    Args:
        start: First number; the end, counted from 0, if `stop` is not given.
        stop: End, which is left out.
        step: Distance of neighbours, 1 by default.
        dtype: Dtype; by default the common one of the arguments.

    Returns:
        A tensor of shape `(n,)`.

    Example:

        >>> arange(2, 8, 3)
        Array([2, 5], dtype=int32)
    """
    dtype = _range_dtype(start, stop, step, dtype)
    if stop is None:
        start, stop = 0, start
    # The kernel is called without the operation: sizes are counted often.
    count_up = state.backend.kernels["count_up"]
    return count_up(start=start, stop=stop, step=1 if step is None else step, dtype=dtype)


_spaced = replace(to_float, asked="result")
"""Ends are floats of their common dtype; the result is what the attribute `dtype` says, or as well."""


def _steps(start: Tensor, stop: Tensor, num: int, endpoint: bool, axis: int) -> tuple[Tensor, Tensor]:
    """Equally spaced floats from `start` to `stop`, and their distance; half precision as float32."""
    if num < 0:
        raise ValueError(f"expected `num` to be at least 0, received num={num}.")
    work = dtype_of(start)
    if work in ("float16", "bfloat16"):
        work = "float32"
        start, stop = cast(start, work), cast(stop, work)
    parts = num - 1 if endpoint else num
    rank = max(len(start.shape), len(stop.shape))
    share = reshape(arange(num, dtype=work), [num] + [1] * rank) / max(parts, 1)
    # Weighting both ends hits them exactly, where adding steps to the first one would not.
    values = start * (1.0 - share) + stop * share
    distance = (stop - start) / parts if parts > 0 else (stop - start) * float("nan")
    return moveaxis(values, 0, normalize_axis(axis, rank + 1)), distance


def _as_asked(values: Tensor, dtype: str) -> Tensor:
    return cast(values if is_float(dtype) else floor(values), dtype)


@export(["keras.ops.linspace", "keras.ops.numpy.linspace"])
@op(dtype=_spaced)
def linspace(
    start: Tensor,
    stop: Tensor,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """Makes a sequence of numbers that are equally far apart.

    Args:
        start: First number, or a tensor of first numbers.
        stop: Last number, or a tensor that broadcasts with `start`.
        num: How many numbers.
        endpoint: Whether `stop` is the last number; otherwise it would be the next one.
        retstep: Whether to return the distance of neighbours too.
        dtype: Dtype; by default the float dtype of the ends.
        axis: Axis of the result that the sequence runs along.

    Returns:
        A tensor of the shape of the ends with an axis of size `num` more; with `retstep`, a tuple of
        it and the distance.

    Example:

        >>> linspace(0.0, 1.0, 5)
        Array([0.  , 0.25, 0.5 , 0.75, 1.  ], dtype=float32)
    """
    values, distance = _steps(start, stop, num, endpoint, axis)
    if not retstep:
        return _as_asked(values, dtype)
    return _as_asked(values, dtype), cast(distance, dtype_of(start))


@export(["keras.ops.logspace", "keras.ops.numpy.logspace"])
@op(dtype=_spaced)
def logspace(
    start: Tensor,
    stop: Tensor,
    num: int = 50,
    endpoint: bool = True,
    base: float = 10,
    dtype: Any = None,
    axis: int = 0,
) -> Tensor:
    """Makes a sequence of powers whose exponents are equally far apart.

    Args:
        start: Exponent of the first number, or a tensor of them.
        stop: Exponent of the last number, or a tensor that broadcasts with `start`.
        num: How many numbers.
        endpoint: Whether `stop` belongs to the last number; otherwise it would to the next one.
        base: What the exponents raise.
        dtype: Dtype; by default the float dtype of the ends.
        axis: Axis of the result that the sequence runs along.

    Returns:
        A tensor of the shape of the ends with an axis of size `num` more.

    Example:

        >>> logspace(0.0, 2.0, 3)
        Array([  1.,  10., 100.], dtype=float32)
    """
    return _as_asked(power(float(base), _steps(start, stop, num, endpoint, axis)[0]), dtype)


@export(["keras.ops.geomspace", "keras.ops.numpy.geomspace"])
@op(dtype=_spaced)
def geomspace(
    start: Tensor, stop: Tensor, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> Tensor:
    """Makes a sequence of numbers with equal ratios.

    Args:
        start: First number, or a tensor of first numbers; not zero.
        stop: Last number, of the sign of `start`, or a tensor that broadcasts with it.
        num: How many numbers.
        endpoint: Whether `stop` is the last number; otherwise it would be the next one.
        dtype: Dtype; by default the float dtype of the ends.
        axis: Axis of the result that the sequence runs along.

    Returns:
        A tensor of the shape of the ends with an axis of size `num` more.

    Example:

        >>> geomspace(1.0, 8.0, 4)
        Array([1., 2., 4., 8.], dtype=float32)
    """
    ratio = log(stop / start)
    growth = exp(_steps(ratio * 0.0, ratio, num, endpoint, 0)[0])
    start = cast(start, dtype_of(growth))
    return _as_asked(moveaxis(start * growth, 0, normalize_axis(axis, len(growth.shape))), dtype)
