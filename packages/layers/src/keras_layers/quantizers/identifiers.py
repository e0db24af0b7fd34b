"""`get`, `serialize` and `deserialize` of `keras.quantizers`: from names and configs to objects and back.

Classes are found by their public names when asked for, so quantizers and configurations may use it.
"""

from collections.abc import Mapping
from typing import Any

from keras_backends.api import export
from keras_backends.public_names import PublicObjects
from keras_ops.object_family import ObjectFamily, in_snake_case_too
from keras_ops.serialize import serialize_keras_object

_CLASSES = (
    "AbsMaxQuantizer",
    "Quantizer",
    "QuantizationConfig",
    "Int8QuantizationConfig",
    "Int4QuantizationConfig",
    "Float8QuantizationConfig",
)
FAMILY = ObjectFamily(
    "quantizer",
    PublicObjects("keras.quantizers", in_snake_case_too({name: name for name in _CLASSES})),
    accepts=lambda x: callable(x) or hasattr(type(x), "dtype_policy_string"),
)


@export("keras.quantizers.serialize")
def serialize(initializer: Any) -> Any:
    """Returns the configuration of a quantizer as plain data.

    Args:
        initializer: The quantizer, or a `QuantizationConfig`.

    Example:

        >>> serialize(get("abs_max_quantizer"))["class_name"]
        'AbsMaxQuantizer'
    """
    return serialize_keras_object(initializer)


@export("keras.quantizers.deserialize")
def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Makes a quantizer from its configuration.

    Args:
        config: What `serialize` returned.
        custom_objects: Classes by name, beside the registered ones.

    Example:

        >>> deserialize(serialize(get("abs_max_quantizer"))).value_range
        (-127, 127)
    """
    return FAMILY.deserialize(config, custom_objects)


@export("keras.quantizers.get")
def get(identifier: Any, **kwargs: Any) -> Any:
    """Returns a quantizer for `None`, a name, a configuration, a class or a quantizer.

    Args:
        identifier: `None`, a name such as `"abs_max_quantizer"` or `"AbsMaxQuantizer"`, a configuration, a
            class, or any callable.
        **kwargs: Arguments of the constructor, where `identifier` names a class or is one.

    Raises:
        ValueError: If the name is unknown or the value is of another kind.

    Example:

        >>> get("abs_max_quantizer", axis=-1).axis, get(None)
        (-1, None)
    """
    return FAMILY.get(identifier, **kwargs)
