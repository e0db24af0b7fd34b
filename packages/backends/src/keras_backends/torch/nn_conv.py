"""PyTorch convolutions. Channels-last tensors are permuted views, never copies: PyTorch recognises
such strides as its channels_last memory format and answers in the same.
"""

import torch.nn.functional as _f

from keras_backends.geometry import as_tuple, padding_amounts, transposed_crop

_CONVOLUTIONS = {1: _f.conv1d, 2: _f.conv2d, 3: _f.conv3d}
_TRANSPOSED = {1: _f.conv_transpose1d, 2: _f.conv_transpose2d, 3: _f.conv_transpose3d}


def conv(inputs, kernel, *, strides=1, padding="valid", data_format="channels_last", dilation_rate=1):
    # (*taps, in, out) -> (out, in, *taps)
    weight = _filters(kernel)
    channels = inputs.shape[1 if data_format == "channels_first" else -1]
    groups = channels // kernel.shape[-2]
    return _convolve(inputs, weight, strides, padding, data_format, dilation_rate, groups)


def depthwise_conv(
    inputs, kernel, *, strides=1, padding="valid", data_format="channels_last", dilation_rate=1
):
    # (*taps, in, multiplier) -> (in * multiplier, 1, *taps)
    channels, multiplier = kernel.shape[-2:]
    taps = kernel.shape[:-2]
    weight = kernel.reshape(*taps, 1, channels * multiplier).permute(-1, -2, *range(len(taps)))
    return _convolve(inputs, weight, strides, padding, data_format, dilation_rate, channels)


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
    rank = inputs.ndim - 2
    strides, dilation = as_tuple(strides, rank, "strides"), as_tuple(dilation_rate, rank, "dilation_rate")
    if output_padding is None or isinstance(output_padding, int):
        output_padding = (output_padding,) * rank
    x = inputs.movedim(-1, 1) if data_format == "channels_last" else inputs
    # (*taps, out, in) -> (in, out, *taps)
    weight = _filters(kernel)
    crops = [
        transposed_crop(*a)
        for a in zip(x.shape[2:], kernel.shape[:rank], strides, (padding,) * rank, output_padding, dilation)
    ]
    if all(start == end for start, end in crops):
        y = _TRANSPOSED[rank](x, weight, None, strides, [start for start, _ in crops], 0, 1, dilation)
    else:
        y = _TRANSPOSED[rank](x, weight, None, strides, 0, 0, 1, dilation)
        y = _f.pad(y, [-n for crop in reversed(crops) for n in crop])
    return y.movedim(1, -1) if data_format == "channels_last" else y


def _filters(kernel):
    """The kernel with its last two axes in front, in reverse order."""
    weight = kernel.permute(-1, -2, *range(kernel.ndim - 2))
    # With one of the first these are strides of channels_last, in which PyTorch's plain convolutions, those of
    # small batches, refuse to take the gradient.
    return weight.contiguous() if weight.shape[0] == 1 else weight


def _convolve(inputs, weight, strides, padding, data_format, dilation, groups):
    rank = inputs.ndim - 2
    strides, dilation = as_tuple(strides, rank, "strides"), as_tuple(dilation, rank, "dilation_rate")
    x = inputs.movedim(-1, 1) if data_format == "channels_last" else inputs
    pads = [
        padding_amounts(*a) for a in zip(x.shape[2:], weight.shape[2:], strides, (padding,) * rank, dilation)
    ]
    if all(before == after for before, after in pads):
        amounts = [before for before, _ in pads]
    else:
        x = _f.pad(x, [n for pair in reversed(pads) for n in pair])
        amounts = [0] * rank
    if rank == 1 and data_format == "channels_last":
        # There is a channels_last memory format for images only; as an image of height 1 the
        # sequence is convolved without a copy, twice as fast.
        y = _f.conv2d(
            x.unsqueeze(2), weight.unsqueeze(2), None, (1, *strides), (0, *amounts), (1, *dilation), groups
        ).squeeze(2)
    else:
        y = _CONVOLUTIONS[rank](x, weight, None, strides, amounts, dilation, groups)
    return y.movedim(1, -1) if data_format == "channels_last" else y
