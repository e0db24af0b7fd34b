"""Optimizer steps of whole lists of parameters, and `Stack`, on which any elementwise rule runs as one.

Used by the backend's table; `keras_training` decides when. Everything writes in place.
"""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import torch


def adam(
    values: Sequence[Any],
    grads: Sequence[Any],
    slots: Sequence[Sequence[Any]],
    rate: Any,
    done: Any,
    *,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> Any:
    """Adam in one pass; on the host only, as `epsilon` below needs the number of steps as a number.

    `torch.compile` fuses the rule itself, and knows no way to make this step functional.
    """
    if torch.compiler.is_compiling():
        return NotImplemented
    if values[0].device.type != "cpu" or False in [x.is_contiguous() for x in (*values, *chain(*slots))]:
        return NotImplemented
    # The fused step walks through memory, whatever the strides say: a transposed gradient has others.
    grads = [grad.contiguous() for grad in grads]
    number = float(done) + 1
    root, decay = (1 - beta_2**number) ** 0.5, 1 - beta_1**number
    # The rule's own correction, in 32 bits as the other backends compute it, in terms of torch's.
    count = np.float32(number)
    wanted = np.sqrt(1 - np.float32(beta_2) ** count) / (1 - np.float32(beta_1) ** count)
    rate = float(rate) * float(wanted) * decay / root
    with torch.no_grad():
        torch._fused_adam_(
            values,
            grads,
            slots[0],
            slots[1],
            slots[2] if len(slots) > 2 else [],
            [torch.tensor(number)] * len(values),
            lr=rate,
            beta1=beta_1,
            beta2=beta_2,
            weight_decay=0.0,
            eps=epsilon / root,  # Torch adds it to the corrected root, the rule to the root itself.
            amsgrad=len(slots) > 2,
            maximize=False,
        )
    return None


def sgd(
    values: Sequence[Any],
    grads: Sequence[Any],
    slots: Sequence[Sequence[Any]],
    rate: Any,
    done: Any,
    *,
    momentum: float,
    nesterov: bool,
) -> None:
    """Gradient descent; the rate is part of the momentum, so that it may change between steps."""
    with torch.no_grad():
        if not slots and rate.device.type == "cpu" and not torch.compiler.is_compiling():
            torch._foreach_add_(values, grads, alpha=-float(rate))
            return
        changes = torch._foreach_mul(grads, -rate)
        if slots:
            torch._foreach_mul_(slots[0], momentum)
            torch._foreach_add_(slots[0], changes)
            if nesterov:
                torch._foreach_add_(changes, slots[0], alpha=momentum)
            else:
                changes = slots[0]
        torch._foreach_add_(values, changes)


def weighted_sum(total: Any, count: Any, value: Any, weight: float) -> None:
    """Adds a value times a weight to `total`, and the weight to `count`: what a mean needs of a batch."""
    with torch.no_grad():
        total.add_(value, alpha=weight)
        count.add_(weight)


UPDATES: dict[str, Callable[..., Any]] = {"adam": adam, "sgd": sgd, "weighted_sum": weighted_sum}
"""By the name of the rule."""


class Stack:
    """A list of tensors; operators and functions work on all of them by one call each.

    The other operand is a stack, a number or a scalar tensor.
    """

    __slots__ = ("tensors",)

    def __init__(self, tensors: Sequence[Any]) -> None:
        self.tensors = list(tensors)

    def __add__(self, other: Any) -> "Stack":
        return Stack(torch._foreach_add(self.tensors, _operand(other)))

    def __sub__(self, other: Any) -> "Stack":
        if isinstance(other, Stack):
            return Stack(torch._foreach_sub(self.tensors, other.tensors))
        return Stack(torch._foreach_add(self.tensors, -other))

    def __mul__(self, other: Any) -> "Stack":
        return Stack(torch._foreach_mul(self.tensors, _operand(other)))

    def __truediv__(self, other: Any) -> "Stack":
        return Stack(torch._foreach_div(self.tensors, _operand(other)))

    def __pow__(self, other: Any) -> "Stack":
        return Stack(torch._foreach_pow(self.tensors, _operand(other)))

    def __neg__(self) -> "Stack":
        return Stack(torch._foreach_neg(self.tensors))

    def __radd__(self, other: Any) -> "Stack":
        return self + other

    def __rmul__(self, other: Any) -> "Stack":
        return self * other

    def __rsub__(self, other: Any) -> "Stack":
        return -self + other

    def __rtruediv__(self, other: Any) -> "Stack":
        return Stack(torch._foreach_reciprocal(self.tensors)) * other

    @staticmethod
    def sqrt(x: "Stack") -> "Stack":
        return Stack(torch._foreach_sqrt(x.tensors))

    @staticmethod
    def square(x: "Stack") -> "Stack":
        return x * x

    @staticmethod
    def absolute(x: "Stack") -> "Stack":
        return Stack(torch._foreach_abs(x.tensors))

    @staticmethod
    def sign(x: "Stack") -> "Stack":
        return Stack(torch._foreach_sign(x.tensors))

    @staticmethod
    def maximum(x: "Stack", y: Any) -> "Stack":
        return Stack(torch._foreach_maximum(x.tensors, _operand(y)))

    @staticmethod
    def write(storages: Sequence[Any], values: "Stack") -> None:
        """Writes the tensors into storages."""
        with torch.no_grad():
            torch._foreach_copy_(storages, values.tensors)


def _operand(x: Any) -> Any:
    return x.tensors if isinstance(x, Stack) else x
