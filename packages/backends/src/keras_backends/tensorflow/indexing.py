"""TensorFlow kernels that read and write at positions: taking, slicing, scattering.

Indices arrive in any integer dtype and may be negative; TensorFlow's own functions are narrower.
"""

import builtins

import numpy as np
import tensorflow as tf

from keras_backends.geometry import require_sizes as _require_sizes
from keras_backends.tensorflow.shapes import shape as _shape
from keras_backends.tensorflow.tensors import constant as _constant

_raw = tf.raw_ops  # In eager calls of small tensors TensorFlow's public functions take longer than these.
_INDEX_DTYPES = (tf.int32, tf.int64)
_SCATTER = {
    None: tf.tensor_scatter_nd_update,
    "add": tf.tensor_scatter_nd_add,
    "max": tf.tensor_scatter_nd_max,
    "min": tf.tensor_scatter_nd_min,
}


def take(x, indices, *, axis=None):
    if axis is None:
        x, axis = tf.reshape(x, (-1,)), 0
    return _raw.GatherV2(params=x, indices=_counted(indices, _shape(x)[axis]), axis=axis)


def take_along_axis(x, indices, *, axis=None):
    if axis is None:
        x, indices, axis = tf.reshape(x, (-1,)), tf.reshape(indices, (-1,)), 0
    rank = len(x.shape)
    axis = range(rank)[axis]
    indices = _counted(indices, _shape(x)[axis])
    # The axis goes to the end, the others are common to both.
    order = [i for i in range(rank) if i != axis] + [axis]
    x, indices = tf.transpose(x, order), tf.transpose(indices, order)
    if x.shape[:-1] != indices.shape[:-1] or not x.shape[:-1].is_fully_defined():
        common = tf.broadcast_dynamic_shape(tf.shape(x)[:-1], tf.shape(indices)[:-1])
        x = tf.broadcast_to(x, tf.concat([common, tf.shape(x)[-1:]], 0))
        indices = tf.broadcast_to(indices, tf.concat([common, tf.shape(indices)[-1:]], 0))
    taken = tf.gather(x, indices, axis=rank - 1, batch_dims=rank - 1)
    return tf.transpose(taken, np.argsort(order))


def get_item(x, *, key):
    keys = list(key) if isinstance(key, builtins.tuple) else [key]
    if not any(map(_is_advanced, keys)):
        return x[key]
    return _advanced(x, keys)


def slice(inputs, *, start_indices, shape):
    _require_sizes(shape, inputs.shape)
    shape = tf.cast(shape, tf.int32)
    return tf.slice(inputs, _inside(_position(start_indices), inputs, shape), shape)


def slice_update(inputs, updates, *, start_indices):
    _require_sizes(updates.shape, inputs.shape)
    begin = _inside(_position(start_indices), inputs, tf.shape(updates))
    return tf.raw_ops.TensorStridedSliceUpdate(
        input=inputs, begin=begin, end=begin + tf.shape(updates), strides=tf.ones_like(begin), value=updates
    )


def scatter(indices, values, *, shape):
    depth = indices.shape[-1]
    if indices.shape.is_fully_defined() and values.shape.is_fully_defined():
        slots = (*indices.shape[:-1], *shape[depth:])
        if values.shape != slots:
            # TensorFlow ends the process where they differ.
            values = tf.broadcast_to(values, slots)
    return tf.scatter_nd(_counted(indices, shape[:depth]), values, shape)


def scatter_update(inputs, indices, updates, *, reduction=None):
    depth = indices.shape[-1]
    indices = _counted(_index(indices), tf.shape(inputs)[:depth])
    if reduction != "mul":
        return _SCATTER[reduction](inputs, indices, updates)
    # There is no scatter that multiplies: products per position first, then one product.
    sizes = tf.shape(inputs)
    strides = tf.math.cumprod(sizes[:depth], exclusive=True, reverse=True)
    flat = tf.reshape(tf.reduce_sum(indices * tf.cast(strides, indices.dtype), axis=-1), (-1,))
    values = tf.reshape(updates, tf.concat([tf.shape(flat), sizes[depth:]], 0))
    factors = tf.math.unsorted_segment_prod(values, flat, tf.reduce_prod(sizes[:depth]))
    return inputs * tf.reshape(factors, sizes)


def _index(indices):
    if indices.dtype.is_floating:
        raise ValueError(f"expected integer indices, received dtype {indices.dtype.name}.")
    return indices if indices.dtype in _INDEX_DTYPES else tf.cast(indices, tf.int32)


def _counted(indices, size):
    """Indices as 32- or 64-bit numbers counted from the front."""
    indices = _index(indices)
    dtype = indices.dtype
    size = _constant(size, dtype) if isinstance(size, int) else tf.cast(size, dtype)
    negative = _raw.Less(x=indices, y=_constant(0, dtype))
    return _raw.SelectV2(condition=negative, t=_raw.AddV2(x=indices, y=size), e=indices)


def _inside(begin, x, shape):
    """The start of a window. Those below zero count from the end, and it is moved inside, as XLA does."""
    return tf.maximum(tf.minimum(_counted(begin, tf.shape(x)), tf.shape(x) - shape), 0)


def _position(start):
    if not isinstance(start, (list, builtins.tuple)):
        return tf.cast(start, tf.int32)
    return tf.stack([tf.cast(s, tf.int32) for s in start])


def _is_advanced(key):
    if isinstance(key, (list, np.ndarray)):
        return True
    return isinstance(key, tf.Tensor) and (len(key.shape) > 0 or key.dtype == tf.bool)


def _advanced(x, keys):
    """NumPy's indexing with tensors: index tensors broadcast, a mask counts as its positions."""
    rank = len(x.shape)
    keys = [tf.convert_to_tensor(k) if isinstance(k, (list, np.ndarray)) else k for k in keys]
    masks = [len(k.shape) if isinstance(k, tf.Tensor) and k.dtype == tf.bool else 1 for k in keys]
    taken = sum(n for n, k in zip(masks, keys) if k is not None and k is not Ellipsis)
    if not any(k is Ellipsis for k in keys):
        keys, masks = [*keys, Ellipsis], [*masks, 1]
    plain, indexed, together = [], [], True
    axis = 0  # of the result of the plain keys
    for key, depth in zip(keys, masks):
        if key is Ellipsis:
            plain += [builtins.slice(None)] * (rank - taken)
            axis += rank - taken
        elif key is None or isinstance(key, builtins.slice):
            plain.append(key)
            axis += 1
        else:
            key = tf.convert_to_tensor(key)
            columns = tf.unstack(tf.where(key), num=depth, axis=1) if key.dtype == tf.bool else [_index(key)]
            for column in columns:
                together = together and (not indexed or indexed[-1][0] == axis - 1)
                indexed.append((axis, column))
                plain.append(builtins.slice(None))
                axis += 1
    x = x[builtins.tuple(plain)]
    axes = [a for a, _ in indexed]
    rest = [a for a in range(len(x.shape)) if a not in axes]
    sizes = _shape(x)
    columns = [_counted(tf.cast(c, tf.int64), sizes[a]) for a, c in indexed]
    common = columns[0]
    for column in columns[1:]:
        common = common + tf.zeros_like(column)
    columns = [column + tf.zeros_like(common) for column in columns]
    result = tf.gather_nd(tf.transpose(x, (*axes, *rest)), tf.stack(columns, axis=-1))
    if together and axes[0]:
        # The new axes stand where the index tensors stood.
        width, before = len(common.shape), axes[0]
        order = [*range(width, width + before), *range(width), *range(width + before, len(result.shape))]
        result = tf.transpose(result, order)
    return result
