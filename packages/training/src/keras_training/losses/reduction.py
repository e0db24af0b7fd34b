"""How per-sample values become a loss: ranks made to agree, masks and weights applied, then reduced.

Losses and metrics share these functions. They know tensors only, neither `Loss` nor `Metric`.
"""

from typing import Any

from keras_ops import ops, tree
from keras_ops.state import state
from keras_ops.tensor import Tensor

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)
_MEANS = ("sum_over_batch_size", "mean", "mean_with_sample_weight")


def as_tensor(x: Any, dtype: str | None = None) -> Tensor:
    """Converts to a tensor of the dtype; what is one already comes back at once."""
    backend = state.backend
    if type(x) in backend.tensors and (dtype is None or backend.dtype(x) == dtype):
        return x
    return ops.convert_to_tensor(x, dtype=dtype)


def as_tensors(x: Any, dtype: str | None = None) -> Any:
    """Converts a tensor, or all of a nest of them; nested lists of numbers are one tensor."""
    if tree.is_nested(x) and any(hasattr(leaf, "shape") for leaf in tree.flatten(x)):
        return tree.map_structure(lambda leaf: as_tensor(leaf, dtype), x)
    return as_tensor(x, dtype)


def same_rank(x1: Tensor, x2: Tensor, expand_rank_1: bool = True) -> tuple[Tensor, Tensor]:
    """Makes the ranks of two tensors equal where they differ by a last axis of size 1.

    Args:
        x1: Any shape, e.g. targets `(batch, 1)`.
        x2: Any shape, e.g. predictions `(batch,)`.
        expand_rank_1: Whether the one of rank 1 gets a last axis; otherwise the other loses its own.

    Returns:
        Both tensors; unchanged where ranks are equal or differ otherwise.

    Example:

        >>> a, b = same_rank(ops.ones((2, 1)), ops.ones((2,)))
        >>> tuple(a.shape), tuple(b.shape)
        ((2, 1), (2, 1))
    """
    rank1, rank2 = len(x1.shape), len(x2.shape)
    if rank1 == rank2:
        return x1, x2
    if rank1 == rank2 + 1 and x1.shape[-1] == 1:
        if rank2 == 1 and expand_rank_1:
            return x1, ops.expand_dims(x2, -1)
        return ops.squeeze(x1, -1), x2
    if rank2 == rank1 + 1 and x2.shape[-1] == 1:
        if rank1 == 1 and expand_rank_1:
            return ops.expand_dims(x1, -1), x2
        return x1, ops.squeeze(x2, -1)
    return x1, x2


def fit_rank(weight: Tensor, values: Tensor) -> Tensor:
    """Gives `weight` the rank of `values`, so that `(batch,)` weighs `(batch, steps)` by sample."""
    while len(weight.shape) > len(values.shape) and weight.shape[-1] == 1:
        weight = ops.squeeze(weight, -1)
    if len(weight.shape) > len(values.shape):
        raise ValueError(
            f"Sample weights or masks must not have more axes than the values that they weigh: expected "
            f"at most {len(values.shape)} axes for values of shape {tuple(values.shape)}, received shape "
            f"{tuple(weight.shape)}."
        )
    while 0 < len(weight.shape) < len(values.shape):
        weight = ops.expand_dims(weight, -1)
    return weight


def masked_weight(
    sample_weight: Tensor | None, mask: Tensor | None, dtype: str, reduction: str | None
) -> Tensor | None:
    """Merges a mask into sample weights.

    Where values will be averaged, the kept ones are scaled up by `total / kept`, so that the mean
    is taken over the kept ones alone.

    Args:
        sample_weight: Weights, or `None`.
        mask: Boolean tensor, True where a value counts, or `None`.
        dtype: Dtype of the result.
        reduction: The reduction to follow.

    Returns:
        The weights; `None` if there is neither mask nor weight.
    """
    if mask is None:
        return sample_weight
    weight = ops.cast(mask, dtype)
    if reduction in _MEANS:
        kept = ops.sum(weight)
        total = ops.cast(ops.size(weight), dtype)
        weight = weight * ops.divide_no_nan(total, kept)
    if sample_weight is None:
        return weight
    sample_weight = ops.cast(sample_weight, dtype)
    if len(sample_weight.shape) < len(weight.shape):
        return fit_rank(sample_weight, weight) * weight
    return sample_weight * fit_rank(weight, sample_weight)


def reduce_weighted(
    values: Tensor,
    sample_weight: Any = None,
    mask: Tensor | None = None,
    reduction: str | None = "sum_over_batch_size",
    dtype: str = "float32",
) -> Tensor:
    """Weighs values and reduces them.

    Args:
        values: Losses, e.g. `(batch,)` or `(batch, steps)`.
        sample_weight: Scalar, `(batch,)`, or anything that broadcasts to the shape of `values`.
        mask: Which values count; shape as for `sample_weight`.
        reduction: One of `REDUCTIONS`. `"sum_over_batch_size"` and `"mean"` divide the weighted sum
            by the number of values, `"mean_with_sample_weight"` by the sum of the weights.
        dtype: Dtype that weights are cast to.

    Returns:
        A scalar, or the weighted values for `"none"` and `None`.
    """
    if sample_weight is not None:
        sample_weight = as_tensor(sample_weight, dtype)
    weight = masked_weight(sample_weight, mask, dtype, reduction)
    if weight is not None:
        weight = fit_rank(weight, values)
        values = values * weight
    if reduction in (None, "none"):
        return values
    if reduction == "sum":
        return ops.sum(values)
    if reduction == "mean_with_sample_weight" and weight is not None:
        weights = ops.broadcast_to(weight, ops.shape(values))
        return ops.divide_no_nan(ops.sum(values), ops.sum(weights))
    return ops.mean(values)
