"""What operations do with sparse tensors: the rules that declarations name, and the ways that calls take.

A rule says when the result is sparse, for tensors and KerasTensors alike, and how it is computed from the parts
that the backend knows (`keras_backends.contract.SparseTensors`). An operation without a rule gets
dense tensors. Used by `keras_ops.op`; dense calls never come here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any

from keras_backends.contract import Backend, SparseTensors
from keras_backends.dtypes import is_float

from keras_ops.conversion import SCALARS, to_tensor
from keras_ops.op_operation import OPERATIONS
from keras_ops.rules import broadcast, normalize_axes
from keras_ops.state import state
from keras_ops.tensor import KerasTensor
from keras_ops.variable import Variable

if TYPE_CHECKING:
    from keras_ops.op import Op

Flags = Sequence[bool]


@dataclass(frozen=True)
class SparseRule:
    """What an operation does with sparse operands."""

    stays: Callable[[Flags, Sequence[Any], Mapping[str, Any]], bool]
    """`stays(flags, shapes, attributes)`: whether the result is sparse, where `flags` says it of the operands.
    A number among them stands for its shape."""
    run: Callable[["Op", Sequence[Any], Mapping[str, Any], SparseTensors], Any]
    """`run(op, tensors, attributes, sparse)`: the result, or `NotImplemented` where it takes dense tensors."""
    asked: bool = False
    """An attribute `sparse` asks for a sparse result, whatever the operands are."""
    inside: bool = False
    """The body is run with the sparse operands, and says by itself what becomes of them."""


def is_sparse(x: Any) -> bool:
    """Says whether `x` is a sparse tensor, or stands for one.

    Example:

        >>> is_sparse(KerasTensor((2, 3), sparse=True)), is_sparse([1.0])
        (True, False)
    """
    return x._sparse if isinstance(x, KerasTensor) else state.backend.is_sparse(x)


def densify(x: Any) -> Any:
    """Returns a sparse or ragged tensor as a dense one, anything else as it is."""
    backend = state.backend
    return x if type(x) in backend.tensors else backend.densify(x)


def available(backend: Backend, wanted: str) -> SparseTensors:
    """Returns what the backend does with sparse tensors.

    Raises:
        ValueError: If it has none.
    """
    if backend.sparse is None:
        raise ValueError(
            f"{wanted} needs sparse tensors, which are not available on the {backend.name!r} backend. Leave "
            "`sparse` out for a dense tensor, or use a backend that has them, such as 'jax' or 'tensorflow'."
        )
    return backend.sparse()


# The ways of calls


def run(op: "Op", tensors: Sequence[Any], attributes: Mapping[str, Any], backend: Backend) -> Any:
    """Calls an operation that has sparse operands, or is asked for a sparse result."""
    sparse = available(backend, f"ops.{op.name}: `sparse=True`")
    rule = op.sparse or DENSE
    try:
        result = rule.run(op, tensors, attributes, sparse)
    except Exception as error:
        op.fail(error, tensors, tuple(attributes.values()))
    if result is NotImplemented:
        result = _densely(op, tensors, attributes)
    if rule.inside:
        return result
    flat = op._flat(tensors)
    shapes = [tuple(backend.shape(x)) if backend.is_tensor(x) else _number(x) for x in flat]
    if rule.stays([backend.is_sparse(x) for x in flat], shapes, attributes):
        return result if backend.is_sparse(result) else sparse.from_dense(result)
    return densify(result)


def infer(op: "Op", specs: Sequence[Any], attributes: dict[str, Any]) -> Any:
    """Returns the specs of the result of such a call."""
    rule = op.sparse or DENSE
    if rule.inside:
        return op.infer_body(specs, attributes)
    if rule.asked and attributes.get("sparse"):
        available(state.backend, f"ops.{op.name}: `sparse=True`")
    result = op.infer_dense([_each(_dense_spec, x) for x in specs], attributes)
    flat = op._flat(specs)
    flags = [isinstance(x, KerasTensor) and x._sparse for x in flat]
    shapes = [x._shape if isinstance(x, KerasTensor) else _number(x) for x in flat]
    if isinstance(result, KerasTensor) and rule.stays(flags, shapes, attributes):
        return KerasTensor.make(result._shape, result.dtype, sparse=True)
    return result


def _number(x: Any) -> Any:
    return x if type(x) in SCALARS else None


def call(op: "Op", tensors: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
    """Calls an operation by the names of its parameters."""
    return op.call_by_name(op.dispatcher, tensors, attributes)


def _densely(op: "Op", tensors: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
    """Calls an operation on dense tensors, for a dense result."""
    asked = op.sparse is not None and op.sparse.asked
    return call(
        op, [_each(densify, x) for x in tensors], {**attributes, "sparse": False} if asked else attributes
    )


def _each(function: Callable[[Any], Any], x: Any) -> Any:
    return [function(item) for item in x] if isinstance(x, (list, tuple)) else function(x)


def _dense_spec(x: Any) -> Any:
    return KerasTensor.make(x._shape, x.dtype) if isinstance(x, KerasTensor) and x._sparse else x


# When results are sparse


def _first(flags: Flags, shapes: Sequence[Any], attributes: Mapping[str, Any]) -> bool:
    return flags[0]


def _only_first(flags: Flags, shapes: Sequence[Any], attributes: Mapping[str, Any]) -> bool:
    return flags[0] and not any(flags[1:])


def _all(flags: Flags, shapes: Sequence[Any], attributes: Mapping[str, Any]) -> bool:
    return bool(flags) and all(flags)


def _any(flags: Flags, shapes: Sequence[Any], attributes: Mapping[str, Any]) -> bool:
    return any(flags)


def _never(flags: Flags, shapes: Sequence[Any], attributes: Mapping[str, Any]) -> bool:
    return False


def _asked(flags: Flags, shapes: Sequence[Any], attributes: Mapping[str, Any]) -> bool:
    return bool(attributes["sparse"])


def _not_refused(flags: Flags, shapes: Sequence[Any], attributes: Mapping[str, Any]) -> bool:
    return flags[0] and attributes["sparse"] is not False


def _partial(flags: Flags, shapes: Sequence[Any], attributes: Mapping[str, Any]) -> bool:
    """A sum over some axes is sparse; one over all is a number."""
    rank = len(shapes[0])
    return flags[0] and len(normalize_axes(attributes.get("axis"), rank)) < rank


def _all_or_zero(flags: Flags, shapes: Sequence[Any], attributes: Mapping[str, Any]) -> bool:
    return all(flag or (type(x) in SCALARS and x == 0) for flag, x in zip(flags, shapes))


def _indexed(flags: Flags, shapes: Sequence[Any], attributes: Mapping[str, Any]) -> bool:
    """A part with axes is sparse; a single element is a number."""
    key = attributes["key"]
    keys = key if isinstance(key, tuple) else (key,)
    return flags[0] and not (len(keys) == len(shapes[0]) and all(isinstance(k, int) for k in keys))


# How they are computed


def _by_dense(op: "Op", tensors: Sequence[Any], attributes: Mapping[str, Any], sparse: SparseTensors) -> Any:
    return NotImplemented


def _by_body(op: "Op", tensors: Sequence[Any], attributes: Mapping[str, Any], sparse: SparseTensors) -> Any:
    backend = state.backend
    tensors = [
        _each(lambda item: item if type(item) in SCALARS else to_tensor(item, backend), x) for x in tensors
    ]
    return op.call_by_name(op.body, tensors, attributes)


def _by_values(op: "Op", tensors: Sequence[Any], attributes: Mapping[str, Any], sparse: SparseTensors) -> Any:
    """The operation on the values, which leaves zeros as they are."""
    x, *others = tensors
    if not state.backend.is_sparse(x) or not all(other is None for other in others):
        return NotImplemented
    _, values, rebuild = sparse.parts(x)
    return rebuild(call(op, [values, *others], attributes))


def _by_union(op: "Op", tensors: Sequence[Any], attributes: Mapping[str, Any], sparse: SparseTensors) -> Any:
    """The operation on the values where either operand has one; of two zeros it makes zero."""
    backend = state.backend
    x1, x2 = tensors
    if not (backend.is_sparse(x1) and backend.is_sparse(x2)) or backend.shape(x1) != backend.shape(x2):
        return NotImplemented
    values1, values2, rebuild = sparse.aligned(x1, x2)
    return rebuild(call(op, [values1, values2], attributes))


def _by_elements(
    op: "Op", tensors: Sequence[Any], attributes: Mapping[str, Any], sparse: SparseTensors
) -> Any:
    """The operation on the values of a sparse operand and the elements of a dense one at the same places."""
    backend = state.backend
    flags = list(map(backend.is_sparse, tensors))
    if all(flags):
        return _by_union(op, tensors, attributes, sparse) if op.sparse.stays is _any else NotImplemented
    i = flags.index(True)
    other = tensors[1 - i]
    _, values, rebuild = sparse.parts(tensors[i])
    if type(other) not in SCALARS:
        other, x = to_tensor(other, backend), rebuild(values)
        if broadcast(backend.shape(x), backend.shape(other)) != tuple(backend.shape(x)):
            return NotImplemented
        other = sparse.elements(other, x)
    return rebuild(call(op, [values, other] if i == 0 else [other, values], attributes))


def _by_comparison(
    op: "Op", tensors: Sequence[Any], attributes: Mapping[str, Any], sparse: SparseTensors
) -> Any:
    """With another sparse operand on the values of both, with the number zero on those of the one."""
    if all(map(state.backend.is_sparse, tensors)):
        return _by_union(op, tensors, attributes, sparse)
    if not any(type(x) in SCALARS and x == 0 for x in tensors):
        return NotImplemented
    return _by_elements(op, tensors, attributes, sparse)


def _by_count(
    op: "Op", tensors: Sequence[Any], attributes: Mapping[str, Any], sparse: SparseTensors, *, every: bool
) -> Any:
    """Whether enough elements are not zero: one, or as many as there are if it has to be `every`."""
    shape = tuple(state.backend.shape(tensors[0]))
    sizes = [shape[axis] for axis in normalize_axes(attributes["axis"], len(shape))]
    if every and not all(isinstance(size, int) and size for size in sizes):
        return NotImplemented
    least = prod(sizes) if every else 1
    _, values, rebuild = sparse.parts(tensors[0])
    ones = OPERATIONS["cast"].dispatcher(OPERATIONS["not_equal"].dispatcher(values, 0), "int32")
    counts = OPERATIONS["sum"].dispatcher(rebuild(ones), **attributes)
    if not state.backend.is_sparse(counts):
        return OPERATIONS["greater_equal"].dispatcher(counts, least)
    _, values, rebuild = sparse.parts(counts)
    return rebuild(OPERATIONS["greater_equal"].dispatcher(values, least))


def _by_kernel(op: "Op", tensors: Sequence[Any], attributes: Mapping[str, Any], sparse: SparseTensors) -> Any:
    """The backend's kernel for sparse operands, between the casts that the dtype rule says."""
    kernel = sparse.kernels.get(op.name)
    if kernel is None:
        return NotImplemented

    def run(*operands: Any, **named: Any) -> Any:
        result = kernel(*operands, **named)
        return _densely(op, tensors, attributes) if result is NotImplemented else result

    return op.run_kernel(run, tensors, dict(attributes), state.backend)


def _by_moves(op: "Op", tensors: Sequence[Any], attributes: Mapping[str, Any], sparse: SparseTensors) -> Any:
    """The same, where all operands are sparse."""
    if not all(map(state.backend.is_sparse, op._flat(tensors))):
        return NotImplemented
    return _by_kernel(op, tensors, attributes, sparse)


def _by_reshape(
    op: "Op", tensors: Sequence[Any], attributes: Mapping[str, Any], sparse: SparseTensors
) -> Any:
    """A change of the shape alone."""
    sizes = op.shape(tuple(state.backend.shape(tensors[0])), **attributes)
    if sum(size is None for size in sizes) > 1:
        return NotImplemented
    newshape = tuple(-1 if size is None else size for size in sizes)
    return sparse.kernels["reshape"](tensors[0], newshape=newshape)


def _by_item(op: "Op", tensors: Sequence[Any], attributes: Mapping[str, Any], sparse: SparseTensors) -> Any:
    """A part, in the dtype that it has."""
    return sparse.kernels["get_item"](tensors[0], key=attributes["key"])


def _by_sum(op: "Op", tensors: Sequence[Any], attributes: Mapping[str, Any], sparse: SparseTensors) -> Any:
    """The backend's kernel over axes; axes of size 1 that are kept are put in afterwards."""
    kernel, shape = sparse.kernels[op.name], tuple(state.backend.shape(tensors[0]))
    axes = normalize_axes(attributes["axis"], len(shape))

    def over_axes(x: Any, **_: Any) -> Any:
        return kernel(x, axes=axes)

    result = op.run_kernel(over_axes, tensors, dict(attributes), state.backend)
    kept = op.shape(shape, **attributes)
    if not attributes["keepdims"]:
        return result
    newshape = tuple(-1 if size is None else size for size in kept)
    return NotImplemented if newshape.count(-1) > 1 else OPERATIONS["reshape"].dispatcher(result, newshape)


def _by_extreme(
    op: "Op",
    tensors: Sequence[Any],
    attributes: Mapping[str, Any],
    sparse: SparseTensors,
    *,
    of_segments: Callable[..., Any],
    add_segments: Callable[..., Any],
    of_two: Callable[..., Any],
) -> Any:
    """The extreme of the values that have the same indices on the axes that stay, and of 0 where others are absent."""
    backend = state.backend
    shape, dtype = tuple(backend.shape(tensors[0])), backend.dtype(tensors[0])
    if not all(shape) or dtype == "bool":
        return NotImplemented
    axes = normalize_axes(attributes["axis"], len(shape))
    kept = [axis for axis in range(len(shape)) if axis not in axes]
    count = prod(shape[axis] for axis in kept)
    indices, values, _ = sparse.parts(tensors[0])
    ops = {name: OPERATIONS[name].dispatcher for name in ("all", "cast", "isnan", "less", "sum", "where")}
    # The number of an index among those that stay; padding, which lies beyond the shape, gets one of its own.
    steps = [prod(shape[i] for i in kept if i > axis) if axis in kept else 0 for axis in range(len(shape))]
    inside = ops["all"](ops["less"](indices, shape), -1)
    numbers = ops["where"](
        inside, ops["sum"](ops["cast"](indices, "int32") * to_tensor(steps, backend), 1), count
    )

    def having(condition: Any) -> Any:
        return add_segments(ops["cast"](condition, "int32"), numbers, count + 1)[:count]

    result = of_segments(values, numbers, count + 1)[:count]
    least = min(prod(shape[axis] for axis in axes), 2**31 - 1)
    absent = ops["less"](having(inside), least)
    result = ops["where"](absent, of_two(ops["where"](absent, result, 0), 0), result)
    if is_float(dtype):
        result = ops["where"](having(ops["isnan"](values)) > 0, float("nan"), result)
    if attributes.get("initial") is not None:
        result = of_two(result, attributes["initial"])
    return OPERATIONS["reshape"].dispatcher(ops["cast"](result, dtype), op.shape(shape, **attributes))


def extreme(
    of_segments: Callable[..., Any], add_segments: Callable[..., Any], of_two: Callable[..., Any]
) -> SparseRule:
    """The rule of an operation that finds the largest or smallest elements: dense, computed on the values."""
    functions = {"of_segments": of_segments, "add_segments": add_segments, "of_two": of_two}
    return SparseRule(_never, partial(_by_extreme, **functions))


DENSE = SparseRule(_never, _by_dense)
"""Operands become dense: what operations do that have no rule."""
keeps_zeros = SparseRule(_first, _by_values)
"""Elementwise with `f(0) = 0`: sparse as the operand is."""
union = SparseRule(_all, _by_union)
"""Elementwise with `f(0, 0) = 0`: sparse if both operands are."""
product = SparseRule(_any, _by_elements)
"""Elementwise with `f(0, y) = f(x, 0) = 0`: sparse if either operand is."""
quotient = SparseRule(_only_first, _by_elements)
"""Elementwise with `f(0, y) = 0`: sparse if the first operand is, and the second is not."""
comparison = SparseRule(_all_or_zero, _by_comparison)
"""Elementwise with `f(0, 0)` false: sparse if both operands are, or the other is the number zero."""
contraction = SparseRule(_all, _by_kernel)
"""A product of matrices: dense if either operand is."""
structural = SparseRule(_all, _by_moves)
"""Elements at other places: sparse if all operands are."""
reshaping = SparseRule(_all, _by_reshape)
"""Elements at the same places, counted in another shape."""
summation = SparseRule(_partial, _by_sum)
"""Sums: sparse, unless they are over all axes."""
counting_any = SparseRule(_partial, partial(_by_count, every=False))
"""Whether any element is not zero: likewise."""
counting_all = SparseRule(_partial, partial(_by_count, every=True))
"""Whether all elements are not zero: likewise."""
indexing = SparseRule(_indexed, _by_item)
"""A part of a sparse tensor, unless it is a single element."""
taking = SparseRule(_only_first, _by_kernel)
"""Elements, or slices, of a sparse tensor at dense positions."""
composed = SparseRule(_any, _by_body, inside=True)
"""What the operations in the body do."""
encoding = SparseRule(_asked, _by_kernel, asked=True)
"""Sparse where it is asked for, by a kernel if there is one, else made of the dense result."""
set_encoding = SparseRule(_asked, _by_body, asked=True)
"""Likewise, by the body."""
conversion = SparseRule(_not_refused, _by_values)
"""Sparse as the operand is, unless the attribute `sparse` is False."""


def spec_of(x: Any, backend: Backend) -> KerasTensor:
    """Returns the KerasTensor that has the shape and dtype of a tensor, and is sparse if it is."""
    if isinstance(x, Variable):
        return KerasTensor.make(tuple(x.shape), x.dtype)
    x = to_tensor(x, backend)
    return KerasTensor.make(tuple(backend.shape(x)), backend.dtype(x), backend.is_sparse(x))
