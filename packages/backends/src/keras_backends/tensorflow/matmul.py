"""TensorFlow kernels of products that contract axes, and of singular values.

TensorFlow multiplies matrices of few dtypes; the others go through one that holds their values.
"""

import tensorflow as tf

_MULTIPLIED = frozenset(
    {tf.bfloat16, tf.float16, tf.float32, tf.float64, tf.int32, tf.int64, tf.complex64, tf.complex128}
)


def _with_kernels(product):
    """The product in a dtype that TensorFlow has kernels for."""

    def kernel(*operands, **attributes):
        dtype = operands[0].dtype
        if dtype in _MULTIPLIED:
            return product(*operands, **attributes)
        wide = tf.int64 if dtype in (tf.uint32, tf.uint64) else tf.int32
        return tf.cast(product(*(tf.cast(x, wide) for x in operands), **attributes), dtype)

    return kernel


def int8_product(x1, x2):
    # TensorFlow's product of int8 is slower than one of floats. Single precision holds the sums of 1024 products.
    wide = tf.float32 if x2.shape[0] <= 1024 else tf.float64
    return tf.cast(tf.tensordot(tf.cast(x1, wide), tf.cast(x2, wide), 1), tf.int32)


@_with_kernels
def matmul(x1, x2):
    rank1, rank2 = x1.shape.rank, x2.shape.rank
    if rank1 == 1 and rank2 == 1:
        return tf.reduce_sum(x1 * x2)
    if rank2 == 1 or (rank1 > 2 and rank2 == 2):
        # One product of matrices instead of one per leading index.
        return tf.tensordot(x1, x2, 1)
    if rank1 == 1:
        return tf.squeeze(tf.matmul(x1[None], x2), -2)
    return tf.matmul(x1, x2)


@_with_kernels
def einsum(*operands, subscripts):
    return tf.einsum(subscripts, *operands)
