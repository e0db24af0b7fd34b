"""Losses of class numbers beside the cross-entropies: generalized, of embeddings, and of sequences (CTC)."""

from typing import Any

from keras_backends import settings
from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_training.losses.loss import LossFunctionWrapper
from keras_training.losses.reduction import as_tensor

_NOTHING = -1e9
"""Logit of what does not count."""


@export("keras.losses.categorical_generalized_cross_entropy")
def categorical_generalized_cross_entropy(y_true: Tensor, y_pred: Tensor, q: float) -> Tensor:
    """`(1 - p ** q) / q` for the probability `p` of the true class; it bears wrong labels better.

    Args:
        y_true: Class numbers `(batch,)`.
        y_pred: Probabilities `(batch, classes)`.
        q: In (0, 1): towards 0 it is the cross-entropy, towards 1 the absolute error.

    Returns:
        `(batch,)`.

    Source: Zhang and Sabuncu (2018), https://arxiv.org/abs/1805.07836.

    Example:

        >>> [round(float(x), 3) for x in categorical_generalized_cross_entropy([1], [[0.75, 0.25]], 0.5)]
        [1.0]
    """
    y_pred = as_tensor(y_pred)
    labels = ops.one_hot(ops.cast(as_tensor(y_true), "int32"), y_pred.shape[-1], dtype=y_pred.dtype)
    low = settings.epsilon()
    p = ops.clip(ops.sum(labels * y_pred, axis=-1), low, 1 - low)
    return (1 - p**q) / q


@export("keras.losses.circle")
def circle(
    y_true: Tensor,
    y_pred: Tensor,
    ref_labels: Tensor | None = None,
    ref_embeddings: Tensor | None = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Tensor:
    """Pulls embeddings of one class together and those of others apart, the more the worse a pair is.

    Args:
        y_true: Class numbers `(batch,)`.
        y_pred: Embeddings of length 1, `(batch, dim)`.
        ref_labels: Class numbers of what to compare with, the batch itself by default.
        ref_embeddings: Embeddings to compare with.
        remove_diagonal: Whether the pairs of a sample with itself are left out.
        gamma: Scale.
        margin: How far similarities may be from 1 and 0.

    Returns:
        `(batch,)`.

    Source: Sun et al. (2020), https://arxiv.org/abs/2002.10857.

    Example:

        >>> [round(float(x), 3) for x in circle([0, 1], [[1.0, 0.0], [0.0, 1.0]], gamma=1)]
        [0.0, 0.0]
    """
    y_pred = as_tensor(y_pred)
    labels = ops.reshape(as_tensor(y_true), (-1, 1))
    others = labels if ref_labels is None else ops.reshape(as_tensor(ref_labels), (-1, 1))
    embeddings = y_pred if ref_embeddings is None else as_tensor(ref_embeddings, y_pred.dtype)
    similar = ops.matmul(y_pred, ops.transpose(embeddings))
    same = ops.equal(labels, ops.transpose(others))
    wanted = same
    if remove_diagonal:
        apart = ops.logical_not(ops.eye(ops.shape(similar)[0], ops.shape(similar)[1], dtype="bool"))
        wanted = ops.logical_and(same, apart)
    pull = ops.stop_gradient(ops.relu(1 + margin - similar)) * (similar - (1 - margin))
    push = ops.stop_gradient(ops.relu(similar + margin)) * (similar - margin)
    near = ops.logsumexp(ops.where(wanted, -gamma * pull, _NOTHING), axis=1)
    far = ops.logsumexp(ops.where(same, _NOTHING, gamma * push), axis=1)
    return ops.softplus(near + far)


@export("keras.losses.ctc")
def ctc(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Negative log-probability of a sequence of labels over all its alignments with the steps.

    Args:
        y_true: Labels `(batch, labels)` from 1; shorter sequences end in zeros.
        y_pred: Logits `(batch, steps, classes)`; class 0 stands for no label.

    Returns:
        `(batch,)`.

    Raises:
        ValueError: If the ranks are others.
    """
    y_true, y_pred = as_tensor(y_true), as_tensor(y_pred)
    if len(y_true.shape) != 2 or len(y_pred.shape) != 3:
        raise ValueError(
            "Loss 'ctc': expected `y_true` of shape (batch, labels) and `y_pred` of shape (batch, steps, "
            f"classes), received y_true.shape={tuple(y_true.shape)} and y_pred.shape={tuple(y_pred.shape)}."
        )
    labels = ops.sum(ops.cast(ops.not_equal(y_true, 0), "int32"), axis=1)
    steps = ops.ones_like(labels) * ops.shape(y_pred)[1]
    return ops.ctc_loss(y_true, y_pred, labels, steps, mask_index=0)


class _OfLabels(LossFunctionWrapper):
    """A loss whose targets are class numbers, which floats may not hold."""

    casts_targets = False

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Returns the function's values; ranks differ by nature."""
        return self.fn(y_true, y_pred, **self._arguments)


@export("keras.losses.CategoricalGeneralizedCrossEntropy")
class CategoricalGeneralizedCrossEntropy(_OfLabels):
    """Generalized cross-entropy; see `categorical_generalized_cross_entropy`.

    Args:
        q: In (0, 1).
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.

    Raises:
        ValueError: If `q` is outside (0, 1).

    Example:

        >>> round(float(CategoricalGeneralizedCrossEntropy()([1], [[0.75, 0.25]])), 3)
        1.0
    """

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ) -> None:
        if not 0 < q < 1:
            raise ValueError(f"CategoricalGeneralizedCrossEntropy: expected `q` in (0, 1), received q={q!r}.")
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)


@export("keras.losses.Circle")
class Circle(_OfLabels):
    """Circle loss of embeddings of any length; see `circle`.

    Args:
        gamma: Scale.
        margin: How far similarities may be from 1 and 0.
        remove_diagonal: Whether the pairs of a sample with itself are left out.
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.
    """

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "circle",
        dtype: Any = None,
    ) -> None:
        arguments = {"gamma": gamma, "margin": margin, "remove_diagonal": remove_diagonal}
        super().__init__(circle, reduction, name, dtype, **arguments)


@export("keras.losses.CTC")
class CTC(_OfLabels):
    """Loss of sequences of labels; see `ctc`.

    Args:
        reduction: See `Loss`.
        name: Name of the loss.
        dtype: See `Loss`.
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "ctc", dtype: Any = None
    ) -> None:
        super().__init__(ctc, reduction, name, dtype)
