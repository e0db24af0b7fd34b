"""Constructors: the check of booleans, for `Layer.__init__` the shapes and the message for keywords that nobody
knows, and the name that Python's messages have for the constructor of a family's member."""

import inspect
from typing import Any

import numpy as np
from keras_backends.api import exported_names
from keras_ops.naming import near_names
from keras_ops.tensor import Shape, standardize_shape

from keras_layers.documentation import with_defaults


def checked_bool(layer: Any, name: str, value: Any) -> bool:
    """Returns an argument that must be True or False."""
    if not isinstance(value, (bool, int, np.bool_)):
        raise ValueError(
            f"{type(layer).__name__}: `{name}` must be True or False, received {name}={value!r}."
        )
    return bool(value)


def input_shape_argument(layer: Any, kwargs: dict[str, Any]) -> Shape | None:
    """The shape given as `input_shape` or `input_dim`; refuses all other keywords."""
    shape = kwargs.pop("input_shape", None)
    size = kwargs.pop("input_dim", None)
    if kwargs:
        raise ValueError(_unknown_keywords(type(layer), kwargs))
    if shape is None:
        return None if size is None else (size,)
    return standardize_shape(shape)


def _unknown_keywords(cls: type, kwargs: dict[str, Any]) -> str:
    known_names: list[str] = []
    for base in cls.__mro__:
        init = base.__dict__.get("__init__")
        if init is not None and hasattr(base, "add_weight"):
            known_names += [n for n in inspect.signature(init).parameters if n not in ("self", "kwargs")]
    hints = []
    for name in kwargs:
        near = near_names(name, known_names, 1)
        hints.append(f"{name!r}" + (f" (did you mean {near[0]!r}?)" if near else ""))
    return (
        f"{cls.__name__}: unrecognized keyword arguments {', '.join(hints)}. Known ones are "
        f"{sorted(set(known_names))}."
    )


def name_constructor(cls: type) -> None:
    """Gives a member of a family a constructor of its own name, where it has that of a base which nobody knows.

    Python says of a missing argument whose `__init__` it is: of `Conv2D`, not of `BaseConv`. Classes of other
    packages keep what they have.

    Args:
        cls: A class that has just been made.
    """
    if not cls.__module__.startswith("keras_layers."):
        return
    init, name = cls.__init__, f"{cls.__qualname__}.__init__"  # type: ignore[misc]
    owner = next(base for base in cls.__mro__ if "__init__" in base.__dict__)
    if init.__qualname__ != name and (owner is cls or not exported_names(owner)):
        cls.__init__ = init = with_defaults(init)  # type: ignore[misc]
        init.__qualname__ = name
