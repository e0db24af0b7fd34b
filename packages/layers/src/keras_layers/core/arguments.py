"""Checks of constructor arguments that many layers share: sizes, tuples of sizes, axes, and words.

Used by the layers' constructors; what the arguments mean is said where they are documented.
"""

import operator
from collections.abc import Iterable, Sequence
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


def sizes_along(layer: Any, axes: Sequence[int], input_shape: Sequence[int | None]) -> tuple[int, ...]:
    """Returns the sizes of a layer's input along the axes that its argument `axis` names.

    Args:
        layer: The layer, for the message.
        axes: The axes; negative ones count from the last.
        input_shape: Shape of the input.

    Raises:
        ValueError: If there is no such axis, or its size is unknown.
    """
    rank, sizes = len(input_shape), []
    for axis in axes:
        if not -rank <= axis < rank or input_shape[axis] is None:
            unknown = -rank <= axis < rank
            raise ValueError(
                f"{type(layer).__name__} {layer.name!r}: "
                + (f"the size along axis {axis} must be known" if unknown else f"axis {axis} is out of range")
                + f", received axis={layer.axis!r} and input_shape={tuple(input_shape)}."
            )
        sizes.append(input_shape[axis])
    return tuple(sizes)


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
