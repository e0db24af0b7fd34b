"""`keras.activations`: the activation functions, and `get`, which finds one by its name.

Layers call `get` on their argument and `serialize` in their config. The functions themselves are
defined in `activation_functions` and `saved_activations`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from keras_backends.api import export, exported_names

from keras_ops import activation_functions, saved_activations
from keras_ops.activation_functions import *  # noqa: F403
from keras_ops.activation_functions import linear
from keras_ops.object_family import ObjectFamily
from keras_ops.saved_activations import *  # noqa: F403
from keras_ops.serialize import serialize_keras_object

FAMILY = ObjectFamily(
    "activation",
    {
        name.rpartition(".")[2]: value
        for value in {**vars(activation_functions), **vars(saved_activations)}.values()
        if callable(value) and not isinstance(value, type)
        for name in exported_names(value)
        if name.startswith("keras.activations.")
    },
    default=linear,
)


@export("keras.activations.serialize")
def serialize(activation: Callable[..., Any]) -> Any:
    """Returns the name of a built-in activation, and the config of any other.

    Args:
        activation: A function, or an object that can be called and has a config.

    Example:

        >>> serialize(relu)
        'relu'
    """
    if FAMILY.names.get(getattr(activation, "__name__", "")) is activation:
        return activation.__name__
    return serialize_keras_object(activation)


@export("keras.activations.deserialize")
def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Returns the activation of a name or a config; the inverse of `serialize`.

    Args:
        config: Name of an activation, or what `serialize` returned.
        custom_objects: Name -> function or class that the config may mention besides the built-in ones.

    Raises:
        ValueError: If the name or the config stands for nothing that is known.

    Example:

        >>> deserialize("relu") is relu
        True
    """
    return FAMILY.deserialize(config, custom_objects)


@export("keras.activations.get")
def get(identifier: Any) -> Any:
    """Returns the activation that a layer's argument stands for.

    Args:
        identifier: Name of an activation, a config, something that can be called, or `None`.

    Returns:
        A function of a tensor; `linear` for `None`.

    Raises:
        ValueError: If `identifier` stands for no activation.

    Example:

        >>> get(None) is linear
        True
    """
    return FAMILY.get(identifier)
