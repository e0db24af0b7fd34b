"""PyTorch kernels that reduce axes, accumulate along one, or count.

PyTorch takes an empty tuple of axes for all of them, and forgets `keepdim` where it is told no axis:
`_over_axes` sees to both.
"""

import builtins
import math

import torch

from keras_backends.geometry import distinct_axes


def _over_axes(function):
    """A reduction by a function that takes `dim` (one axis or several) and `keepdim`."""

    def kernel(x, *, axis=None, keepdims=False):
        if axis is None:
            axis = tuple(range(x.ndim))
        if axis == ():
            # An axis of size 1 in front stands for the axes that are missing.
            return function(x[None], dim=0, keepdim=False)
        return function(x, dim=axis, keepdim=keepdims)

    return kernel


def _sum(x, dim, keepdim):
    return torch.sum(x, dim=dim, keepdim=keepdim, dtype=x.dtype)


def _variance(x, dim, keepdim):
    return torch.var(x, dim=dim, correction=0, keepdim=keepdim)


def _deviation(x, dim, keepdim):
    return torch.std(x, dim=dim, correction=0, keepdim=keepdim)


def _all(x, dim, keepdim):
    # Of uint8 PyTorch makes uint8.
    return torch.all(x.bool(), dim=dim, keepdim=keepdim)


def _any(x, dim, keepdim):
    return torch.any(x.bool(), dim=dim, keepdim=keepdim)


all = _over_axes(_all)
any = _over_axes(_any)
amax = _over_axes(torch.amax)
amin = _over_axes(torch.amin)
logsumexp = _over_axes(torch.logsumexp)
mean = _over_axes(torch.mean)
std = _over_axes(_deviation)
sum = _over_axes(_sum)
var = _over_axes(_variance)


def prod(x, *, axis=None, keepdims=False, dtype=None):
    if axis is None and not keepdims:
        return torch.prod(x, dtype=x.dtype)
    axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    for i in sorted(distinct_axes(axes, x.ndim), reverse=True):  # One is reduced after the other.
        x = torch.prod(x, dim=i, keepdim=keepdims, dtype=x.dtype)
    return x


def _extreme(reduce, combine):
    def kernel(x, *, axis=None, keepdims=False, initial=None):
        if initial is None:
            return reduce(x, axis=axis, keepdims=keepdims)
        start = torch.full((), initial, dtype=x.dtype, device=x.device)
        if x.numel():
            return combine(reduce(x, axis=axis, keepdims=keepdims), start)
        # PyTorch finds no extreme of an empty axis, but the sum has its shape.
        return start.expand(sum(x, axis=axis, keepdims=keepdims).shape)

    return kernel


max = _extreme(amax, torch.maximum)
min = _extreme(amin, torch.minimum)


def _position(function):
    def kernel(x, *, axis=None, keepdims=False):
        x = x.byte() if x.dtype is torch.bool else x
        if axis is None and keepdims:
            return function(x).reshape((1,) * x.ndim)
        # What the rule casts to; this method takes less time than the general cast.
        return function(x, axis, keepdims).int()

    return kernel


argmax = _position(torch.argmax)
argmin = _position(torch.argmin)


def _along(function):
    def kernel(x, *, axis=None, dtype=None):
        return function(x.reshape(-1), 0, dtype=x.dtype) if axis is None else function(x, axis, dtype=x.dtype)

    return kernel


cumsum = _along(torch.cumsum)
cumprod = _along(torch.cumprod)


def count_nonzero(x, *, axis=None):
    return x.clone().bool() if axis == () else torch.count_nonzero(x, axis)


def bin_counts(x, weights=None, *, minlength=0):
    # Rows count in ranges of their own of one long count.
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1]).long()
    length = builtins.max(minlength, int(rows.max()) + 1 if rows.numel() else 0)
    shifted = rows + torch.arange(len(rows), device=x.device)[:, None] * length
    ids, total = shifted.reshape(-1), len(rows) * length
    if weights is None:
        counts = torch.bincount(ids, minlength=total).int()
    else:  # Unlike PyTorch's count, this has a gradient and keeps the dtype.
        counts = segment_sum(weights.reshape(-1), ids, num_segments=total)
    return counts.reshape(*x.shape[:-1], length)


def segment_sum(data, segment_ids, *, num_segments=None, sorted=False):
    ids, count, data, dtype = _segments(data, segment_ids, num_segments)
    start = torch.zeros((count + 1, *data.shape[1:]), dtype=data.dtype, device=data.device)
    return start.index_add(0, ids, data)[:count].to(dtype)


def _reduced(how, start_of):
    def kernel(data, segment_ids, *, num_segments=None, sorted=False):
        ids, count, data, dtype = _segments(data, segment_ids, num_segments)
        shape = (count + 1, *data.shape[1:])
        start = torch.full(shape, start_of(data.dtype), dtype=data.dtype, device=data.device)
        return start.index_reduce(0, ids, data, how)[:count].to(dtype)

    return kernel


def _lowest(dtype):
    return -math.inf if dtype.is_floating_point else torch.iinfo(dtype).min


def _highest(dtype):
    return math.inf if dtype.is_floating_point else torch.iinfo(dtype).max


def _one(dtype):
    return 1


segment_max = _reduced("amax", _lowest)
segment_min = _reduced("amin", _highest)
segment_prod = _reduced("prod", _one)


def _segments(data, segment_ids, count):
    """Ids with those out of range sent to one segment more, and bools as numbers."""
    ids = segment_ids.long()
    if count is None:
        count = int(ids.max()) + 1 if ids.numel() else 0
    ids = torch.where((ids >= 0) & (ids < count), ids, count)
    return ids, count, data.byte() if data.dtype is torch.bool else data, data.dtype


def corrcoef(x):
    return torch.corrcoef(x) if x.dtype.itemsize >= 4 else NotImplemented


def moments(x, *, axes, keepdims=False, synchronized=False):
    # The body sees to half precision, which this would not accumulate in float32.
    if synchronized and _replicas() > 1:
        return _synchronized_moments(x, axes, keepdims)
    if x.dtype.itemsize < 4 or axes == () or not x.ndim:  # PyTorch takes no axes for all, and any of numbers.
        return NotImplemented
    variance, center = torch.var_mean(x, dim=axes, correction=0, keepdim=keepdims)
    return center, variance


def _replicas():
    distributed = torch.distributed
    return distributed.get_world_size() if distributed.is_available() and distributed.is_initialized() else 1


def _synchronized_moments(x, axes, keepdims):
    wide = x.float() if x.dtype.itemsize < 4 else x
    center = _over_replicas(torch.mean(wide, dim=axes, keepdim=True))
    variance = _over_replicas(torch.mean(torch.square(wide - center), dim=axes, keepdim=keepdims))
    return center.reshape(variance.shape).to(x.dtype), variance.to(x.dtype)


class _SumOverReplicas(torch.autograd.Function):
    """A sum over all processes; so is its gradient."""

    @staticmethod
    def forward(ctx, x):
        total = x.clone()
        torch.distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx, gradient):
        total = gradient.clone()
        torch.distributed.all_reduce(total)
        return total


def _over_replicas(x):
    return _SumOverReplicas.apply(x) / _replicas()
