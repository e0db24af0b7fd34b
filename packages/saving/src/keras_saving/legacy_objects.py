"""`keras.legacy.saving`: configs as Keras 2 wrote them, without modules.

For code that still calls these functions; files and everything else use `keras_ops.serialize`.
"""

from collections.abc import Mapping
from typing import Any

from keras_backends.api import export
from keras_ops.registry import get_registered_name
from keras_ops.serialize import deserialize_keras_object as deserialize
from keras_ops.serialize import is_config


@export(["keras.legacy.saving.serialize_keras_object", "keras.utils.legacy.serialize_keras_object"])
def serialize_keras_object(instance: Any) -> Any:
    """Returns `{"class_name": ..., "config": ...}` for an object, the name of a function, `None` for `None`.

    Args:
        instance: An object with `get_config`, a function, or `None`.

    Raises:
        ValueError: If it is neither.

    Example:

        >>> from keras_ops.initializers import Zeros
        >>> serialize_keras_object(Zeros())
        {'class_name': 'Zeros', 'config': {}}
    """
    if instance is None:
        return None
    if hasattr(instance, "get_config"):
        config = {
            key: serialize_keras_object(value) if hasattr(value, "get_config") else value
            for key, value in instance.get_config().items()
        }
        return {"class_name": get_registered_name(type(instance)), "config": config}
    if hasattr(instance, "__name__"):
        return get_registered_name(instance)
    raise ValueError(
        f"Expected an object with `get_config`, a function or None. Received: {instance!r} of type "
        f"{type(instance).__name__}"
    )


@export(["keras.legacy.saving.deserialize_keras_object", "keras.utils.legacy.deserialize_keras_object"])
def deserialize_keras_object(
    identifier: Any,
    module_objects: Mapping[str, Any] | None = None,
    custom_objects: Mapping[str, Any] | None = None,
    printable_module_name: str = "object",
) -> Any:
    """Returns the object for a config or a name; the inverse of `serialize_keras_object`.

    Args:
        identifier: A config, a name, a function, or `None`.
        module_objects: Name -> class or function that may be meant.
        custom_objects: More of these, looked at first.
        printable_module_name: What a message calls the object.

    Raises:
        ValueError: If the name is unknown, or `identifier` is of another kind.

    Example:

        >>> from keras_ops.initializers import Ones
        >>> type(deserialize_keras_object("Ones", module_objects={"Ones": Ones})).__name__
        'Ones'
    """
    if identifier is None or (callable(identifier) and not isinstance(identifier, type)):
        return identifier
    if not isinstance(identifier, str) and not is_config(identifier):
        raise ValueError(
            f"Expected the name or the config of a {printable_module_name}. Received: {identifier!r} of type "
            f"{type(identifier).__name__}"
        )
    return deserialize(identifier, custom_objects=custom_objects, module_objects=module_objects or {})
