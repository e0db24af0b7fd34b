"""TensorFlow kernels of products that contract axes, and of singular values.

TensorFlow multiplies matrices of few dtypes; the others go through one that holds their values.
"""

from string import ascii_letters

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


def affine(x, kernel, bias, *, axes=1):
    if x.shape.rank == kernel.shape.rank == 2 and axes == 1 and x.dtype in _MULTIPLIED:
        return tf.matmul(x, kernel) + bias
    if x.shape.rank is None and x.dtype in _MULTIPLIED:
        return tf.tensordot(x, kernel, axes) + bias
    return NotImplemented  # The body counts the axes; eagerly it is quicker than `tf.tensordot`.


@_with_kernels
def einsum(*operands, subscripts):
    return tf.einsum(_spelled(subscripts, operands), *operands)


def _spelled(subscripts, operands):
    """The subscripts with letters for an ellipsis of one operand alone: TensorFlow takes it for an axis of size 1 of
    the others too, and its products in half precision that broadcast it come out wrong on the CPU."""
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    dotted = [(x, term) for x, term in zip(operands, left.split(",")) if "..." in term]
    if len(dotted) != 1 or dotted[0][0].shape.rank is None:
        return subscripts
    if not arrow:
        right = "..." + "".join(c for c in sorted(set(left) - {",", "."}) if left.count(c) == 1)
    x, term = dotted[0]
    unused = [c for c in ascii_letters if c not in left]
    return f"{left}->{right}".replace("...", "".join(unused[: x.shape.rank - len(term) + 3]))
