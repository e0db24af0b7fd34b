"""Margin losses for targets of -1 and 1, and for one-hot targets."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_training.losses.loss import LossFunctionWrapper
from keras_training.losses.regression import as_floats


def _signs(y_true: Tensor) -> Tensor:
    """Maps targets that are all 0 or 1 to -1 and 1; others are returned as they are."""
    is_binary = ops.all(ops.logical_or(ops.equal(y_true, 0), ops.equal(y_true, 1)))
    return ops.where(is_binary, 2.0 * y_true - 1.0, y_true)


@export(["keras.metrics.hinge", "keras.losses.hinge"])
def hinge(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Mean of `max(1 - y_true * y_pred, 0)` over the last axis.

    Args:
        y_true: Targets `(..., n)`, -1 or 1; targets that are all 0 or 1 are converted.
        y_pred: Predictions `(..., n)`.

    Returns:
        `(...)`.

    Example:

        >>> [float(x) for x in hinge([[1.0, -1.0]], [[0.5, -2.0]])]
        [0.25]
    """
    y_true, y_pred = as_floats(y_true, y_pred, "hinge")
    return ops.mean(ops.maximum(1.0 - _signs(y_true) * y_pred, 0.0), axis=-1)


@export(["keras.metrics.squared_hinge", "keras.losses.squared_hinge"])
def squared_hinge(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Mean of `max(1 - y_true * y_pred, 0)**2` over the last axis.

    Args:
        y_true: Targets `(..., n)`, -1 or 1; targets that are all 0 or 1 are converted.
        y_pred: Predictions `(..., n)`.

    Returns:
        `(...)`.

    Example:

        >>> [float(x) for x in squared_hinge([[1.0, -1.0]], [[0.0, -2.0]])]
        [0.5]
    """
    y_true, y_pred = as_floats(y_true, y_pred, "squared_hinge")
    return ops.mean(ops.square(ops.maximum(1.0 - _signs(y_true) * y_pred, 0.0)), axis=-1)


@export(["keras.metrics.categorical_hinge", "keras.losses.categorical_hinge"])
def categorical_hinge(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """`max(largest wrong score - score of the true class + 1, 0)` along the last axis.

    Args:
        y_true: One-hot targets `(..., classes)`.
        y_pred: Scores `(..., classes)`.

    Returns:
        `(...)`.

    Example:

        >>> [float(x) for x in categorical_hinge([[0.0, 1.0]], [[0.5, 1.0]])]
        [0.5]
    """
    y_true, y_pred = as_floats(y_true, y_pred, "categorical_hinge")
    right = ops.sum(y_true * y_pred, axis=-1)
    wrong = ops.max((1.0 - y_true) * y_pred, axis=-1)
    return ops.maximum(wrong - right + 1.0, 0.0)


@export("keras.losses.Hinge")
class Hinge(LossFunctionWrapper):
    """Margin loss for targets of -1 and 1.

    Args:
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.

    Example:

        >>> float(Hinge()([[1.0]], [[0.5]]))
        0.5
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "hinge", dtype: Any = None
    ) -> None:
        super().__init__(hinge, reduction, name, dtype)


@export("keras.losses.SquaredHinge")
class SquaredHinge(LossFunctionWrapper):
    """Squared margin loss for targets of -1 and 1.

    Args:
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.

    Example:

        >>> float(SquaredHinge()([[1.0]], [[0.5]]))
        0.25
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "squared_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(squared_hinge, reduction, name, dtype)


@export("keras.losses.CategoricalHinge")
class CategoricalHinge(LossFunctionWrapper):
    """Margin loss for one-hot targets.

    Args:
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.

    Example:

        >>> float(CategoricalHinge()([[0.0, 1.0]], [[0.5, 1.0]]))
        0.5
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(categorical_hinge, reduction, name, dtype)
