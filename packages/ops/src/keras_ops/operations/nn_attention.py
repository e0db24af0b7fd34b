"""Scaled dot-product attention.

Backends override it with a fused version where they have one.
"""

import math
from dataclasses import replace
from typing import Any

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.activations_nn import softmax
from keras_ops.operations.core import cast, dtype, shape
from keras_ops.operations.elementwise import add, divide, greater_equal, multiply, tanh, where
from keras_ops.operations.matmul import matmul
from keras_ops.operations.ranges import arange
from keras_ops.operations.shapes import expand_dims, repeat, transpose
from keras_ops.rules import promote
from keras_ops.state import state
from keras_ops.tensor import Shape, Tensor

_HIDDEN = -0.7 * 3.4028234663852886e38
"""Logit of a position that is masked: far below all others, without making a row of only such ones NaN."""


def _attended(query: Shape, key: Shape, value: Shape, *_: Shape | None, **__: Any) -> Shape:
    if not len(query) == len(key) == len(value) == 4:
        raise ValueError(
            "expected `query`, `key` and `value` of shape (batch, length, heads, size), received "
            f"{query}, {key}, {value}."
        )
    heads, shared = query[2], key[2]
    if None not in (heads, shared) and (not shared or heads % shared):
        raise ValueError(
            f"expected a number of query heads divisible by the {shared} of `key`, received {heads}."
        )
    if None not in (query[3], key[3]) and query[3] != key[3]:
        raise ValueError(f"expected heads of equal size in `query` and `key`, received {query} and {key}.")
    return (*query[:3], value[3])


@export(["keras.ops.dot_product_attention", "keras.ops.nn.dot_product_attention"])
@op(shape=_attended, dtype=replace(promote, free=frozenset({"mask"})), call=("scale",), checked=True)
def dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    bias: Tensor | None = None,
    mask: Tensor | None = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Tensor:
    """Averages values with weights from the similarity of queries and keys: `softmax(q @ k * scale) @ v`.

    Args:
        query: Tensor of shape `(batch, queries, heads, size)`.
        key: Tensor of shape `(batch, keys, heads, size)`; with fewer heads, each serves several of the query.
        value: Tensor of shape `(batch, keys, heads, value_size)`.
        bias: Tensor that broadcasts to `(batch, heads, queries, keys)`, added to the scaled similarity.
        mask: Boolean tensor that broadcasts likewise; `False` hides a key from a query.
        scale: Factor of the similarity, `1 / sqrt(size)` by default.
        is_causal: Whether a query sees only keys at its own and earlier positions.
        flash_attention: Whether to insist on (`True`) or refuse (`False`) a fused kernel where the
            backend has the choice.
        attn_logits_soft_cap: Bound that the similarity is smoothly limited to.

    Returns:
        A tensor of shape `(batch, queries, heads, value_size)`.

    Raises:
        ValueError: If the shapes do not fit together, or no fused kernel fits where `flash_attention` is set.

    Example:

        >>> import numpy as np
        >>> x = np.ones((2, 5, 4, 8), "float32")
        >>> dot_product_attention(x, x, x).shape
        (2, 5, 4, 8)
    """
    if flash_attention:
        raise ValueError(
            f"expected a fused kernel, as `flash_attention=True` asks for, but the {state.backend.name!r} backend has "
            "none for these arguments or on this device; `flash_attention=None` takes one only where there is."
        )
    heads, shared, size = shape(query)[2], shape(key)[2], shape(query)[3]
    if heads != shared:
        key, value = repeat(key, heads // shared, axis=2), repeat(value, heads // shared, axis=2)
    query, key, value = (
        transpose(query, (0, 2, 1, 3)),
        transpose(key, (0, 2, 3, 1)),
        transpose(value, (0, 2, 1, 3)),
    )
    logits = matmul(multiply(query, 1 / math.sqrt(size) if scale is None else scale), key)
    if dtype(logits) in ("float16", "bfloat16"):
        logits = cast(logits, "float32")
    if attn_logits_soft_cap is not None:
        logits = multiply(tanh(divide(logits, attn_logits_soft_cap)), attn_logits_soft_cap)
    if bias is not None:
        logits = add(logits, cast(bias, dtype(logits)))
    if mask is not None:
        logits = where(cast(mask, "bool"), logits, _HIDDEN)
    if is_causal:
        rows, columns = arange(shape(logits)[2]), arange(shape(logits)[3])
        logits = where(greater_equal(expand_dims(rows, 1), columns), logits, _HIDDEN)
    weights = cast(softmax(logits, axis=-1), dtype(value))
    return transpose(matmul(weights, value), (0, 2, 1, 3))
