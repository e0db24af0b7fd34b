"""PyTorch control flow: plain Python for branches, since values are at hand.

Branches see flat sequences of tensors; `keras_ops` takes care of structures, and of loops.
"""

import builtins

import torch
from torch.utils import _pytree as pytree


def stop_gradient(variable):
    return variable.detach()


def _gradients(gradient, upstream, count):
    """Those of the function itself, and of its tensors: what a gradient function returns, and None for the rest."""
    gradients = pytree.tree_leaves(gradient(*upstream))
    return None, *gradients, *(None,) * (count - len(gradients))


class _CustomGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx, function, *leaves):
        outputs, ctx.gradient = function(*leaves)
        ctx.count = len(leaves)
        return outputs

    @staticmethod
    def backward(ctx, *upstream):
        return _gradients(ctx.gradient, upstream, ctx.count)


class _TransformedGradient(torch.autograd.Function):
    """Calls the function again for its gradient: tensors that it kept do not outlive a step of `vmap` or `grad`."""

    generate_vmap_rule = True

    @staticmethod
    def forward(function, *leaves):
        return function(*leaves)[0]

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.function, *leaves = inputs
        ctx.others = [None if isinstance(x, torch.Tensor) else x for x in leaves]
        ctx.save_for_backward(*(x if isinstance(x, torch.Tensor) else None for x in leaves))

    @staticmethod
    def backward(ctx, *upstream):
        leaves = [other if x is None else x for x, other in zip(ctx.saved_tensors, ctx.others)]
        return _gradients(ctx.function(*leaves)[1], upstream, len(leaves))


def custom_gradient(function):
    def value(*args):
        # Gradients reach tensors that are arguments, not those inside of one.
        leaves, structure = pytree.tree_flatten(args)
        transformed = torch._C._are_functorch_transforms_active()
        way = _TransformedGradient if transformed else _CustomGradient
        return way.apply(lambda *values: function(*pytree.tree_unflatten(values, structure)), *leaves)

    return value


def cond(pred, *, true_fn, false_fn):
    return true_fn() if pred else false_fn()


def switch(index, *operands, branches):
    return branches[builtins.min(builtins.max(int(index), 0), len(branches) - 1)](*operands)


def vectorized_map(elements, *, function):
    return torch.vmap(function)(*elements)
