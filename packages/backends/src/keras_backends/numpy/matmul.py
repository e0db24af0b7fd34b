"""NumPy kernels of products that contract axes, and of singular values.

Half precision has no BLAS in NumPy and would be accumulated in itself: it goes through float32.
Operations missing here reduce to `matmul` by their bodies.
"""

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


def einsum(*operands, subscripts):
    dtype = operands[0].dtype
    if dtype in _HALF:
        return np.einsum(subscripts, *(x.astype("float32") for x in operands), optimize=True).astype(dtype)
    return np.einsum(subscripts, *operands, optimize=len(operands) > 1)


def singular_values(x):
    if x.dtype in _HALF:
        return np.linalg.svd(x.astype("float32"), compute_uv=False).astype(x.dtype)
    return np.linalg.svd(x, compute_uv=False)
