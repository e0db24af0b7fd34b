"""The TensorFlow backend: state lives in `tf.Variable`s, steps are compiled by `tf.function`."""

import tensorflow as tf

from keras_backends.contract import Backend, Traits, kernel_table, native
from keras_backends.tensorflow import (
    activations,
    control,
    creation,
    elementwise,
    engine,
    fft,
    image,
    indexing,
    jax_functions,
    linalg,
    matmul,
    mixins,
    nn,
    nn_conv,
    nn_pool,
    random,
    recurrent,
    reductions,
    shapes,
    sorting,
    tensors,
    updates,
)


def _precision() -> str:
    return "mixed"


backend = Backend(
    name="tensorflow",
    traits=Traits(trainable=True, compiles=True, counters="int64"),
    kernels=kernel_table(
        activations,
        control,
        creation,
        elementwise,
        fft,
        image,
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
    tensors=tensors.TENSORS,
    native_dtypes=tensors.DTYPES,
    is_tensor=tensors.is_tensor,
    tensor=tensors.tensor,
    numpy=tensors.numpy,
    cast=tensors.cast,
    dtype=tensors.dtype,
    shape=tensors.shape,
    dtype_rules={"select": "numpy"},
    converts_numbers=elementwise.CONVERTS_NUMBERS,
    precision=_precision,
    store=tensors.store,
    read=tensors.read,
    write=tensors.write,
    trace=engine.trace,
    gradients=engine.gradients,
    compile=engine.compile,
    place=engine.place,
    updates=updates.UPDATES,
    device=engine.device,
    seed=tf.random.set_seed,
    outside_trace=tf.init_scope,
    on_host=engine.on_host,
    foreign={"tensorflow": native, "jax": jax_functions.adapted},
    layer_mixin=mixins.LayerMixin,
    variable_mixin=mixins.VariableMixin,
)
