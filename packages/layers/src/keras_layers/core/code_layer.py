"""`CodeLayer`: base of layers whose configs may hold code, which loads only from those who are trusted.

Used by `Lambda` and the bridges to other frameworks; what of their configs is code, each says itself.
"""

from collections.abc import Mapping
from typing import Any, Self

from keras_ops.serialize import in_safe_mode

from keras_layers.layer import Layer


class CodeLayer(Layer):
    """Base of layers with code in their configs; a member implements `code_in`, and `arguments_of` if need be."""

    @classmethod
    def code_in(cls, config: Mapping[str, Any]) -> str | None:
        """Says what of a config is code, as the end of a sentence about the layer; `None` if nothing is."""
        raise NotImplementedError(f"{cls.__name__} must implement `code_in(cls, config)`.")

    @classmethod
    def arguments_of(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None, safe_mode: bool
    ) -> dict[str, Any]:
        """Returns the arguments of the constructor that a config describes."""
        return dict(config)

    @classmethod
    def from_config(
        cls,
        config: dict[str, Any],
        custom_objects: Mapping[str, Any] | None = None,
        safe_mode: bool | None = None,
    ) -> Self:
        """Makes a layer from what `get_config` returned.

        Args:
            config: The config.
            custom_objects: Functions and classes by name, where the config has names.
            safe_mode: Whether to refuse code; that of the load under way by default.

        Raises:
            ValueError: If there is code in the config and `safe_mode` is on.
        """
        safe = in_safe_mode() if safe_mode is None else safe_mode
        code = cls.code_in(config) if safe else None
        if code is not None:
            raise ValueError(
                f"{cls.__name__} {config.get('name')!r} {code}, and code may do anything. Pass `safe_mode=False` to "
                "load it if you trust whom it is from, or call `keras.config.enable_unsafe_deserialization()`."
            )
        return cls(**cls.arguments_of(config, custom_objects, safe))
