"""TensorFlow kernels that reduce axes, accumulate along one, or count."""

import tensorflow as tf

from keras_backends.tensorflow.tensors import constant as _constant

logsumexp = tf.reduce_logsumexp


def sum(x, *, axis=None, keepdims=False):
    return tf.reduce_sum(x, axis, keepdims)


def mean(x, *, axis=None, keepdims=False):
    return tf.reduce_mean(x, axis, keepdims)


def var(x, *, axis=None, keepdims=False):
    return tf.math.reduce_variance(x, axis, keepdims)


def std(x, *, axis=None, keepdims=False):
    return tf.math.reduce_std(x, axis, keepdims)


def prod(x, *, axis=None, keepdims=False, dtype=None):
    return tf.reduce_prod(x, axis, keepdims)


def all(x, *, axis=None, keepdims=False):
    return tf.reduce_all(tf.cast(x, tf.bool), axis, keepdims)


def any(x, *, axis=None, keepdims=False):
    return tf.reduce_any(tf.cast(x, tf.bool), axis, keepdims)


def _extreme(reduce, reduce_bools, combine):
    def kernel(x, *, axis=None, keepdims=False, initial=None):
        if x.dtype == tf.bool:
            result = reduce_bools(x, axis, keepdims)
            return (
                result
                if initial is None
                else reduce_bools(tf.stack([result, tf.fill(tf.shape(result), bool(initial))]), 0)
            )
        result = reduce(x, axis, keepdims)
        return result if initial is None else combine(result, tf.cast(initial, x.dtype))

    return kernel


amax = max = _extreme(tf.reduce_max, tf.reduce_any, tf.maximum)
amin = min = _extreme(tf.reduce_min, tf.reduce_all, tf.minimum)


def _position(find, extreme):
    def kernel(x, *, axis=None, keepdims=False):
        rank = x.shape.rank
        x, place = (tf.reshape(x, [-1]), 0) if axis is None else (x, axis)
        if x.dtype == tf.bool:
            x = tf.cast(x, tf.int32)
        elif x.dtype.is_floating:
            # TensorFlow looks past NaN, which counts as the extreme.
            x = tf.raw_ops.SelectV2(condition=tf.raw_ops.IsNan(x=x), t=_constant(extreme, x.dtype), e=x)
        result = find(input=x, dimension=place, output_type=tf.int32)
        if not keepdims:
            return result
        return tf.reshape(result, [1] * rank) if axis is None else tf.expand_dims(result, axis)

    return kernel


argmax = _position(tf.raw_ops.ArgMax, float("inf"))
argmin = _position(tf.raw_ops.ArgMin, float("-inf"))


def _along(function):
    def kernel(x, *, axis=None, dtype=None):
        return function(tf.reshape(x, [-1])) if axis is None else function(x, axis)

    return kernel


cumsum = _along(tf.cumsum)


def _cumulative_product(x, axis=0):
    """`tf.math.cumprod` with a gradient that does not divide by the elements, so that zeros have one."""
    if not x.dtype.is_floating:
        return tf.math.cumprod(x, axis)

    @tf.custom_gradient
    def product(x):
        return tf.math.cumprod(x, axis), lambda upstream: _cumulative_gradient(x, upstream, axis)

    return product(x)


def _cumulative_gradient(x, upstream, axis):
    """The product before each element times `s[i] = upstream[i] + x[i + 1] * s[i + 1]`, found by doubling."""
    size = tf.shape(x)[axis]
    ones = [1] * len(x.shape)
    ones[axis] = -1
    places = tf.reshape(tf.range(size), ones)

    def behind(values, distance):
        return tf.where(places + distance < size, tf.roll(values, -distance, axis), tf.zeros((), x.dtype))

    def double(distance, sums, factors):
        sums += factors * behind(sums, distance)
        return 2 * distance, sums, factors * behind(factors, distance)

    start = (1, upstream, behind(x, 1))
    _, sums, _ = tf.while_loop(lambda distance, *_: distance < size, double, start, maximum_iterations=31)
    return sums * tf.math.cumprod(x, axis, exclusive=True)


cumprod = _along(_cumulative_product)


def count_nonzero(x, *, axis=None):
    if x.dtype == tf.bool:
        return tf.reduce_sum(tf.cast(x, tf.int32), axis)
    return tf.math.count_nonzero(x, axis, dtype=tf.int32)


def bin_counts(x, weights=None, *, minlength=0):
    # Rows count in ranges of their own of one long count.
    x = tf.cast(x, tf.int32)
    shape = tf.shape(x)
    rows = tf.reshape(x, [-1, shape[-1]])
    length = tf.maximum(minlength, tf.reduce_max(rows) + 1)
    shifted = rows + tf.range(tf.shape(rows)[0])[:, None] * length
    values = tf.ones_like(x) if weights is None else weights
    counts = segment_sum(
        tf.reshape(values, [-1]), tf.reshape(shifted, [-1]), num_segments=length * tf.shape(rows)[0]
    )
    return tf.reshape(counts, tf.concat([shape[:-1], [length]], 0))


def segment_sum(data, segment_ids, *, num_segments=None, sorted=False):
    ids, count = _segments(segment_ids, num_segments)
    if data.dtype == tf.bool:
        return tf.cast(tf.math.unsorted_segment_sum(tf.cast(data, tf.int32), ids, count), tf.bool)
    return tf.math.unsorted_segment_sum(data, ids, count)


def segment_prod(data, segment_ids, *, num_segments=None, sorted=False):
    ids, count = _segments(segment_ids, num_segments)
    if data.dtype == tf.bool:
        return tf.cast(tf.math.unsorted_segment_prod(tf.cast(data, tf.int32), ids, count), tf.bool)
    return tf.math.unsorted_segment_prod(data, ids, count)


def _extreme_of_segments(function, limit, infinity):
    def kernel(data, segment_ids, *, num_segments=None, sorted=False):
        ids, count = _segments(segment_ids, num_segments)
        if data.dtype == tf.bool:
            found = function(tf.cast(data, tf.int32), ids, count)
            # An empty segment gets the limit of the integers, which has the right sign.
            return found > 0
        result = function(data, ids, count)
        if not data.dtype.is_floating:
            return result
        # TensorFlow gives an empty segment the last finite value.
        last = tf.constant(getattr(data.dtype, limit), data.dtype)
        return tf.where(tf.equal(result, last), tf.constant(infinity, data.dtype), result)

    return kernel


segment_max = _extreme_of_segments(tf.math.unsorted_segment_max, "min", float("-inf"))
segment_min = _extreme_of_segments(tf.math.unsorted_segment_min, "max", float("inf"))


def _segments(segment_ids, count):
    """Ids with those out of range made negative: TensorFlow leaves these out."""
    ids = tf.cast(segment_ids, tf.int32)
    if count is None:
        count = tf.reduce_max(ids) + 1
    return tf.where(ids < count, ids, -1), count


def moments(x, *, axes, keepdims=False, synchronized=False):
    context = tf.distribute.get_replica_context() if synchronized else None
    if context is None or context.num_replicas_in_sync == 1:
        return NotImplemented

    def over_replicas(value):
        return context.all_reduce(tf.distribute.ReduceOp.MEAN, value)

    wide = tf.cast(x, tf.float32) if x.dtype.size < 4 else x
    center = over_replicas(tf.reduce_mean(wide, axes, keepdims=True))
    variance = over_replicas(tf.reduce_mean(tf.square(wide - center), axes, keepdims=True))
    results = [tf.cast(value, x.dtype) for value in (center, variance)]
    return tuple(results if keepdims else [tf.squeeze(value, axes) for value in results])


def bincount(x, weights=None, *, minlength=0, sparse=False):
    return tf.sparse.from_dense(bin_counts(x, weights, minlength=minlength)) if sparse else NotImplemented
