"""Losses by name: `keras.losses.get`, `serialize` and `deserialize`.

Built-in losses are those exported below `keras.losses`; one is loaded when it is asked for.
"""

from typing import Any

from keras_backends.api import export
from keras_backends.public_names import PublicObjects
from keras_ops.naming import did_you_mean
from keras_ops.registry import get_registered_object
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object

from keras_training.exported import EXPORTED

_NO_LOSSES = frozenset({"get", "serialize", "deserialize"})

_ABBREVIATIONS = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
}

LOSSES = PublicObjects(
    "keras.losses",
    {
        **{name: name for name in EXPORTED["keras.losses"] if name not in _NO_LOSSES},
        **_ABBREVIATIONS,
        **{name.upper(): function for name, function in _ABBREVIATIONS.items()},
    },
)
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
    return [name for name in LOSSES if name.islower()]
