"""The TensorFlow engine: tapes, `tf.function`, placement, abstract evaluation in a scratch graph.

Used by the backend's table only; the training loop above asks the table.
"""

import warnings
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
    fn: Callable[..., Any],
    *,
    jit: bool | None = None,
    donate: tuple[int, ...] = (),
    steady: Callable[..., Any] | None = None,
) -> Callable[..., Any]:
    """Makes a `tf.function` for all sizes of the first axis, and one for each of what is `steady`.

    A single one would open every axis that has had two sizes, and what fixes a size, such as an input spec,
    would not see a third one. XLA is not the default: on a CPU its convolutions are several times slower than
    oneDNN's.
    """
    programs: dict[Any, Callable[..., Any]] = {}
    steady = steady or _sizes_after_first

    def run(*args: Any) -> Any:
        key = steady(*args)
        program = programs.get(key)
        if program is None:
            program = programs[key] = tf.function(
                fn, autograph=False, reduce_retracing=True, jit_compile=True if jit else None
            )
            # TensorFlow counts tracings by the place where a function is defined, which all models share.
            program._omit_frequent_tracing_warning = True
            if len(programs) == MANY_PROGRAMS:
                warnings.warn(_MANY, stacklevel=2)
        return program(*args)

    return run


MANY_PROGRAMS = 16
_MANY = (
    f"A function was compiled for {MANY_PROGRAMS} sizes of its arguments, which takes time and memory for each. "
    "Where the sizes of a model's inputs vary, say so when it is made, as in `keras.Input((None, 3))`, or pad."
)


def _sizes_after_first(*args: Any) -> tuple[Any, ...]:
    return tuple([_static(x)[1:] for x in tf.nest.flatten(args)])


def _static(x: Any) -> tuple[int | None, ...]:
    if isinstance(x, tf.__internal__.EagerTensor):
        return x._shape_tuple()
    shape = getattr(x, "shape", ())
    if isinstance(shape, tf.TensorShape):
        return () if shape.rank is None else tuple(shape.as_list())
    return tuple(shape)


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
