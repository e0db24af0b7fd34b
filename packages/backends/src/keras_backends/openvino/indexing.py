"""OpenVINO kernels that read and write at positions: taking, slicing, scattering."""

import builtins

import numpy as np

from keras_backends.openvino.graph import GraphTensor, basic_item, const, convert, joined, node, opset, tensor
from keras_backends.openvino.shapes import broadcast_to as _broadcast_to
from keras_backends.openvino.shapes import ravel as _ravel

_REDUCTIONS = {None: "none", "add": "sum", "max": "max", "min": "min", "mul": "prod"}


def take(x, indices, *, axis=None):
    if axis is None:
        x, axis = _ravel(x), 0
    return tensor(opset.gather(node(x), _positions(indices), const(range(x.ndim)[axis], "int64")))


def take_along_axis(x, indices, *, axis=None):
    if axis is None:
        x, indices, axis = _ravel(x), _ravel(indices), 0
    axis = range(x.ndim)[axis]
    rest = np.broadcast_shapes(*((*t.shape[:axis], 1, *t.shape[axis + 1 :]) for t in (x, indices)))
    x, indices = (
        _broadcast_to(t, shape=(*rest[:axis], t.shape[axis], *rest[axis + 1 :])) for t in (x, indices)
    )
    return tensor(opset.gather_elements(node(x), _counted(indices, x.shape[axis]), axis))


def get_item(x, *, key):
    keys = list(key) if isinstance(key, builtins.tuple) else [key]
    keys = [np.asarray(k) if isinstance(k, list) else k for k in keys]
    arrays = [k for k in keys if hasattr(k, "dtype")]
    if any(k.dtype == "bool" for k in arrays):
        return NotImplemented  # How many elements a mask keeps depends on values.
    if not isinstance(x, GraphTensor):
        x = tensor(node(x))
    return _advanced(x, keys) if any(k.ndim for k in arrays) else basic_item(x, builtins.tuple(keys))


def _advanced(x, keys):
    """NumPy's indexing with index tensors, which broadcast; numbers beside them are such too."""
    missing = x.ndim - sum(k is not None and k is not Ellipsis for k in keys)
    plain, indexed, axis = [], [], 0
    for key in keys if any(k is Ellipsis for k in keys) else [*keys, Ellipsis]:
        if key is Ellipsis:
            plain += [builtins.slice(None)] * missing
            axis += missing
            continue
        basic = key is None or isinstance(key, builtins.slice)
        if not basic:
            indexed.append((axis, key))
        plain.append(key if basic else builtins.slice(None))
        axis += 1
    x = basic_item(x, builtins.tuple(plain))
    axes = [a for a, _ in indexed]
    common = np.broadcast_shapes(*(np.shape(k) for _, k in indexed))
    columns = []
    for a, key in indexed:
        positions = _counted(key, x.shape[a])
        spread = opset.broadcast(positions, const(list(common), "int64"))
        columns.append(opset.unsqueeze(spread, const([-1], "int64")).output(0))
    rest = [a for a in range(x.ndim) if a not in axes]
    front = opset.transpose(x.output, const([*axes, *rest], "int64"))
    result = opset.gather_nd(front, joined(columns, -1))
    if axes == list(range(axes[0], axes[0] + len(axes))) and axes[0]:
        # The new axes stand where the index tensors stood.
        width, before = len(common), axes[0]
        order = [*range(width, width + before), *range(width), *range(width + before, width + len(rest))]
        result = opset.transpose(result, const(order, "int64"))
    return tensor(result)


def slice(inputs, *, start_indices, shape):
    start = _start(start_indices, inputs.shape, shape)
    stop = opset.add(start, const(list(shape), "int64"))
    part = opset.slice(node(inputs), start, stop, const([1] * len(shape), "int64"))
    # OpenVINO does not work out the sizes of what starts somewhere.
    return tensor(opset.reshape(part, const(list(shape), "int64"), False))


def slice_update(inputs, updates, *, start_indices):
    grid = np.stack(np.meshgrid(*map(np.arange, updates.shape), indexing="ij"), axis=-1)
    where = opset.add(const(grid, "int64"), _start(start_indices, inputs.shape, updates.shape))
    return tensor(opset.scatter_nd_update(node(inputs), where, node(updates)))


def scatter_update(inputs, indices, updates, *, reduction=None):
    depth = indices.shape[-1]
    where = _counted(indices, np.array(inputs.shape[:depth]))
    return tensor(opset.scatter_nd_update(node(inputs), where, node(updates), _REDUCTIONS[reduction]))


def _positions(indices):
    """Indices as 64-bit integers; a gather counts negative ones from the end by itself."""
    return convert(indices, "int64").output


def _counted(indices, size):
    positions = _positions(indices)
    beyond = opset.add(positions, const(size, "int64"))
    return opset.select(opset.less(positions, const(0, "int64")), beyond, positions)


def _start(start, sizes, window):
    """Where a window starts. Numbers below zero count from the end, and it is moved inside, as XLA does."""
    if isinstance(start, (list, builtins.tuple)):
        rows = [opset.reshape(_positions(s), const([1], "int64"), False).output(0) for s in start]
        start = tensor(joined(rows, 0))
    last = const([size - n for size, n in zip(sizes, window)], "int64")
    inside = opset.minimum(_counted(start, list(sizes)), last)
    return opset.maximum(inside, const(0, "int64")).output(0)
