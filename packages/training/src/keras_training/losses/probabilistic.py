"""Losses between distributions and counts: Kullback-Leibler divergence, Poisson."""

from typing import Any

from keras_backends import settings
from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_training.losses.loss import LossFunctionWrapper
from keras_training.losses.regression import as_floats


@export(["keras.metrics.kl_divergence", "keras.losses.kl_divergence"])
def kl_divergence(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """`sum(y_true * log(y_true / y_pred))` along the last axis.

    Args:
        y_true: Distributions `(..., n)`.
        y_pred: Distributions `(..., n)`.

    Returns:
        `(...)`.

    Example:

        >>> [float(x) for x in kl_divergence([[0.5, 0.5]], [[0.5, 0.5]])]
        [0.0]
    """
    y_true, y_pred = as_floats(y_true, y_pred, "kl_divergence")
    low = settings.epsilon()
    y_true, y_pred = ops.clip(y_true, low, 1.0), ops.clip(y_pred, low, 1.0)
    return ops.sum(y_true * ops.log(y_true / y_pred), axis=-1)


@export(["keras.metrics.poisson", "keras.losses.poisson"])
def poisson(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Mean of `y_pred - y_true * log(y_pred)` over the last axis.

    Args:
        y_true: Counts `(..., n)`.
        y_pred: Expected counts `(..., n)`.

    Returns:
        `(...)`.

    Example:

        >>> [round(float(x), 4) for x in poisson([[1.0]], [[1.0]])]
        [1.0]
    """
    y_true, y_pred = as_floats(y_true, y_pred, "poisson")
    return ops.mean(y_pred - y_true * ops.log(y_pred + settings.epsilon()), axis=-1)


@export("keras.losses.KLDivergence")
class KLDivergence(LossFunctionWrapper):
    """Kullback-Leibler divergence of distributions.

    Args:
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.

    Example:

        >>> float(KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]]))
        0.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "kl_divergence",
        dtype: Any = None,
    ) -> None:
        super().__init__(kl_divergence, reduction, name, dtype)


@export("keras.losses.Poisson")
class Poisson(LossFunctionWrapper):
    """Negative log-likelihood of counts under Poisson distributions, up to a constant.

    Args:
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.

    Example:

        >>> round(float(Poisson()([[1.0]], [[1.0]])), 4)
        1.0
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "poisson", dtype: Any = None
    ) -> None:
        super().__init__(poisson, reduction, name, dtype)
