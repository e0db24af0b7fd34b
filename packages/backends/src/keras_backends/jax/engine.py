"""The JAX engine: gradients, jit with donation, placement, abstract evaluation.

Used by the backend's table only; the training loop above asks the table.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import jax
import numpy as np

from keras_backends.contract import Spec
from keras_backends.host import Coordinates
from keras_backends.jax import tensors
from keras_backends.tracing import KnownSpec, trace_by_sizes


def trace(fn: Callable[[list[Any]], list[Any]], specs: Sequence[Spec]) -> list[Spec]:
    """Evaluates `fn` abstractly for two sizes of what is unknown."""

    def run(known: list[KnownSpec]) -> list[KnownSpec]:
        examples = [
            jax.ShapeDtypeStruct(shape, tensors.DTYPES[tensors.canonical_dtype(dtype)])
            for shape, dtype in known
        ]
        return [(x.shape, tensors.dtype(x)) for x in jax.eval_shape(fn, examples)]

    return trace_by_sizes(run, specs)


def rematerialize(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Makes `fn` keep its arguments only, and run again for the gradient."""
    return jax.checkpoint(fn)


def gradients(fn: Callable[[Any], tuple[Any, Any]], values: Any) -> tuple[tuple[Any, Any], Any]:
    """Differentiates: `fn` is called with traced stand-ins for the arrays of `values`."""
    return jax.value_and_grad(fn, has_aux=True)(values)


def compile(
    fn: Callable[..., Any],
    *,
    jit: bool | None = None,
    donate: tuple[int, ...] = (),
    steady: Callable[..., Any] | None = None,
) -> Callable[..., Any]:
    """Compiles with XLA; buffers of the arguments numbered in `donate` are reused for results."""
    return jax.jit(fn, donate_argnums=donate)


def place(batch: Any, layout: Any = None) -> Any:
    """Puts a tree of host arrays on the device, or lays it out over several by a `Sharding`.

    Arrays are copied first: JAX takes over their memory, and a generator may fill the same buffer
    for its next batch.
    """
    return jax.device_put(jax.tree.map(_own, batch), layout)


def _own(leaf: Any) -> Any:
    if isinstance(leaf, Coordinates):
        from keras_backends.jax.sparse import placed  # layering: takes an eighth of a second

        return placed(leaf)
    return np.array(leaf) if isinstance(leaf, np.ndarray) else leaf


def device(name: str) -> AbstractContextManager[Any]:
    """A scope for new arrays: `"gpu:0"`, `"cpu"`; `"cuda"` counts as `"gpu"`."""
    kind, _, index = name.lower().replace("cuda", "gpu").partition(":")
    return jax.default_device(jax.devices(kind)[int(index or 0)])


def on_host(function: Callable[..., Any], values: Sequence[Any], shape: Any, dtype: str) -> Any:
    """Runs a function of NumPy arrays on the host, also from compiled functions."""
    spec = jax.ShapeDtypeStruct(shape, tensors.DTYPES[tensors.canonical_dtype(dtype)])

    def run(*arrays: Any) -> np.ndarray:
        return np.asarray(function(*map(np.asarray, arrays)), dtype=spec.dtype)

    # Of concrete values directly: a callback costs a dispatch, and wraps what the function raises.
    if not any(isinstance(x, jax.core.Tracer) for x in values):
        return jax.numpy.asarray(run(*values))
    return jax.pure_callback(run, spec, *values)
