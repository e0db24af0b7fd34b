"""Metrics of the trade-off between two rates over all thresholds: one at a value of the other, and areas."""

from typing import Any

import numpy as np
from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_training.losses.reduction import as_tensor
from keras_training.metrics.thresholds import ThresholdMetric, share

_RATES = {
    "precision": ("true_positives", "false_positives"),
    "recall": ("true_positives", "false_negatives"),
    "sensitivity": ("true_positives", "false_negatives"),
    "specificity": ("true_negatives", "false_positives"),
}
"""Rates by name: what is right, and the mistakes beside it."""


class _RateAtRate(ThresholdMetric):
    """Best value of one rate over the thresholds at which another one is at least a given value."""

    wanted = ""
    bound = ""

    def __init__(
        self, value: float, num_thresholds: int, class_id: int | None, name: str | None, dtype: Any
    ) -> None:
        if not 0 <= value <= 1:
            raise ValueError(
                f"{type(self).__name__}: expected `{self.bound}` in [0, 1], received {self.bound}={value!r}."
            )
        if num_thresholds <= 0:
            raise ValueError(
                f"{type(self).__name__}: expected `num_thresholds` of at least 1, received {num_thresholds!r}."
            )
        found = [0.5] if num_thresholds == 1 else np.linspace(0.0, 1.0, num_thresholds).tolist()
        super().__init__(found, class_id=class_id, name=name, dtype=dtype)
        self.value = value
        self.thresholds = found
        self.num_thresholds = num_thresholds
        setattr(self, self.bound, value)
        self._make_counts()

    def result(self) -> Tensor:
        """Returns the best value, 0 if the other rate is never large enough."""
        wanted, bound = (
            share(*(getattr(self, kind).value for kind in _RATES[name])) for name in (self.wanted, self.bound)
        )
        return ops.max(ops.where(ops.greater_equal(bound, self.value), wanted, 0.0))


@export("keras.metrics.SensitivityAtSpecificity")
class SensitivityAtSpecificity(_RateAtRate):
    """Best sensitivity where the specificity is at least a given value.

    Args:
        specificity: The value, in [0, 1].
        num_thresholds: How many thresholds are looked at.
        class_id: Number of the only class that counts.
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> float(SensitivityAtSpecificity(0.5)([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8]))
        1.0
    """

    wanted, bound = "sensitivity", "specificity"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)


@export("keras.metrics.SpecificityAtSensitivity")
class SpecificityAtSensitivity(_RateAtRate):
    """Best specificity where the sensitivity is at least a given value; see `SensitivityAtSpecificity`.

    Example:

        >>> float(SpecificityAtSensitivity(0.5)([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8]))
        1.0
    """

    wanted, bound = "specificity", "sensitivity"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)


@export("keras.metrics.PrecisionAtRecall")
class PrecisionAtRecall(_RateAtRate):
    """Best precision where the recall is at least a given value; see `SensitivityAtSpecificity`.

    Example:

        >>> float(PrecisionAtRecall(0.5)([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8]))
        1.0
    """

    wanted, bound = "precision", "recall"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)


@export("keras.metrics.RecallAtPrecision")
class RecallAtPrecision(_RateAtRate):
    """Best recall where the precision is at least a given value; see `SensitivityAtSpecificity`.

    Example:

        >>> float(RecallAtPrecision(0.9)([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8]))
        0.5
    """

    wanted, bound = "recall", "precision"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)


_CURVES = ("ROC", "PR")
_SUMMATIONS = {"interpolation": None, "minoring": ops.minimum, "majoring": ops.maximum}
_MARGIN = 1e-7


@export("keras.metrics.AUC")
class AUC(ThresholdMetric):
    """Area under the curve of two rates, by sums over thresholds.

    Args:
        num_thresholds: How many thresholds, at least 2.
        curve: `"ROC"` (true over false positive rate) or `"PR"` (precision over recall).
        summation_method: `"interpolation"`, or `"minoring"` and `"majoring"` for bounds from both sides.
        name: Name of the metric.
        dtype: See `Metric`.
        thresholds: The inner thresholds themselves, in [0, 1].
        multi_label: Whether each label of the last axis has an area of its own.
        num_labels: How many labels there are; by default the first batch tells.
        label_weights: Weights of the labels' areas.
        from_logits: Whether scores are logits.

    Raises:
        ValueError: If an argument is out of range.

    Example:

        >>> round(float(AUC(num_thresholds=3)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9])), 2)
        0.75
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Any = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        for argument, value, known in (
            ("curve", curve, _CURVES),
            ("summation_method", summation_method, tuple(_SUMMATIONS)),
        ):
            if value not in known:
                raise ValueError(f"AUC: expected `{argument}` to be one of {known}, received {value!r}.")
        if thresholds is not None:
            inner = sorted(float(t) for t in thresholds)
            if not all(0 <= t <= 1 for t in inner):
                raise ValueError(f"AUC: expected `thresholds` in [0, 1], received {thresholds!r}.")
            num_thresholds = len(inner) + 2
        elif num_thresholds < 2:
            raise ValueError(f"AUC: expected `num_thresholds` of at least 2, received {num_thresholds!r}.")
        else:
            inner = np.linspace(0.0, 1.0, num_thresholds)[1:-1].tolist()
        super().__init__([-_MARGIN, *inner, 1 + _MARGIN], name=name, dtype=dtype)
        self.init_thresholds = None if thresholds is None else inner
        self.num_thresholds = num_thresholds
        self.curve = curve
        self.summation_method = summation_method
        self.multi_label = multi_label
        self.num_labels = num_labels
        self.label_weights = label_weights
        self.from_logits = from_logits
        self.built = False
        if not multi_label or num_labels:
            self._build(num_labels)

    def _build(self, labels: int | None) -> None:
        self._make_counts(labels if self.multi_label else None)
        self.built = True

    def build(self, y_true_shape: Any, y_pred_shape: Any) -> None:
        """Makes the counts, where they waited for the number of labels.

        Args:
            y_true_shape: Shape of the targets.
            y_pred_shape: Shape of the scores.
        """
        if not self.built:
            self._build(y_pred_shape[-1])

    @property
    def thresholds(self) -> list[float]:
        """All thresholds, with one below and one above all scores."""
        return list(self._given)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch; see `ThresholdMetric.update_state`."""
        y_pred = as_tensor(y_pred, self._dtype)
        self.build(None, y_pred.shape)
        super().update_state(y_true, ops.sigmoid(y_pred) if self.from_logits else y_pred, sample_weight)

    def reset_state(self) -> None:
        """Starts anew."""
        if self.built:
            super().reset_state()

    def result(self) -> Tensor:
        """Returns the area, or the mean of the labels' areas."""
        if not self.built:
            return ops.zeros((), dtype=self._dtype)
        tp, fp, tn, fn = (getattr(self, kind).value for kind in self.kinds)
        if self.curve == "PR" and self.summation_method == "interpolation":
            areas = self.interpolate_pr_auc(apart=True)
        else:
            x, y = (share(fp, tn), share(tp, fn)) if self.curve == "ROC" else (share(tp, fn), share(tp, fp))
            bound = _SUMMATIONS[self.summation_method]
            heights = (y[:-1] + y[1:]) / 2.0 if bound is None else bound(y[:-1], y[1:])
            areas = ops.sum((x[:-1] - x[1:]) * heights, axis=0)
        return self._over_labels(areas)

    def _over_labels(self, areas: Tensor) -> Tensor:
        if not self.multi_label:
            return areas
        if self.label_weights is None:
            return ops.mean(areas)
        weights = as_tensor(self.label_weights, self._dtype)
        return ops.divide_no_nan(ops.sum(areas * weights), ops.sum(weights))

    def interpolate_pr_auc(self, apart: bool = False) -> Tensor:
        """Returns the area under precision over recall, with true positives linear in positives between points.

        Args:
            apart: Whether each label has its own.
        """
        tp, fp, _, fn = (getattr(self, kind).value for kind in self.kinds)
        positives = tp + fp
        gained = tp[:-1] - tp[1:]
        slope = ops.divide_no_nan(gained, ops.maximum(positives[:-1] - positives[1:], 0.0))
        intercept = tp[1:] - slope * positives[1:]
        both = ops.logical_and(ops.greater(positives[:-1], 0), ops.greater(positives[1:], 0))
        ratio = ops.where(both, ops.divide_no_nan(positives[:-1], positives[1:]), 1.0)
        parts = slope * (gained + intercept * ops.log(ratio))
        areas = ops.sum(ops.divide_no_nan(parts, ops.maximum(tp[1:] + fn[1:], 0.0)), axis=0)
        return areas if apart else self._over_labels(areas)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments, ready to be written as JSON."""
        config = {**super().get_config(), "thresholds": self.init_thresholds}
        if self.init_thresholds is None:
            del config["thresholds"]
        return config
