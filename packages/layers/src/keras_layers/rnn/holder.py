"""`Holder`: the config of layers that are given other layers, such as cells, to hold."""

from collections.abc import Mapping
from typing import Any

from keras_ops.registry import CustomObjectScope

from keras_layers.layer import Layer


class Holder(Layer):
    """Base of layers that make the layers inside from their configs."""

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Makes a layer, and the layers inside, from what `get_config` returned.

        Args:
            config: The config.
            custom_objects: Classes and functions by name, beside the registered ones.
        """
        with CustomObjectScope(custom_objects):
            return super().from_config(config)
