"""`einsum`: sums of products written as letters, one per axis."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from keras_backends.api import export
from keras_backends.contract import SparseTensors

from keras_ops.conversion import to_tensor
from keras_ops.op import op
from keras_ops.op_operation import OPERATIONS
from keras_ops.operations.shapes import reshape, transpose
from keras_ops.rules import DtypeRule, Promotion, broadcast
from keras_ops.sparse import SparseRule
from keras_ops.state import state
from keras_ops.tensor import Shape, Tensor

if TYPE_CHECKING:
    from keras_ops.op import Op

_DOTS = "..."
_FIRST_HIDDEN = 0x3B1
"""Code of the letter that stands for the first of the axes behind dots: those of users are Latin."""


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


native_product = DtypeRule(_product)
"""The common dtype as the framework promotes by itself; products of int8 are summed in 32 bits."""


def _as_matrices(subscripts: str, ranks: Sequence[int]) -> tuple[str, ...] | None:
    """Letters of two operands that make one product of matrices: theirs, those of the result, rows, summed, columns.

    `None` where letters repeat, stay in both operands, or are summed in one alone: such sums are no product of
    two matrices, and sparse operands become dense in them.
    """
    operands, result = _parse(subscripts, len(ranks))
    if _DOTS in subscripts:
        # Axes without letters get some, which may be those of one operand only.
        hidden = [rank - len(text.replace(_DOTS, "")) for text, rank in zip(operands, ranks) if _DOTS in text]
        if len(hidden) != 1:
            return None
        dots = [chr(_FIRST_HIDDEN + i) for i in range(hidden[0])]
        *operands, result = (text.replace(_DOTS, "".join(dots)) for text in (*operands, result))
    if len(ranks) != 2 or any(len({*text}) != len(text) for text in (*operands, result)):
        return None
    first, second = operands
    rows, summed = ("".join(c for c in first if (c in second) == shared) for shared in (False, True))
    columns = "".join(c for c in second if c not in first)
    if not summed or not rows or not columns or sorted(result) != sorted(rows + columns):
        return None
    return first, second, result, rows, summed, columns


def _both(flags: Sequence[bool], shapes: Sequence[Any], attributes: Mapping[str, Any]) -> bool:
    return all(flags) and _as_matrices(attributes["subscripts"], [*map(len, shapes)]) is not None


def _by_matmul(op: "Op", tensors: Sequence[Any], attributes: Mapping[str, Any], sparse: SparseTensors) -> Any:
    """One product of matrices, if that is what the letters say, by what sparse tensors can."""
    backend = state.backend
    shapes = [backend.shape(to_tensor(x, backend)) for x in tensors[0]]
    matrices = _as_matrices(attributes["subscripts"], [*map(len, shapes)])
    if matrices is None:
        return NotImplemented
    first, second, result, rows, summed, columns = matrices
    sizes = {c: n for letters, known in zip((first, second), shapes) for c, n in zip(letters, known)}

    def counts(letters: str) -> tuple[int, ...]:
        return tuple(-1 if sizes[c] is None else sizes[c] for c in letters)

    def flat(letters: str) -> int:
        known = [sizes[c] for c in letters]
        return -1 if None in known else prod(known)

    def kernel(x1: Any, x2: Any, **_: Any) -> Any:
        x1, x2 = _ordered(x1, first, rows + summed), _ordered(x2, second, summed + columns)
        if len(summed) > 1:
            x1 = reshape(x1, (*counts(rows), flat(summed)))
        if len(summed) > 1 or len(columns) > 1:
            x2 = reshape(x2, (flat(summed), flat(columns)))
        y = OPERATIONS["matmul"].dispatcher(x1, x2)  # Its module imports this one.
        if len(columns) > 1:
            y = reshape(y, counts(rows + columns))
        return _ordered(y, rows + columns, result)

    if sum(sizes[c] is None for c in rows + columns) > 1 or any(sizes[c] is None for c in summed):
        return NotImplemented
    return op.run_kernel(kernel, tensors, dict(attributes), backend)


def _ordered(x: Any, letters: str, wanted: str) -> Any:
    return x if letters == wanted else transpose(x, tuple(letters.index(c) for c in wanted))


_matrices = SparseRule(_both, _by_matmul)
"""Products of two matrices: sparse if both are. Other sums of products take dense tensors."""


@op(shape=_einsum_shape, dtype=native_product, module="numpy", sparse=_matrices)
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
