"""Metrics by name: `keras.metrics.get`, `serialize` and `deserialize`.

A built-in metric is found by its class name, that name in snake case, or an abbreviation.
"""

from typing import Any

from keras_backends.api import export
from keras_backends.public_names import PublicObjects
from keras_ops.object_family import ObjectFamily, in_snake_case_too
from keras_ops.serialize import serialize_keras_object

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

FAMILY = ObjectFamily(
    "metric",
    PublicObjects(
        "keras.metrics",
        {
            **in_snake_case_too(CLASSES.names),
            **_ABBREVIATIONS,
            **{name.upper(): metric for name, metric in _ABBREVIATIONS.items()},
        },
    ),
)


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
    return FAMILY.deserialize(config, custom_objects)


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
    return FAMILY.get(identifier)
