"""Metrics of probabilities and margins: means of the losses of the same name."""

from typing import Any

from keras_backends.api import export

from keras_training.losses import crossentropy, hinge, probabilistic
from keras_training.metrics.reductions import MeanMetricWrapper


@export("keras.metrics.BinaryCrossentropy")
class BinaryCrossentropy(MeanMetricWrapper):
    """Mean cross-entropy of yes-or-no targets.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.
        from_logits: Whether predictions are logits.
        label_smoothing: In [0, 1]: targets are pulled towards 0.5 by this share.

    Example:

        >>> round(float(BinaryCrossentropy()([[1.0, 0.0]], [[0.5, 0.5]])), 3)
        0.693
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        arguments = {"from_logits": from_logits, "label_smoothing": label_smoothing}
        super().__init__(crossentropy.binary_crossentropy, name, dtype, **arguments)


@export("keras.metrics.CategoricalCrossentropy")
class CategoricalCrossentropy(MeanMetricWrapper):
    """Mean cross-entropy of one-hot targets.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.
        from_logits: Whether predictions are logits.
        label_smoothing: In [0, 1]: targets are pulled towards the uniform distribution by this share.
        axis: The class axis.

    Example:

        >>> round(float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 3)
        0.693
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        arguments = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(crossentropy.categorical_crossentropy, name, dtype, **arguments)


@export("keras.metrics.SparseCategoricalCrossentropy")
class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """Mean cross-entropy of targets that are class numbers.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.
        from_logits: Whether predictions are logits.
        ignore_class: A class number whose samples do not count.
        axis: The class axis.

    Example:

        >>> round(float(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 3)
        0.693
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        arguments = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(crossentropy.sparse_categorical_crossentropy, name, dtype, **arguments)


@export("keras.metrics.KLDivergence")
class KLDivergence(MeanMetricWrapper):
    """Mean Kullback-Leibler divergence of distributions.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> float(KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]]))
        0.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "kl_divergence", dtype: Any = None) -> None:
        super().__init__(probabilistic.kl_divergence, name, dtype)


@export("keras.metrics.Poisson")
class Poisson(MeanMetricWrapper):
    """Mean Poisson loss of counts.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> round(float(Poisson()([[1.0]], [[1.0]])), 4)
        1.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "poisson", dtype: Any = None) -> None:
        super().__init__(probabilistic.poisson, name, dtype)


@export("keras.metrics.Hinge")
class Hinge(MeanMetricWrapper):
    """Mean margin loss for targets of -1 and 1.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> float(Hinge()([[1.0]], [[0.5]]))
        0.5
    """

    _direction = "down"

    def __init__(self, name: str | None = "hinge", dtype: Any = None) -> None:
        super().__init__(hinge.hinge, name, dtype)


@export("keras.metrics.SquaredHinge")
class SquaredHinge(MeanMetricWrapper):
    """Mean squared margin loss for targets of -1 and 1.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> float(SquaredHinge()([[1.0]], [[0.5]]))
        0.25
    """

    _direction = "down"

    def __init__(self, name: str | None = "squared_hinge", dtype: Any = None) -> None:
        super().__init__(hinge.squared_hinge, name, dtype)


@export("keras.metrics.CategoricalHinge")
class CategoricalHinge(MeanMetricWrapper):
    """Mean margin loss for one-hot targets.

    Args:
        name: Name of the metric.
        dtype: See `Metric`.

    Example:

        >>> float(CategoricalHinge()([[0.0, 1.0]], [[0.5, 1.0]]))
        0.5
    """

    _direction = "down"

    def __init__(self, name: str | None = "categorical_hinge", dtype: Any = None) -> None:
        super().__init__(hinge.categorical_hinge, name, dtype)
