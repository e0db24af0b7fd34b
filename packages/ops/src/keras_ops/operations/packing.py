"""Structures of tensors taken apart and put together around kernels, which see flat sequences only.

Used by branches and loops (`control`, `loops`, `stepping`). Walking through structures is `keras_ops.tree`'s affair.
"""

from collections.abc import Callable, Sequence
from typing import Any

from keras_ops import tree
from keras_ops.operations.core import convert_to_tensor
from keras_ops.state import state

Structure = Any
"""A tensor, or nested lists, tuples and dictionaries of tensors and `None`."""


class Packing:
    """How the tensors of a structure are put together again.

    Args:
        structure: The structure.

    Attributes:
        leaves: Its tensors in order, without `None`.
        is_tensor: Whether the structure is just a tensor.
    """

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.is_tensor = type(structure) in state.backend.tensors
        self._flat = [structure] if self.is_tensor else tree.flatten(structure)
        self.leaves = [x for x in self._flat if x is not None]

    def pack(self, leaves: Sequence[Any]) -> Structure:
        """Returns the structure with other tensors."""
        if self.is_tensor:
            return leaves[0]
        values = iter(leaves)
        return tree.pack_sequence_as(self.structure, [x if x is None else next(values) for x in self._flat])


def loop_values(new: Structure, dtypes: Sequence[str], name: str) -> list[Any]:
    """Returns the tensors of new loop variables, in the dtypes of the first ones.

    Args:
        new: What a function of a loop returned.
        dtypes: The dtypes.
        name: What it returns, for the message.

    Raises:
        ValueError: If there are more or fewer.
    """
    flat = Packing(new).leaves
    if len(flat) != len(dtypes):
        raise ValueError(
            f"{name}: expected {len(dtypes)} tensors, one for each loop variable, received {len(flat)}."
        )
    return [convert_to_tensor(x, dtype) for x, dtype in zip(flat, dtypes)]


class Flattened:
    """A function of structures as one that returns a flat list; keeps the structure it returned."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.packing: Packing | None = None

    def __call__(self, *args: Any) -> list[Any]:
        self.packing = packing = Packing(self.function(*args))
        return packing.leaves if packing.is_tensor else [convert_to_tensor(x) for x in packing.leaves]


def packed(branches: Sequence[Flattened], leaves: Sequence[Any]) -> Structure:
    """Puts results together as the branch that was called did (all do it alike)."""
    return next(branch.packing for branch in branches if branch.packing is not None).pack(leaves)
