"""Counts of hits and misses, precision and recall, at thresholds or among the best classes."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_training.metrics.thresholds import NONE_ABOVE, ThresholdMetric, checked, share


class _Count(ThresholdMetric):
    """One of the four counts; its variable is called `accumulator`.

    Args:
        thresholds: A number or several in [0, 1], 0.5 by default.
        name: Name of the metric.
        dtype: See `Metric`.
    """

    counted = ""

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None) -> None:
        self.kinds = (self.counted,)
        found = checked(type(self).__name__, thresholds, 0.5)
        super().__init__(found, name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.thresholds = found
        self.accumulator = self.add_variable((len(found),), "zeros", name="accumulator")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch; see `ThresholdMetric.update_state`."""
        self.accumulator.assign_add(self._counts(y_true, y_pred, sample_weight)[self.counted])

    def result(self) -> Tensor:
        """Returns the count, or one per threshold."""
        return self._one_or_all(ops.copy(self.accumulator.value))

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments, ready to be written as JSON."""
        return {**super().get_config(), "thresholds": self.init_thresholds}


@export("keras.metrics.TruePositives")
class TruePositives(_Count):
    """How many targets of 1 are predicted as such; see `Precision` for the arguments.

    Example:

        >>> float(TruePositives()([0, 1, 1], [0.9, 0.8, 0.1]))
        1.0
    """

    counted = "true_positives"
    _direction = "up"


@export("keras.metrics.FalsePositives")
class FalsePositives(_Count):
    """How many targets of 0 are predicted as 1; see `Precision` for the arguments.

    Example:

        >>> float(FalsePositives()([0, 1, 0], [0.9, 0.8, 0.1]))
        1.0
    """

    counted = "false_positives"
    _direction = "down"


@export("keras.metrics.TrueNegatives")
class TrueNegatives(_Count):
    """How many targets of 0 are predicted as such; see `Precision` for the arguments.

    Example:

        >>> float(TrueNegatives()([0, 1, 0], [0.9, 0.8, 0.1]))
        1.0
    """

    counted = "true_negatives"
    _direction = "up"


@export("keras.metrics.FalseNegatives")
class FalseNegatives(_Count):
    """How many targets of 1 are predicted as 0; see `Precision` for the arguments.

    Example:

        >>> float(FalseNegatives()([0, 1, 1], [0.9, 0.8, 0.1]))
        1.0
    """

    counted = "false_negatives"
    _direction = "down"


class _Share(ThresholdMetric):
    """True positives among true positives and one kind of mistakes."""

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        found = checked(type(self).__name__, thresholds, 0.5 if top_k is None else NONE_ABOVE)
        super().__init__(found, top_k, class_id, name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.thresholds = found
        self._make_counts()

    def result(self) -> Tensor:
        """Returns the share, or one per threshold; 0 where there is nothing to count."""
        hits, misses = (getattr(self, kind) for kind in self.kinds)
        return self._one_or_all(share(hits.value, misses.value))

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments, ready to be written as JSON."""
        return {**super().get_config(), "thresholds": self.init_thresholds}


@export("keras.metrics.Precision")
class Precision(_Share):
    """Share of the predicted ones that are right.

    Args:
        thresholds: Scores above count as 1: a number or several in [0, 1], 0.5 by default.
        top_k: Instead, how many classes with the best scores count as 1.
        class_id: Number of the only class that counts.
        name: Name of the metric.
        dtype: See `Metric`.

    Raises:
        ValueError: If a threshold is outside [0, 1].

    Example:

        >>> float(Precision()([0, 1, 1], [0.9, 0.8, 0.1]))
        0.5
    """

    kinds = ("true_positives", "false_positives")


@export("keras.metrics.Recall")
class Recall(_Share):
    """Share of the targets of 1 that are found; see `Precision` for the arguments.

    Example:

        >>> float(Recall()([0, 1, 1], [0.9, 0.8, 0.7]))
        1.0
    """

    kinds = ("true_positives", "false_negatives")
