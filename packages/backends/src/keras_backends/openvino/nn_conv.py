"""OpenVINO convolutions. OpenVINO has the channels first; transposes at the edges of neighbouring
layers cancel when the model is compiled.
"""

from openvino import Output as _Output

from keras_backends.geometry import as_tuple, padding_amounts, transposed_crop
from keras_backends.openvino.graph import const, node, opset, tensor


def conv(inputs, kernel, *, strides=1, padding="valid", data_format="channels_last", dilation_rate=1):
    channels = inputs.shape[1 if data_format == "channels_first" else -1]
    *taps, inner, filters = kernel.shape
    rank, groups = len(taps), channels // inner
    if groups == 1:
        return _convolve(
            inputs, _permuted(kernel, (-1, -2, *range(rank))), strides, padding, data_format, dilation_rate
        )
    # (*taps, in, groups * out) -> (groups, out, in, *taps)
    weight = _reshaped(kernel, (*taps, inner, groups, filters // groups))
    weight = _permuted(weight, (rank + 1, rank + 2, rank, *range(rank)))
    return _convolve(inputs, weight, strides, padding, data_format, dilation_rate)


def depthwise_conv(
    inputs, kernel, *, strides=1, padding="valid", data_format="channels_last", dilation_rate=1
):
    rank = len(kernel.shape) - 2
    # (*taps, channels, multiplier) -> (channels, multiplier, 1, *taps)
    weight = _permuted(kernel, (rank, rank + 1, *range(rank)))
    channels, multiplier, *taps = (*kernel.shape[-2:], *kernel.shape[:-2])
    weight = _reshaped(weight, (channels, multiplier, 1, *taps))
    return _convolve(inputs, weight, strides, padding, data_format, dilation_rate)


def conv_transpose(
    inputs,
    kernel,
    *,
    strides=1,
    padding="valid",
    output_padding=None,
    data_format="channels_last",
    dilation_rate=1,
):
    rank = len(kernel.shape) - 2
    x = _channels_first(inputs, data_format)
    sizes = list(x.get_shape())[2:]
    strides, dilation = as_tuple(strides, rank, "strides"), as_tuple(dilation_rate, rank, "dilation_rate")
    if output_padding is None or isinstance(output_padding, int):
        output_padding = (output_padding,) * rank
    crops = [
        transposed_crop(*a)
        for a in zip(sizes, kernel.shape, strides, (padding,) * rank, output_padding, dilation)
    ]
    y = opset.convolution_backprop_data(
        x,
        _permuted(kernel, (-1, -2, *range(rank))),
        list(strides),
        pads_begin=[start for start, _ in crops],
        pads_end=[max(end, 0) for _, end in crops],
        dilations=list(dilation),
        output_padding=[max(-end, 0) for _, end in crops],
    )
    return _finished(y, data_format)


def _convolve(inputs, weight, strides, padding, data_format, dilation):
    x = _channels_first(inputs, data_format)
    sizes = list(x.get_shape())[2:]
    rank = len(sizes)
    strides, dilation = as_tuple(strides, rank, "strides"), as_tuple(dilation, rank, "dilation_rate")
    shape = list(weight.get_shape())
    taps = shape[-rank:]
    pads = [padding_amounts(*a) for a in zip(sizes, taps, strides, (padding,) * rank, dilation)]
    function = opset.convolution if len(shape) == rank + 2 else opset.group_convolution
    y = function(x, weight, list(strides), [a for a, _ in pads], [b for _, b in pads], list(dilation))
    return _finished(y, data_format)


def _output(x):
    return x if isinstance(x, _Output) else node(x)


def _permuted(x, axes):
    x = _output(x)
    rank = len(x.get_shape())
    return opset.transpose(x, const([range(rank)[a] for a in axes], "int64")).output(0)


def _reshaped(x, shape):
    return opset.reshape(_output(x), const(list(shape), "int64"), False).output(0)


def _channels_first(x, data_format):
    if data_format == "channels_first":
        return node(x)
    return _permuted(x, (0, -1, *range(1, x.ndim - 1)))


def _finished(y, data_format):
    y = tensor(y)
    return y if data_format == "channels_first" else tensor(_permuted(y, (0, *range(2, y.ndim), 1)))
