"""Losses by name: `keras.losses.get`, `serialize` and `deserialize`.

Built-in losses are those exported below `keras.losses` in the family files of this folder.
"""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from keras_backends.api import export, exported_names
from keras_ops.naming import did_you_mean
from keras_ops.registry import get_registered_object
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object

from keras_training.losses import crossentropy, focal, hinge, labels, loss, overlap, probabilistic, regression
from keras_training.losses.crossentropy import binary_crossentropy
from keras_training.losses.probabilistic import kl_divergence
from keras_training.losses.regression import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)

_FAMILIES = (loss, regression, crossentropy, focal, probabilistic, hinge, overlap, labels)

_ABBREVIATIONS = {
    "mse": mean_squared_error,
    "mae": mean_absolute_error,
    "mape": mean_absolute_percentage_error,
    "msle": mean_squared_logarithmic_error,
    "bce": binary_crossentropy,
    "kld": kl_divergence,
}


def exported_below(modules: tuple[ModuleType, ...], namespace: str) -> Iterator[tuple[str, Any]]:
    """Yields name and object of everything that modules export as `<namespace>.<name>`."""
    for module in modules:
        for value in vars(module).values():
            if not callable(value) or getattr(value, "__module__", None) != module.__name__:
                continue
            for path in exported_names(value):
                space, _, name = path.rpartition(".")
                if space == namespace:
                    yield name, value


LOSSES: dict[str, Any] = {
    **dict(exported_below(_FAMILIES, "keras.losses")),
    **_ABBREVIATIONS,
    **{name.upper(): function for name, function in _ABBREVIATIONS.items()},
}
"""Built-in losses, functions and classes, by every name that `get` accepts."""


@export("keras.losses.serialize")
def serialize(loss: Any) -> Any:
    """Returns the config of a loss, or the name of a loss function.

    Args:
        loss: A loss object or function.

    Returns:
        A dictionary, or what stands for a function in files.
    """
    return serialize_keras_object(loss)


@export("keras.losses.deserialize")
def deserialize(name: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """Makes a loss from its config or name.

    Args:
        name: What `serialize` returned, or a name.
        custom_objects: Classes and functions of the caller, by name.

    Returns:
        A loss object or function.
    """
    return deserialize_keras_object(name, module_objects=LOSSES, custom_objects=custom_objects)


@export("keras.losses.get")
def get(identifier: Any) -> Any:
    """Returns the loss that `identifier` stands for.

    Args:
        identifier: A name (`"mse"` and `"mean_squared_error"` give the function,
            `"MeanSquaredError"` an object), a config, a function, a loss, or `None`.

    Returns:
        A loss object or function; `None` for `None`.

    Raises:
        ValueError: If there is no such loss.

    Example:

        >>> get("mse").__name__
        'mean_squared_error'
    """
    if identifier is None:
        return None
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str):
        found = find(identifier)
        return found() if isinstance(found, type) else found
    if callable(identifier):
        return identifier() if isinstance(identifier, type) else identifier
    raise ValueError(
        f"Could not interpret loss identifier {identifier!r} of type {type(identifier).__name__}: expected "
        "a name, a config, a function, a loss object or None."
    )


def find(name: str) -> Any:
    """Returns the function or class that a name stands for.

    Raises:
        ValueError: If there is none; the message says which names come near.
    """
    found = LOSSES.get(name) or get_registered_object(name)
    if found is None:
        raise ValueError(
            f"Unknown loss {name!r}.{did_you_mean(name, LOSSES)} Pass one of the built-in names "
            f"({', '.join(sorted(_names()))}), or a function or loss object of your own."
        )
    return found


def _names() -> list[str]:
    return [name for name, value in LOSSES.items() if not isinstance(value, type) and not name.isupper()]
