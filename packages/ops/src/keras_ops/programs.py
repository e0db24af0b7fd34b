"""Bodies of operations that run as one program where single operations are compiled by themselves.

On such a backend (JAX) each operation of an eager composite costs a compilation per shape and a pass
over memory; long bodies, as those of `keras.ops.image`, are better compiled whole.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from inspect import signature
from typing import Any

from keras_backends.selection import load

from keras_ops.state import state
from keras_ops.tensor import KerasTensor

_MOST_PROGRAMS = 512


def one_program(body: Callable[..., Any]) -> Callable[..., Any]:
    """Compiles the body of an operation, once for each set of attributes.

    The body must be a pure function of its tensors and its attributes; optional tensors may be absent. An
    attribute that is no key, as a tensor given for a number, has the body run as it is.

    Args:
        body: A function declared below `op`; parameters annotated `Tensor` are its tensors.

    Example:

        @op(shape=same, dtype=promote)
        @one_program
        def middle(x1: Tensor, x2: Tensor) -> Tensor:
            return (x1 + x2) / 2
    """
    parameters = signature(body).parameters.values()
    names = [p.name for p in parameters]
    tensors = [p.name for p in parameters if "Tensor" in str(p.annotation)]

    @lru_cache(maxsize=_MOST_PROGRAMS)
    def program(backend: str, attributes: tuple[tuple[str, Any], ...]) -> Callable[..., Any]:
        return load(backend).compile(lambda *values: body(**dict(zip(tensors, values)), **dict(attributes)))

    @wraps(body)
    def run(*args: Any, **kwargs: Any) -> Any:
        backend = state.backend
        if not backend.traits.compiles_each_operation:
            return body(*args, **kwargs)
        attributes = {**dict(zip(names, args)), **kwargs}
        values = [attributes.pop(name, None) for name in tensors]
        if any(isinstance(value, KerasTensor) for value in values):
            return body(*args, **kwargs)
        key = tuple(attributes.items())
        try:
            hash(key)
        except TypeError:
            return body(*args, **kwargs)
        return program(backend.name, key)(*values)

    return run
