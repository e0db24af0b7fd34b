"""The torch engine: gradients by autograd, `torch.compile` on demand, placement, abstract evaluation.

Used by the backend's table only; the training loop above asks the table.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
import torch.utils.checkpoint

from keras_backends.contract import Spec
from keras_backends.torch import tensors
from keras_backends.tracing import KnownSpec, trace_by_sizes


def trace(fn: Callable[[list[Any]], list[Any]], specs: Sequence[Spec]) -> list[Spec]:
    """Runs `fn` on zeros for two sizes of what is unknown.

    The meta device would compute nothing, but its first operation imports torch._dynamo and sympy,
    which takes seconds, and it refuses code that brings weights of its own.
    """

    def run(known: list[KnownSpec]) -> list[KnownSpec]:
        with torch.no_grad():
            results = fn([tensors.zeros(shape, dtype) for shape, dtype in known])
        return [(tuple(x.shape), tensors.dtype(x)) for x in results]

    return trace_by_sizes(run, specs)


def rematerialize(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Makes `fn` keep its arguments only, and run again for the gradient."""
    # Seeds are arguments of our random kernels, so there is no state of torch's to keep.
    return partial(torch.utils.checkpoint.checkpoint, fn, use_reentrant=False, preserve_rng_state=False)


def gradients(
    fn: Callable[[Any], tuple[Any, Any]], values: Sequence[Any]
) -> tuple[tuple[Any, Any], list[Any]]:
    """Differentiates with respect to the parameters in `values`, which `fn` reads; `.grad` stays untouched."""
    for value in values:
        # One that was made frozen and is trained now.
        if not value.requires_grad and value.is_leaf and value.is_floating_point():
            value.requires_grad_(True)
    with torch.enable_grad():
        loss, aux = fn(values)
        wanted = [i for i, value in enumerate(values) if value.requires_grad]
        if not wanted or not loss.requires_grad:
            return (loss.detach(), aux), [None] * len(values)
        found = torch.autograd.grad(loss, [values[i] for i in wanted], allow_unused=True)
    grads: list[Any] = [None] * len(values)
    for i, grad in zip(wanted, found):
        grads[i] = grad
    return (loss.detach(), aux), grads


def compile(
    fn: Callable[..., Any],
    *,
    jit: bool | None = None,
    donate: tuple[int, ...] = (),
    steady: Callable[..., Any] | None = None,
) -> Callable[..., Any]:
    """Returns `fn` unchanged, or compiled by `torch.compile` where the user asked for it."""
    return torch.compile(fn) if jit else fn


def place(batch: Any, layout: Any = None) -> Any:
    """Puts a tree of host arrays on the device."""
    if isinstance(batch, dict):
        return {key: place(item, layout) for key, item in batch.items()}
    if isinstance(batch, (list, tuple)):
        items = [place(item, layout) for item in batch]
        return type(batch)(*items) if hasattr(batch, "_fields") else type(batch)(items)
    return None if batch is None else tensors.tensor(batch)


def unread(function: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a function as `torch.compiler.assume_constant_result` does, which takes seconds to import."""
    function._dynamo_marked_constant = True  # type: ignore[attr-defined]
    return function


def seed(value: int) -> None:
    torch.manual_seed(value)
