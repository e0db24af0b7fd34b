"""`keras.layers.serialize` and `deserialize`: one layer as plain data and back."""

from collections.abc import Mapping
from typing import Any

from keras_backends.api import export
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object

from keras_layers.layer import Layer


@export("keras.layers.serialize")
def serialize(layer: Layer) -> dict[str, Any]:
    """Returns class and config of a layer as plain data.

    Example:

        >>> from keras_layers.core.dense import Dense
        >>> serialize(Dense(2))["class_name"]
        'Dense'
    """
    return serialize_keras_object(layer)


@export("keras.layers.deserialize")
def deserialize(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Layer:
    """Makes a layer from what `serialize` returned.

    Args:
        config: Class and config.
        custom_objects: Classes and functions by name, beside the registered ones.

    Raises:
        ValueError: If the config is that of something else.

    Example:

        >>> from keras_layers.core.dense import Dense
        >>> deserialize(serialize(Dense(2))).units
        2
    """
    layer = deserialize_keras_object(config, custom_objects=custom_objects)
    if not isinstance(layer, Layer):
        raise ValueError(
            f"keras.layers.deserialize: the config is not that of a layer, it gave {layer!r}. Received: "
            f"config={config!r}"
        )
    return layer
