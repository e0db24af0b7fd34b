"""Adamax: Adam with the largest gradient in the place of the mean square."""

from typing import Any, Unpack

from keras_backends.api import export
from keras_ops.tensor import Tensor

from keras_training.optimizers.arguments import Base, described, goes_on_with
from keras_training.optimizers.optimizer import Optimizer, build_by_var_list


@export("keras.optimizers.Adamax")
@described
class Adamax(Optimizer):
    """Adamax (Kingma and Ba, 2014).

    `m += (1 - beta_1) * (g - m)`, `u = max(beta_2 * u, abs(g))` and
    `w -= rate / (1 - beta_1**t) * m / (u + epsilon)` with `t` the number of the step.

    Args:
        {learning_rate}
        beta_1: Decay of the mean of gradients.
        beta_2: Decay of the largest gradient.
        epsilon: Keeps the divisor from 0.
        {weight_decay}
        {others}

    Example:

        >>> from keras_ops.variable import Variable
        >>> v = Variable([1.0])
        >>> Adamax(0.5).apply([v.value * 0 + 3.0], [v])
        >>> [round(float(x), 3) for x in v.numpy()]
        [0.5]
    """

    slots = (("momentum", "norm"),)

    @goes_on_with(Optimizer.__init__)
    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **base: Unpack[Base],
    ) -> None:
        super().__init__(learning_rate, **base)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon

    build = build_by_var_list

    def rule(
        self,
        m: Any,
        value: Tensor,
        gradient: Tensor,
        rate: Tensor,
        step: Tensor,
        momentum: Tensor,
        norm: Tensor,
    ) -> tuple[Tensor, ...]:
        """See `Optimizer.rule`."""
        momentum = momentum + (gradient - momentum) * (1 - self.beta_1)
        norm = m.maximum(norm * self.beta_2, m.absolute(gradient))
        scale = rate / (1 - self.beta_1**step)
        return value - momentum * scale / (norm + self.epsilon), momentum, norm
