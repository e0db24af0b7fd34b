"""What a function would return for given specs, without computing it.

`compute_output_spec` runs a function on KerasTensors without recording anything. Only code that
calls the framework directly can not be run so; then the backend traces it.
"""

from collections.abc import Callable
from typing import Any

from keras_ops import tree
from keras_ops.masks import get_mask, set_mask
from keras_ops.state import StatelessScope, state
from keras_ops.tensor import KerasTensor, UnknownSizeError, known

_FROM_FRAMEWORKS = (TypeError, ValueError, AttributeError, NotImplementedError, RuntimeError)
"""What frameworks raise when they are handed a KerasTensor."""


def compute_output_spec(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Returns the structure of KerasTensors that `fn(*args, **kwargs)` would return.

    Variables may be read; what is assigned to them is dropped.

    Args:
        fn: A function of tensors.
        *args: Its arguments, with KerasTensors for tensors.
        **kwargs: Likewise.

    Raises:
        Exception: What `fn` raises when run on KerasTensors; where that is only the framework's word
            about KerasTensors, what it raises when traced by the backend.
    """
    try:
        with StatelessScope(initialize_variables=False), state.scope(quiet=True):
            outputs = fn(*args, **kwargs)
        return tree.map_structure(_spec, outputs, none_is_leaf=False)
    except Exception as error:
        if not isinstance(error, _FROM_FRAMEWORKS) or getattr(error, "is_final", False):
            raise
        if state.backend.trace is None:
            raise
        return _trace(fn, args, kwargs, error)


def _spec(x: Any) -> Any:
    if isinstance(x, KerasTensor):
        return KerasTensor.make(x._shape, x.dtype, x.sparse)
    backend = state.backend
    if type(x) in backend.tensors or backend.is_tensor(x):
        return KerasTensor.make(tuple(backend.shape(x)), backend.dtype(x))
    return known(x)


def _trace(fn: Callable[..., Any], args: Any, kwargs: Any, first_error: Exception) -> Any:
    """Infers the specs by the backend's abstract evaluation."""
    leaves = tree.flatten((args, kwargs))
    symbolic = [x for x in leaves if isinstance(x, KerasTensor)]
    structure: Any = None
    backend = state.backend

    def flat(tensors: list[Any]) -> list[Any]:
        nonlocal structure
        values = iter(tensors)
        packed = [next(values) if isinstance(x, KerasTensor) else x for x in leaves]
        for old, new in zip(leaves, packed):
            mask = get_mask(old)
            if mask is not None and not isinstance(mask, KerasTensor):
                set_mask(new, mask)
        args_now, kwargs_now = tree.pack_sequence_as((args, kwargs), packed)
        with StatelessScope(initialize_variables=False), state.scope(quiet=False):
            structure = fn(*args_now, **kwargs_now)
        return [x for x in tree.flatten(structure) if backend.is_tensor(x)]

    try:
        specs = backend.trace(flat, [(x._shape, x.dtype) for x in symbolic])
    except Exception as error:
        if "KerasTensor" in str(first_error) or isinstance(first_error, UnknownSizeError):
            raise error from first_error
        raise first_error from None
    remaining = iter(specs)

    def settle(x: Any) -> Any:
        if not backend.is_tensor(x):
            return x
        shape, dtype = next(remaining)
        return KerasTensor.make(tuple(shape), dtype)

    return tree.map_structure(settle, structure, none_is_leaf=False)
