"""Metrics by name: `keras.metrics.get`, `serialize` and `deserialize`.

A built-in metric is found by its class name, that name in snake case, or an abbreviation.
"""

from typing import Any

from keras_backends.api import export
from keras_backends.public_names import PublicObjects
from keras_ops.naming import did_you_mean, to_snake_case
from keras_ops.registry import get_registered_object
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object

from keras_training.exported import EXPORTED
from keras_training.metrics.metric import Metric

_ABBREVIATIONS = {
    "mse": "MeanSquaredError",
    "mae": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError",
    "msle": "MeanSquaredLogarithmicError",
    "bce": "BinaryCrossentropy",
}

CLASSES = PublicObjects("keras.metrics", {n: n for n in EXPORTED["keras.metrics"] if n[0].isupper()})
"""Built-in metrics by class name."""

METRICS = PublicObjects(
    "keras.metrics",
    {
        **CLASSES.names,
        **{to_snake_case(name): name for name in CLASSES},
        **_ABBREVIATIONS,
        **{name.upper(): metric for name, metric in _ABBREVIATIONS.items()},
    },
)
"""Built-in metrics by every name that `get` accepts."""


@export("keras.metrics.serialize")
def serialize(metric: Metric) -> dict[str, Any]:
    """Returns the config of a metric."""
    return serialize_keras_object(metric)


@export("keras.metrics.deserialize")
def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """Makes a metric from its config.

    Args:
        config: What `serialize` returned.
        custom_objects: Classes and functions of the caller, by name.

    Returns:
        A metric.
    """
    return deserialize_keras_object(config, module_objects=METRICS, custom_objects=custom_objects)


@export("keras.metrics.get")
def get(identifier: Any) -> Any:
    """Returns the metric that `identifier` stands for.

    Args:
        identifier: A name (`"mse"`, `"mean_squared_error"`, `"MeanSquaredError"`), a config, a
            function, a metric, or `None`.

    Returns:
        A metric or function; `None` for `None`.

    Raises:
        ValueError: If there is no such metric.

    Example:

        >>> get("mse").name
        'mean_squared_error'
    """
    if identifier is None:
        return None
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str):
        found = find(identifier)
        return found() if isinstance(found, type) else found
    if callable(identifier):
        return identifier() if isinstance(identifier, type) else identifier
    raise ValueError(
        f"Could not interpret metric identifier {identifier!r} of type {type(identifier).__name__}: expected "
        "a name, a config, a function, a metric object or None."
    )


def find(name: str) -> Any:
    """Returns the function or class that a name stands for.

    Raises:
        ValueError: If there is none; the message says which names come near.
    """
    found = METRICS.get(name) or get_registered_object(name)
    if found is None:
        names = sorted({to_snake_case(name) for name in CLASSES} | {"accuracy", "crossentropy"})
        raise ValueError(
            f"Unknown metric {name!r}.{did_you_mean(name, [*METRICS, *names])} Pass one of the built-in "
            f"names ({', '.join(names)}), or a function or metric object of your own."
        )
    return found
