"""Focal cross-entropies: those that play down samples that are right already."""

from typing import Any

from keras_backends import settings
from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_training.losses.crossentropy import as_distributions, smooth
from keras_training.losses.loss import LossFunctionWrapper
from keras_training.losses.regression import as_floats


@export(["keras.metrics.binary_focal_crossentropy", "keras.losses.binary_focal_crossentropy"])
def binary_focal_crossentropy(
    y_true: Tensor,
    y_pred: Tensor,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Binary cross-entropy times `(1 - p)**gamma`, with `p` the probability of the right answer.

    Args:
        y_true: Targets in [0, 1], `(..., n)`.
        y_pred: Probabilities, or logits with `from_logits`, `(..., n)`.
        apply_class_balancing: Whether to weigh class 1 by `alpha` and class 0 by `1 - alpha`.
        alpha: See `apply_class_balancing`.
        gamma: How strongly easy samples are played down.
        from_logits: Whether `y_pred` are logits.
        label_smoothing: In [0, 1]: targets are pulled towards 0.5 by this share.
        axis: Axis to average over.

    Returns:
        `(...)`.

    Example:

        >>> [round(float(x), 3) for x in binary_focal_crossentropy([[1.0]], [[0.5]])]
        [0.173]
    """
    y_true, y_pred = as_floats(y_true, y_pred, "binary_focal_crossentropy")
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    if from_logits:
        y_pred = ops.sigmoid(y_pred)
    right = y_true * y_pred + (1.0 - y_true) * (1.0 - y_pred)
    values = ops.power(1.0 - right, gamma) * ops.binary_crossentropy(y_true, y_pred)
    if apply_class_balancing:
        values = values * (y_true * alpha + (1.0 - y_true) * (1.0 - alpha))
    return ops.mean(values, axis=axis)


@export(["keras.metrics.categorical_focal_crossentropy", "keras.losses.categorical_focal_crossentropy"])
def categorical_focal_crossentropy(
    y_true: Tensor,
    y_pred: Tensor,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """`-sum(alpha * (1 - y_pred)**gamma * y_true * log(y_pred))` along the class axis.

    Args:
        y_true: One-hot targets `(..., classes)`.
        y_pred: Probabilities, or logits with `from_logits`, `(..., classes)`.
        alpha: Weight, a number or one per class.
        gamma: How strongly easy samples are played down.
        from_logits: Whether `y_pred` are logits.
        label_smoothing: In [0, 1]: targets are pulled towards the uniform distribution by this share.
        axis: The class axis.

    Returns:
        `(...)`.

    Example:

        >>> [round(float(x), 3) for x in categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])]
        [0.043]
    """
    y_true, y_pred = as_distributions(y_true, y_pred, axis, "categorical_focal_crossentropy")
    y_true = smooth(y_true, label_smoothing, axis)
    if from_logits:
        y_pred = ops.softmax(y_pred, axis=axis)
    y_pred = y_pred / ops.sum(y_pred, axis=axis, keepdims=True)
    low = settings.epsilon()
    y_pred = ops.clip(y_pred, low, 1.0 - low)
    factor = ops.power(1.0 - y_pred, gamma) * ops.convert_to_tensor(alpha, dtype=y_pred.dtype)
    return -ops.sum(factor * y_true * ops.log(y_pred), axis=axis)


@export("keras.losses.BinaryFocalCrossentropy")
class BinaryFocalCrossentropy(LossFunctionWrapper):
    """Binary cross-entropy that plays down easy samples.

    Args:
        apply_class_balancing: Whether to weigh class 1 by `alpha` and class 0 by `1 - alpha`.
        alpha: See `apply_class_balancing`.
        gamma: How strongly easy samples are played down.
        from_logits: Whether predictions are logits.
        label_smoothing: In [0, 1]: targets are pulled towards 0.5 by this share.
        axis: Axis to average over.
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.

    Example:

        >>> round(float(BinaryFocalCrossentropy()([[1.0]], [[0.5]])), 3)
        0.173
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            binary_focal_crossentropy,
            reduction,
            name,
            dtype,
            apply_class_balancing=apply_class_balancing,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


@export("keras.losses.CategoricalFocalCrossentropy")
class CategoricalFocalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of one-hot targets that plays down easy samples.

    Args:
        alpha: Weight, a number or one per class.
        gamma: How strongly easy samples are played down.
        from_logits: Whether predictions are logits.
        label_smoothing: In [0, 1]: targets are pulled towards the uniform distribution by this share.
        axis: The class axis.
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.

    Example:

        >>> round(float(CategoricalFocalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 3)
        0.043
    """

    def __init__(
        self,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            categorical_focal_crossentropy,
            reduction,
            name,
            dtype,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
