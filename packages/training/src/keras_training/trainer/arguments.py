"""Checks of what users pass to `fit`, `evaluate` and `predict`, before anything is done with it.

Messages name the method, the argument, what was expected and what came.
"""

from numbers import Integral, Real
from typing import Any

COUNTS: dict[str, tuple[int, bool]] = {
    "batch_size": (1, True),
    "epochs": (0, False),
    "initial_epoch": (0, False),
    "steps_per_epoch": (1, True),
    "validation_steps": (1, True),
    "validation_batch_size": (1, True),
    "steps": (1, True),
}
"""Arguments that are whole numbers: the smallest one, and whether `None` is right too."""

_VERBOSE = (0, 1, 2, "auto")


def check_arguments(method: str, **arguments: Any) -> None:
    """Checks arguments by their names.

    Args:
        method: Name of the method, for messages.
        **arguments: Those to check: names in `COUNTS`, `validation_split`, `validation_freq`, `verbose`.

    Raises:
        TypeError: If one has the wrong type.
        ValueError: If one has a value out of range.

    Example:

        >>> check_arguments("fit", epochs=3, batch_size=None)
    """
    for name, value in arguments.items():
        if name in COUNTS:
            least, optional = COUNTS[name]
            if value is not None or not optional:
                check_count(method, name, value, least, optional)
        elif name == "validation_split":
            _check_share(method, name, value)
        elif name == "verbose" and value not in _VERBOSE:
            raise ValueError(f"{method}: expected `verbose` to be 0, 1, 2 or 'auto', received {value!r}.")
        elif name == "validation_freq" and not hasattr(value, "__contains__"):
            check_count(method, name, value, 1, False, " or a list of the epochs that validate")


def check_count(method: str, name: str, value: Any, least: int, optional: bool, more: str = "") -> None:
    """Refuses what is no whole number of at least `least`."""
    expected = f"an integer of at least {least}" + more + (" or None" if optional else "")
    message = f"{method}: expected `{name}` to be {expected}, received {name}={value!r}"
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{message} of type {type(value).__name__}.")
    if value < least:
        raise ValueError(f"{message}.")


def _check_share(method: str, name: str, value: Any) -> None:
    expected = f"{method}: expected `{name}` to be a number in [0, 1), received {name}={value!r}"
    if not isinstance(value, Real):
        raise TypeError(f"{expected} of type {type(value).__name__}.")
    if not 0 <= value < 1:
        raise ValueError(f"{expected}: it is the share of the samples that validates instead of training.")
