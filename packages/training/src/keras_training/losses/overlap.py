"""Losses of overlap, as segmentation uses them: Dice and Tversky."""

from typing import Any

from keras_backends import settings
from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_training.losses.loss import LossFunctionWrapper
from keras_training.losses.regression import as_floats


@export("keras.losses.tversky")
def tversky(
    y_true: Tensor, y_pred: Tensor, alpha: float = 0.5, beta: float = 0.5, axis: Any = None
) -> Tensor:
    """`1 - overlap / (overlap + alpha * false negatives + beta * false positives)`.

    Args:
        y_true: Targets in [0, 1].
        y_pred: Predictions in [0, 1], same shape.
        alpha: Weight of false negatives, of what is missed.
        beta: Weight of false positives.
        axis: Axis or axes to add up along, all by default.

    Returns:
        The shape without `axis`.

    Example:

        >>> round(float(tversky([[0.0, 1.0]], [[0.0, 1.0]])), 3)
        0.0
    """
    y_true, y_pred = as_floats(y_true, y_pred, "tversky")
    both = ops.sum(y_true * y_pred, axis=axis)
    false_positives = ops.sum((1 - y_true) * y_pred, axis=axis)
    false_negatives = ops.sum(y_true * (1 - y_pred), axis=axis)
    return 1 - both / (both + alpha * false_negatives + beta * false_positives + settings.epsilon())


@export("keras.losses.dice")
def dice(y_true: Tensor, y_pred: Tensor, axis: Any = None) -> Tensor:
    """`1 - 2 * overlap / (sum(y_true) + sum(y_pred))`.

    Args:
        y_true: Targets in [0, 1].
        y_pred: Predictions in [0, 1], same shape.
        axis: Axis or axes to add up along, all by default.

    Returns:
        The shape without `axis`.

    Example:

        >>> round(float(dice([[0.0, 1.0]], [[0.0, 1.0]])), 3)
        0.0
    """
    y_true, y_pred = as_floats(y_true, y_pred, "dice")
    both = ops.sum(y_true * y_pred, axis=axis)
    return 1 - 2 * both / (ops.sum(y_true, axis=axis) + ops.sum(y_pred, axis=axis) + settings.epsilon())


@export("keras.losses.Dice")
class Dice(LossFunctionWrapper):
    """Dice loss; see `dice`.

    Args:
        reduction: See `Loss`.
        name: Name of the loss.
        axis: Axis or axes to add up along.
        dtype: See `Loss`.

    Example:

        >>> round(float(Dice()([[0.0, 1.0]], [[0.0, 1.0]])), 3)
        0.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "dice",
        axis: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(dice, reduction, name, dtype, axis=axis)


@export("keras.losses.Tversky")
class Tversky(LossFunctionWrapper):
    """Tversky loss; see `tversky`.

    Args:
        alpha: Weight of false negatives, of what is missed.
        beta: Weight of false positives.
        reduction: See `Loss`.
        name: Name of the loss.
        axis: Axis or axes to add up along.
        dtype: See `Loss`.

    Example:

        >>> round(float(Tversky()([[0.0, 1.0]], [[0.0, 1.0]])), 3)
        0.0
    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "tversky",
        axis: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)
