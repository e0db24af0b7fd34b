"""Intersection over union of predicted and true classes, as segmentation uses it, from a confusion matrix."""

from collections.abc import Sequence
from typing import Any

from keras_backends import settings
from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_training.losses.reduction import as_tensor
from keras_training.metrics.metric import Metric


@export("keras.metrics.IoU")
class IoU(Metric):
    """Mean over some classes of `hits / (hits + false positives + false negatives)`.

    Args:
        num_classes: How many classes there are.
        target_class_ids: Numbers of the classes to average over.
        name: Name of the metric.
        dtype: Dtype of the counts; whole numbers by default, to which weights are cut. Pass `"float32"` for
            weights that are fractions.
        ignore_class: A class number whose samples do not count.
        sparse_y_true: Whether targets are class numbers, not one-hot.
        sparse_y_pred: Whether predictions are class numbers, not scores.
        axis: The class axis, where there is one.

    Raises:
        ValueError: If a class to average over does not exist.

    Example:

        >>> round(float(IoU(num_classes=2, target_class_ids=[0])([0, 0, 1, 1], [0, 1, 0, 1])), 4)
        0.3333
    """

    _direction = "up"

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(name=name, dtype=dtype or "int")
        ids = list(target_class_ids)
        if not ids or max(ids) >= num_classes:
            raise ValueError(
                f"{type(self).__name__}: expected `target_class_ids` to be class numbers below num_classes="
                f"{num_classes}, received {target_class_ids!r}."
            )
        self.num_classes = num_classes
        self.target_class_ids = ids
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        self.total_cm = self.add_variable((num_classes, num_classes), "zeros", name="total_confusion_matrix")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch.

        Args:
            y_true: Class numbers, or one-hot targets.
            y_pred: Class numbers, or scores.
            sample_weight: Weights; scalar, or of the first axes of the class numbers.
        """
        y_true = self._numbers(y_true, self.sparse_y_true)
        y_pred = self._numbers(y_pred, self.sparse_y_pred)
        weight = as_tensor(1.0 if sample_weight is None else sample_weight, self._dtype)
        while len(weight.shape) > len(y_true.shape):
            weight = ops.squeeze(weight, -1)
        while len(weight.shape) < len(y_true.shape):
            weight = ops.expand_dims(weight, -1)
        weight = ops.broadcast_to(weight, ops.shape(y_true))
        if self.ignore_class is not None:
            counts = ops.not_equal(y_true, self.ignore_class)
            weight = weight * ops.cast(counts, self._dtype)
            y_true = ops.where(counts, y_true, 0)
        cells = self.num_classes**2
        index = ops.ravel(y_true) * self.num_classes + ops.ravel(y_pred)
        matrix = ops.segment_sum(ops.ravel(weight), index, cells)
        self.total_cm.assign_add(ops.reshape(matrix, (self.num_classes, self.num_classes)))

    def _numbers(self, y: Any, sparse: bool) -> Tensor:
        y = as_tensor(y)
        return ops.cast(y if sparse else ops.argmax(y, axis=self.axis), "int32")

    def result(self) -> Tensor:
        """Returns the mean over those of the classes that occurred."""
        matrix = self.total_cm.value
        hits = ops.diagonal(matrix)
        union = ops.sum(matrix, axis=0) + ops.sum(matrix, axis=1) - hits
        ids = ops.convert_to_tensor(self.target_class_ids, dtype="int32")
        hits, union = ops.take(hits, ids, axis=0), ops.take(union, ids, axis=0)
        occurred = ops.sum(ops.cast(ops.greater(union, 0), settings.floatx()))
        hits, union = ops.cast(hits, occurred.dtype), ops.cast(union, occurred.dtype)
        return ops.divide_no_nan(ops.sum(ops.divide_no_nan(hits, union)), occurred)


@export("keras.metrics.BinaryIoU")
class BinaryIoU(IoU):
    """`IoU` of two classes, for scores of class 1.

    Args:
        target_class_ids: Which of 0 and 1 to average over.
        threshold: Scores of at least this count as class 1.
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> round(float(BinaryIoU(threshold=0.3)([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])), 4)
        0.3333
    """

    not_in_config = ("num_classes",)

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(2, target_class_ids, name=name, dtype=dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch; see `IoU.update_state`."""
        chosen = ops.greater_equal(as_tensor(y_pred), self.threshold)
        super().update_state(y_true, ops.cast(chosen, "int32"), sample_weight)


@export("keras.metrics.MeanIoU")
class MeanIoU(IoU):
    """`IoU` over all classes; see there for the arguments.

    Example:

        >>> round(float(MeanIoU(num_classes=2)([0, 0, 1, 1], [0, 1, 0, 1])), 4)
        0.3333
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes, range(num_classes), name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis
        )


@export("keras.metrics.OneHotIoU")
class OneHotIoU(IoU):
    """`IoU` for one-hot targets; see there for the arguments.

    Example:

        >>> metric = OneHotIoU(num_classes=2, target_class_ids=[0])
        >>> float(metric([[1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8]]))
        1.0
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)


@export("keras.metrics.OneHotMeanIoU")
class OneHotMeanIoU(MeanIoU):
    """`IoU` over all classes for one-hot targets; see there for the arguments.

    Example:

        >>> float(OneHotMeanIoU(num_classes=2)([[1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8]]))
        1.0
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)
