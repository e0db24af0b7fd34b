"""`run_program`: eager loops without a compilation per call.

JAX keys what it compiles by the function object, and a loop of ours brings a new one each time. Here the
function is traced, which is quick, and the compiled program is looked up by what the trace says, with the
arrays it closes over as arguments. Used by `control`; functions that are being traced anyway run as they are.
The backend's table has `traced`, `outside_trace` and, for loops that need no trace (`kept_loops`), `is_pure` from here.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend import core

_MOST_PROGRAMS = 256
_NO_TRACE = core.get_opaque_trace_state(convention="keras")
_DERIVATIVE_RULES = frozenset({"custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr"})
"""Primitives whose functions, new in each trace, say how to differentiate; a program is only run."""

_USE_FILES = frozenset({"fromfile", "load", "save", "savez"})

_programs: OrderedDict[Any, Callable[..., list[Any]]] = OrderedDict()


def run_program(function: Callable[..., Any], *tensors: Any) -> Any:
    """Calls a function of trees of tensors, compiled as a whole.

    Args:
        function: The function. It is traced at each call, so it may close over values that change.
        *tensors: Its arguments.

    Returns:
        What it returns.
    """
    if traced():
        return function(*tensors)
    closed, result = jax.make_jaxpr(function, return_shape=True)(*tensors)
    key = _jaxpr_key(closed.jaxpr)
    program = _programs.get(key)
    if program is None:
        # Kept, the jaxpr keeps alive what the key knows by identity only.
        program = _programs[key] = _compiled(closed.jaxpr)
        if len(_programs) > _MOST_PROGRAMS:
            _programs.popitem(last=False)
    flat = program(closed.consts, *jax.tree.leaves(tensors))
    return jax.tree.unflatten(jax.tree.structure(result), flat)


def traced() -> bool:
    """Whether functions are traced, or to be run as they are, where arrays may be concrete nevertheless."""
    return core.get_opaque_trace_state(convention="keras") != _NO_TRACE or jax.config.jax_disable_jit


def outside_trace() -> AbstractContextManager[Any]:
    """A scope whose arrays are concrete; where nothing is traced they are so anyway, and looking costs less."""
    return jax.ensure_compile_time_eval() if traced() else nullcontext()


def is_pure(function: Any) -> bool:
    """Whether a callable is a public one of JAX's that computes, and does nothing else."""
    return _pure_functions().get(id(function)) is function


@cache
def _pure_functions() -> dict[int, Any]:
    spaces = (jnp, jnp.fft, jnp.linalg, jax.lax, jax.nn, jax.random, jax.scipy.special)
    found = [value for space in spaces for name, value in vars(space).items() if name not in _USE_FILES]
    found += [jax.checkpoint, jax.grad, jax.jit, jax.tree.map, jax.value_and_grad, jax.vmap]
    return {id(value): value for value in found if callable(value)}


def _compiled(jaxpr: core.Jaxpr) -> Callable[..., list[Any]]:
    return jax.jit(lambda constants, *values: jax.core.eval_jaxpr(jaxpr, constants, *values))


def _jaxpr_key(jaxpr: core.Jaxpr) -> tuple[Any, ...]:
    """What a jaxpr computes, as a value that is equal for equal ones: variables count by their order."""
    numbers: dict[Any, int] = {}

    def define(variables: Iterable[Any]) -> tuple[Any, ...]:
        for variable in variables:
            numbers[variable] = len(numbers)
        return tuple(variable.aval for variable in variables)

    def use(atoms: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(_value_key(x.val) if isinstance(x, core.Literal) else numbers[x] for x in atoms)

    inputs = define(jaxpr.constvars), define(jaxpr.invars)
    steps = tuple(
        (e.primitive, use(e.invars), _parameters_key(e), define(e.outvars), e.ctx) for e in jaxpr.eqns
    )
    return inputs, steps, use(jaxpr.outvars)


def _parameters_key(equation: core.JaxprEqn) -> tuple[Any, ...]:
    only_run = equation.primitive.name in _DERIVATIVE_RULES
    return tuple(
        (name, _value_key(value))
        for name, value in equation.params.items()
        if not only_run or isinstance(value, (core.ClosedJaxpr, core.Jaxpr))
    )


def _value_key(value: Any) -> Any:
    """A key of a parameter or literal; numbers are told apart by type and bits, since `0.0 == -0.0 == 0`."""
    if isinstance(value, core.ClosedJaxpr):
        return _jaxpr_key(value.jaxpr), tuple(id(constant) for constant in value.consts)
    if isinstance(value, core.Jaxpr):
        return _jaxpr_key(value)
    if isinstance(value, (tuple, list)):
        return tuple(_value_key(item) for item in value)
    if isinstance(value, dict):
        return tuple((name, _value_key(item)) for name, item in value.items())
    if isinstance(value, (float, complex)):
        return type(value), np.asarray(value).tobytes()
    if isinstance(value, (np.ndarray, np.generic)) or type(value).__name__ == "TypedNdArray":
        array = np.asarray(value)
        return type(value), array.shape, array.dtype, array.tobytes()
    return (type(value), value) if _has_hash(value) else (type(value), id(value))


def _has_hash(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
