"""Lamb: Adam whose step is scaled, per variable, to the size of the variable."""

from typing import Any, Unpack

from keras_backends.api import export
from keras_ops.tensor import Tensor

from keras_training.optimizers.arguments import Base, described, goes_on_with
from keras_training.optimizers.optimizer import Optimizer, build_by_var_list


@export("keras.optimizers.Lamb")
@described
class Lamb(Optimizer):
    """Lamb (You et al., 2019), for very large batches.

    Adam's direction `d = m' / (sqrt(v') + epsilon)`, both means corrected for their start, times
    `norm(w) / norm(d)` where neither is 0, times `rate`.

    Args:
        {learning_rate}
        beta_1: Decay of the mean of gradients.
        beta_2: Decay of the mean of squares.
        epsilon: Keeps the divisor from 0.
        {weight_decay}
        {others}

    Example:

        >>> from keras_ops.variable import Variable
        >>> v = Variable([1.0])
        >>> Lamb(0.5).apply([v.value * 0 + 3.0], [v])
        >>> [round(float(x), 3) for x in v.numpy()]
        [0.5]
    """

    slots = (("momentum", "velocity"),)
    elementwise = False

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
        velocity: Tensor,
    ) -> tuple[Tensor, ...]:
        """See `Optimizer.rule`."""
        momentum = momentum + (gradient - momentum) * (1 - self.beta_1)
        velocity = velocity + (gradient * gradient - velocity) * (1 - self.beta_2)
        mean = momentum / (1 - self.beta_1**step)
        direction = mean / (m.sqrt(velocity / (1 - self.beta_2**step)) + self.epsilon)
        size, length = m.sqrt(m.sum(value * value)), m.sqrt(m.sum(direction * direction))
        usable = m.logical_and(size > 0, length > 0)
        ratio = m.where(usable, size / m.where(usable, length, 1.0), 1.0)
        return value - direction * (rate * ratio), momentum, velocity
