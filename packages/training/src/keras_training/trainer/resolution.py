"""Losses and metrics from what the user gave: names that depend on shapes, functions, objects."""

from collections.abc import Iterator, Mapping
from typing import Any

from keras_ops.naming import to_snake_case

from keras_training.losses import identifiers as losses
from keras_training.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from keras_training.losses.loss import Loss, LossFunctionWrapper
from keras_training.metrics import identifiers as metrics
from keras_training.metrics.accuracy import BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy
from keras_training.metrics.metric import Metric
from keras_training.metrics.probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from keras_training.metrics.reductions import MeanMetricWrapper

_BY_KIND: dict[str, tuple[Any, Any, Any]] = {
    "loss": (binary_crossentropy, sparse_categorical_crossentropy, categorical_crossentropy),
    "accuracy": (BinaryAccuracy, SparseCategoricalAccuracy, CategoricalAccuracy),
    "crossentropy": (BinaryCrossentropy, SparseCategoricalCrossentropy, CategoricalCrossentropy),
}
_ALIASES = {"acc": "accuracy", "accuracy": "accuracy", "ce": "crossentropy", "crossentropy": "crossentropy"}


def kind_of_targets(y_true: Any, y_pred: Any) -> int:
    """Says what targets are by the shapes: 0 binary, 1 class numbers, 2 one-hot."""
    true, pred = tuple(y_true.shape), tuple(y_pred.shape)
    if not pred or pred[-1] == 1:
        return 0
    return 1 if len(true) < len(pred) or true[-1] == 1 else 2


def check_names(loss: Any, *given_metrics: Any) -> None:
    """Refuses losses and metrics that nobody knows, as far as that can be said before there are targets.

    Args:
        loss: The argument of `compile`, whatever its form.
        *given_metrics: Those for metrics.

    Raises:
        ValueError: If a name is unknown, or something is of no use as a loss or metric.
    """
    for family, given in ((losses.FAMILY, loss), (metrics.FAMILY, given_metrics)):
        for identifier in _leaves(given):
            if isinstance(identifier, str):
                if identifier.lower() not in _ALIASES:
                    family.find(identifier)
            elif not callable(identifier) and not _is_metric(identifier):
                family.get(identifier)


def _leaves(given: Any) -> Iterator[Any]:
    """What stands in lists and dicts by output; a config is one thing."""
    if isinstance(given, Mapping) and "class_name" not in given:
        given = list(given.values())
    if not isinstance(given, (list, tuple)):
        yield given
        return
    for entry in given:
        yield from _leaves(entry)


def resolve_loss(identifier: Any, y_true: Any, y_pred: Any) -> Loss | None:
    """Returns the loss object for an output.

    Args:
        identifier: Name, function, loss or `None`; `"crossentropy"` depends on the shapes.
        y_true: Targets or their spec.
        y_pred: Predictions or their spec.
    """
    if identifier is None:
        return None
    if isinstance(identifier, str) and identifier.lower() in ("ce", "crossentropy"):
        found = _BY_KIND["loss"][kind_of_targets(y_true, y_pred)]
    else:
        found = losses.get(identifier)
    return found if isinstance(found, Loss) else LossFunctionWrapper(found, name=name_of(found))


def resolve_metric(identifier: Any, y_true: Any, y_pred: Any) -> Metric | None:
    """Returns the metric object for an output.

    Args:
        identifier: Name, function, metric or `None`; `"accuracy"` depends on the shapes. A metric
            given by name keeps that very name in the logs.
        y_true: Targets or their spec.
        y_pred: Predictions or their spec.
    """
    if identifier is None:
        return None
    kind = _ALIASES.get(identifier.lower()) if isinstance(identifier, str) else None
    found = _BY_KIND[kind][kind_of_targets(y_true, y_pred)]() if kind else metrics.get(identifier)
    if not _is_metric(found):
        found = MeanMetricWrapper(found, name=name_of(found))
    if isinstance(identifier, str):
        found.name = identifier
    return found


def _is_metric(x: Any) -> bool:
    return isinstance(x, Metric) or all(
        hasattr(x, name) for name in ("update_state", "result", "reset_state")
    )


def name_of(function: Any) -> str:
    """A name for a function or callable object."""
    return getattr(function, "__name__", None) or to_snake_case(type(function).__name__)
