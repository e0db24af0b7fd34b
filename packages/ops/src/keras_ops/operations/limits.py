"""Values cut off at limits, or replaced where they are no numbers.

Users find them in `keras.ops`, and other families use them.
"""

from dataclasses import replace

from keras_backends.api import export
from keras_backends.dtypes import FLOATS, INTS, WEAK, is_float, standardize_dtype

from keras_ops.op import op
from keras_ops.operations.arithmetic import maximum, minimum
from keras_ops.operations.comparison import isnan, isneginf, isposinf, where
from keras_ops.operations.core import range_of
from keras_ops.rules import Promotion, broadcast, exact, native_number, same
from keras_ops.sparse import keeps_zeros
from keras_ops.tensor import Tensor

_KINDS = ((frozenset({"bool"}), 0), (INTS | {"int"}, 1), (FLOATS | {"float"}, 2))


def _kind(dtype: str) -> int:
    return next((kind for names, kind in _KINDS if dtype in names), 3)


def _clipped(p: Promotion, x: str, *limits: str) -> str:
    keeps = x not in WEAK and all(_kind(limit) <= max(_kind(x), 1) for limit in limits)
    return p.number(p.native(x) if keeps else p.native(x, *limits))


@export(["keras.ops.clip", "keras.ops.numpy.clip"])
@op(shape=broadcast, dtype=replace(native_number, result=_clipped, cast=True), config=("x_min", "x_max"))
def clip(x: Tensor, x_min: Tensor | None, x_max: Tensor | None) -> Tensor:
    """Limits values to the range from `x_min` to `x_max`.

    Args:
        x: Tensor of any shape.
        x_min: Tensor or number, of a shape that broadcasts with that of `x`; `None` for no lower limit.
        x_max: Tensor or number, of a shape that broadcasts with that of `x`; `None` for no upper limit.
            It wins where it is less than `x_min`.

    Returns:
        A tensor of the broadcast shape and the dtype of `x`; of integers (int32 for booleans) with a
        float limit, a float tensor.

    Example:

        >>> clip([1, 5, 9], 2, 6)
        Array([2, 5, 6], dtype=int32)
    """
    if x_min is not None:
        x = maximum(x, x_min)
    return x if x_max is None else minimum(x, x_max)


@export(["keras.ops.nan_to_num", "keras.ops.numpy.nan_to_num"])
@op(shape=same, dtype=exact, sparse=keeps_zeros)
def nan_to_num(
    x: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """Replaces NaN and infinities by numbers.

    Args:
        x: Tensor of any shape.
        nan: What replaces NaN, 0 by default.
        posinf: What replaces infinity, by default the largest number of the dtype.
        neginf: What replaces negative infinity, by default the least number of the dtype.

    Returns:
        A tensor of the shape and dtype of `x`.

    Example:

        >>> nan_to_num([1.0, float('nan')], nan=-1.0)
        Array([ 1., -1.], dtype=float32)
    """
    dtype = standardize_dtype(x.dtype)
    if not is_float(dtype):
        return x
    least, largest = range_of(dtype)
    x = where(isnan(x), nan, x)
    x = where(isposinf(x), largest if posinf is None else posinf, x)
    return where(isneginf(x), least if neginf is None else neginf, x)
