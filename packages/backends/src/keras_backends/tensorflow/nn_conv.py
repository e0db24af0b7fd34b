"""TensorFlow convolutions.

What its CPU kernels lack is made from what they have: channels first by transposing, strides together
with dilation by kernels with zeros between the taps, groups in three dimensions one by one.
"""

import functools

import tensorflow as tf

from keras_backends.geometry import (
    as_tuple,
    effective_size,
    output_size,
    padding_amounts,
    require_positions,
    transposed_size,
)
from keras_backends.tensorflow.shapes import shape as _shape


def conv(inputs, kernel, *, strides=1, padding="valid", data_format="channels_last", dilation_rate=1):
    x, channels_first = _prepared(inputs, data_format)
    rank = len(x.shape) - 2
    strides, dilation = as_tuple(strides, rank, "strides"), as_tuple(dilation_rate, rank, "dilation_rate")
    taps = kernel.shape[:rank]
    require_positions(x.shape[1:-1], taps, padding, dilation)
    if _is_empty(x, kernel):
        y = _nothing(x, kernel, kernel.shape[-1], strides, padding, dilation)
        return _finished(y, channels_first)
    if padding == "causal":
        pads = [padding_amounts(0, *a, "causal", d) for *a, d in zip(taps, strides, dilation)]
        x, padding = tf.pad(x, ((0, 0), *pads, (0, 0))), "valid"
    if max(strides) > 1 and max(dilation) > 1:
        kernel, dilation = _dilated(kernel, dilation), (1,) * rank
    # Conv3D's gradient needs the format said, the others take it as well.
    convolve = functools.partial(
        tf.nn.convolution,
        strides=strides,
        padding=padding.upper(),
        data_format=("NWC", "NHWC", "NDHWC")[rank - 1],
        dilations=dilation,
    )
    groups = x.shape[-1] // kernel.shape[-2]
    if groups > 1 and rank == 3:
        parts = zip(tf.split(x, groups, -1), tf.split(kernel, groups, -1))
        y = tf.concat([convolve(a, b) for a, b in parts], -1)
    else:
        y = convolve(x, kernel)
    return _finished(y, channels_first)


def depthwise_conv(
    inputs, kernel, *, strides=1, padding="valid", data_format="channels_last", dilation_rate=1
):
    x, channels_first = _prepared(inputs, data_format)
    rank = len(x.shape) - 2
    strides, dilation = as_tuple(strides, rank, "strides"), as_tuple(dilation_rate, rank, "dilation_rate")
    if rank == 3:
        *taps, channels, multiplier = kernel.shape
        kernel = tf.reshape(kernel, (*taps, 1, channels * multiplier))
        y = conv(x, kernel, strides=strides, padding=padding, dilation_rate=dilation)
        return _finished(y, channels_first)
    require_positions(x.shape[1:-1], kernel.shape[:rank], padding, dilation)
    if _is_empty(x, kernel):
        filters = kernel.shape[-2] * kernel.shape[-1]
        y = _nothing(x, kernel, filters, strides, padding, dilation)
        return _finished(y, channels_first)
    if rank == 1:
        # A sequence is an image of width 1.
        x, kernel = tf.expand_dims(x, 2), tf.expand_dims(kernel, 1)
        strides, dilation = strides * 2, (*dilation, 1)
    if padding == "causal":
        pads = [(effective_size(k, d) - 1, 0) for k, d in zip(kernel.shape[:2], dilation)]
        x, padding = tf.pad(x, ((0, 0), *pads, (0, 0))), "valid"
    if max(strides) > 1 and max(dilation) > 1:
        kernel, dilation = _dilated(kernel, dilation), (1, 1)
    if strides[0] == strides[1]:
        y = tf.nn.depthwise_conv2d(x, kernel, (1, *strides, 1), padding.upper(), dilations=dilation)
    else:
        *taps, channels, multiplier = kernel.shape
        kernel = tf.reshape(kernel, (*taps, 1, channels * multiplier))
        y = tf.nn.convolution(x, kernel, strides=strides, padding=padding.upper(), dilations=dilation)
    return _finished(tf.squeeze(y, 2) if rank == 1 else y, channels_first)


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
    x, channels_first = _prepared(inputs, data_format)
    rank = len(x.shape) - 2
    strides, dilation = as_tuple(strides, rank, "strides"), as_tuple(dilation_rate, rank, "dilation_rate")
    if output_padding is None or isinstance(output_padding, int):
        output_padding = (output_padding,) * rank
    batch, *sizes, _ = _shape(x)
    lengths = [
        transposed_size(n, k, s, padding, extra, d)
        for n, k, s, extra, d in zip(sizes, kernel.shape, strides, output_padding, dilation)
    ]
    if max(dilation) > 1:
        kernel = _dilated(kernel, dilation)
    y = tf.nn.conv_transpose(
        x, kernel, tf.stack([batch, *lengths, kernel.shape[-2]]), strides, padding=padding.upper()
    )
    y.set_shape((x.shape[0], *(n if isinstance(n, int) else None for n in lengths), kernel.shape[-2]))
    return _finished(y, channels_first)


def _is_empty(x, kernel):
    return 0 in (*x.shape, *kernel.shape)


def _nothing(x, kernel, filters, strides, padding, dilation):
    """The result for operands without elements, which TensorFlow gives a wrong shape.

    It depends on both, so that they have a gradient.
    """
    batch, *sizes, _ = _shape(x)
    sizes = [
        output_size(n, k, s, padding, d) if isinstance(n, int) else None
        for n, k, s, d in zip(sizes, kernel.shape, strides, dilation)
    ]
    return tf.zeros((batch, *sizes, filters), x.dtype) + 0 * (tf.reduce_sum(x) + tf.reduce_sum(kernel))


def _prepared(inputs, data_format):
    """The inputs with channels last, and whether that is not how they came."""
    if data_format == "channels_last":
        return inputs, False
    rank = len(inputs.shape)
    return tf.transpose(inputs, (0, *range(2, rank), 1)), True


def _finished(y, channels_first):
    rank = len(y.shape)
    return tf.transpose(y, (0, rank - 1, *range(1, rank - 1))) if channels_first else y


def _dilated(kernel, dilation):
    """The kernel with zeros between its taps."""
    for axis, step in enumerate(dilation):
        if step > 1:
            taps = kernel.shape[axis]
            kernel = tf.expand_dims(kernel, axis + 1)
            pads = [(0, 0)] * len(kernel.shape)
            pads[axis + 1] = (0, step - 1)
            sizes = kernel.shape.as_list()
            merged = (*sizes[:axis], taps * step, *sizes[axis + 2 :])
            kernel = tf.reshape(tf.pad(kernel, pads), merged)
            kernel = tf.gather(kernel, tf.range(effective_size(taps, step)), axis=axis)
    return kernel
