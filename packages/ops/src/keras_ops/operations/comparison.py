"""Comparison, logic, tests of single values, and the choice between values.

Users find them in `keras.ops`; all other families of operations build on them. Comparison within a
tolerance lives in `closeness`.
"""

from collections.abc import Sequence
from dataclasses import replace

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.rules import DtypeRule, Promotion, boolean, broadcast, exact, fixed, same
from keras_ops.sparse import comparison, keeps_zeros, product, union
from keras_ops.tensor import Shape, Tensor


def _where_shape(condition: Shape, x1: Shape | None = None, x2: Shape | None = None) -> Shape:
    if x1 is None or x2 is None:
        raise ValueError(
            "expected `x1` and `x2`; how many elements of a symbolic `condition` are true is not known."
        )
    return broadcast(condition, x1, x2)


def _chosen(p: Promotion, *dtypes: str) -> str:
    if len(dtypes) == 1:
        raise ValueError("ops.where: expected both `x1` and `x2`, or none of them; received one.")
    return p.native(*dtypes) if dtypes else p.narrow("int")


_where_dtype = DtypeRule(_chosen, free=frozenset({"condition"}))
_select_dtype = replace(exact, free=frozenset({"condlist"}))


@export(["keras.ops.equal", "keras.ops.numpy.equal"])
@op(shape=broadcast, dtype=boolean)
def equal(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns `x1 == x2`, element-wise.

    {comparison}

    Example:

        >>> equal([1, 2, 3], [1, 0, 3])
        Array([ True, False,  True], dtype=bool)
    """


@export(["keras.ops.not_equal", "keras.ops.numpy.not_equal"])
@op(shape=broadcast, dtype=boolean, sparse=comparison)
def not_equal(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns `x1 != x2`, element-wise.

    {comparison}

    Example:

        >>> not_equal([1, 2, 3], [1, 0, 3])
        Array([False,  True, False], dtype=bool)
    """


@export(["keras.ops.less", "keras.ops.numpy.less"])
@op(shape=broadcast, dtype=boolean, sparse=comparison)
def less(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns `x1 < x2`, element-wise.

    {comparison}

    Example:

        >>> less([1, 2, 3], 2)
        Array([ True, False, False], dtype=bool)
    """


@export(["keras.ops.less_equal", "keras.ops.numpy.less_equal"])
@op(shape=broadcast, dtype=boolean)
def less_equal(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns `x1 <= x2`, element-wise.

    {comparison}

    Example:

        >>> less_equal([1, 2, 3], 2)
        Array([ True,  True, False], dtype=bool)
    """


@export(["keras.ops.greater", "keras.ops.numpy.greater"])
@op(shape=broadcast, dtype=boolean, sparse=comparison)
def greater(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns `x1 > x2`, element-wise.

    {comparison}

    Example:

        >>> greater([1, 2, 3], 2)
        Array([False, False,  True], dtype=bool)
    """


@export(["keras.ops.greater_equal", "keras.ops.numpy.greater_equal"])
@op(shape=broadcast, dtype=boolean)
def greater_equal(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns `x1 >= x2`, element-wise.

    {comparison}

    Example:

        >>> greater_equal([1, 2, 3], 2)
        Array([False,  True,  True], dtype=bool)
    """


@export(["keras.ops.logical_and", "keras.ops.numpy.logical_and"])
@op(shape=broadcast, dtype=fixed("bool"), sparse=product)
def logical_and(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns whether both are true, element-wise.

    {logical}

    Example:

        >>> logical_and([True, True], [True, False])
        Array([ True, False], dtype=bool)
    """


@export(["keras.ops.logical_or", "keras.ops.numpy.logical_or"])
@op(shape=broadcast, dtype=fixed("bool"), sparse=union)
def logical_or(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns whether at least one is true, element-wise.

    {logical}

    Example:

        >>> logical_or([True, False], [False, False])
        Array([ True, False], dtype=bool)
    """


@export(["keras.ops.logical_xor", "keras.ops.numpy.logical_xor"])
@op(shape=broadcast, dtype=fixed("bool"), sparse=union)
def logical_xor(x1: Tensor, x2: Tensor) -> Tensor:
    """Returns whether exactly one is true, element-wise.

    {logical}

    Example:

        >>> logical_xor([True, True], [True, False])
        Array([False,  True], dtype=bool)
    """


@export(["keras.ops.logical_not", "keras.ops.numpy.logical_not"])
@op(shape=same, dtype=fixed("bool"))
def logical_not(x: Tensor) -> Tensor:
    """Returns whether `x` is zero or false, element-wise.

    {unary_bool}

    Example:

        >>> logical_not([True, False])
        Array([False,  True], dtype=bool)
    """


@export(["keras.ops.isfinite", "keras.ops.numpy.isfinite"])
@op(shape=same, dtype=fixed("bool"))
def isfinite(x: Tensor) -> Tensor:
    """Returns whether `x` is neither infinite nor NaN, element-wise.

    {unary_bool}

    Example:

        >>> isfinite([1.0, float('inf'), float('nan')])
        Array([ True, False, False], dtype=bool)
    """


@export(["keras.ops.isinf", "keras.ops.numpy.isinf"])
@op(shape=same, dtype=fixed("bool"), sparse=keeps_zeros)
def isinf(x: Tensor) -> Tensor:
    """Returns whether `x` is infinite, element-wise.

    {unary_bool}

    Example:

        >>> isinf([1.0, float('inf'), float('nan')])
        Array([False,  True, False], dtype=bool)
    """


@export(["keras.ops.isnan", "keras.ops.numpy.isnan"])
@op(shape=same, dtype=fixed("bool"), sparse=keeps_zeros)
def isnan(x: Tensor) -> Tensor:
    """Returns whether `x` is NaN, element-wise.

    {unary_bool}

    Example:

        >>> isnan([1.0, float('inf'), float('nan')])
        Array([False, False,  True], dtype=bool)
    """


@export(["keras.ops.isneginf", "keras.ops.numpy.isneginf"])
@op(shape=same, dtype=fixed("bool"), sparse=keeps_zeros)
def isneginf(x: Tensor) -> Tensor:
    """Returns whether `x` is negative infinity, element-wise.

    {unary_bool}

    Example:

        >>> isneginf([-float('inf'), 0.0, float('inf')])
        Array([ True, False, False], dtype=bool)
    """
    return logical_and(isinf(x), less(x, 0))


@export(["keras.ops.isposinf", "keras.ops.numpy.isposinf"])
@op(shape=same, dtype=fixed("bool"), sparse=keeps_zeros)
def isposinf(x: Tensor) -> Tensor:
    """Returns whether `x` is positive infinity, element-wise.

    {unary_bool}

    Example:

        >>> isposinf([-float('inf'), 0.0, float('inf')])
        Array([False, False,  True], dtype=bool)
    """
    return logical_and(isinf(x), greater(x, 0))


@export(["keras.ops.signbit", "keras.ops.numpy.signbit"])
@op(shape=same, dtype=fixed("bool"), sparse=keeps_zeros)
def signbit(x: Tensor) -> Tensor:
    """Returns whether the sign bit is set, as in -0.0 too, element-wise.

    {unary_bool}

    Example:

        >>> signbit([-1.0, -0.0, 0.0])
        Array([ True,  True, False], dtype=bool)
    """


@export(["keras.ops.where", "keras.ops.numpy.where"])
@op(shape=_where_shape, dtype=_where_dtype)
def where(condition: Tensor, x1: Tensor | None = None, x2: Tensor | None = None) -> Tensor:
    """Takes elements of `x1` where `condition` is true, of `x2` elsewhere.

    Args:
        condition: Tensor; what is not zero counts as true.
        x1: Tensor or number, of a shape that broadcasts with the others.
        x2: Tensor or number, of a shape that broadcasts with the others.

    Returns:
        A tensor of the broadcast shape, in the common dtype of `x1` and `x2`. With `condition` alone, a
        tuple of one vector of indices per axis: where it is true.

    Raises:
        ValueError: If only one of `x1` and `x2` is given.

    Example:

        >>> where([True, False, True], [1, 2, 3], 0)
        Array([1, 0, 3], dtype=int32)
    """


@export(["keras.ops.select", "keras.ops.numpy.select"])
@op(dtype=_select_dtype)
def select(condlist: Sequence[Tensor], choicelist: Sequence[Tensor], default: Tensor = 0) -> Tensor:
    """Takes each element from the first choice whose condition is true.

    Args:
        condlist: Boolean tensors.
        choicelist: As many tensors, of shapes that broadcast together.
        default: Tensor or number for elements where no condition is true, 0 by default.

    Returns:
        A tensor of the broadcast shape, in the common dtype of the choices.

    Raises:
        ValueError: If the lists are empty or differ in length.

    Example:

        >>> select([[True, False, False], [True, True, False]], [[1, 2, 3], [10, 20, 30]], -1)
        Array([ 1, 20, -1], dtype=int32)
    """
    if not condlist or len(condlist) != len(choicelist):
        raise ValueError(
            "ops.select: expected `condlist` and `choicelist` of the same length, at least one, "
            f"received lengths {len(condlist)} and {len(choicelist)}."
        )
    result = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist)):
        result = where(condition, choice, result)
    return result
