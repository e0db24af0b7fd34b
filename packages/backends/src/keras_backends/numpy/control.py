"""NumPy control flow: plain Python, since everything is evaluated at once.

Loops and branches see flat sequences of tensors; `keras_ops` takes care of structures.
"""

import builtins

import numpy as np


def stop_gradient(variable):
    return variable


def custom_gradient(function):
    """Nothing is differentiated here, so only the value is kept."""

    def value(*args):
        outputs, _ = function(*args)
        return outputs

    return value


def cond(pred, *, true_fn, false_fn):
    return true_fn() if pred else false_fn()


def switch(index, *operands, branches):
    return branches[builtins.min(builtins.max(int(index), 0), len(branches) - 1)](*operands)


def while_loop(loop_vars, *, cond, body, maximum_iterations=None):
    done = 0
    while (maximum_iterations is None or done < maximum_iterations) and cond(*loop_vars):
        loop_vars = body(*loop_vars)
        done += 1
    return loop_vars


def scan(init, xs, *, f, length=None, reverse=False, unroll=1):
    carry, results = init, []
    for i in builtins.reversed(range(length)) if reverse else range(length):
        carry, y = f(carry, [x[i] for x in xs])
        results.append(y)
    if reverse:
        results.reverse()
    return carry, [np.stack(ys) for ys in zip(*results)]
