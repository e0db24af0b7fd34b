"""Graph tensors, and the few functions that OpenVINO kernels are written with.

`GraphTensor` stands for a value inside a model that is being built for OpenVINO. Kernel files use
`unary`, `binary`, `node`, `tensor` and `const`; the builder in `evaluation` makes the inputs.
"""

from collections.abc import Callable, Sequence
from typing import Any

import ml_dtypes
import numpy as np
import openvino as ov
from openvino import opset15 as opset

from keras_backends.dtypes import result_type

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


class GraphTensor:
    """A value inside an OpenVINO model under construction: static shape, no data.

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
        raise TypeError(
            "A value inside an OpenVINO graph has no data yet, so it cannot become a NumPy array. "
            "Use `keras.ops` functions instead of NumPy's in code that `predict` compiles."
        )

    def __bool__(self) -> bool:
        raise TypeError(
            "A value inside an OpenVINO graph has no truth value yet. "
            "Use `keras.ops.where` or `keras.ops.cond` in code that `predict` compiles."
        )

    def __iter__(self) -> Any:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: Any) -> "GraphTensor":
        return _getitem(self, index)


def node(x: Any) -> Any:
    """Returns the `openvino.Output` of a graph tensor, or a constant that holds an array."""
    if isinstance(x, GraphTensor):
        return x.output
    return const(np.asarray(x))


def tensor(result: Any) -> GraphTensor:
    """Wraps what an opset function returned (its first output, if it has several)."""
    return GraphTensor(result.output(0) if isinstance(result, ov.Node) else result)


def tensors(result: Any) -> list[GraphTensor]:
    """Wraps all outputs of an opset node."""
    return [GraphTensor(output) for output in result.outputs()]


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
        # OpenVINO takes no ml_dtypes arrays, so the bits go in under a 16-bit view.
        bits = np.ascontiguousarray(array.astype(_BFLOAT16)).view(np.uint16)
        return opset.constant(ov.Tensor(bits, list(array.shape), ov.Type.bf16)).output(0)
    return opset.constant(array.astype(dtype, copy=False), dtype=OV_TYPES[dtype]).output(0)


def convert(x: Any, dtype: str) -> GraphTensor:
    """Casts to a dtype; a boolean comes from any number that is not zero, floats truncate."""
    if isinstance(x, GraphTensor) and x.dtype == dtype:
        return x
    return tensor(opset.convert(node(x), OV_TYPES[dtype]))


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


def _operator(function: Callable[..., Any], reflected: bool = False) -> Callable[..., Any]:
    """An operator of graph tensors; operands meet in their common dtype, as in `keras.ops`."""

    def operator(self: GraphTensor, other: Any) -> Any:
        common = _common(self, other, function in _TRUE_DIVISIONS)
        if common is None:
            return NotImplemented
        left, right = (_operand(self, common), _operand(other, common))
        return tensor(function(right, left) if reflected else function(left, right))

    return operator


def _common(x: GraphTensor, other: Any, to_float: bool) -> str | None:
    if isinstance(other, (bool, int, float)):
        token = type(other)
    elif isinstance(other, (GraphTensor, np.ndarray, np.generic)):
        token = other.dtype
    else:
        return None
    return result_type(x.dtype, token, float) if to_float else result_type(x.dtype, token)


def _operand(x: Any, dtype: str) -> Any:
    return convert(x, dtype).output if isinstance(x, GraphTensor) else const(x, dtype)


_ARITHMETIC = {
    "add": opset.add,
    "sub": opset.subtract,
    "mul": opset.multiply,
    "truediv": opset.divide,
    "floordiv": lambda x, y: opset.floor(opset.divide(x, y)),
    "mod": opset.floor_mod,
    "pow": opset.power,
    "matmul": lambda x, y: opset.matmul(x, y, False, False),
    "and": opset.logical_and,
    "or": opset.logical_or,
    "xor": opset.logical_xor,
}
_TRUE_DIVISIONS = (opset.divide,)
_COMPARISONS = {
    "eq": opset.equal,
    "ne": opset.not_equal,
    "lt": opset.less,
    "le": opset.less_equal,
    "gt": opset.greater,
    "ge": opset.greater_equal,
}


def _attach_operators() -> None:
    for name, function in {**_ARITHMETIC, **_COMPARISONS}.items():
        setattr(GraphTensor, f"__{name}__", _operator(function))
    for name, function in _ARITHMETIC.items():
        setattr(GraphTensor, f"__r{name}__", _operator(function, reflected=True))
    GraphTensor.__neg__ = unary(opset.negative)
    GraphTensor.__abs__ = unary(opset.abs)
    GraphTensor.__invert__ = unary(opset.logical_not)
    GraphTensor.__hash__ = object.__hash__


_attach_operators()


def _getitem(x: GraphTensor, index: Any) -> GraphTensor:
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
