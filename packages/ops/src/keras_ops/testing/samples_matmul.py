"""Samples of products that contract axes."""

import numpy as np

from keras_ops.testing.samples import call

_RANDOM = np.random.default_rng(13)


def _normal(*shape):
    return _RANDOM.normal(size=shape).astype("float32")


_INTS = np.array([[1, 2], [3, 4]], "int32")
_BOOLS = np.array([[True, False], [True, True]])
_BYTES = np.full((2, 2), 100, "int8")


def _einsum(subscripts, *operands):
    return np.einsum(subscripts, *operands)


def _wide_product(x1, x2):
    return np.matmul(x1.astype("int32"), x2.astype("int32"))


def _sum_of_products(x, kernel, bias, axes=1):
    return np.tensordot(x, kernel, axes) + bias


def _bytes(*shape):
    return _RANDOM.integers(-128, 128, shape).astype("int8")


SAMPLES = {
    "int8_product": [
        call(_bytes(3, 5), _bytes(5, 4), reference=_wide_product),
        call(_bytes(2, 1, 5), _bytes(5, 1), reference=_wide_product),
        # As many products as single precision does not hold all sums of.
        call(np.full((1, 1100), 127, "int8"), np.full((1100, 8), 127, "int8"), reference=_wide_product),
    ],
    "affine": [
        call(_normal(3, 2), _normal(2, 4), _normal(4), reference=_sum_of_products),
        call(_normal(2, 3, 2), _normal(2, 4, 3), _normal(4, 3), reference=_sum_of_products),
        call(_normal(2, 3, 2), _normal(3, 2, 4), _normal(4), axes=2, reference=_sum_of_products),
        call(_normal(0, 3, 2), _normal(2, 4), _normal(4), reference=_sum_of_products),
        call(_normal(3, 0), _normal(0, 4), _normal(4), reference=_sum_of_products),
        call(_normal(2, 3, 0), _normal(0, 4), _normal(4), reference=_sum_of_products),
        call(_INTS, _INTS, np.array([1, 2]), reference=_sum_of_products),
        call(_normal(3, 2).astype("float16"), _normal(2, 2).astype("float16"), _normal(2).astype("float16")),
    ],
    "matmul": [
        call(_normal(3, 2), _normal(2, 4), reference=np.matmul),
        call(_normal(5, 3, 2), _normal(2, 4), reference=np.matmul),
        call(_normal(2), _normal(3, 2, 4), reference=np.matmul),
        call(_normal(3, 2), _normal(2), reference=np.matmul),
        call(_normal(2), _normal(2), reference=np.matmul),
        call(_normal(2, 1, 3, 2), _normal(4, 2, 3), reference=np.matmul),
        call(_INTS, _INTS, reference=np.matmul),
        call(_BOOLS, _BOOLS, reference=np.matmul),
        call(_BYTES, _BYTES),
        call(_normal(3, 2).astype("float16"), _normal(2, 2).astype("float16")),
    ],
    "dot": [
        call(_normal(2, 3), _normal(4, 3, 2), reference=np.dot),
        call(_normal(2, 3), _normal(3), reference=np.dot),
        call(_normal(2, 3), np.float32(2.0).reshape(()), reference=np.dot),
        call(_INTS, _INTS, reference=np.dot),
    ],
    "vdot": [call(_normal(2, 3), _normal(3, 2), reference=np.vdot), call(_INTS, _INTS, reference=np.vdot)],
    "inner": [
        call(_normal(2, 3), _normal(4, 3), reference=np.inner),
        call(_normal(3), _normal(3), reference=np.inner),
        call(_normal(2, 3), np.float32(2.0).reshape(()), reference=np.inner),
    ],
    "outer": [call(_normal(2, 2), _normal(3), reference=np.outer), call(_BOOLS, _INTS)],
    "tensordot": [
        call(_normal(2, 3, 4), _normal(3, 4, 5), reference=np.tensordot),
        call(_normal(2, 3), _normal(4, 5), axes=0, reference=np.tensordot),
        call(_normal(3, 4, 5), _normal(4, 3, 2), axes=[[1, 0], [0, 1]], reference=np.tensordot),
        call(_normal(2, 3), _normal(4, 2), axes=[0, 1], reference=np.tensordot),
    ],
    "kron": [
        call(_normal(2, 3), _normal(3, 2), reference=np.kron),
        call(_normal(2, 2), _normal(3), reference=np.kron),
        call(_INTS, _BOOLS),
    ],
    "cross": [
        call(_normal(4, 3), _normal(4, 3), reference=np.cross, unknown=False),
        call(_normal(4, 2), _normal(3), unknown=False),
        call(_normal(4, 2), _normal(4, 2), unknown=False),
        call(_normal(3, 4), _normal(4, 3), axisa=0, axisc=0, reference=np.cross, unknown=False),
        call(
            _INTS @ np.ones((2, 3), "int32"), np.array([1, 2, 3], "int32"), reference=np.cross, unknown=False
        ),
    ],
    "einsum": [
        call("ij,jk->ik", _normal(3, 2), _normal(2, 4), reference=_einsum),
        call("ij,jk", _normal(3, 2), _normal(2, 4), reference=_einsum),
        call("...ij,...jk->...ik", _normal(5, 3, 2), _normal(2, 4), reference=_einsum),
        call("ii->i", _normal(3, 3), reference=_einsum, unknown=False),
        call("ij->", _normal(3, 2), reference=_einsum),
        call("a,ab,abc->ca", _normal(2), _normal(2, 3), _normal(2, 3, 4), reference=_einsum),
        call("ij,jk->ik", _BYTES, _BYTES),
        call("ij,jk->ik", _BOOLS, _BOOLS),
    ],
}
