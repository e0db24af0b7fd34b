"""Checks of constructor arguments that many layers share: sizes, tuples of sizes, and words.

Used by the layers' constructors; what the arguments mean is said where they are documented.
"""

import operator
from collections.abc import Iterable
from typing import Any


def positive(owner: Any, name: str, value: Any) -> int:
    """Returns a size as an int.

    Args:
        owner: The layer, or its class name, for the message.
        name: Name of the argument.
        value: An integer, NumPy's included.

    Raises:
        ValueError: If it is no integer, or not positive.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    if number <= 0 or isinstance(value, bool):
        raise ValueError(f"{_name(owner)}: `{name}` must be a positive integer, received {name}={value!r}.")
    return number


def size_tuple(owner: Any, name: str, value: Any, rank: int, zero: bool = False) -> tuple[int, ...]:
    """Returns one size per spatial dimension; a single integer stands for all of them.

    Args:
        owner: The layer, or its class name, for the message.
        name: Name of the argument.
        value: An integer, or a sequence of `rank` integers.
        rank: Number of spatial dimensions.
        zero: Whether 0 is allowed.

    Raises:
        ValueError: If it is neither, or a size is too small.
    """
    sizes = (value,) * rank if hasattr(value, "__index__") else value
    least = 0 if zero else 1
    try:
        numbers = tuple(operator.index(size) for size in sizes)
    except TypeError:
        numbers = ()
    if len(numbers) != rank or min(numbers) < least:
        kind = "non-negative" if zero else "positive"
        raise ValueError(
            f"{_name(owner)}: `{name}` must be a {kind} integer or a tuple of {rank} of them, received "
            f"{name}={value!r}."
        )
    return numbers


def one_of(owner: Any, name: str, value: Any, known: Iterable[Any], other: str = "") -> Any:
    """Returns an argument that must be one of some words.

    Args:
        owner: The layer, or its class name, for the message.
        name: Name of the argument.
        value: What was given.
        known: The words, or whatever else is allowed, such as `None`.
        other: What the caller takes beside these, for the message.

    Raises:
        ValueError: If it is none of them.

    Example:

        >>> one_of("Example", "padding", "same", ("same", "valid"))
        'same'
    """
    known = tuple(known)
    if value not in known:
        words = ", ".join(map(repr, known)) + (f" or {other}" if other else "")
        raise ValueError(f"{_name(owner)}: `{name}` must be one of {words}, received {name}={value!r}.")
    return value


def _name(owner: Any) -> str:
    return owner if isinstance(owner, str) else type(owner).__name__
