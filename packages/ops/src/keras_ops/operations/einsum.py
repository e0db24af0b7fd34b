"""`einsum`: sums of products written as letters, one per axis."""

from typing import Any

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.rules import DtypeRule, Promotion, broadcast
from keras_ops.tensor import Shape, Tensor

_DOTS = "..."


def _parse(subscripts: str, count: int) -> tuple[list[str], str]:
    """The letters of each operand and of the result, which by default has those that occur once."""
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    operands = left.split(",")
    if len(operands) != count:
        raise ValueError(f"expected {len(operands)} tensors for subscripts={subscripts!r}, received {count}.")
    if not arrow:
        letters = left.replace(_DOTS, "").replace(",", "")
        once = "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
        right = (_DOTS if _DOTS in left else "") + once
    for c in right.replace(_DOTS, ""):
        if c not in left:
            raise ValueError(f"expected {c!r} of the result to occur before the arrow in {subscripts!r}.")
    return operands, right


def _einsum_shape(*shapes: Shape, subscripts: str) -> Shape:
    operands, result = _parse(subscripts, len(shapes))
    sizes: dict[str, int | None] = {}
    hidden: list[Shape] = []
    for letters, shape in zip(operands, shapes):
        before, dots, after = letters.partition(_DOTS)
        named = len(before) + len(after)
        if len(shape) < named or (len(shape) > named and not dots):
            raise ValueError(
                f"expected {named} axes for {letters!r} in subscripts={subscripts!r}, received shape {shape}."
            )
        tail = len(shape) - len(after)
        hidden.append(shape[len(before) : tail])
        for c, n in zip(before + after, shape[: len(before)] + shape[tail:]):
            known = sizes.get(c)
            if known in (None, 1):
                sizes[c] = n if known is None or n is not None else None
            elif n not in (None, 1, known):
                raise ValueError(
                    f"expected one size for {c!r} in subscripts={subscripts!r}, received {known} and {n}."
                )
    dotted = broadcast(*hidden)
    before, dots, after = result.partition(_DOTS)
    return (*(sizes[c] for c in before), *(dotted if dots else ()), *(sizes[c] for c in after))


def _product(p: Promotion, *dtypes: str) -> str:
    return "int32" if set(dtypes) == {"int8"} else p.native(*dtypes)


@op(shape=_einsum_shape, dtype=DtypeRule(_product), module="numpy")
def _einsum(subscripts: str, *operands: Tensor) -> Tensor:
    """The operation behind `einsum`."""


@export(["keras.ops.einsum", "keras.ops.numpy.einsum"])
def einsum(subscripts: str, *operands: Tensor, **kwargs: Any) -> Tensor:
    """Sums products of tensors by the letters of their axes.

    Args:
        subscripts: For each tensor a letter per axis, separated by commas, then `->` and the letters
            of the result. Letters that the result lacks are summed over; `...` stands for any other
            axes, which broadcast. Without `->` the result has all letters that occur once.
        *operands: The tensors.
        **kwargs: `optimize`, as in NumPy; the order of products is found in any case.

    Returns:
        A tensor. Products of int8 are summed in int32.

    Raises:
        ValueError: If `subscripts` do not fit the tensors.
        TypeError: If there are other keyword arguments.

    Example:

        >>> einsum("ij,jk->ik", [[1, 2]], [[3], [4]])
        Array([[11]], dtype=int32)
    """
    if kwargs.keys() - {"optimize"}:
        raise TypeError(
            f"ops.einsum: expected no keyword argument but `optimize`, received {sorted(kwargs)}."
        )
    return _einsum(subscripts, *operands)
