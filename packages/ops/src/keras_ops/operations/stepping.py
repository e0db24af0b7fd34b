"""Loops as plain Python, where functions of tensors run as they are written: eager PyTorch, TensorFlow, NumPy.

`scan`, `map`, `while_loop` and `fori_loop` come here with concrete tensors; a step costs hardly more than the
user's function. Structures are worked out once, before the loop and after it. Everything else goes to kernels.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any

from keras_ops import tree
from keras_ops.operations.core import convert_to_tensor, dtype
from keras_ops.operations.joining import stack, unstack
from keras_ops.operations.packing import Packing, Structure, loop_values
from keras_ops.operations.ranges import arange
from keras_ops.state import state

_BLOCK = 256
"""Numbers that are tensors at the same time."""


def runs_as_written(tensors: Iterable[Any]) -> bool:
    """Says whether a loop over these tensors may be a loop of Python's.

    Args:
        tensors: First values of the loop and what it runs over.
    """
    backend = state.backend
    return (
        not backend.traits.functional
        and not backend.traced()
        and backend.tensors.issuperset(map(type, tensors))
    )


class Row:
    """A flat tuple, list or dictionary of tensors, which is read and made without a walk through a tree.

    Args:
        example: One of its kind.
    """

    def __init__(self, example: Structure) -> None:
        self.kind, count = type(example), len(example)
        self.keys = sorted(example) if self.kind is dict else None
        self.values: Callable[[Any], Sequence[Any]]
        """Its tensors."""
        self.fits: Callable[[Any], bool]
        """Whether another one of this kind has as many, with the same keys."""
        if self.keys is None:
            self.values, self.fits = _itself, lambda row: len(row) == count
        else:
            names = example.keys()
            self.values = itemgetter(*self.keys) if count > 1 else lambda row: tuple(row.values())
            self.fits = lambda row: row.keys() == names

    @classmethod
    def of(cls, structure: Structure) -> "Row | None":
        """Returns the row that a structure is, if it is one."""
        if type(structure) not in (tuple, list, dict) or not structure:
            return None
        values = structure.values() if type(structure) is dict else structure
        return None if any(x is None or tree.is_nested(x) for x in values) else cls(structure)

    def made(self, values: Iterable[Any]) -> Structure:
        """Returns such a structure of other values."""
        return self.kind(values if self.keys is None else zip(self.keys, values))


def _itself(row: Any) -> Any:
    return row


def settler(packing: Packing, leaves: Sequence[Any], name: str) -> Callable[[Structure], Structure]:
    """Returns a function that gives new loop variables the structure and dtypes of the first ones.

    Args:
        packing: The structure of the first ones.
        leaves: Their tensors.
        name: What the function returns that brings new ones, for messages.
    """
    exact, natives = state.backend.tensors, [x.dtype for x in leaves]
    dtypes = [dtype(x) for x in leaves]
    row = Row.of(packing.structure)
    kind, fits, values_of = (None, None, None) if row is None else (row.kind, row.fits, row.values)
    native = natives[0] if packing.is_tensor else None

    def settle(new: Structure) -> Structure:
        if native is not None:
            if type(new) in exact and new.dtype is native:
                return new
        elif type(new) is kind and fits(new):
            values = values_of(new)
            if exact.issuperset(map(type, values)) and [x.dtype for x in values] == natives:
                return new
        return packing.pack(loop_values(new, dtypes, name))

    return settle


def slices(
    packing: Packing, tensors: Sequence[Any], length: int, reverse: bool = False
) -> Iterable[Structure]:
    """Returns the slices of tensors along the first axis, in their structure.

    Args:
        packing: The structure.
        tensors: Its tensors; there may be none.
        length: Their length.
        reverse: Whether the last slice comes first.
    """
    columns = [unstack(x) for x in tensors]
    if not columns:
        return repeat(packing.pack(()), length)
    if reverse:
        columns = [column[::-1] for column in columns]
    if packing.is_tensor:
        return columns[0]
    row, rows = Row.of(packing.structure), zip(*columns)
    if row is None:
        return map(packing.pack, rows)
    return rows if row.kind is tuple else map(row.made, rows)


def numbers(lower: int, upper: int) -> Iterable[Any]:
    """Yields the numbers of a range as int32 tensors; those of a block at once, which is quicker than one by one.

    Args:
        lower: The first number.
        upper: The number after the last one.
    """
    for start in range(lower, upper, _BLOCK):
        yield from unstack(arange(start, min(start + _BLOCK, upper), dtype="int32"))


def stacked(results: Sequence[Structure]) -> Structure:
    """Returns structures of equal form as one, of their tensors stacked along a new first axis."""
    exact, kernel = state.backend.tensors, state.backend.kernels["stack"]
    if exact.issuperset(map(type, results)):
        return kernel(results, axis=0)
    row = Row.of(results[0])
    if row is not None and all(type(result) is row.kind and row.fits(result) for result in results):
        columns = list(zip(*map(row.values, results)))
        if all(exact.issuperset(map(type, column)) for column in columns):
            return row.made([kernel(column, axis=0) for column in columns])
    packings = [Packing(result) for result in results]
    columns = list(zip(*(packing.leaves for packing in packings), strict=True))
    return packings[0].pack([stack([convert_to_tensor(x) for x in column]) for column in columns])


def run_scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    packing: Packing,
    leaves: Sequence[Any],
    xs: Iterable[Structure],
    reverse: bool,
) -> tuple[Structure, Structure]:
    """Calls a function on slices with a carry; returns the last carry and all results, stacked.

    Args:
        f: Function `(carry, x) -> (carry, y)` of structures.
        packing: The structure of the first carry.
        leaves: Its tensors.
        xs: The slices, in the order of the calls; at least one.
        reverse: Whether the results are wanted in the opposite order.
    """
    settle, results = settler(packing, leaves, "ops.scan: what `f` returns as carry"), []
    # Of a single tensor, what `settle` would look at is looked at here: a call for each step would show.
    kind, native = (type(leaves[0]), leaves[0].dtype) if packing.is_tensor else (None, None)
    carry = packing.pack(leaves)
    for x in xs:
        carry, y = f(carry, x)
        if type(carry) is not kind or carry.dtype is not native:
            carry = settle(carry)
        results.append(y)
    return carry, stacked(results[::-1] if reverse else results)
