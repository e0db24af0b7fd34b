"""OpenVINO kernels that reduce axes, accumulate along one, or add up segments."""

import numpy as np

from keras_backends.openvino.graph import const, convert, joined, node, opset, reduction, tensor

mean = reduction(opset.reduce_mean)
sum = reduction(opset.reduce_sum)
_and = reduction(opset.reduce_logical_and)
_or = reduction(opset.reduce_logical_or)
_max = reduction(opset.reduce_max)
_min = reduction(opset.reduce_min)
_prod = reduction(opset.reduce_prod)


def prod(x, *, axis=None, keepdims=False, dtype=None):
    return _prod(x, axis=axis, keepdims=keepdims)


def all(x, *, axis=None, keepdims=False):
    return _and(convert(x, "bool"), axis=axis, keepdims=keepdims)


def any(x, *, axis=None, keepdims=False):
    return _or(convert(x, "bool"), axis=axis, keepdims=keepdims)


def _extreme(reduce, reduce_bools, combine, combine_bools):
    def kernel(x, *, axis=None, keepdims=False, initial=None):
        bools = x.dtype == "bool"
        result = (reduce_bools if bools else reduce)(x, axis=axis, keepdims=keepdims)
        if initial is None:
            return result
        return tensor((combine_bools if bools else combine)(result.output, const(initial, x.dtype)))

    return kernel


amax = max = _extreme(_max, _or, opset.maximum, opset.logical_or)
amin = min = _extreme(_min, _and, opset.minimum, opset.logical_and)


def _position(mode):
    def kernel(x, *, axis=None, keepdims=False):
        shape = x.shape
        output = node(convert(x, "int32") if x.dtype == "bool" else x)
        if axis is None:
            output = opset.reshape(output, const([-1], "int64"), False).output(0)
        found = opset.topk(output, const(1, "int64"), axis or 0, mode, "value", "i32", True).output(1)
        if axis is None:
            return tensor(opset.reshape(found, const([1] * len(shape) if keepdims else [], "int64"), False))
        return tensor(found if keepdims else opset.squeeze(found, const(axis, "int64")))

    return kernel


argmax = _position("max")
argmin = _position("min")


def _line(x, axis):
    return (
        (opset.reshape(node(x), const([-1], "int64"), False).output(0), 0)
        if axis is None
        else (node(x), axis)
    )


def cumsum(x, *, axis=None, dtype=None):
    output, axis = _line(x, axis)
    return tensor(opset.cum_sum(output, const(axis, "int64")))


def cumprod(x, *, axis=None, dtype=None):
    # OpenVINO has no running product: each step multiplies by what lies twice as far back.
    output, axis = _line(x, axis)
    shape = list(output.get_shape())
    axis %= len(shape)
    size, distance = shape[axis], 1
    while distance < size:
        ones = const(np.ones([*shape[:axis], distance, *shape[axis + 1 :]]), x.dtype)
        bounds = (const([v], "int64") for v in (0, size - distance, 1, axis))
        earlier = joined([ones, opset.slice(output, *bounds).output(0)], axis)
        output = opset.multiply(output, earlier).output(0)
        distance *= 2
    return tensor(output)


def segment_sum(data, segment_ids, *, num_segments=None, sorted=False):
    return _segmented(data, segment_ids, num_segments, "sum", 0)


def segment_prod(data, segment_ids, *, num_segments=None, sorted=False):
    return _segmented(data, segment_ids, num_segments, "prod", 1)


def segment_max(data, segment_ids, *, num_segments=None, sorted=False):
    lowest = -np.inf if "float" in str(data.dtype) else np.iinfo(data.dtype).min
    return _segmented(data, segment_ids, num_segments, "max", lowest)


def segment_min(data, segment_ids, *, num_segments=None, sorted=False):
    highest = np.inf if "float" in str(data.dtype) else np.iinfo(data.dtype).max
    return _segmented(data, segment_ids, num_segments, "min", highest)


def _segmented(data, segment_ids, count, reduction, start):
    if count is None:
        return NotImplemented  # The number of segments would depend on values.
    # Ids out of range go to one segment more, which is cut off.
    ids = node(convert(segment_ids, "int64"))
    inside = opset.logical_and(
        opset.greater_equal(ids, const(0, "int64")), opset.less(ids, const(count, "int64"))
    )
    ids = opset.unsqueeze(opset.select(inside, ids, const(count, "int64")), const(-1, "int64"))
    result = const(np.full((count + 1, *data.shape[1:]), start), data.dtype)
    result = opset.scatter_nd_update(result, ids, node(data), reduction)
    return tensor(opset.slice(result, *(const([v], "int64") for v in (0, count, 1, 0))))
