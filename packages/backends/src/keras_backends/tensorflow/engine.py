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
    traced: dict[Any, Callable[..., Any]] = {}
    steady = steady or _sizes_after_first

    def run(*args: Any) -> Any:
        exactly = _signature(args)
        if exactly is not None and exactly in traced:
            return traced[exactly](args)
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
        result = program(*args)
        if exactly is not None and len(traced) < MANY_SIGNATURES:
            traced[exactly] = _traced(program, args)
        return result

    return run


MANY_SIGNATURES = 64
"""For how many signatures what TensorFlow found for them is kept, so that it need not look again."""


def _signature(args: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The exact shapes and dtypes of a tuple of tensors as the only argument; `None` for anything else."""
    if len(args) != 1 or type(args[0]) is not tuple or not tf.executing_eagerly():
        return None
    if tf.config.functions_run_eagerly() or tf.distribute.has_strategy():
        return None
    found = []
    for x in args[0]:
        if x is None:
            found.append(None)
        elif isinstance(x, tf.__internal__.EagerTensor):
            found.append((x._shape_tuple(), x.dtype))
        else:
            return None
    return tuple(found)


def _traced(program: Any, args: tuple[Any, ...]) -> Callable[[tuple[Any, ...]], Any]:
    """What a `tf.function` runs for a tuple of tensors, without the half millisecond that finding it takes."""
    concrete = program.get_concrete_function(*args)
    if concrete.graph.deferred_external_captures:
        return lambda args: program(*args)
    captured = concrete.captured_inputs
    return lambda args: concrete._call_flat([x for x in args[0] if x is not None], captured)


MANY_PROGRAMS = 16
_MANY = (
    f"A function was compiled for {MANY_PROGRAMS} sizes of its arguments, which takes time and memory for each. "
    "Where the sizes of a model's inputs vary, say so when it is made, as in `keras.Input((None, 3))`, or with "
    "`model.build((None, None, 3))` before the first call; or pad."
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
