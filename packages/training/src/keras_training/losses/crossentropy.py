"""Cross-entropies: binary, categorical with one-hot targets, categorical with class numbers."""

from typing import Any

import numpy as np
from keras_backends.api import export
from keras_backends.dtypes import INTS, standardize_dtype
from keras_ops import ops
from keras_ops.masks import set_mask
from keras_ops.tensor import Tensor

from keras_training.losses.loss import LossFunctionWrapper
from keras_training.losses.reduction import as_tensor
from keras_training.losses.regression import as_floats


@export(["keras.metrics.binary_crossentropy", "keras.losses.binary_crossentropy"])
def binary_crossentropy(
    y_true: Tensor,
    y_pred: Tensor,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Mean of `-y_true * log(y_pred) - (1 - y_true) * log(1 - y_pred)` over an axis.

    Args:
        y_true: Targets in [0, 1], `(..., n)`.
        y_pred: Probabilities, or logits with `from_logits`, `(..., n)`.
        from_logits: Whether `y_pred` are logits.
        label_smoothing: In [0, 1]: targets are pulled towards 0.5 by this share.
        axis: Axis to average over.

    Returns:
        `(...)`.

    Example:

        >>> [round(float(x), 3) for x in binary_crossentropy([[1.0, 0.0]], [[0.5, 0.5]])]
        [0.693]
    """
    y_true, y_pred = as_floats(y_true, y_pred, "binary_crossentropy")
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    return ops.mean(ops.binary_crossentropy(y_true, y_pred, from_logits=from_logits), axis=axis)


def as_distributions(y_true: Any, y_pred: Any, axis: int, name: str) -> tuple[Tensor, Tensor]:
    """Converts one-hot targets and predictions, and checks that they have equal shapes.

    Raises:
        ValueError: If the shapes differ; the message says when class numbers were meant.
    """
    y_pred = as_tensor(y_pred)
    y_true = as_tensor(y_true, standardize_dtype(y_pred.dtype))
    shapes = tuple(y_true.shape), tuple(y_pred.shape)
    same = len(shapes[0]) == len(shapes[1]) and all(a == b or None in (a, b) for a, b in zip(*shapes))
    if not same:
        hint = ""
        if shapes[0] in (shapes[1][:-1], (*shapes[1][:-1], 1)):
            hint = (
                f" These targets look like class numbers: use `sparse_{name}`, or make them one-hot with "
                "`keras.utils.to_categorical`."
            )
        raise ValueError(
            f"Loss {name!r}: expected `y_true` and `y_pred` of equal shapes, received "
            f"y_true.shape={shapes[0]} and y_pred.shape={shapes[1]}.{hint}"
        )
    if not shapes[1] or not -len(shapes[1]) <= axis < len(shapes[1]):
        raise ValueError(
            f"Loss {name!r}: expected tensors with an axis {axis}, received y_pred.shape={shapes[1]}."
        )
    return y_true, y_pred


def smooth(y_true: Tensor, label_smoothing: float, axis: int) -> Tensor:
    """Pulls one-hot targets towards the uniform distribution by the share `label_smoothing`."""
    if not label_smoothing:
        return y_true
    return y_true * (1.0 - label_smoothing) + label_smoothing / y_true.shape[axis]


@export(["keras.metrics.categorical_crossentropy", "keras.losses.categorical_crossentropy"])
def categorical_crossentropy(
    y_true: Tensor,
    y_pred: Tensor,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """`-sum(y_true * log(y_pred))` along the class axis.

    Args:
        y_true: One-hot targets or distributions `(..., classes)`.
        y_pred: Probabilities, or logits with `from_logits`, `(..., classes)`.
        from_logits: Whether `y_pred` are logits.
        label_smoothing: In [0, 1]: targets are pulled towards the uniform distribution by this share.
        axis: The class axis.

    Returns:
        `(...)`.

    Raises:
        ValueError: If the shapes differ.

    Example:

        >>> [round(float(x), 3) for x in categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])]
        [0.693]
    """
    y_true, y_pred = as_distributions(y_true, y_pred, axis, "categorical_crossentropy")
    y_true = smooth(y_true, label_smoothing, axis)
    return ops.categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)


@export(["keras.metrics.sparse_categorical_crossentropy", "keras.losses.sparse_categorical_crossentropy"])
def sparse_categorical_crossentropy(
    y_true: Tensor,
    y_pred: Tensor,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Tensor:
    """`-log(y_pred[y_true])` for class numbers.

    Args:
        y_true: Class numbers `(...)` or `(..., 1)`.
        y_pred: Probabilities, or logits with `from_logits`, `(..., classes)`.
        from_logits: Whether `y_pred` are logits.
        ignore_class: A class number whose samples get loss 0 and are left out of means.
        axis: The class axis.

    Returns:
        `(...)`. With `ignore_class` it carries a mask.

    Raises:
        ValueError: If shapes do not fit, or `y_true` is an array or list and has a number that is no class.

    Example:

        >>> [round(float(x), 3) for x in sparse_categorical_crossentropy([1], [[0.5, 0.5]])]
        [0.693]
    """
    y_pred = as_tensor(y_pred)
    classes = y_pred.shape[axis]
    check_labels(y_true, classes, ignore_class, "sparse_categorical_crossentropy")
    y_true = as_tensor(y_true)
    if standardize_dtype(y_true.dtype) not in INTS:
        y_true = ops.cast(y_true, "int32")
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if ignore_class is None:
        return ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)
    valid = ops.not_equal(y_true, ignore_class)
    # Ignored samples take class 0 and equal predictions, so that neither index nor gradient is bad.
    y_true = y_true * ops.cast(valid, y_true.dtype)
    y_pred = ops.where(ops.expand_dims(valid, axis), y_pred, ops.ones_like(y_pred))
    values = ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)
    values = ops.where(valid, values, 0.0)
    set_mask(values, valid)
    return values


def check_labels(
    y_true: Any, classes: int | None, ignore_class: int | None, name: str, output: str = "`y_pred`"
) -> None:
    """Refuses class numbers outside `[0, classes)`, where they can be looked at without waiting.

    That is for NumPy arrays and lists: tensors may be traced, or on a device that would have to be
    waited for.

    Args:
        y_true: Class numbers.
        classes: How many classes there are, `None` if that is not known.
        ignore_class: A further number that is allowed.
        name: Name of the loss.
        output: What has the classes, for the message.

    Raises:
        ValueError: If there is one outside.
    """
    if classes is None or not isinstance(y_true, (np.ndarray, list, tuple, int)):
        return
    labels = np.asarray(y_true)
    if labels.dtype.kind not in "iuf" or not labels.size:
        return
    if labels.min() >= 0 and labels.max() < classes:
        return
    bad = ~((labels >= 0) & (labels < classes))
    if ignore_class is not None:
        bad &= labels != ignore_class
    if bad.any():
        raise ValueError(
            f"Loss {name!r}: expected class numbers in [0, {classes}), as {output} has {classes} classes, "
            f"received {labels[bad].flat[0]} in `y_true`. Number classes from 0, or give the last layer "
            "more units."
        )


@export("keras.losses.BinaryCrossentropy")
class BinaryCrossentropy(LossFunctionWrapper):
    """Cross-entropy of yes-or-no targets.

    Args:
        from_logits: Whether predictions are logits.
        label_smoothing: In [0, 1]: targets are pulled towards 0.5 by this share.
        axis: Axis to average over.
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.

    Example:

        >>> round(float(BinaryCrossentropy()([[1.0, 0.0]], [[0.5, 0.5]])), 3)
        0.693
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        arguments = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(binary_crossentropy, reduction, name, dtype, **arguments)


@export("keras.losses.CategoricalCrossentropy")
class CategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of one-hot targets.

    Args:
        from_logits: Whether predictions are logits.
        label_smoothing: In [0, 1]: targets are pulled towards the uniform distribution by this share.
        axis: The class axis.
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.

    Example:

        >>> round(float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 3)
        0.693
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        arguments = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(categorical_crossentropy, reduction, name, dtype, **arguments)


@export("keras.losses.SparseCategoricalCrossentropy")
class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of targets that are class numbers.

    Args:
        from_logits: Whether predictions are logits.
        ignore_class: A class number whose samples do not count.
        reduction: See `Loss`.
        axis: The class axis.
        name: Name of the loss.
        dtype: See `Loss`.

    Example:

        >>> round(float(SparseCategoricalCrossentropy()([1, 0], [[0.5, 0.5], [0.5, 0.5]])), 3)
        0.693
    """

    # Class numbers above 2048 have no exact float16.
    casts_targets = False
    omitted = ("axis",)

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        arguments = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(sparse_categorical_crossentropy, reduction, name, dtype, **arguments)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """Computes the loss; see `Loss.__call__`."""
        check_labels(
            y_true,
            y_pred.shape[self.axis] if hasattr(y_pred, "shape") else None,
            self.ignore_class,
            self.name,
        )
        return super().__call__(y_true, y_pred, sample_weight)
