"""Gradient clipping by value, by norm, and by the norm of all gradients together."""

from collections.abc import Sequence

from keras_ops import ops
from keras_ops.tensor import Tensor


def check_limits(owner: str, **limits: float | None) -> None:
    """Checks what an optimizer is asked for.

    Args:
        owner: Name of the optimizer, for messages.
        **limits: `clipnorm`, `clipvalue` and `global_clipnorm`, of which one at most may be set.

    Raises:
        ValueError: If more than one is set, or that one is not positive.
    """
    given = {name: limit for name, limit in limits.items() if limit is not None}
    if len(given) > 1:
        raise ValueError(
            f"Optimizer {owner!r}: only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be "
            f"set, received {', '.join(f'{name}={limit}' for name, limit in given.items())}."
        )
    for name, limit in given.items():
        if not limit > 0:
            raise ValueError(
                f"Optimizer {owner!r}: expected `{name}` to be a positive number, received {name}={limit!r}."
            )


def clipped(
    grads: list[Tensor], norm: float | None, value: float | None, global_norm: float | None
) -> list[Tensor]:
    """Returns the clipped gradients.

    Args:
        grads: Gradients.
        norm: Largest norm of each gradient.
        value: Largest absolute value of an element.
        global_norm: Largest norm of all gradients together.
    """
    if value is not None:
        return [ops.clip(g, -value, value) for g in grads]
    if norm is not None:
        return [g * _factor(_squares([g]), norm) for g in grads]
    if global_norm is not None:
        factor = _factor(_squares(grads), global_norm)
        return [g * ops.cast(factor, g.dtype) for g in grads]
    return grads


def _squares(grads: Sequence[Tensor]) -> Tensor:
    """Sum of squares of all elements, in float32 at least."""
    total = None
    for grad in grads:
        part = ops.sum(ops.square(grad))
        total = part if total is None else total + part
    return total


def _factor(squares: Tensor, limit: float) -> Tensor:
    """What brings a norm down to the limit: 1 where it is below."""
    norm = ops.sqrt(squares)
    return limit / ops.maximum(norm, limit)
