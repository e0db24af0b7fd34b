"""PyTorch control flow: plain Python for branches and loops, since values are at hand.

Loops and branches see flat sequences of tensors; `keras_ops` takes care of structures.
"""

import builtins

import torch


def stop_gradient(variable):
    return variable.detach()


class _CustomGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx, function, *args):
        outputs, ctx.gradient = function(*args)
        ctx.count = len(args)
        return outputs

    @staticmethod
    def backward(ctx, *upstream):
        gradients = ctx.gradient(*upstream)
        gradients = tuple(gradients) if isinstance(gradients, (tuple, list)) else (gradients,)
        return None, *gradients, *(None,) * (ctx.count - len(gradients))


def custom_gradient(function):
    def value(*args):
        return _CustomGradient.apply(function, *args)

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
    # One unbind per tensor instead of an index per step: a single node for differentiation.
    steps = [x.unbind(0) for x in xs]
    carry, results = init, []
    for i in builtins.reversed(range(length)) if reverse else range(length):
        carry, y = f(carry, [step[i] for step in steps])
        results.append(y)
    if reverse:
        results.reverse()
    return carry, [torch.stack(ys) for ys in zip(*results)]


def vectorized_map(elements, *, function):
    return torch.vmap(function)(*elements)
