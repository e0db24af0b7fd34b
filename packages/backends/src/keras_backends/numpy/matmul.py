"""NumPy kernels of products that contract axes, and of singular values.

Half precision has no BLAS in NumPy and would be accumulated in itself: it goes through float32.
Operations missing here reduce to `matmul` by their bodies.
"""

import functools
import math

import ml_dtypes
import numpy as np

_HALF = frozenset({np.dtype("float16"), np.dtype(ml_dtypes.bfloat16)})


def _through_float32(product):
    """The product, with half-precision operands multiplied and accumulated in float32."""

    def kernel(x1, x2):
        if x1.dtype in _HALF:
            return product(x1.astype("float32"), x2.astype("float32")).astype(x1.dtype)
        return product(x1, x2)

    return kernel


matmul = _through_float32(np.matmul)
dot = _through_float32(np.dot)
vdot = _through_float32(np.vdot)
inner = _through_float32(np.inner)
outer = np.outer


def int8_product(x1, x2):
    # NumPy has BLAS for floats only. Single precision holds the sums of this many products.
    wide = "float32" if x2.shape[0] <= 1024 else "float64"
    return np.matmul(x1.astype(wide), x2.astype(wide)).astype("int32")


def affine(x, kernel, bias, *, axes=1):
    if x.dtype in _HALF or kernel.ndim != 2 or axes != 1:
        return NotImplemented
    y = np.matmul(x, kernel)
    y += bias
    return y


def tensordot(x1, x2, *, axes=2):
    if x1.dtype in _HALF:
        return np.tensordot(x1.astype("float32"), x2.astype("float32"), axes).astype(x1.dtype)
    return np.tensordot(x1, x2, axes)


def einsum(*operands, subscripts):
    dtype = operands[0].dtype
    if dtype in _HALF:
        return einsum(*(x.astype("float32") for x in operands), subscripts=subscripts).astype(dtype)
    if len(operands) == 2:
        plan = _plan(subscripts, operands[0].ndim, operands[1].ndim)
        result = None if plan is None else _by_matmul(*operands, *plan)
        if result is not None:
            return result
    return np.einsum(subscripts, *operands, optimize=len(operands) > 1)


@functools.lru_cache(maxsize=1024)
def _plan(subscripts, rank1, rank2):
    """How two operands become one matrix product, which `np.einsum` does not find where they share a batch.

    Returns:
        Axes of each operand in the order batch, free, summed; how many of each; the axes of the result.
        `None` where letters repeat, are summed in one operand alone, or dots stand for axes.
    """
    left, _, result = subscripts.replace(" ", "").partition("->")
    first, _, second = left.partition(",")
    if "." in subscripts or "->" not in subscripts or (len(first), len(second)) != (rank1, rank2):
        return None
    if any(len(set(text)) != len(text) for text in (first, second, result)):
        return None
    if set(result) | (set(first) & set(second)) != set(first) | set(second):
        return None
    batch = [c for c in first if c in second and c in result]
    summed = [c for c in first if c in second and c not in result]
    free1, free2 = ([c for c in text if c not in batch + summed] for text in (first, second))
    order1 = tuple(first.index(c) for c in batch + free1 + summed)
    order2 = tuple(second.index(c) for c in batch + summed + free2)
    made = batch + free1 + free2
    counts = (len(batch), len(free1), len(free2))
    return order1, order2, counts, tuple(made.index(c) for c in result)


def _by_matmul(x1, x2, order1, order2, counts, result):
    batch, rows, columns = counts
    x1, x2 = x1.transpose(order1), x2.transpose(order2)
    shape1, shape2, split = x1.shape, x2.shape, x2.ndim - columns
    if shape1[:batch] != shape2[:batch] or shape1[batch + rows :] != shape2[batch:split]:
        return None  # Sizes of 1 that are broadcast, or an error.
    inner = math.prod(shape2[batch:split])
    left = x1.reshape(*shape1[:batch], math.prod(shape1[batch : batch + rows]), inner)
    right = x2.reshape(*shape2[:batch], inner, math.prod(shape2[split:]))
    return np.matmul(left, right).reshape(shape1[: batch + rows] + shape2[split:]).transpose(result)
