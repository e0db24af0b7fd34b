"""Graph tensors, and the few functions that OpenVINO kernels are written with.

`GraphTensor` stands for a value inside a model that is being built for OpenVINO. Kernel files use
`unary`, `binary`, `node`, `tensor` and `const`; the builder in `evaluation` makes the inputs.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import ml_dtypes
import numpy as np
import openvino as ov
from openvino import opset15 as opset

from keras_backends.contract import KernelMissing
from keras_backends.dtypes import STANDARD_FLOATS

OV_TYPES = {
    "bool": ov.Type.boolean,
    "uint8": ov.Type.u8,
    "uint16": ov.Type.u16,
    "uint32": ov.Type.u32,
    "uint64": ov.Type.u64,
    "int8": ov.Type.i8,
    "int16": ov.Type.i16,
    "int32": ov.Type.i32,
    "int64": ov.Type.i64,
    "float16": ov.Type.f16,
    "bfloat16": ov.Type.bf16,
    "float32": ov.Type.f32,
    "float64": ov.Type.f64,
}
_NAMES = {ov_type.get_type_name(): name for name, ov_type in OV_TYPES.items()}
_BFLOAT16 = np.dtype(ml_dtypes.bfloat16)


class NoValue(KernelMissing, TypeError):
    """Something needs the data of a value in a model that is being built, where there is none."""


class GraphTensor:
    """A value inside an OpenVINO model under construction: static shape, no data.

    Its Python operators are attached by `keras_ops` (`Backend.bare_tensors`).

    Attributes:
        output: The `openvino.Output` that computes it.
    """

    __slots__ = ("__weakref__", "_keras_mask", "output")

    __array_priority__ = 1000  # NumPy's operators leave mixed operands to this class.
    __array_ufunc__ = None

    def __init__(self, output: Any) -> None:
        self.output = output

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.output.get_shape())

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def dtype(self) -> str:
        return _NAMES[self.output.get_element_type().get_type_name()]

    def __repr__(self) -> str:
        return f"<GraphTensor shape={self.shape}, dtype={self.dtype!r}>"

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("A graph tensor without axes has no length.")
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise NoValue(
            "A value inside an OpenVINO graph has no data yet, so it cannot become a NumPy array. "
            "Use `keras.ops` functions instead of NumPy's in code that `predict` compiles."
        )

    def __bool__(self) -> bool:
        raise NoValue(
            "A value inside an OpenVINO graph has no truth value yet. "
            "Use `keras.ops.where` or `keras.ops.cond` in code that `predict` compiles."
        )

    def __iter__(self) -> Any:
        return (basic_item(self, index) for index in range(len(self)))

    def __getitem__(self, index: Any) -> "GraphTensor":
        return basic_item(self, index)


def node(x: Any) -> Any:
    """Returns the `openvino.Output` of a graph tensor, or a constant that holds an array."""
    if isinstance(x, GraphTensor):
        return x.output
    return const(np.asarray(x))


def tensor(result: Any) -> GraphTensor:
    """Wraps what an opset function returned (its first output, if it has several)."""
    output = result.output(0) if isinstance(result, ov.Node) else result
    shape = list(output.get_shape())
    # What is empty is known: some of OpenVINO's functions divide by its size (2026.4), which ends the process.
    return GraphTensor(
        opset.constant(np.empty(shape), output.get_element_type()).output(0) if 0 in shape else output
    )


def tensors(result: Any) -> list[GraphTensor]:
    """Wraps all outputs of an opset node."""
    return [tensor(output) for output in result.outputs()]


def joined(parts: Sequence[Any], axis: int) -> Any:
    """Returns the `openvino.Output` of outputs joined along an axis.

    Where only sizes of 1 stand in front of the axis, OpenVINO lets the parts lie in the result's memory, and
    then takes wrong values (2026.4) where a transposition reads a part as well, as each convolution of
    channels last has one. There two copies of each part are joined, and one is taken.
    """
    shape = list(parts[0].get_shape())
    axis %= len(shape)
    if math.prod(shape[:axis]) != 1 or len(parts) == 1:
        return opset.concat(list(parts), axis).output(0)
    twice = [opset.broadcast(x, const([2, *x.get_shape()], "int64")) for x in parts]
    return opset.gather(opset.concat(twice, axis + 1), const(0, "int64"), const(0, "int64")).output(0)


def const(value: Any, dtype: str | None = None) -> Any:
    """Returns the output of a constant.

    Args:
        value: A number, nested lists or an array.
        dtype: Name of the dtype; that of the array if left out (`"int64"` suits axes and shapes).
    """
    array = np.asarray(value)
    if dtype is None:
        dtype = array.dtype.name
    if dtype == "bfloat16":
        # OpenVINO takes no ml_dtypes arrays, so the bits go in under a 16-bit view; into memory of its own,
        # since a constant does not keep an array's alive.
        owned = ov.Tensor(ov.Type.bf16, list(array.shape))
        owned.data[...] = array.astype(_BFLOAT16).view(owned.data.dtype)
        return opset.constant(owned).output(0)
    return opset.constant(array.astype(dtype, copy=False), dtype=ov_type(dtype)).output(0)


def convert(x: Any, dtype: str) -> GraphTensor:
    """Casts to a dtype; a boolean comes from any number that is not zero, floats truncate."""
    if isinstance(x, GraphTensor) and x.dtype == dtype:
        return x
    if dtype == "bool" and str(x.dtype) != "bool":
        # OpenVINO's own conversion takes NaN for false.
        return tensor(opset.not_equal(node(x), const(0, str(x.dtype))))
    return tensor(opset.convert(node(x), ov_type(dtype)))


def ov_type(dtype: str) -> Any:
    """Returns OpenVINO's type for the name of a dtype.

    Raises:
        KernelMissing: If OpenVINO has none, as for strings and complex numbers.
    """
    if dtype not in OV_TYPES:
        raise KernelMissing(f"OpenVINO models have no values of dtype {dtype!r}.")
    return OV_TYPES[dtype]


def unary(function: Callable[..., Any], **fixed: Any) -> Callable[..., GraphTensor]:
    """Makes a kernel from an opset function of one input, such as `sin = unary(opset.sin)`."""

    def kernel(x: Any) -> GraphTensor:
        return tensor(function(node(x), **fixed))

    return kernel


def binary(function: Callable[..., Any], **fixed: Any) -> Callable[..., GraphTensor]:
    """Makes a kernel from an opset function of two inputs, such as `add = binary(opset.add)`."""

    def kernel(x1: Any, x2: Any) -> GraphTensor:
        return tensor(function(node(x1), node(x2), **fixed))

    return kernel


def reduction(function: Callable[..., Any]) -> Callable[..., GraphTensor]:
    """Makes a kernel with `axis=` and `keepdims=`, such as `prod = reduction(opset.reduce_prod)`."""

    def kernel(x: Any, *, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> GraphTensor:
        axes = range(x.ndim) if axis is None else [axis] if isinstance(axis, int) else axis
        return tensor(function(node(x), const(list(axes), "int64"), keep_dims=keepdims))

    return kernel


def basic_item(x: GraphTensor, index: Any) -> GraphTensor:
    """Basic indexing (integers, slices, `None`, `...`) and one integer array."""
    parts = list(index) if isinstance(index, tuple) else [index]
    used = sum(part is not None and part is not Ellipsis for part in parts)
    if used > x.ndim:
        raise IndexError(f"Expected at most {x.ndim} indices for shape {x.shape}. Received: {index!r}")
    fill = [slice(None)] * (x.ndim - used)
    at = next((i for i, part in enumerate(parts) if part is Ellipsis), None)
    parts = parts + fill if at is None else parts[:at] + fill + parts[at + 1 :]
    starts, stops, steps, axes, dropped, added, gathers = [], [], [], [], [], [], []
    axis = 0
    for part in parts:
        if part is None:
            added.append(axis - len(dropped) + len(added))
            continue
        if isinstance(part, slice):
            if part != slice(None):
                start, stop, step = part.indices(x.shape[axis])
                # A negative stop would count from the end; -length - 1 stands for "before the first".
                stop = -x.shape[axis] - 1 if step < 0 and stop < 0 else stop
                starts.append(start), stops.append(stop), steps.append(step), axes.append(axis)
        elif isinstance(part, (int, np.integer)):
            gathers.append((const(int(part) % max(x.shape[axis], 1), "int64"), axis - len(dropped)))
            dropped.append(axis)
        else:
            gathers.append((node(part), axis - len(dropped)))
        axis += 1
    output = x.output
    if axes:
        bounds = (const(values, "int64") for values in (starts, stops, steps, axes))
        output = opset.slice(output, *bounds).output(0)
    for indices, position in gathers:
        output = opset.gather(output, indices, const(position, "int64")).output(0)
    if added:
        output = opset.unsqueeze(output, const(added, "int64")).output(0)
    return GraphTensor(output)


def with_nan(xs):
    """The nodes among operands that may be no numbers: floats that are no constants."""
    return [node(x) for x in xs if isinstance(x, GraphTensor) and x.dtype in STANDARD_FLOATS]


def keeping_nan(kernel):
    """Puts back what is not a number, of which OpenVINO's kernels on CPUs make numbers.

    This costs nothing where memory sets the pace (2 % measured); `relu` and `relu6`, which are computed together
    with the layer before them, would take 8 to 30 % longer, so they go without.
    """

    def keeping(*xs):
        result = kernel(*xs)
        for x in with_nan(xs):
            result = tensor(opset.select(opset.equal(x, x), node(result), x))
        return result

    return keeping
