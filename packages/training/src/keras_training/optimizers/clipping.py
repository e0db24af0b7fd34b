"""Gradient clipping by value, by norm, and by the norm of all gradients together."""

from collections.abc import Sequence

from keras_ops import ops
from keras_ops.tensor import Tensor


class Clipping:
    """The clipping that an optimizer was asked for, at most one kind.

    Args:
        owner: Name of the optimizer, for messages.
        norm: Largest norm of each gradient.
        value: Largest absolute value of an element.
        global_norm: Largest norm of all gradients together.
    """

    def __init__(
        self, owner: str, norm: float | None, value: float | None, global_norm: float | None
    ) -> None:
        given = {"clipnorm": norm, "clipvalue": value, "global_clipnorm": global_norm}
        given = {name: limit for name, limit in given.items() if limit is not None}
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
        self.norm, self.value, self.global_norm = norm, value, global_norm

    def __call__(self, grads: list[Tensor]) -> list[Tensor]:
        """Returns the clipped gradients."""
        if self.value is not None:
            return [ops.clip(g, -self.value, self.value) for g in grads]
        if self.norm is not None:
            return [g * _factor(_squares([g]), self.norm) for g in grads]
        if self.global_norm is not None:
            factor = _factor(_squares(grads), self.global_norm)
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
