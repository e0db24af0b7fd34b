"""The JAX backend: state goes in and out of functions that XLA compiles."""

import jax

from keras_backends.contract import Backend, Traits, kernel_modules, kernel_table
from keras_backends.jax import engine, tensors

backend = Backend(
    name="jax",
    traits=Traits(
        trainable=True,
        functional=True,
        compiles=True,
        dynamic_shapes=False,
        weak_tensors=True,
        constant_scalars=True,
    ),
    kernels=kernel_table(*kernel_modules(__name__)),
    tensors=tensors.TENSORS,
    native_dtypes=tensors.DTYPES,
    is_tensor=tensors.is_tensor,
    tensor=tensors.tensor,
    numpy=tensors.numpy,
    cast=tensors.cast,
    dtype=tensors.dtype,
    shape=tensors.shape,
    canonical_dtype=tensors.canonical_dtype,
    precision=tensors.precision,
    trace=engine.trace,
    gradients=engine.gradients,
    compile=engine.compile,
    place=engine.place,
    device=engine.device,
    outside_trace=jax.ensure_compile_time_eval,
    variable_mixin=tensors.VariableMixin,
)
