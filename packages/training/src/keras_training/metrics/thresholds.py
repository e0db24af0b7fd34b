"""Hits and misses of yes-or-no predictions at thresholds, and what the metrics over them have in common.

`confusion` and `curves` hold the metrics. A prediction counts as a yes above a threshold; sums are made
by buckets between sorted thresholds, so that many thresholds cost no more memory than few.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_training.losses.reduction import as_tensor, same_rank
from keras_training.metrics.metric import Metric

NONE_ABOVE = -1e10
"""Score of classes that are not among the best ones, and the threshold that all others are above."""


def checked(owner: str, thresholds: Any, default: float) -> list[float]:
    """Returns thresholds as a list.

    Raises:
        ValueError: If one is no number in [0, 1].
    """
    if thresholds is None:
        return [default]
    found = [float(t) for t in np.atleast_1d(np.asarray(thresholds, dtype="float64"))]
    bad = [t for t in found if not 0 <= t <= 1]
    if bad:
        raise ValueError(f"{owner}: expected `thresholds` in [0, 1], received {bad[0]} in {thresholds!r}.")
    return found


def best_only(y_pred: Tensor, k: int) -> Tensor:
    """Keeps the `k` best scores of the last axis, and sets the others far below all thresholds."""
    _, indices = ops.top_k(y_pred, k, sorted=False)
    kept = ops.sum(ops.one_hot(indices, y_pred.shape[-1], axis=-1, dtype=y_pred.dtype), axis=-2)
    return ops.where(ops.greater(kept, 0), y_pred, NONE_ABOVE)


class ThresholdMetric(Metric):
    """Base of metrics that add up hits and misses at thresholds.

    A subclass names in `kinds` what it counts, of `true_positives`, `false_positives`, `true_negatives`
    and `false_negatives`; these are its variables.

    Args:
        thresholds: The thresholds, in any order.
        top_k: How many classes count as predicted, instead of those above a threshold.
        class_id: Number of the only class that counts.
        labels: How many labels of the last axis are counted apart; `None` for all together.
        name: Name of the metric.
        dtype: See `Metric`.
    """

    kinds: tuple[str, ...] = ("true_positives", "false_positives", "true_negatives", "false_negatives")
    _direction = "up"

    def __init__(
        self,
        thresholds: Sequence[float],
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._given = list(thresholds)
        order = np.argsort(self._given, kind="stable")
        self._sorted = np.asarray(self._given, "float32")[order]
        self._places = np.argsort(order).astype("int32")
        self.top_k = top_k
        self.class_id = class_id
        self._labels: int | None = None

    def _make_counts(self, labels: int | None = None) -> None:
        self._labels = labels
        shape = (len(self._given),) if labels is None else (len(self._given), labels)
        for kind in self.kinds:
            setattr(self, kind, self.add_variable(shape, "zeros", name=kind))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch.

        Args:
            y_true: Targets of 0 and 1, `(batch, ...)`.
            y_pred: Scores in [0, 1], same shape.
            sample_weight: Weights; scalar, `(batch,)`, or of the first axes of `y_true`.
        """
        for kind, value in self._counts(y_true, y_pred, sample_weight).items():
            getattr(self, kind).assign_add(value)

    def _counts(self, y_true: Any, y_pred: Any, sample_weight: Any) -> dict[str, Tensor]:
        y_pred = as_tensor(y_pred, self._dtype)
        y_true, y_pred = same_rank(as_tensor(y_true, self._dtype), y_pred)
        if self.top_k is not None:
            y_pred = best_only(y_pred, self.top_k)
        if self.class_id is not None:
            y_true, y_pred = y_true[..., self.class_id], y_pred[..., self.class_id]
        weight = self._weight_of(y_true, sample_weight)
        hit = ops.greater(y_true, 0)
        positive = self._above(y_pred, ops.where(hit, weight, 0.0))
        negative = self._above(y_pred, ops.where(hit, 0.0, weight))
        every = {
            "true_positives": positive[0],
            "false_positives": negative[0],
            "true_negatives": negative[1],
            "false_negatives": positive[1],
        }
        return {kind: every[kind] for kind in self.kinds}

    def _weight_of(self, y_true: Tensor, sample_weight: Any) -> Tensor:
        if sample_weight is None:
            return ops.ones_like(y_true)
        weight = as_tensor(sample_weight, self._dtype)
        while len(weight.shape) < len(y_true.shape):
            weight = ops.expand_dims(weight, -1)
        return ops.broadcast_to(weight, ops.shape(y_true))

    def _above(self, y_pred: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the weights of what is above each threshold, and of what is not."""
        count = len(self._given)
        # So many of the sorted thresholds are smaller.
        bucket = ops.searchsorted(ops.convert_to_tensor(self._sorted), ops.ravel(y_pred), side="left")
        bucket = ops.cast(bucket, "int32")
        if self._labels is None:
            sums = ops.segment_sum(ops.ravel(weight), bucket, count + 1)
        else:
            label = ops.arange(self._labels, dtype="int32")
            label = ops.ravel(ops.broadcast_to(label, ops.shape(y_pred)))
            sums = ops.segment_sum(
                ops.ravel(weight), bucket * self._labels + label, (count + 1) * self._labels
            )
            sums = ops.reshape(sums, (count + 1, self._labels))
        upwards = ops.cumsum(sums, axis=0)
        below = upwards[:-1]
        above = ops.flip(ops.cumsum(ops.flip(sums, axis=0), axis=0), axis=0)[1:]
        if list(self._places) == list(range(count)):
            return above, below
        return ops.take(above, self._places, axis=0), ops.take(below, self._places, axis=0)

    def _one_or_all(self, result: Tensor) -> Tensor:
        return result[0] if len(self._given) == 1 else result


def share(part: Any, other: Any) -> Tensor:
    """Returns `part / (part + other)`, 0 where there is nothing."""
    return ops.divide_no_nan(part, ops.add(part, other))
