"""Names: automatic ones by counters per prefix, `clear_session` which resets them, and guesses at misspelt ones.

Operations, variables and KerasTensors take their default names here. Packages that keep state of
their own which a new session should not see register a function with `on_clear_session`.
"""

import difflib
import gc
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache

from keras_backends.api import export

_used: dict[str, int] = defaultdict(int)
_uids: dict[str, int] = defaultdict(int)
_on_clear: list[Callable[[], None]] = []

_WORD = re.compile(r"(.)([A-Z][a-z]+)")
_EDGE = re.compile(r"([a-z])([A-Z])")


@lru_cache(maxsize=4096)
def to_snake_case(name: str) -> str:
    """Turns a class name into the stem of a default name.

    A word begins at a capital that small letters follow, or that follows a small letter; digits begin none.

    Example:

        >>> to_snake_case("MaxPooling2D"), to_snake_case("ReLU"), to_snake_case("ConvLSTM2D")
        ('max_pooling2d', 're_lu', 'conv_lstm2d')
    """
    name = re.sub(r"\W+", "", name)
    return _EDGE.sub(r"\1_\2", _WORD.sub(r"\1_\2", name)).lower()


def uniquify(name: str) -> str:
    """Returns `name`, with a counter from its second use on: `dense`, `dense_1`, `dense_2`."""
    count = _used[name]
    _used[name] = count + 1
    return f"{name}_{count}" if count else name


def auto_name(prefix: str) -> str:
    """Returns a fresh name for a class or prefix: `auto_name("BatchNorm")` is `"batch_norm"`."""
    return uniquify(to_snake_case(prefix))


def near_names(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Returns the known names that come near one that is not known, those that begin with it first.

    Args:
        name: What the user wrote.
        known: Names that would be right.
        count: How many are returned at most.

    Example:

        >>> near_names("learning_rte", ["name", "learning_rate"])
        ['learning_rate']
    """
    known = sorted(set(known))
    longer = [x for x in known if x.startswith(name)] if name else []
    return longer[:count] or difflib.get_close_matches(name, known, n=count, cutoff=0.5)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Returns a question to put after a message about an unknown name; empty if no known name comes near.

    Example:

        >>> did_you_mean("adm", ["adam", "sgd"])
        " Did you mean 'adam'?"
    """
    near = near_names(name, known)
    return f" Did you mean {' or '.join(map(repr, near))}?" if near else ""


def checked_name(owner: str, name: object) -> str:
    """Returns a name that a user gave, if it can be a part of a path.

    Args:
        owner: What is named, for the message: a class, or a function.
        name: The name.

    Raises:
        ValueError: If it is no string, or has a slash in it.

    Example:

        >>> checked_name("Dense", "out")
        'out'
    """
    if not isinstance(name, str) or "/" in name:
        raise ValueError(f"{owner}: `name` must be a string without '/', received name={name!r}.")
    return name


@export("keras.backend.get_uid")
def get_uid(prefix: str = "") -> int:
    """Returns the next number for a prefix, counting from 1."""
    _uids[prefix] += 1
    return _uids[prefix]


def on_clear_session(function: Callable[[], None]) -> Callable[[], None]:
    """Registers a function that `clear_session` calls."""
    _on_clear.append(function)
    return function


@export(["keras.utils.clear_session", "keras.backend.clear_session"])
def clear_session(free_memory: bool = True) -> None:
    """Resets automatic names and other state that objects of a process share.

    Args:
        free_memory: Whether to run a garbage collection too, so that the tensors of models no
            longer in use are released at once.

    Example:

        >>> clear_session()
        >>> auto_name("Dense"), auto_name("Dense")
        ('dense', 'dense_1')
    """
    _used.clear()
    _uids.clear()
    for function in _on_clear:
        function()
    if free_memory:
        gc.collect()
