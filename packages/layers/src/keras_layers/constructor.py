"""Arguments of constructors: the check of booleans, and for `Layer.__init__` the shapes and the message for
keywords that nobody knows."""

import inspect
from typing import Any

import numpy as np
from keras_ops.naming import near_names
from keras_ops.tensor import Shape, standardize_shape


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
