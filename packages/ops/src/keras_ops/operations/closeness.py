"""Comparison within a tolerance.

Users find it in `keras.ops`. Exact comparison lives in `comparison`.
"""

from typing import Any

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.arithmetic import absolute, add, multiply, subtract, true_divide
from keras_ops.operations.comparison import equal, isfinite, isnan, less_equal, logical_and, logical_or
from keras_ops.operations.reductions import all
from keras_ops.rules import boolean, broadcast
from keras_ops.tensor import Shape, Tensor


def _scalar(*_: Shape, **__: Any) -> Shape:
    return ()


@export(["keras.ops.isclose", "keras.ops.numpy.isclose"])
@op(shape=broadcast, dtype=boolean, call=("rtol", "atol"))
def isclose(x1: Tensor, x2: Tensor, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> Tensor:
    """Returns whether `|x1 - x2| <= atol + rtol * |x2|`, element-wise.

    Args:
        x1: Tensor or number.
        x2: Tensor or number, of a shape that broadcasts with that of `x1`.
        rtol: Tolerance relative to `x2`, 1e-5 by default.
        atol: Absolute tolerance, 1e-8 by default.
        equal_nan: Whether NaN equals NaN, `False` by default.

    Returns:
        A boolean tensor of the broadcast shape.

    Example:

        >>> isclose([1.0, 2.0], [1.000001, 2.1])
        Array([ True, False], dtype=bool)
    """
    # In floats: the difference of unsigned integers would wrap around.
    x1, x2 = true_divide(x1, 1), true_divide(x2, 1)
    within = less_equal(absolute(subtract(x1, x2)), add(multiply(absolute(x2), rtol), atol))
    close = logical_or(equal(x1, x2), logical_and(isfinite(x2), within))
    return logical_or(close, logical_and(isnan(x1), isnan(x2))) if equal_nan else close


@export(["keras.ops.allclose", "keras.ops.numpy.allclose"])
@op(shape=_scalar, dtype=boolean, class_name="AllClose")
def allclose(
    x1: Tensor, x2: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Returns whether two tensors are equal within a tolerance in all elements.

    Args:
        x1: Tensor or number.
        x2: Tensor or number, of a shape that broadcasts with that of `x1`.
        rtol: Tolerance relative to `x2`, 1e-5 by default.
        atol: Absolute tolerance, 1e-8 by default.
        equal_nan: Whether NaN equals NaN, `False` by default.

    Returns:
        A boolean scalar tensor.

    Example:

        >>> allclose([1.0, 2.0], [1.000001, 2.0])
        Array(True, dtype=bool)
    """
    return all(isclose(x1, x2, rtol, atol, equal_nan))
