"""Rearrangement of axes by a pattern in words."""

import re
from typing import Any

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.core import shape
from keras_ops.operations.shapes import reshape, transpose
from keras_ops.rules import same_dtype
from keras_ops.tensor import UNKNOWN, Tensor

_TOKEN = re.compile(r"\(|\)|[A-Za-z_]\w*|1|\S")


def _axes(side: str, pattern: str) -> list[list[str]]:
    """The axes of one side of a pattern, each a list of the names it is made of."""
    groups: list[list[str]] = []
    inside = False
    for token in _TOKEN.findall(side):
        if token == "(" and not inside:
            groups.append([])
            inside = True
        elif token == ")" and inside:
            inside = False
        elif token.isidentifier() or token == "1":
            names = [] if token == "1" else [token]
            if inside:
                groups[-1] += names
            else:
                groups.append(names)
        else:
            raise ValueError(f"ops.rearrange: unexpected {token!r} in pattern={pattern!r}.")
    if inside:
        raise ValueError(f"ops.rearrange: a parenthesis is not closed in pattern={pattern!r}.")
    return groups


def _sizes(
    groups: list[list[str]], sizes: tuple[Any, ...], given: dict[str, int], pattern: str
) -> dict[str, Any]:
    """The size of each name, from the sizes of the axes and those that the user gave."""
    if len(groups) != len(sizes):
        raise ValueError(
            f"ops.rearrange: expected a tensor of rank {len(groups)} for pattern={pattern!r}, received shape {sizes}."
        )
    found: dict[str, Any] = dict(given)
    for group, size in zip(groups, sizes):
        missing = [name for name in group if name not in found]
        if len(missing) > 1:
            raise ValueError(
                f"ops.rearrange: expected sizes for all but one of {missing}, pattern={pattern!r}."
            )
        known = 1
        for name in group:
            known = known * found.get(name, 1)
        if missing:
            found[missing[0]] = size // known
        if isinstance(size, int) and isinstance(known, int):
            if size != (known * found[missing[0]] if missing else known):
                raise ValueError(
                    f"ops.rearrange: an axis of size {size} does not consist of {group} with sizes {found}."
                )
    return found


@op(dtype=same_dtype, call=("pattern", "axes_lengths"), module="einops")
def _rearrange(tensor: Tensor, pattern: str, axes_lengths: Any = None) -> Tensor:
    """Splits, permutes and joins axes, see `rearrange`."""
    left, arrow, right = pattern.partition("->") if isinstance(pattern, str) else ("", "", "")
    if not arrow:
        raise ValueError(f"ops.rearrange: expected a pattern with '->', received pattern={pattern!r}.")
    before, after = _axes(left, pattern), _axes(right, pattern)
    old, new = ([name for group in groups for name in group] for groups in (before, after))
    if sorted(old) != sorted(new) or len(set(old)) != len(old):
        raise ValueError(
            f"ops.rearrange: expected each name once on both sides, received pattern={pattern!r}."
        )
    sizes = _sizes(before, shape(tensor), axes_lengths or {}, pattern)
    x = reshape(tensor, _inferred([sizes[name] for name in old]))
    x = transpose(x, [old.index(name) for name in new])
    joined = []
    for group in after:
        size = 1
        for name in group:
            size = size * sizes[name]
        joined.append(size)
    return reshape(x, _inferred(joined))


def _inferred(sizes: list[Any]) -> list[Any]:
    """A shape in which the only unknown size is left to be inferred."""
    unknown = [i for i, size in enumerate(sizes) if size is UNKNOWN]
    return [-1 if unknown == [i] else size for i, size in enumerate(sizes)]


@export("keras.ops.rearrange")
def rearrange(tensor: Tensor, pattern: str, **axes_lengths: int) -> Tensor:
    """Splits, permutes and joins axes as a pattern says.

    Args:
        tensor: Tensor of any shape.
        pattern: Names of the axes before and after, such as `"b (h w) c -> b h w c"`. Names in
            parentheses make up one axis, `1` stands for an axis of size 1.
        **axes_lengths: Sizes of names that do not follow from the shape, such as `h=2`.

    Returns:
        The tensor with other axes.

    Raises:
        ValueError: If the pattern, the sizes and the shape do not fit together.

    Example:

        >>> import numpy as np
        >>> rearrange(np.ones((2, 6, 3)), "b (h w) c -> b h w c", h=2).shape
        (2, 2, 3, 3)
    """
    return _rearrange(tensor, pattern, axes_lengths or None)
