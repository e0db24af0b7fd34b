"""PyTorch control flow: plain Python for branches, since values are at hand.

Branches see flat sequences of tensors; `keras_ops` takes care of structures, and of loops.
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


def vectorized_map(elements, *, function):
    return torch.vmap(function)(*elements)
