"""The NumPy backend: evaluates and predicts; nothing is compiled or differentiated.

It is the reference for the values of all kernels, and serves as OpenVINO's fallback.
"""

import numpy as np

from keras_backends.contract import ARGUMENT_ERRORS, Backend, Traits, kernel_table
from keras_backends.numpy import (
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
    random,
    reductions,
    shapes,
    sorting,
    tensors,
)

backend = Backend(
    name="numpy",
    traits=Traits(axes_of_numbers=True, constant_scalars=True),
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
        reductions,
        shapes,
        sorting,
    ),
    tensors=tensors.TENSORS,
    native_dtypes=tensors.DTYPES,
    is_tensor=tensors.is_tensor,
    tensor=tensors.tensor,
    numpy=tensors.numpy,
    cast=tensors.cast,
    dtype=tensors.dtype,
    shape=tensors.shape,
    argument_errors=ARGUMENT_ERRORS | {np.linalg.LinAlgError},
    dtype_rules=dtype_rules.DTYPE_RULES,
    converts_numbers=elementwise.CONVERTS_NUMBERS,
    store=tensors.store,
    write=tensors.write,
    trace=engine.trace,
    seed=engine.seed,
)
