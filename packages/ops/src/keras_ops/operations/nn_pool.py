"""Pooling over windows of one, two and three spatial dimensions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from keras_backends.api import export
from keras_backends.geometry import as_tuple, output_size

from keras_ops.op import op
from keras_ops.operations.nn_conv import Padding, assembled, spatial
from keras_ops.rules import Promotion, exact_float, same_dtype
from keras_ops.tensor import Shape, Tensor


def _pooled(
    shape: Shape,
    *,
    pool_size: Any,
    strides: Any = None,
    padding: str = "valid",
    data_format: str,
    **_: Any,
) -> Shape:
    rank = len(shape) - 2
    pools = as_tuple(pool_size, rank, "pool_size")
    steps = pools if strides is None else as_tuple(strides, rank, "strides")
    sizes: list[int | None] = []
    for n, k, s in zip(spatial(shape, data_format), pools, steps):
        count = None if n is None else output_size(n, k, s, padding)
        if count == 0:
            raise ValueError(
                f"expected spatial sizes of at least pool_size={pool_size} with padding='valid', received "
                f"inputs of shape {shape} ({data_format})."
            )
        sizes.append(count)
    channels = shape[1 if data_format == "channels_first" else -1]
    return assembled(shape[0], sizes, channels, data_format)


@export(["keras.ops.max_pool", "keras.ops.nn.max_pool"])
@op(shape=_pooled, dtype=same_dtype)
def max_pool(
    inputs: Tensor,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: Padding = "valid",
    data_format: str | None = None,
) -> Tensor:
    """Maximum over a moving window.

    {pool}

    Example:

        >>> import numpy as np
        >>> max_pool(np.arange(4.0).reshape(1, 4, 1), 2).tolist()
        [[[1.0], [3.0]]]
    """


@export(["keras.ops.average_pool", "keras.ops.nn.average_pool"])
@op(shape=_pooled, dtype=replace(exact_float, result=Promotion.first, cast=True))
def average_pool(
    inputs: Tensor,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: Padding = "valid",
    data_format: str | None = None,
) -> Tensor:
    """Average over a moving window; padding does not count. Of integers it is rounded towards zero.

    {pool}

    Example:

        >>> import numpy as np
        >>> average_pool(np.arange(4.0).reshape(1, 4, 1), 2).tolist()
        [[[0.5], [2.5]]]
    """


def _adapted(shape: Shape, *, output_size: Any, data_format: str, **_: Any) -> Shape:
    sizes = as_tuple(output_size, len(shape) - 2, "output_size")
    channels = shape[1 if data_format == "channels_first" else -1]
    return assembled(shape[0], sizes, channels, data_format)


@export(["keras.ops.adaptive_max_pool", "keras.ops.nn.adaptive_max_pool"])
@op(shape=_adapted, dtype=same_dtype)
def adaptive_max_pool(
    inputs: Tensor, output_size: int | Sequence[int], data_format: str | None = None
) -> Tensor:
    """Maximum over windows that cut the inputs into a given number of parts.

    {adaptive_pool}

    Example:

        >>> import numpy as np
        >>> adaptive_max_pool(np.arange(4.0).reshape(1, 4, 1), 2).tolist()
        [[[1.0], [3.0]]]
    """


@export(["keras.ops.adaptive_average_pool", "keras.ops.nn.adaptive_average_pool"])
@op(shape=_adapted, dtype=exact_float)
def adaptive_average_pool(
    inputs: Tensor, output_size: int | Sequence[int], data_format: str | None = None
) -> Tensor:
    """Average over windows that cut the inputs into a given number of parts.

    {adaptive_pool}

    Example:

        >>> import numpy as np
        >>> adaptive_average_pool(np.arange(4.0).reshape(1, 4, 1), 2).tolist()
        [[[0.5], [2.5]]]
    """
