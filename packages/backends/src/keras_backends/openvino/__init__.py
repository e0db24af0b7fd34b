"""The OpenVINO backend: arrays are NumPy's, whole models are compiled graphs.

Concrete tensors are `numpy.ndarray`. An operation on them runs the NumPy backend's kernel (the stated
fallback for constants and single eager calls), or, for the names in `COMPILED`, a small OpenVINO graph
that is compiled once per shape and kept. `predict` builds one OpenVINO model for the whole forward
pass: there the values are `GraphTensor`s and the kernels of the modules of this folder run.

How to write a kernel module here (`elementwise`, `reductions`, `shapes`, `matmul`, `nn`, ...):

- A kernel is called only while a graph is built: at least one tensor argument is a `GraphTensor`,
  others may be NumPy arrays (constants). It returns a `GraphTensor` (or a tuple of them).
- Shapes are static: `x.shape` is a tuple of ints and `x.dtype` a name, so plain Python decides.
- `node(x)` gives the `openvino.Output` of either kind, `const(value, "int64")` that of a constant,
  `tensor(result)` wraps what an opset function returned, `convert(x, dtype)` casts.
- The other conventions (dtypes resolved in front, attributes by keyword) are those of all backends.
- What OpenVINO cannot express is left out: composites run their body, a primitive raises
  `KernelMissing`, and the model runs operation by operation. Do not fall back to NumPy inside a graph;
  there is no data.
- Python's operators on a `GraphTensor` are those of `keras_ops`, as everywhere; kernels use opset functions.

        from openvino import opset15 as opset

        from keras_backends.openvino.graph import binary, const, node, reduction, tensor, unary

        sin = unary(opset.sin)
        add = binary(opset.add)
        max = reduction(opset.reduce_max)

        def matmul(x1, x2):
            return tensor(opset.matmul(node(x1), node(x2), False, False))
"""

from dataclasses import replace

from keras_backends.contract import Backend, kernel_table
from keras_backends.numpy import backend as _numpy
from keras_backends.openvino import (
    activations,
    control,
    elementwise,
    evaluation,
    fft,
    indexing,
    matmul,
    nn,
    nn_conv,
    nn_pool,
    reductions,
    shapes,
    sorting,
    tensors,
)
from keras_backends.openvino.graph import GraphTensor

COMPILED = frozenset({"conv", "depthwise_conv", "conv_transpose", "max_pool", "average_pool"})
"""Operations that are worth a compiled model of their own when called on arrays."""

CONTROL = frozenset({"cond", "switch"})
"""Operations that take functions, which may refer to graph tensors that the arguments do not show."""

POSITIONS = ("top_k", "unique_elements")
"""Operations whose positions NumPy returns as int64, where graphs and specs say int32."""

_ARRAY_KERNELS = {
    **{name: kernel for name, kernel in _numpy.kernels.items() if name != "histogram"},
    **{name: evaluation.with_int32_positions(_numpy.kernels[name]) for name in POSITIONS},
}
"""Without `histogram`, which NumPy counts in int64: its body keeps to the dtype of its spec."""

_GRAPH_KERNELS = kernel_table(
    activations,
    control,
    elementwise,
    fft,
    indexing,
    matmul,
    nn,
    nn_conv,
    nn_pool,
    reductions,
    shapes,
    sorting,
)

backend = Backend(
    name="openvino",
    traits=replace(_numpy.traits, kernels_decline=True),
    kernels=evaluation.merge(_ARRAY_KERNELS, _GRAPH_KERNELS, compiled=COMPILED, control=CONTROL),
    fallbacks=frozenset(_ARRAY_KERNELS) - frozenset(_GRAPH_KERNELS),
    argument_errors=_numpy.argument_errors | {RuntimeError},
    tensors=tensors.TENSORS,
    native_dtypes=tensors.DTYPES,
    is_tensor=tensors.is_tensor,
    tensor=tensors.tensor,
    numpy=tensors.numpy,
    cast=tensors.cast,
    dtype=tensors.dtype,
    shape=tensors.shape,
    converts_numbers=_numpy.converts_numbers,
    store=tensors.store,
    read=tensors.read,
    write=tensors.write,
    trace=_numpy.trace,
    seed=_numpy.seed,
    predictor=evaluation.predictor,
    bare_tensors=(GraphTensor,),
)
