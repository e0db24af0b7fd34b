"""What stands for an initializer: names, configs, classes, functions.

Layers call `get` with whatever users pass as `kernel_initializer` and the like.
"""

from collections.abc import Callable, Mapping
from typing import Any

from keras_backends.api import export

from keras_ops.initializers import constants, randoms
from keras_ops.initializers.base import Initializer
from keras_ops.object_family import ObjectFamily, in_snake_case_too
from keras_ops.serialize import serialize_keras_object

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

FAMILY = ObjectFamily(
    "initializer",
    {
        **in_snake_case_too({cls.__name__: cls for cls in _CLASSES}),
        "IdentityInitializer": constants.Identity,
        "OrthogonalInitializer": randoms.Orthogonal,
        "STFTInitializer": constants.STFT,
        "normal": randoms.RandomNormal,
        "one": constants.Ones,
        "uniform": randoms.RandomUniform,
        "zero": constants.Zeros,
    },
)


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
    return FAMILY.deserialize(config, custom_objects)


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
    return FAMILY.get(identifier)
