"""What stands for a policy: names, configs, dtypes; and the setter of the global policy.

Layers call `get` with whatever users pass as `dtype`.
"""

from collections.abc import Mapping
from typing import Any

from keras_backends.api import export
from keras_backends.dtypes import standardize_dtype

from keras_ops.policies.policy import DTypePolicy, FloatDTypePolicy, dtype_policy, set_global
from keras_ops.policies.quantized import (
    AWQDTypePolicy,
    GPTQDTypePolicy,
    Int4DTypePolicy,
    QuantizedDTypePolicy,
    QuantizedFloat8DTypePolicy,
)
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object

_QUANTIZED = {
    "int8": QuantizedDTypePolicy,
    "int4": QuantizedDTypePolicy,
    "int4/": Int4DTypePolicy,
    "float8": QuantizedFloat8DTypePolicy,
    "gptq": GPTQDTypePolicy,
    "awq": AWQDTypePolicy,
}
"""Beginning of a quantized policy's name -> its class; the longest one counts."""

_CLASSES = {cls.__name__: cls for cls in (DTypePolicy, FloatDTypePolicy, *_QUANTIZED.values())}


@export(
    [
        "keras.config.set_dtype_policy",
        "keras.mixed_precision.set_dtype_policy",
        "keras.mixed_precision.set_global_policy",
    ]
)
def set_dtype_policy(policy: DTypePolicy | str) -> None:
    """Sets the policy of layers that are given none.

    Args:
        policy: A policy or its name.

    Raises:
        ValueError: If it is none.

    Example:

        >>> set_dtype_policy("mixed_bfloat16")
        >>> dtype_policy().compute_dtype
        'bfloat16'
        >>> set_dtype_policy("float32")
    """
    if not isinstance(policy, (DTypePolicy, str, dict)):
        raise ValueError(
            f"set_dtype_policy: expected a policy or its name, such as 'mixed_float16'. Received: {policy!r}"
        )
    set_global(get(policy))


@export("keras.dtype_policies.serialize")
def serialize(dtype_policy: DTypePolicy) -> dict[str, Any]:
    """Returns the config of a policy, with its class.

    Example:

        >>> serialize(DTypePolicy("mixed_float16"))["config"]
        {'name': 'mixed_float16'}
    """
    return serialize_keras_object(dtype_policy)


@export("keras.dtype_policies.deserialize")
def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> DTypePolicy:
    """Returns the policy that a config describes.

    Args:
        config: What `serialize` returned.
        custom_objects: Name -> class for classes that are neither built in nor registered.

    Example:

        >>> deserialize(serialize(DTypePolicy("int8"))).compute_dtype
        'int8'
    """
    return deserialize_keras_object(config, module_objects=_CLASSES, custom_objects=custom_objects)


@export("keras.dtype_policies.get")
def get(identifier: Any) -> DTypePolicy:
    """Returns the policy that an identifier stands for.

    Args:
        identifier: A policy, its name (`"mixed_float16"`, `"int8_from_float32"`, ...), its config, a
            dtype of NumPy or of the backend, or `None` for the global policy.

    Raises:
        ValueError: If it stands for none.

    Example:

        >>> get("int4/64_from_float32").block_size
        64
    """
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, str):
        return _from_name(identifier)
    if isinstance(identifier, dict):
        policy = deserialize(identifier)
        if isinstance(policy, DTypePolicy):
            return policy
        raise _unknown(identifier)
    try:
        return DTypePolicy(standardize_dtype(identifier))
    except (TypeError, ValueError):
        raise _unknown(identifier) from None


def _unknown(identifier: Any) -> ValueError:
    return ValueError(
        f"Expected a dtype policy, its name or its config, or a dtype. Received: {identifier!r} of type "
        f"{type(identifier).__name__}"
    )


def _from_name(name: str) -> DTypePolicy:
    mode, separator, source = name.partition("_from_")
    if not separator:
        return DTypePolicy(_refuse_bare_mode(name))
    fitting = [start for start in _QUANTIZED if mode.startswith(start)]
    if not fitting:
        return DTypePolicy(name)
    return _QUANTIZED[max(fitting, key=len)](mode, source)


def _refuse_bare_mode(name: str) -> str:
    if name in ("int8", "int4", "gptq", "awq"):
        raise ValueError(
            f"{name!r} is a way to quantize, which needs the policy it starts from, such as "
            f"'{name}_from_float32'."
        )
    return name
