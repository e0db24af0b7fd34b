"""The JAX backend: state goes in and out of functions that XLA compiles."""

from jax.interpreters import mlir

from keras_backends.contract import ARGUMENT_ERRORS, Backend, SparseTensors, Traits, kernel_table, native
from keras_backends.jax import (
    activations,
    control,
    creation,
    dtype_rules,
    elementwise,
    engine,
    fft,
    indexing,
    linalg,
    matmul,
    nn,
    nn_conv,
    nn_pool,
    programs,
    random,
    recurrent,
    reductions,
    shapes,
    sorting,
    tensors,
)


def _sparse() -> SparseTensors:
    from keras_backends.jax.sparse import SPARSE  # layering: takes an eighth of a second

    return SPARSE


backend = Backend(
    name="jax",
    traits=Traits(
        trainable=True,
        functional=True,
        compiles=True,
        compiles_each_operation=True,
        constant_scalars=True,
    ),
    kernels=kernel_table(
        activations,
        control,
        creation,
        elementwise,
        fft,
        indexing,
        linalg,
        matmul,
        nn,
        nn_conv,
        nn_pool,
        random,
        recurrent,
        reductions,
        shapes,
        sorting,
    ),
    argument_errors=ARGUMENT_ERRORS | {NotImplementedError, mlir.ir.MLIRError},
    tensors=tensors.TENSORS,
    native_dtypes=tensors.DTYPES,
    is_tensor=tensors.is_tensor,
    tensor=tensors.tensor,
    numpy=tensors.numpy,
    cast=tensors.cast,
    dtype=tensors.dtype,
    shape=tensors.shape,
    is_sparse=tensors.is_sparse,
    densify=tensors.densify,
    sparse=_sparse,
    dtype_rules=dtype_rules.DTYPE_RULES,
    canonical_dtype=tensors.canonical_dtype,
    converts_numbers={"arctan2": 2, "logaddexp": 2, "logaddexp2": 2},
    precision=tensors.precision,
    trace=engine.trace,
    gradients=engine.gradients,
    rematerialize=engine.rematerialize,
    compile=engine.compile,
    place=engine.place,
    place_later=tensors.place_later,
    device=engine.device,
    outside_trace=programs.outside_trace,
    traced=programs.traced,
    is_pure=programs.is_pure,
    on_host=engine.on_host,
    foreign={"jax": native},
    variable_mixin=tensors.VariableMixin,
)
