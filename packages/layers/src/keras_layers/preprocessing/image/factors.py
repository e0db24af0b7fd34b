"""Arguments of image layers: ranges that random numbers are drawn from, and ranges of pixel values.

Used by the constructors of image layers. Drawing is in `image_layer`.
"""

from numbers import Real
from typing import Any

Range = tuple[float, float]


def factor_range(
    owner: Any, value: Any, bounds: Range = (-1.0, 1.0), name: str = "factor", default: Any = None
) -> Range:
    """Returns the range that a factor stands for.

    Args:
        owner: The layer, for the message.
        value: A number `x`, for the range from `-x` (or the lower bound) to `x`, or a pair of numbers.
        bounds: Where both ends must lie.
        name: Name of the argument.
        default: What `None` stands for.

    Raises:
        ValueError: If it is neither, or an end is outside of the bounds.

    Example:

        >>> factor_range(None, 0.2), factor_range(None, 0.2, bounds=(0, 1)), factor_range(None, (0.3, 0.1))
        ((-0.2, 0.2), (0, 0.2), (0.1, 0.3))
    """
    low, high = bounds
    value = default if value is None else value
    if _is_number(value):
        ends = (max(-abs(value), low), abs(value))
    elif isinstance(value, (tuple, list)) and len(value) == 2 and all(map(_is_number, value)):
        ends = (min(value), max(value))
    else:
        raise ValueError(
            f"{type(owner).__name__}: `{name}` must be a number or a pair of numbers, received {name}={value!r}."
        )
    if not low <= ends[0] <= ends[1] <= high:
        raise ValueError(
            f"{type(owner).__name__}: `{name}` must lie in [{low}, {high}], received {name}={value!r}."
        )
    return ends


def positive_number(owner: Any, name: str, value: Any) -> Any:
    """Returns an argument that must be a number above 0.

    Raises:
        ValueError: If it is none.

    Example:

        >>> positive_number(None, "alpha", 0.2)
        0.2
    """
    if not _is_number(value) or not value > 0:
        raise ValueError(
            f"{type(owner).__name__}: `{name}` must be a positive number, received {name}={value!r}."
        )
    return value


def checked_value_range(owner: Any, value: Any) -> Any:
    """Returns the range of pixel values, if it is a pair of ascending numbers.

    Raises:
        ValueError: If it is none.

    Example:

        >>> checked_value_range(None, (0, 255))
        (0, 255)
    """
    is_pair = isinstance(value, (tuple, list)) and len(value) == 2 and all(map(_is_number, value))
    if not is_pair or not value[0] < value[1]:
        raise ValueError(
            f"{type(owner).__name__}: `value_range` must be a pair of ascending numbers, such as (0, 255), "
            f"received value_range={value!r}."
        )
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)
