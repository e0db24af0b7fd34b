"""PyTorch kernels that rearrange: shapes, axes, joining, splitting, padding, diagonals.

Read like a table (PyTorch understands `axis` for `dim`); a function stands where PyTorch names a
parameter differently or misses something. Results are views wherever the framework allows.
"""

import builtins

import numpy as _np
import torch

from keras_backends.geometry import distinct_axes, require_count
from keras_backends.torch.tensors import DTYPES as _DTYPES

ravel = torch.ravel


def concatenate(xs, *, axis=0):
    if axis is None:
        xs, axis = [x.reshape(-1) for x in xs], 0
    return torch.cat(builtins.tuple(xs), axis)


def stack(x, *, axis=0):
    return torch.stack(builtins.tuple(x), axis)


def reshape(x, *, newshape):
    return torch.reshape(x, newshape if isinstance(newshape, builtins.tuple) else (newshape,))


def transpose(x, *, axes=None):
    return x.permute(builtins.tuple(range(x.ndim - 1, -1, -1)) if axes is None else axes)


def moveaxis(x, *, source, destination):
    if not x.ndim:  # PyTorch moves the axes 0 and -1 of a number.
        raise ValueError(f"expected `source` among the axes of a tensor without any, received {source}.")
    return torch.movedim(x, source, destination)


def swapaxes(x, *, axis1, axis2):
    if not x.ndim:  # PyTorch swaps the axes 0 and -1 of a number.
        raise ValueError(f"expected axes of a tensor without any, received axis1={axis1}, axis2={axis2}.")
    return torch.transpose(x, axis1, axis2)


def broadcast_to(x, *, shape):
    if -1 in shape:  # PyTorch keeps such sizes.
        raise ValueError(f"expected sizes of 0 and more, received shape={shape}.")
    return x.expand(shape)


def expand_dims(x, *, axis):
    if isinstance(axis, int):
        return torch.unsqueeze(x, axis)
    rank = x.ndim + len(axis)
    for a in sorted(distinct_axes(axis, rank)):
        x = torch.unsqueeze(x, a)
    return x


def squeeze(x, *, axis=None):
    if axis is None:
        return torch.squeeze(x)
    axes = axis if isinstance(axis, builtins.tuple) else (axis,)
    for a in axes:
        if x.shape[a] != 1:  # PyTorch would leave the axis as it is.
            raise ValueError(f"Cannot squeeze axis {a} of a tensor of shape {builtins.tuple(x.shape)}.")
    return torch.squeeze(x, axes)


def flip(x, *, axis=None):
    if axis is None:
        axis = builtins.tuple(range(x.ndim))
    return torch.flip(x, axis if isinstance(axis, builtins.tuple) else (axis,))


def roll(x, *, shift, axis=None):
    if axis is None:
        return torch.roll(x, shift)
    shifts = shift if isinstance(shift, builtins.tuple) else (shift,)
    axes = axis if isinstance(axis, builtins.tuple) else (axis,)
    return torch.roll(
        x, shifts * (len(axes) if len(shifts) == 1 else 1), axes * (len(shifts) if len(axes) == 1 else 1)
    )


def repeat(x, *, repeats, axis=None):
    if not isinstance(repeats, int):
        repeats = torch.as_tensor(repeats, device=x.device)
    return torch.repeat_interleave(x, repeats, dim=axis)


def tile(x, *, repeats):
    return torch.tile(x, (repeats,) if isinstance(repeats, int) else repeats)


def split(x, *, indices_or_sections, axis=0):
    if isinstance(indices_or_sections, int) and x.shape[axis] % indices_or_sections:
        raise ValueError(f"An axis of size {x.shape[axis]} has no {indices_or_sections} equal parts.")
    return list(torch.tensor_split(x, _sections(indices_or_sections), dim=axis))


def array_split(x, *, indices_or_sections, axis=0):
    return list(torch.tensor_split(x, _sections(indices_or_sections), dim=axis))


def unstack(x, *, num=None, axis=0):
    parts = torch.unbind(x, axis)
    require_count(num, len(parts), axis)
    return list(parts)


def diag(x, *, k=0):
    return torch.diag(x, k)


def diagonal(x, *, offset=0, axis1=0, axis2=1):
    return torch.diagonal(x, offset, axis1, axis2)


def tril(x, *, k=0):
    return torch.tril(x, k)


def triu(x, *, k=0):
    return torch.triu(x, k)


def pad(x, *, pad_width, mode="constant", constant_values=None):
    widths = _widths(pad_width, x.ndim)
    if any(n < 0 for pair in widths for n in pair):  # PyTorch would crop.
        raise ValueError(f"expected non-negative numbers, received pad_width={pad_width}.")
    if mode == "constant":
        flat = [n for pair in builtins.reversed(widths) for n in pair]
        return torch.nn.functional.pad(x, flat, value=0 if constant_values is None else constant_values)
    # PyTorch pads by reflection or repetition in the last axes only, and knows no symmetric mode.
    for axis, pair in enumerate(widths):
        if any(pair):
            x = torch.index_select(x, axis, _padded(x.shape[axis], *pair, mode, x.device))
    return x


def _padded(size, before, after, mode, device):
    """The positions that padding an axis by repetition takes: they go on as the mode says at both ends."""
    p = torch.arange(-before, size + after, device=device)
    if mode == "edge":
        return p.clamp(0, size - 1)
    if mode == "wrap":
        return p % size
    if mode == "symmetric":
        return torch.minimum(p % (2 * size), (-1 - p) % (2 * size))
    if mode == "reflect":
        period = builtins.max(2 * size - 2, 1)
        return torch.minimum(p % period, -p % period)
    raise ValueError(
        f"expected mode 'constant', 'edge', 'reflect', 'symmetric' or 'wrap', received mode={mode!r}."
    )


def _widths(pad_width, rank):
    """A pair for each axis, as NumPy would broadcast: `torch.compile` does not know what its arrays hold."""
    rows = pad_width.tolist() if isinstance(pad_width, _np.ndarray) else pad_width
    rows = rows if isinstance(rows, (builtins.tuple, list)) else (rows,)
    rows = rows if isinstance(rows[0], (builtins.tuple, list)) else (rows,)
    rows = rows if len(rows) > 1 else [rows[0]] * rank
    if len(rows) != rank or any(len(row) not in (1, 2) for row in rows):
        raise ValueError(f"expected a pair for each of {rank} axes, received pad_width={pad_width}.")
    return [(int(row[0]), int(row[-1])) for row in rows]


def _sections(value):
    return value if isinstance(value, int) else [int(v) for v in value]


def view(x, *, dtype):
    return x.contiguous().view(_DTYPES[dtype])
