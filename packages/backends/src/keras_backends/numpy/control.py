"""NumPy control flow: plain Python, since everything is evaluated at once.

Branches see flat sequences of tensors; `keras_ops` takes care of structures, and of loops.
"""

import builtins


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
