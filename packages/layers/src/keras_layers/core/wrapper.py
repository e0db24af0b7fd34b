"""`Wrapper`: base of layers that hold one other layer and change how it is called."""

from collections.abc import Mapping
from typing import Any

from keras_backends.api import export
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object

from keras_layers.layer import Layer


@export("keras.layers.Wrapper")
class Wrapper(Layer):
    """Base of layers around another layer; do not use it on its own.

    Args:
        layer: The layer inside.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Example:

        >>> from keras_layers.core.dense import Dense
        >>> class Twice(Wrapper):
        ...     def call(self, x):
        ...         return 2 * self.layer(x)
        >>> from keras_ops import ops
        >>> Twice(Dense(3))(ops.ones((2, 4))).shape == (2, 3)
        True
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise ValueError(
                f"{type(self).__name__}: `layer` must be a keras.Layer, received {layer!r} of type "
                f"{type(layer).__name__}."
            )
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True
        self.built = True

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config["layer"] = serialize_keras_object(self.layer)
        return config

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> "Wrapper":
        """Makes a wrapper, and the layer inside, from what `get_config` returned."""
        config = dict(config)
        layer = deserialize_keras_object(config.pop("layer"), custom_objects=custom_objects)
        return cls(layer, **config)
