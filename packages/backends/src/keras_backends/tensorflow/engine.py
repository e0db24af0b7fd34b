"""The TensorFlow engine: tapes, `tf.function`, placement, abstract evaluation in a scratch graph.

Used by the backend's table only; the training loop above asks the table.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import tensorflow as tf

from keras_backends.contract import Spec
from keras_backends.tensorflow import tensors


def trace(fn: Callable[[list[Any]], list[Any]], specs: Sequence[Spec]) -> list[Spec]:
    """Runs `fn` in a graph that is thrown away; TensorFlow carries unknown sizes through it."""
    graph = tf.__internal__.FuncGraph("trace")
    with graph.as_default():
        examples = [tf.compat.v1.placeholder(tensors.DTYPES[dtype], shape) for shape, dtype in specs]
        return [(tensors.shape(x), tensors.dtype(x)) for x in fn(examples)]


def rematerialize(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Makes `fn` keep its arguments only, and run again for the gradient."""
    return tf.recompute_grad(fn)


def gradients(
    fn: Callable[[Any], tuple[Any, Any]], values: Sequence[Any]
) -> tuple[tuple[Any, Any], list[Any]]:
    """Differentiates with respect to the variables in `values`, which `fn` reads. Gradients are dense."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        loss, aux = fn(values)
    grads = tape.gradient(loss, list(values))
    return (loss, aux), [None if grad is None else tf.convert_to_tensor(grad) for grad in grads]


def compile(
    fn: Callable[..., Any], *, jit: bool | None = None, donate: tuple[int, ...] = ()
) -> Callable[..., Any]:
    """Makes a `tf.function`, which XLA compiles where the user asked for it.

    XLA is not the default: on a CPU its convolutions are several times slower than oneDNN's.
    """
    compiled = tf.function(fn, autograph=False, reduce_retracing=True, jit_compile=True if jit else None)
    # TensorFlow counts tracings by the place where a function is defined, which all models share.
    compiled._omit_frequent_tracing_warning = True
    return compiled


def place(batch: Any, layout: Any = None) -> Any:
    """Puts a tree of host arrays on the device."""
    return tf.nest.map_structure(lambda leaf: None if leaf is None else tensors.tensor(leaf), batch)


def device(name: str) -> AbstractContextManager[Any]:
    """A scope for new tensors: `"gpu:0"`, `"cpu"`; `"cuda"` counts as `"gpu"`."""
    return tf.device(name.replace("cuda", "gpu"))


def on_host(function: Callable[..., Any], values: Sequence[Any], shape: Any, dtype: str) -> Any:
    """Runs a function of NumPy arrays on the host, also from graphs."""
    result = tf.numpy_function(function, values, tensors.DTYPES[dtype], stateful=False)
    result.set_shape(shape)
    return result
