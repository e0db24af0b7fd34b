"""PyTorch kernels that read and write at positions: taking, slicing, scattering.

Indices arrive in any integer dtype and may be negative; PyTorch's own functions are narrower.
"""

import builtins
import math

import numpy as _np
import torch
from torch.compiler import is_compiling as _compiling

from keras_backends.geometry import require_sizes as _require_sizes

_POSITIONS = frozenset({torch.int32, torch.int64})
_REDUCTIONS = {"max": "amax", "min": "amin", "mul": "prod"}


def take(x, indices, *, axis=None):
    if axis is None:
        x, axis = x.reshape(-1), 0
    axis = range(x.ndim)[axis]
    if type(indices) is torch.Tensor and indices.dtype in _POSITIONS and x.is_cpu and not _compiling():
        try:
            return _taken(x, indices, axis)
        except (IndexError, RuntimeError):
            pass  # Here PyTorch finds negative positions by itself, and names those that do not exist below.
    return _taken(x, _counted(indices, x.shape[axis]), axis)


def _taken(x, indices, axis):
    if axis == 0 and x.ndim == 2:
        return torch.embedding(x, indices)
    if indices.ndim == 1:
        return torch.index_select(x, axis, indices)
    shape = (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])
    return torch.index_select(x, axis, indices.reshape(-1)).reshape(shape)


def take_along_axis(x, indices, *, axis=None):
    size = x.numel() if axis is None else x.shape[axis]
    return torch.take_along_dim(x, _counted(indices, size), axis)


def get_item(x, *, key):
    keys = key if isinstance(key, builtins.tuple) else (key,)
    if any(isinstance(k, builtins.slice) and k.step is not None and k.step < 0 for k in keys):
        return _reversing(x, keys)
    if len(keys) > 2 and any(isinstance(k, (list, torch.Tensor, _np.ndarray)) for k in keys):
        # PyTorch applies numbers before index tensors, elsewhere they count as such tensors.
        key = builtins.tuple(torch.tensor([k]) if type(k) is int else k for k in keys)
    return x[key]


def slice(inputs, *, start_indices, shape):
    return inputs[_window(inputs, start_indices, shape)]


def slice_update(inputs, updates, *, start_indices):
    result = inputs.clone()
    result[_window(inputs, start_indices, updates.shape)] = updates
    return result


def scatter_update(inputs, indices, updates, *, reduction=None):
    depth = indices.shape[-1]
    if reduction in (None, "add"):
        where = builtins.tuple(indices.long().movedim(-1, 0))
        return inputs.index_put(where, updates, accumulate=reduction == "add")
    sizes, inner = inputs.shape[:depth], inputs.shape[depth:]
    strides = [math.prod(sizes[i + 1 :]) for i in range(depth)]
    flat = sum(_counted(indices[..., i], n) * s for i, (n, s) in enumerate(zip(sizes, strides))).reshape(
        -1, 1
    )
    width = math.prod(inner)
    result = inputs.reshape(-1, width).scatter_reduce(
        0, flat.expand(-1, width), updates.reshape(-1, width), _REDUCTIONS[reduction]
    )
    return result.reshape(inputs.shape)


def _counted(indices, size):
    """Indices as 64-bit numbers counted from the front."""
    if indices.is_floating_point():
        raise ValueError(f"expected integer indices, received dtype {indices.dtype}.")
    indices = indices.long()
    return torch.where(indices < 0, indices + size, indices)


def _reversing(x, keys):
    """Indexing with slices of negative step, which PyTorch lacks: reverse first, then index."""
    taken = sum(k is not None and k is not Ellipsis for k in keys)
    axis, plain = 0, []
    for k in keys:
        if k is Ellipsis:
            axis += x.ndim - taken
        elif isinstance(k, builtins.slice) and k.step is not None and k.step < 0:
            where = torch.arange(x.shape[axis], device=x.device)[list(range(*k.indices(x.shape[axis])))]
            x = torch.index_select(x, axis, where)
            k = builtins.slice(None)
        plain.append(k)
        axis += k is not None and k is not Ellipsis
    return x[builtins.tuple(plain)]


def _window(x, start, shape):
    """The slices of a window. Starts below zero count from the end, and it is moved inside, as XLA does."""
    _require_sizes(shape, x.shape)
    starts = []
    for begin, n, size in zip(map(int, start), x.shape, shape):
        begin += n if begin < 0 else 0
        starts.append(builtins.max(0, builtins.min(begin, n - size)))
    return builtins.tuple(builtins.slice(s, s + size) for s, size in zip(starts, shape))
