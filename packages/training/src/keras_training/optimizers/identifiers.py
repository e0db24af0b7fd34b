"""Optimizers and schedules by name: `get`, `serialize` and `deserialize` of both namespaces."""

from typing import Any

from keras_backends.api import export
from keras_backends.public_names import PublicObjects
from keras_ops.naming import did_you_mean
from keras_ops.registry import get_registered_object
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object

from keras_training.exported import EXPORTED
from keras_training.optimizers.optimizer import Optimizer
from keras_training.optimizers.schedule import LearningRateSchedule

_WITH_ARGUMENTS = frozenset({"Optimizer", "LossScaleOptimizer"})

CLASSES = PublicObjects("keras.optimizers", {n: n for n in EXPORTED["keras.optimizers"] if n[0].isupper()})
"""Built-in optimizers by class name."""

OPTIMIZERS = PublicObjects("keras.optimizers", {n.lower(): n for n in CLASSES if n not in _WITH_ARGUMENTS})
"""Built-in optimizers that can be made without arguments, by their lower-case names."""

SCHEDULES = PublicObjects(
    "keras.optimizers.schedules",
    {n: n for n in EXPORTED["keras.optimizers.schedules"] if n[0].isupper()},
)
"""Built-in schedules by class name."""


@export("keras.optimizers.serialize")
def serialize(optimizer: Optimizer) -> dict[str, Any]:
    """Returns the config of an optimizer."""
    return serialize_keras_object(optimizer)


@export("keras.optimizers.deserialize")
def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """Makes an optimizer from its config.

    Args:
        config: What `serialize` returned; the class name may be in any case.
        custom_objects: Classes of the caller, by name.

    Returns:
        An optimizer.
    """
    name = str(config.get("class_name", "")).lower()
    if name in OPTIMIZERS:
        config = {**config, "class_name": OPTIMIZERS.names[name]}
    return deserialize_keras_object(config, module_objects=CLASSES, custom_objects=custom_objects)


@export("keras.optimizers.get")
def get(identifier: Any) -> Any:
    """Returns the optimizer that `identifier` stands for.

    Args:
        identifier: A name in any case, a config, an optimizer, or `None`.

    Returns:
        An optimizer; `None` for `None`.

    Raises:
        ValueError: If there is no such optimizer.

    Example:

        >>> type(get("adam")).__name__
        'Adam'
    """
    if identifier is None or isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str):
        found = OPTIMIZERS.get(identifier.lower()) or get_registered_object(identifier)
        if found is None:
            raise ValueError(
                f"Unknown optimizer {identifier!r}.{did_you_mean(identifier.lower(), OPTIMIZERS)} Pass one of "
                f"the built-in names "
                f"({', '.join(sorted(OPTIMIZERS))}), or an optimizer of your own."
            )
        return found()
    if all(hasattr(identifier, name) for name in ("apply", "build", "variables")):
        return identifier
    raise ValueError(
        f"Could not interpret optimizer identifier {identifier!r} of type {type(identifier).__name__}: "
        "expected a name, a config, an optimizer or None."
    )


@export("keras.optimizers.schedules.serialize")
def serialize_schedule(learning_rate_schedule: LearningRateSchedule) -> dict[str, Any]:
    """Returns the config of a schedule."""
    return serialize_keras_object(learning_rate_schedule)


@export("keras.optimizers.schedules.deserialize")
def deserialize_schedule(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """Makes a schedule from its config.

    Args:
        config: What `serialize` returned.
        custom_objects: Classes of the caller, by name.

    Returns:
        A schedule.
    """
    return deserialize_keras_object(config, module_objects=SCHEDULES, custom_objects=custom_objects)
