"""JAX control flow.

A branch on a concrete condition is plain Python, so that it may have side effects; everything else
goes through `jax.lax`. Eager loops are programs that are found again (`programs`). Functions take and
return flat sequences of tensors.
"""

import builtins

import jax
from jax import lax

from keras_backends.jax.programs import run_program

stop_gradient = lax.stop_gradient
custom_gradient = jax.custom_gradient


def cond(pred, *, true_fn, false_fn):
    if isinstance(pred, jax.core.Tracer):
        return lax.cond(pred, true_fn, false_fn)
    return true_fn() if pred else false_fn()


def switch(index, *operands, branches):
    if isinstance(index, jax.core.Tracer):
        return lax.switch(index, branches, *operands)
    return branches[builtins.min(builtins.max(int(index), 0), len(branches) - 1)](*operands)


def while_loop(loop_vars, *, cond, body, maximum_iterations=None):
    def loop(loop_vars):
        if maximum_iterations is None:
            return lax.while_loop(lambda v: cond(*v), lambda v: builtins.tuple(body(*v)), loop_vars)
        _, result = lax.while_loop(
            lambda state: (state[0] < maximum_iterations) & cond(*state[1]),
            lambda state: (state[0] + 1, builtins.tuple(body(*state[1]))),
            (0, loop_vars),
        )
        return result

    return run_program(loop, builtins.tuple(loop_vars))


def fori_loop(init_val, *, lower, upper, body_fun):
    # With bounds that are known it is a scan, which can be differentiated.
    return run_program(
        lambda values: lax.fori_loop(lower, upper, lambda i, v: builtins.tuple(body_fun(i, *v)), values),
        builtins.tuple(init_val),
    )


def scan(init, xs, *, f, length=None, reverse=False, unroll=1):
    return run_program(
        lambda init, xs: lax.scan(f, init, xs, length=length, reverse=reverse, unroll=unroll), init, xs
    )


def associative_scan(elems, *, f, reverse=False, axis=0):
    return lax.associative_scan(f, list(elems), reverse=reverse, axis=axis)


def vectorized_map(elements, *, function):
    return jax.vmap(function)(*elements)
