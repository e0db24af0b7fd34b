"""JAX arrays: conversion, casts, dtype tables, the mixin of variables.

Used by the backend's table and by kernel files. A variable's storage is the array itself. JAX keeps
to 32 bits unless its flag `jax_enable_x64` is on; `canonical_dtype` knows.
"""

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np

# There is no public name for the concrete type; making an array to ask for its type would start
# the devices at import, before `jax.distributed` could be set up.
from jax._src.array import ArrayImpl

from keras_backends.dtypes import standardize_dtype
from keras_backends.host import as_array

DTYPES: dict[str, Any] = {
    name: np.dtype(name)
    for name in (
        *("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    )
}
DTYPES |= {name: np.dtype(getattr(ml_dtypes, name)) for name in ("bfloat16", "float8_e4m3fn", "float8_e5m2")}
NAMES = {native: name for name, native in DTYPES.items()}


TENSORS = frozenset({ArrayImpl})
"""The type of concrete arrays; tracers are `jax.Array` instances too and take the slow path."""

_NARROW = {"int64": "int32", "uint64": "uint32", "float64": "float32", "complex128": "complex64"}


def is_tensor(x: Any) -> bool:
    return isinstance(x, jax.Array) or is_sparse(x)


def is_sparse(x: Any) -> bool:
    """Whether `x` is a BCOO. Nobody has one before the module is loaded, which takes an eighth of a second."""
    module = sys.modules.get("jax.experimental.sparse")
    return module is not None and isinstance(x, module.BCOO)


def canonical_dtype(name: str) -> str:
    return name if jax.config.jax_enable_x64 else _NARROW.get(name, name)


def precision() -> str:
    return "wide" if jax.config.jax_enable_x64 else "narrow"


def tensor(value: Any, dtype: str | None = None) -> Any:
    """Converts to an array.

    A NumPy array is copied first: JAX takes over its memory, or copies it later, while its owner may
    write to it.
    """
    if is_tensor(value):
        return value if dtype is None else cast(value, dtype)
    if isinstance(value, (list, tuple)) and _holds_arrays(value):
        return jnp.asarray(value, None if dtype is None else DTYPES[canonical_dtype(dtype)])
    if hasattr(value, "__jax_array__"):
        return tensor(value.__jax_array__(), dtype)
    array = as_array(value, strings=False)
    native = DTYPES[canonical_dtype(standardize_dtype(array.dtype) if dtype is None else dtype)]
    if array.dtype.kind == "c" and native.kind not in "cb":
        array = array.real
    return jnp.asarray(np.array(array, native))


def place_later(array: np.ndarray, dtype: str) -> Callable[[], Any]:
    """Returns what places an array when it is called, or has placed it where a device scope is open now."""
    if jax.config.jax_default_device is not None:
        return partial(tensor, tensor(array, dtype))
    return partial(_place_by_default, array, dtype)


def _place_by_default(array: np.ndarray, dtype: str) -> Any:
    with jax.ensure_compile_time_eval(), jax.default_device(None):
        return tensor(array, dtype)


def _holds_arrays(value: Any) -> bool:
    """Whether nested lists hold JAX arrays, which may be tracers, or variables."""
    if isinstance(value, (list, tuple)):
        return any(_holds_arrays(item) for item in value)
    return isinstance(value, jax.Array) or hasattr(value, "__jax_array__")


def numpy(x: Any) -> np.ndarray:
    return np.asarray(densify(x))


def densify(x: Any) -> Any:
    if not is_sparse(x):
        return x
    from keras_backends.jax import sparse  # layering: takes an eighth of a second

    return sparse.densify(x)


def cast(x: Any, dtype: str) -> Any:
    native = DTYPES[canonical_dtype(dtype)]
    if x.dtype == native:
        return x
    if is_sparse(x):
        marks = {"indices_sorted": x.indices_sorted, "unique_indices": x.unique_indices}
        return type(x)((cast(x.data, dtype), x.indices), shape=x.shape, **marks)
    if native.kind not in "cb" and x.dtype.kind == "c":
        x = x.real  # JAX warns where it drops an imaginary part.
    return jax.lax.convert_element_type(x, native) if native.kind != "b" else x.astype(native)


def dtype(x: Any) -> str:
    try:
        return NAMES[x.dtype]
    except KeyError:
        return standardize_dtype(x.dtype)


def shape(x: Any) -> tuple[int, ...]:
    return x.shape


class VariableMixin:
    """Lets variables stand where JAX functions expect arrays.

    JAX asks for `__jax_array__` in plain functions only; to those that it compiles, `jnp.add` among them,
    a variable is a tree with its value for a leaf.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        jax.tree_util.register_pytree_node(cls, lambda variable: ((variable.value,), None), _only_leaf)

    def __jax_array__(self) -> Any:
        return self.value  # type: ignore[attr-defined]


def _only_leaf(_: None, leaves: tuple[Any]) -> Any:
    return leaves[0]
