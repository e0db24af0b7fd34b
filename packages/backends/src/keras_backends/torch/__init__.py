"""The torch backend: kernels are torch's own functions, variables are parameters written in place."""

import torch

from keras_backends.contract import Backend, Traits, kernel_modules, kernel_table
from keras_backends.torch import elementwise, engine, mixins, tensors

backend = Backend(
    name="torch",
    traits=Traits(trainable=True, keeps_width=True, constant_scalars=True),
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
    converts_numbers=elementwise.CONVERTS_NUMBERS,
    store=tensors.store,
    write=tensors.write,
    trace=engine.trace,
    gradients=engine.gradients,
    compile=engine.compile,
    place=engine.place,
    device=tensors.device,
    seed=engine.seed,
    inference=torch.no_grad,
    layer_mixin=mixins.LayerMixin,
    variable_mixin=mixins.VariableMixin,
)
