"""Masks: tensors of booleans that say which steps of another tensor count, kept on that tensor.

A mask is the attribute `_keras_mask` of a tensor, as third-party layers expect. Tensors that take no
attributes (NumPy arrays) have theirs in a table that forgets with them.
"""

import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from keras_ops import tree

MASKS: dict[int, Any] = {}
"""Masks of tensors that take no attributes, by `id`."""


def get_mask(x: Any) -> Any:
    """Returns the mask of a tensor, `None` if it has none."""
    mask = getattr(x, "_keras_mask", None)
    if mask is None and MASKS:
        return MASKS.get(id(x))
    return mask


def set_mask(x: Any, mask: Any) -> None:
    """Puts a mask on a tensor; `None` takes it away."""
    try:
        x._keras_mask = mask
    except AttributeError:
        key = id(x)
        if mask is None:
            MASKS.pop(key, None)
            return
        if key not in MASKS:
            weakref.finalize(x, MASKS.pop, key, None)
        MASKS[key] = mask


@contextmanager
def masked(tensors: Sequence[Any], masks: Iterable[Any]) -> Iterator[None]:
    """Puts masks on tensors for the time of a `with` block; `None` leaves a tensor as it is."""
    pairs = [(x, mask, get_mask(x)) for x, mask in zip(tensors, masks) if mask is not None]
    for x, mask, _ in pairs:
        set_mask(x, mask)
    try:
        yield
    finally:
        for x, _, before in pairs:
            set_mask(x, before)


def masks_of(structure: Any) -> Any:
    """Returns the masks of the tensors of a structure, in the same structure."""
    return get_mask(structure) if not tree.is_nested(structure) else tree.map_structure(get_mask, structure)


def any_mask(structure: Any) -> bool:
    """Says whether a tensor of a structure has a mask."""
    if not tree.is_nested(structure):
        return get_mask(structure) is not None
    return any(get_mask(x) is not None for x in tree.flatten(structure))
