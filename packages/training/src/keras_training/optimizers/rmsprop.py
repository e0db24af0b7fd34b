"""RMSprop: steps scaled by a running mean of squared gradients."""

from typing import Any, Unpack

from keras_backends.api import export
from keras_ops.tensor import Tensor

from keras_training.optimizers.arguments import Base, described, goes_on_with
from keras_training.optimizers.optimizer import Optimizer, build_by_var_list


@export("keras.optimizers.RMSprop")
@described
class RMSprop(Optimizer):
    """RMSprop (Hinton, 2012).

    `v = rho * v + (1 - rho) * g**2` and `w -= rate * g / sqrt(v + epsilon)`; centered, the square of
    the running mean of gradients is taken off `v` first.

    Args:
        {learning_rate}
        rho: Decay of the running means.
        momentum: Decay of the sum of steps; 0 for none.
        epsilon: Keeps the divisor from 0.
        centered: Whether to divide by the variance of gradients instead of the mean square.
        {weight_decay}
        {others}

    Example:

        >>> from keras_ops.variable import Variable
        >>> v = Variable([1.0])
        >>> RMSprop(0.5, rho=0.75).apply([v.value * 0 + 2.0], [v])
        >>> [round(float(x), 3) for x in v.numpy()]
        [0.0]
    """

    @goes_on_with(Optimizer.__init__)
    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **base: Unpack[Base],
    ) -> None:
        super().__init__(learning_rate, **base)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered
        self.slots = (
            ("velocity",),
            *((("momentum",),) if momentum > 0 else ()),
            *((("average_gradient",),) if centered else ()),
        )

    build = build_by_var_list

    def rule(
        self,
        m: Any,
        value: Tensor,
        gradient: Tensor,
        rate: Tensor,
        step: Tensor,
        velocity: Tensor,
        *others: Tensor,
    ) -> tuple[Tensor, ...]:
        """See `Optimizer.rule`."""
        velocity = velocity * self.rho + gradient * gradient * (1 - self.rho)
        spread, kept = velocity, []
        if self.centered:
            mean = others[-1] * self.rho + gradient * (1 - self.rho)
            spread, kept = velocity - mean * mean, [mean]
        change = gradient * rate / m.sqrt(spread + self.epsilon)
        if self.momentum > 0:
            change = others[0] * self.momentum + change
            kept = [change, *kept]
        return value - change, velocity, *kept
