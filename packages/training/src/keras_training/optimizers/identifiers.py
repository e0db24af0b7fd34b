"""Optimizers and schedules by name: `get`, `serialize` and `deserialize` of both namespaces."""

from collections.abc import Mapping
from typing import Any

from keras_backends.api import export
from keras_backends.public_names import PublicObjects
from keras_ops.object_family import ObjectFamily
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object

from keras_training.exported import EXPORTED
from keras_training.optimizers.optimizer import Optimizer
from keras_training.optimizers.schedule import LearningRateSchedule

_WITH_ARGUMENTS = frozenset({"Optimizer", "LossScaleOptimizer"})


class _InAnyCase(PublicObjects):
    """Objects by names whose case does not matter."""

    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name.lower())


OPTIMIZERS = _InAnyCase(
    "keras.optimizers",
    {n.lower(): n for n in EXPORTED["keras.optimizers"] if n[0].isupper() and n not in _WITH_ARGUMENTS},
)
"""Built-in optimizers that can be made without arguments, by their lower-case names."""


class _Optimizers(ObjectFamily):
    """Optimizers, whose class may be written in any case in configs too."""

    def deserialize(self, config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
        name = OPTIMIZERS.names.get(str(config.get("class_name")).lower())
        return super().deserialize({**config, "class_name": name} if name else config, custom_objects)


FAMILY = _Optimizers(
    "optimizer", OPTIMIZERS, accepts=lambda x: all(hasattr(x, n) for n in ("apply", "build", "variables"))
)

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
    return FAMILY.deserialize(config, custom_objects)


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
    return FAMILY.get(identifier)


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
