"""Losses by name: `keras.losses.get`, `serialize` and `deserialize`.

Built-in losses are those exported below `keras.losses`; one is loaded when it is asked for.
"""

from typing import Any

from keras_backends.api import export
from keras_backends.public_names import PublicObjects
from keras_ops.object_family import ObjectFamily
from keras_ops.serialize import serialize_keras_object

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

FAMILY = ObjectFamily("loss", LOSSES)


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
    return FAMILY.deserialize(name, custom_objects)


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
    return FAMILY.get(identifier)
