"""Random choices about given tensors: dropping, shuffling, drawing classes."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.core import cast, dtype, shape
from keras_ops.operations.elementwise import multiply, where
from keras_ops.operations.indexing import take
from keras_ops.random.distributions import draw
from keras_ops.rules import given_dtype, normalize_axis, same, same_dtype
from keras_ops.sparse import composed, is_sparse
from keras_ops.state import state
from keras_ops.tensor import Shape, Tensor


@export("keras.random.dropout")
@op(shape=same, dtype=same_dtype, sparse=composed)
def dropout(
    inputs: Tensor, rate: float, noise_shape: Sequence[int | None] | None = None, seed: Any = None
) -> Tensor:
    """Sets a random part of a tensor to zero and scales the rest so that the expected sum stays.

    Args:
        inputs: Float tensor of any shape.
        rate: Part that is set to zero, in `[0, 1]`.
        noise_shape: Shape of the random mask, which broadcasts to that of `inputs`; `None` in it stands
            for the size of `inputs`.
        seed: An integer for the same mask every time, a `keras.random.SeedGenerator`, or `None`.

    Returns:
        A tensor of the shape of `inputs`.

    Raises:
        ValueError: If `rate` is not in `[0, 1]`.

    Example:

        >>> import numpy as np
        >>> sorted({float(x) for x in dropout(np.ones(100), 0.5, seed=1)})
        [0.0, 2.0]
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"keras.random.dropout: expected `rate` in [0, 1], received rate={rate}.")
    if rate == 0:
        return inputs
    keep = 1.0 - rate
    sizes = shape(inputs)
    if noise_shape is not None:
        sizes = tuple(own if n is None else n for n, own in zip(noise_shape, sizes, strict=True))
    kept = draw("bernoulli", seed, shape=sizes, probability=keep)
    scaled = multiply(inputs, 1.0 / keep if keep else 0.0)
    if is_sparse(inputs):  # Products stay sparse.
        return multiply(scaled, cast(kept, dtype(inputs)))
    return where(kept, scaled, 0)


@export("keras.random.shuffle")
@op(shape=same, dtype=same_dtype)
def shuffle(x: Tensor, axis: int = 0, seed: Any = None) -> Tensor:
    """Puts the slices along an axis into random order.

    Args:
        x: Tensor of rank 1 or more.
        axis: The axis.
        seed: An integer for the same order every time, a `keras.random.SeedGenerator`, or `None`.

    Returns:
        A tensor of the shape of `x`.

    Example:

        >>> sorted(int(x) for x in shuffle([1, 2, 3], seed=1))
        [1, 2, 3]
    """
    sizes = shape(x)
    axis = normalize_axis(axis, len(sizes))
    return take(x, draw("permutation", seed, size=sizes[axis]), axis=axis)


def _sampled(logits: Shape, *, num_samples: int, **_: Any) -> Shape:
    if len(logits) != 2:
        raise ValueError(f"expected `logits` of shape (batch, classes), received {logits}.")
    return logits[0], num_samples


@export("keras.random.categorical")
@op(shape=_sampled, dtype=given_dtype)
def categorical(logits: Tensor, num_samples: int, dtype: Any = "int32", seed: Any = None) -> Tensor:
    """Draws classes with probabilities given by logits.

    Args:
        logits: Float tensor of shape `(batch, classes)`.
        num_samples: How many classes to draw for each row.
        dtype: An integer dtype.
        seed: An integer for the same classes every time, a `keras.random.SeedGenerator`, or `None`.

    Returns:
        A tensor of shape `(batch, num_samples)`.

    Example:

        >>> categorical([[0.0, 50.0]], 3, seed=1)
        Array([[1, 1, 1]], dtype=int32)
    """
    dtype = state.backend.canonical_dtype(dtype)
    return draw("categorical", seed, logits, num_samples=num_samples, dtype=dtype)
