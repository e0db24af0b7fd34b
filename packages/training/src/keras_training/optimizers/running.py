"""Runs an optimizer's rule over its variables: one by one, or over lists of them at once.

Also gradient accumulation, which decides whether a step updates at all. Used by `Optimizer` only.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from keras_ops import ops
from keras_ops.state import state
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_training.losses.reduction import as_tensor

if TYPE_CHECKING:
    from keras_training.optimizers.optimizer import Optimizer


def update(
    optimizer: "Optimizer", grads: Sequence[Tensor], variables: Sequence[Variable], rate: Tensor
) -> None:
    """Updates all variables once.

    A subclass that overrides `update_step` is asked for each variable.
    """
    if "rule" not in _nearest(type(optimizer)):
        for grad, variable in zip(grads, variables):
            optimizer.update_step(grad, variable, rate)
    else:
        update_each(optimizer, grads, variables, rate)


@lru_cache(maxsize=256)
def _nearest(kind: type) -> frozenset[str]:
    """Which of `rule` and `update_step` the class closest to `kind` defines."""
    for base in kind.__mro__:
        found = frozenset({"rule", "update_step"} & base.__dict__.keys())
        if found:
            return found
    return frozenset()


def update_each(
    optimizer: "Optimizer", grads: Sequence[Tensor], variables: Sequence[Variable], rate: Tensor
) -> None:
    """Runs the rule: by the backend's own step, over lists of tensors, or for each variable."""
    slots = [optimizer._slots[name] for group in optimizer.slots for name in group]
    if variables is not optimizer._trainable_variables:
        positions = [optimizer._get_variable_index(v) for v in variables]
        slots = [[group[i] for i in positions] for group in slots]
    dtypes = {v._dtype for v in variables}
    together = state.plain and len(dtypes) == 1 and dtypes.isdisjoint(_HALF)
    if not (together and _at_once(optimizer, grads, variables, slots, rate)):
        _one_by_one(optimizer, grads, variables, slots, rate)


_HALF = frozenset({"float16", "bfloat16"})
"""Too coarse to compute in: 1 - 0.999 is off by 2 % in float16. Rules run in float32 on these."""


def _at_once(
    optimizer: "Optimizer",
    grads: Sequence[Tensor],
    variables: Sequence[Variable],
    slots: Sequence[Sequence[Variable]],
    rate: Tensor,
) -> bool:
    """Updates all variables together, where the backend writes in place and knows how."""
    backend = state.backend
    kernel = backend.updates.get(optimizer.kernel)
    if kernel is None and backend.stack is None:
        return False
    storages = [v._storage for v in variables]
    kept = [[v._storage for v in group] for group in slots]
    dtype = variables[0].dtype
    grads = [as_tensor(g, dtype) for g in grads]
    if kernel is not None:
        done = optimizer.iterations
        done = done.value if isinstance(done, Variable) else done
        if kernel(storages, grads, kept, rate, done, **optimizer.kernel_arguments()) is not NotImplemented:
            return True
    stack = backend.stack
    if stack is None or not optimizer.elementwise:
        return False
    scalars = ops.cast(rate, dtype), ops.cast(optimizer.iterations + 1, dtype)
    results = optimizer.rule(stack, stack(storages), stack(grads), *scalars, *map(stack, kept))
    for written, result in zip([storages, *kept], results, strict=True):
        stack.write(written, result)
    return True


def _one_by_one(
    optimizer: "Optimizer",
    grads: Sequence[Tensor],
    variables: Sequence[Variable],
    slots: Sequence[Sequence[Variable]],
    rate: Tensor,
) -> None:
    scalars: dict[str, tuple[Tensor, Tensor]] = {}
    for i, (grad, variable) in enumerate(zip(grads, variables)):
        dtype = "float32" if variable.dtype in _HALF else variable.dtype
        if dtype not in scalars:
            scalars[dtype] = ops.cast(rate, dtype), ops.cast(optimizer.iterations + 1, dtype)
        own = [group[i] for group in slots]
        value, grad, *kept = [as_tensor(x, dtype) for x in (variable.value, grad, *[s.value for s in own])]
        new, *kept = optimizer.rule(ops, value, grad, *scalars[dtype], *kept)
        variable.assign(new)
        for slot, result in zip(own, kept, strict=True):
            slot.assign(result)


def accumulate(optimizer: "Optimizer", grads: list[Tensor], variables: list[Variable]) -> None:
    """Adds gradients up; every `gradient_accumulation_steps`-th time, updates by their mean."""
    steps = optimizer.gradient_accumulation_steps
    accumulators = [optimizer._accumulators[optimizer._get_variable_index(v)] for v in variables]
    due = ops.equal((optimizer._iterations.value + 1) % steps, 0)

    def step() -> None:
        mean = [(g + a.value) / steps for g, a in zip(grads, accumulators)]
        optimizer._step(mean, variables)
        for accumulator in accumulators:
            accumulator.assign(ops.zeros_like(accumulator.value))

    def wait() -> None:
        for grad, accumulator in zip(grads, accumulators):
            accumulator.assign_add(grad)

    ops.cond(due, step, wait)
