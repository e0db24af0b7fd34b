"""Einsum equations of attention with heads, for any rank and any attention axes.

Used by `projected_attention`. Letters stand for axes: those of a projected tensor are its batch and other
axes in order, then heads and size.
"""

import string
from collections.abc import Sequence


def projection_equation(rank: int) -> str:
    """Returns the equation of a projection to heads: the last axis becomes heads and size.

    Args:
        rank: Rank of the input.

    Example:

        >>> projection_equation(3)
        'abc,cde->abde'
    """
    kept, last, heads, size = _split(rank)
    return f"{kept}{last},{last}{heads}{size}->{kept}{heads}{size}"


def merging_equation(rank: int, outputs: int) -> tuple[str, str]:
    """Returns the equation of the projection of heads to the output, and the letters of the latter's new axes.

    Args:
        rank: Rank of the query.
        outputs: Number of axes that the output has in the place of heads and size.

    Example:

        >>> merging_equation(3, 1)
        ('abcd,cde->abe', 'e')
    """
    kept = string.ascii_lowercase[: rank - 1]
    heads = string.ascii_lowercase[rank - 1 : rank + 1]
    new = string.ascii_lowercase[rank + 1 : rank + 1 + outputs]
    return f"{kept}{heads},{heads}{new}->{kept}{new}", new


def attention_equations(rank: int, axes: Sequence[int]) -> tuple[str, str]:
    """Returns the equations of the scores and of the weighted sums.

    Args:
        rank: Rank of the query; projected tensors have one axis more.
        axes: Axes over which queries attend to keys.

    Returns:
        The equations of `scores(key, query)` and `results(scores, value)`. The axes of the scores are the ones
        that do not attend, heads among them, then those of queries, then those of keys.

    Example:

        >>> attention_equations(3, (1,))
        ('aecd,abcd->acbe', 'acbe,aecd->abcd')
    """
    query = string.ascii_lowercase[: rank + 1]
    others = iter(string.ascii_lowercase[rank + 1 :])
    key = "".join(next(others) if i in axes else letter for i, letter in enumerate(query))
    batch = "".join(letter for i, letter in enumerate(query[:-1]) if i not in axes)
    scores = batch + "".join(query[i] for i in axes) + "".join(key[i] for i in axes)
    return f"{key},{query}->{scores}", f"{scores},{key}->{query}"


def _split(rank: int) -> tuple[str, str, str, str]:
    letters = string.ascii_lowercase
    return letters[: rank - 1], letters[rank - 1], letters[rank], letters[rank + 1]
