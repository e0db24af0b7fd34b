"""OpenVINO kernels that rearrange: shapes, axes, joining, splitting, padding, diagonals.

Shapes are static inside a graph, so positions are computed with NumPy and become constants.
"""

import builtins
import math

import numpy as np

from keras_backends.openvino.graph import GraphTensor, const, convert, joined, node, opset, tensor


def reshape(x, *, newshape):
    sizes = [newshape] if isinstance(newshape, int) else list(newshape)
    if -1 in sizes:
        known = -math.prod(sizes)
        sizes[sizes.index(-1)] = math.prod(x.shape) // known if known else 0
    return tensor(opset.reshape(node(x), const(sizes, "int64"), False))


def ravel(x):
    return reshape(x, newshape=-1)


def transpose(x, *, axes=None):
    order = builtins.tuple(range(x.ndim))[::-1] if axes is None else [range(x.ndim)[a] for a in axes]
    return tensor(opset.transpose(node(x), const(list(order), "int64")))


def broadcast_to(x, *, shape):
    return tensor(opset.broadcast(node(x), const(list(shape), "int64")))


def expand_dims(x, *, axis):
    axes = [axis] if isinstance(axis, int) else list(axis)
    return tensor(opset.unsqueeze(node(x), const(axes, "int64")))


def squeeze(x, *, axis=None):
    axes = range(x.ndim) if axis is None else [axis] if isinstance(axis, int) else axis
    axes = [range(x.ndim)[a] for a in axes]
    if axis is None:
        axes = [a for a in axes if x.shape[a] == 1]
    return reshape(x, newshape=builtins.tuple(n for i, n in enumerate(x.shape) if i not in axes))


def flip(x, *, axis=None):
    axes = range(x.ndim) if axis is None else [axis] if isinstance(axis, int) else axis
    for a in axes:
        x = _taken(x, np.arange(x.shape[a])[::-1], range(x.ndim)[a])
    return x


def roll(x, *, shift, axis=None):
    if axis is None:
        return reshape(roll(ravel(x), shift=shift, axis=0), newshape=x.shape)
    shifts = [shift] if isinstance(shift, int) else shift
    axes = [axis] if isinstance(axis, int) else axis
    for places, a in zip(shifts, axes):
        x = _taken(x, np.roll(np.arange(x.shape[a]), places), range(x.ndim)[a])
    return x


def repeat(x, *, repeats, axis=None):
    if axis is None:
        x, axis = ravel(x), 0
    return _taken(x, np.repeat(np.arange(x.shape[axis]), repeats), range(x.ndim)[axis])


def tile(x, *, repeats):
    counts = [repeats] if isinstance(repeats, int) else list(repeats)
    return tensor(opset.tile(node(x), const(counts, "int64")))


def concatenate(xs, *, axis=0):
    if axis is None:
        xs, axis = [ravel(x) for x in xs], 0
    return tensor(joined([node(x) for x in xs], axis))


def stack(x, *, axis=0):
    return concatenate([expand_dims(item, axis=axis) for item in x], axis=axis)


def split(x, *, indices_or_sections, axis=0):
    size = x.shape[axis]
    if isinstance(indices_or_sections, int) and size % indices_or_sections:
        raise ValueError(f"An axis of size {size} has no {indices_or_sections} equal parts.")
    return array_split(x, indices_or_sections=indices_or_sections, axis=axis)


def array_split(x, *, indices_or_sections, axis=0):
    cuts = indices_or_sections
    parts = np.array_split(np.arange(x.shape[axis]), cuts if isinstance(cuts, int) else list(cuts))
    return [_between(x, part[0] if len(part) else 0, len(part), axis) for part in parts]


def unstack(x, *, num=None, axis=0):
    axis = range(x.ndim)[axis]
    shape = builtins.tuple(n for i, n in enumerate(x.shape) if i != axis)
    return [reshape(_between(x, i, 1, axis), newshape=shape) for i in range(x.shape[axis])]


def pad(x, *, pad_width, mode="constant", constant_values=None):
    widths = np.broadcast_to(np.asarray(pad_width), (x.ndim, 2))
    if mode == "constant":
        fill = 0 if constant_values is None else constant_values
        fill = convert(fill, x.dtype).output if isinstance(fill, GraphTensor) else const(fill, x.dtype)
        begin, end = (const(widths[:, i], "int64") for i in (0, 1))
        return tensor(opset.pad(node(x), begin, end, "constant", fill))
    for axis, pair in enumerate(widths.tolist()):
        if any(pair):
            x = _taken(x, np.pad(np.arange(x.shape[axis]), pair, mode=mode), axis)
    return x


def diag(x, *, k=0):
    if x.ndim == 2:
        return diagonal(x, offset=k)
    size = x.shape[0] + abs(k)
    where = np.full((size, size), x.shape[0])
    rows = np.arange(x.shape[0])
    where[rows + builtins.max(-k, 0), rows + builtins.max(k, 0)] = rows
    # Everything off the diagonal takes the zero that is put behind the elements.
    return _taken(pad(x, pad_width=(0, 1)), where, 0)


def diagonal(x, *, offset=0, axis1=0, axis2=1):
    first, second = range(x.ndim)[axis1], range(x.ndim)[axis2]
    rest = [i for i in range(x.ndim) if i not in (first, second)]
    x = transpose(x, axes=(*rest, first, second))
    rows, columns = x.shape[-2:]
    where = np.diagonal(np.arange(rows * columns).reshape(rows, columns), offset)
    return _taken(reshape(x, newshape=(*x.shape[:-2], rows * columns)), where, x.ndim - 2)


def tril(x, *, k=0):
    return _masked(x, np.tri(*x.shape[-2:], k, dtype=bool))


def triu(x, *, k=0):
    return _masked(x, ~np.tri(*x.shape[-2:], k - 1, dtype=bool))


def _masked(x, mask):
    return tensor(opset.select(const(mask), node(x), const(0, x.dtype)))


def _taken(x, positions, axis):
    if not positions.size:  # OpenVINO's gather crashes where there is nothing to gather.
        return _between(x, 0, 0, axis)
    return tensor(opset.gather(node(x), const(positions, "int64"), const(axis, "int64")))


def _between(x, start, count, axis):
    bounds = ([start], [start + count], [1], [range(x.ndim)[axis]])
    return tensor(opset.slice(node(x), *(const(value, "int64") for value in bounds)))
