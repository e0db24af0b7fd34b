"""OpenVINO pooling, on tensors with the channels first."""

from keras_backends.geometry import as_tuple, bins, padding_amounts
from keras_backends.openvino.graph import const, joined, opset
from keras_backends.openvino.nn_conv import _channels_first, _finished


def max_pool(inputs, *, pool_size, strides=None, padding="valid", data_format="channels_last"):
    x, pools, strides, begin, end = _prepared(inputs, pool_size, strides, padding, data_format)
    y = opset.max_pool(x, strides, [1] * len(pools), begin, end, pools)
    return _finished(y.output(0), data_format)


def average_pool(inputs, *, pool_size, strides=None, padding="valid", data_format="channels_last"):
    x, pools, strides, begin, end = _prepared(inputs, pool_size, strides, padding, data_format)
    return _finished(opset.avg_pool(x, strides, begin, end, pools, exclude_pad=True), data_format)


def adaptive_max_pool(inputs, *, output_size, data_format="channels_last"):
    # OpenVINO's own does not compile on CPUs. The windows are products of intervals, so one axis after
    # the other gives the same result.
    x = _channels_first(inputs, data_format)
    for axis, count in enumerate(as_tuple(output_size, inputs.ndim - 2, "output_size"), 2):
        parts = []
        for start, stop in bins(list(x.get_shape())[axis], count):
            bounds = (const([n], "int64") for n in (start, stop, 1, axis))
            part = opset.slice(x, *bounds)
            parts.append(opset.reduce_max(part, const([axis], "int64"), keep_dims=True).output(0))
        x = joined(parts, axis)
    return _finished(x, data_format)


def adaptive_average_pool(inputs, *, output_size, data_format="channels_last"):
    sizes = as_tuple(output_size, inputs.ndim - 2, "output_size")
    x = _channels_first(inputs, data_format)
    return _finished(opset.adaptive_avg_pool(x, const(list(sizes), "int64")), data_format)


def _prepared(inputs, pool_size, strides, padding, data_format):
    rank = inputs.ndim - 2
    pools = as_tuple(pool_size, rank, "pool_size")
    strides = pools if strides is None else as_tuple(strides, rank, "strides")
    x = _channels_first(inputs, data_format)
    pads = [padding_amounts(n, k, s, padding) for n, k, s in zip(list(x.get_shape())[2:], pools, strides)]
    return x, list(pools), list(strides), [a for a, _ in pads], [b for _, b in pads]
