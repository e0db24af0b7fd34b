"""The state of objects to stores and back, whatever the store's format is.

A store has the methods of `h5.H5Reader` or `h5.H5Writer`. Paths come from `walk`; opening files, and which
format goes with which name, is in `saving`.
"""

import warnings
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from keras_saving.errors import BrokenFileError, WeightsMismatchError
from keras_saving.walk import own_values, set_own_values, walk

_SHOWN = 10


class Writer(Protocol):
    """Takes the values of one object after another."""

    def write(self, path: str, name: str | None, values: Mapping[str, Any]) -> None:
        """Writes the values of one object."""


class Reader(Protocol):
    """Gives the values of objects."""

    name: str

    def values(self, path: str) -> Mapping[str, Any]:
        """Returns the values of one object, none if the store does not know it."""

    def paths(self) -> list[str]:
        """Returns the paths of all objects with values."""


def save_state(root: Any, writer: Writer) -> None:
    """Writes the state of an object and of everything in it."""
    for path, obj in walk(root):
        writer.write(path, getattr(obj, "name", None), own_values(obj))


def load_state(
    root: Any, reader: Reader, *, skip_mismatch: bool = False, objects_to_skip: Iterable[Any] | None = None
) -> None:
    """Gives an object, and everything in it, the state that a store holds.

    Args:
        root: The object; it must be built.
        reader: The store.
        skip_mismatch: Whether objects whose values do not fit keep what they have, with a warning.
        objects_to_skip: Objects that keep what they have.

    Raises:
        WeightsMismatchError: If values are missing or do not fit; the message names every object.
    """
    skipped = {id(obj) for obj in objects_to_skip or ()}
    problems: list[str] = []
    known: set[str] = set()
    for path, obj in walk(root):
        known.add(path)
        if id(obj) in skipped:
            continue
        values = reader.values(path)
        if not len(values) and getattr(obj, "tracked_as", None) == "optimizer":
            continue
        try:
            set_own_values(obj, values)
        except BrokenFileError:
            raise
        except Exception as error:
            problems.append(f"{path or 'the object itself'} ({_described(obj)}): {error}")
            cause = error
    if problems:
        text = _problems(reader.name, problems)
        if not skip_mismatch:
            raise WeightsMismatchError(
                f"{text}\nBuild the same architecture as the one that was saved, or pass `skip_mismatch=True` to "
                "load what fits."
            ) from cause
        warnings.warn(f"{text}\nThese objects keep the values they had.", stacklevel=3)
    unused = [p for p in reader.paths() if p not in known and p.partition("/")[0] != "optimizer"]
    if unused:
        warnings.warn(
            f"{reader.name!r} holds values for {len(unused)} objects that {_described(root)} does not have, "
            f"which are left out: {_listed(unused)}.",
            stacklevel=3,
        )


def _described(obj: Any) -> str:
    return f"{type(obj).__name__} {getattr(obj, 'name', '')!r}"


def _problems(name: str, problems: list[str]) -> str:
    more = f"\n- and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    lines = "".join(f"\n- {problem}" for problem in problems[:_SHOWN])
    return f"The weights in {name!r} do not fit {len(problems)} of the objects they are for:{lines}{more}"


def _listed(items: list[str]) -> str:
    return ", ".join(items[:_SHOWN]) + (", ..." if len(items) > _SHOWN else "")
