"""What stands for an initializer: names, configs, classes, functions.

Layers call `get` with whatever users pass as `kernel_initializer` and the like.
"""

from collections.abc import Callable, Mapping
from typing import Any

from keras_backends.api import export

from keras_ops.initializers import constants, randoms
from keras_ops.initializers.base import Initializer
from keras_ops.naming import to_snake_case
from keras_ops.serialize import deserialize_keras_object, from_name, serialize_keras_object

_CLASSES = (
    Initializer,
    constants.Constant,
    constants.Identity,
    constants.Ones,
    constants.STFT,
    constants.Zeros,
    randoms.GlorotNormal,
    randoms.GlorotUniform,
    randoms.HeNormal,
    randoms.HeUniform,
    randoms.LecunNormal,
    randoms.LecunUniform,
    randoms.Orthogonal,
    randoms.RandomNormal,
    randoms.RandomUniform,
    randoms.TruncatedNormal,
    randoms.VarianceScaling,
)

BY_NAME: dict[str, type[Initializer]] = {
    **{cls.__name__: cls for cls in _CLASSES},
    **{to_snake_case(cls.__name__): cls for cls in _CLASSES},
    "IdentityInitializer": constants.Identity,
    "OrthogonalInitializer": randoms.Orthogonal,
    "STFTInitializer": constants.STFT,
    "normal": randoms.RandomNormal,
    "one": constants.Ones,
    "uniform": randoms.RandomUniform,
    "zero": constants.Zeros,
}
"""Names that `get` and configs without a module accept."""


@export("keras.initializers.serialize")
def serialize(initializer: Initializer) -> dict[str, Any]:
    """Returns the config of an initializer, with its class.

    Example:

        >>> serialize(constants.Constant(2.0))["config"]
        {'value': 2.0}
    """
    return serialize_keras_object(initializer)


@export("keras.initializers.deserialize")
def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Returns the initializer that a config or a name describes.

    Args:
        config: What `serialize` returned, or a name.
        custom_objects: Name -> class or function for those that are neither built in nor registered.

    Raises:
        ValueError: If the name is unknown.

    Example:

        >>> deserialize({"class_name": "Constant", "config": {"value": 2.0}}).value
        2.0
    """
    return deserialize_keras_object(config, module_objects=BY_NAME, custom_objects=custom_objects)


@export("keras.initializers.get")
def get(identifier: Any) -> Callable[..., Any] | None:
    """Returns the initializer that an identifier stands for.

    Args:
        identifier: An initializer or a function `(shape, dtype)`, a class of initializers, a name
            such as `"glorot_uniform"`, a config, or `None`.

    Returns:
        The initializer, `None` for `None`.

    Raises:
        ValueError: If it stands for none.

    Example:

        >>> type(get("he_normal")).__name__
        'HeNormal'
    """
    if identifier is None:
        return None
    if isinstance(identifier, str):
        identifier = from_name(identifier, BY_NAME)
    elif isinstance(identifier, dict):
        identifier = deserialize(identifier)
    if isinstance(identifier, type):
        identifier = identifier()
    if callable(identifier):
        return identifier
    raise ValueError(
        "Expected an initializer, its name (such as 'glorot_uniform') or its config. "
        f"Received: {identifier!r} of type {type(identifier).__name__}"
    )
