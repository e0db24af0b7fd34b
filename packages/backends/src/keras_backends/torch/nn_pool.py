"""PyTorch pooling, on permuted views for channels-last tensors."""

import torch
import torch.nn.functional as _f

from keras_backends.geometry import as_tuple, padding_amounts

_MAX = {1: _f.max_pool1d, 2: _f.max_pool2d, 3: _f.max_pool3d}


def _average3d(x, *args, **kwargs):
    # On the CPU torch has it for 32 and 64 bits only.
    if x.dtype in (torch.float16, torch.bfloat16) and x.device.type == "cpu":
        return _f.avg_pool3d(x.float(), *args, **kwargs).to(x.dtype)
    return _f.avg_pool3d(x, *args, **kwargs)


_AVERAGE = {1: _f.avg_pool1d, 2: _f.avg_pool2d, 3: _average3d}
_ADAPTIVE_MAX = {1: _f.adaptive_max_pool1d, 2: _f.adaptive_max_pool2d, 3: _f.adaptive_max_pool3d}
_ADAPTIVE_AVERAGE = {1: _f.adaptive_avg_pool1d, 2: _f.adaptive_avg_pool2d, 3: _f.adaptive_avg_pool3d}


def max_pool(inputs, *, pool_size, strides=None, padding="valid", data_format="channels_last"):
    x, pools, strides, pads = _prepare(inputs, pool_size, strides, padding, data_format)
    if not x.is_floating_point():
        return _finish(_integer_max_pool(x, pools, strides, pads), data_format)
    x, amounts = _padded(x, pools, pads, float("-inf"))
    return _finish(_MAX[len(pools)](x, pools, strides, amounts), data_format)


def _integer_max_pool(x, pools, strides, pads):
    """Pooling of integers, whose windows PyTorch takes in some cases only."""
    numbers = x.byte() if x.dtype is torch.bool else x
    lowest = torch.iinfo(numbers.dtype).min
    windows = _f.pad(numbers, [n for pair in reversed(pads) for n in pair], value=lowest)
    for axis, (size, stride) in enumerate(zip(pools, strides), 2):
        windows = windows.unfold(axis, size, stride)
    return windows.amax(list(range(x.ndim, windows.ndim))).to(x.dtype)


def average_pool(inputs, *, pool_size, strides=None, padding="valid", data_format="channels_last"):
    x, pools, strides, pads = _prepare(inputs, pool_size, strides, padding, data_format)
    pool = _AVERAGE[len(pools)]
    if all(before == after and before <= k // 2 for (before, after), k in zip(pads, pools)):
        y = pool(x, pools, strides, [before for before, _ in pads], count_include_pad=False)
    else:
        # Uneven padding: average what is there by averaging a mask in the same way.
        flat = [n for pair in reversed(pads) for n in pair]
        share = pool(_f.pad(torch.ones_like(x[:1, :1]), flat), pools, strides)
        y = pool(_f.pad(x, flat), pools, strides) / share
    return _finish(y, data_format)


def adaptive_max_pool(inputs, *, output_size, data_format="channels_last"):
    return _adaptive(_ADAPTIVE_MAX, inputs, output_size, data_format)


def adaptive_average_pool(inputs, *, output_size, data_format="channels_last"):
    return _adaptive(_ADAPTIVE_AVERAGE, inputs, output_size, data_format)


def _adaptive(functions, inputs, output_size, data_format):
    rank = inputs.ndim - 2
    x = inputs.movedim(-1, 1) if data_format == "channels_last" else inputs
    return _finish(functions[rank](x, as_tuple(output_size, rank, "output_size")), data_format)


def _prepare(inputs, pool_size, strides, padding, data_format):
    rank = inputs.ndim - 2
    pools = as_tuple(pool_size, rank, "pool_size")
    strides = pools if strides is None else as_tuple(strides, rank, "strides")
    x = inputs.movedim(-1, 1) if data_format == "channels_last" else inputs
    pads = [padding_amounts(n, k, s, padding) for n, k, s in zip(x.shape[2:], pools, strides)]
    return x, pools, strides, pads


def _padded(x, pools, pads, fill):
    """The input and the padding left to the pooling function, which takes even padding only."""
    if all(before == after and before <= k // 2 for (before, after), k in zip(pads, pools)):
        return x, [before for before, _ in pads]
    return _f.pad(x, [n for pair in reversed(pads) for n in pair], value=fill), 0


def _finish(y, data_format):
    return y.movedim(1, -1) if data_format == "channels_last" else y
