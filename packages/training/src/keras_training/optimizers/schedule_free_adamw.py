"""ScheduleFreeAdamW: AdamW without a schedule, by averaging its steps."""

from collections.abc import Sequence
from typing import Any, Unpack

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_training.optimizers.arguments import Base, described, goes_on_with
from keras_training.optimizers.optimizer import Optimizer


@export("keras.optimizers.ScheduleFreeAdamW")
@described
class ScheduleFreeAdamW(Optimizer):
    """Schedule-free AdamW (Defazio et al., 2024).

    Adam's steps are taken from a point `z`; gradients are taken at `y`, the variable, between `z` and the mean
    of all `z` so far.

    Args:
        {learning_rate}
        beta_1: How far gradients are taken from `z` towards the mean.
        beta_2: Decay of the mean of squares.
        epsilon: Keeps the divisor from 0.
        warmup_steps: Steps in which the rate grows to its full size.
        {weight_decay}
        {others}

    Example:

        >>> from keras_ops.variable import Variable
        >>> v = Variable([1.0])
        >>> ScheduleFreeAdamW(0.5).apply([v.value * 0 + 3.0], [v])
        >>> [round(float(x), 3) for x in v.numpy()]
        [0.5]
    """

    slots = (("momentum", "velocity"),)
    elementwise = False

    @goes_on_with(Optimizer.__init__)
    def __init__(
        self,
        learning_rate: Any = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
        **base: Unpack[Base],
    ) -> None:
        super().__init__(learning_rate, **base)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.warmup_steps = warmup_steps

    def build(self, var_list: Sequence[Variable]) -> None:
        """See `Optimizer.build`."""
        if self.built:
            return
        super().build(var_list)
        for start, variable in list(zip(self._slots["momentum"], var_list))[self._first_new :]:
            start.assign(variable.value)

    def rule(
        self,
        m: Any,
        value: Tensor,
        gradient: Tensor,
        rate: Tensor,
        step: Tensor,
        point: Tensor,
        velocity: Tensor,
    ) -> tuple[Tensor, ...]:
        """See `Optimizer.rule`."""
        if self.warmup_steps:
            rate = rate * ops.minimum(step / self.warmup_steps, 1.0)
        # Rounded once, so that the mean of the first steps and its correction agree to the last bit.
        decay = ops.cast(self.beta_2, velocity.dtype)
        velocity = velocity + (gradient * gradient - velocity) * (1 - decay)
        spread = m.sqrt(velocity / (1 - decay**step)) + self.epsilon
        stepped = point - gradient / spread * rate
        share = 1.0 / step
        # The variable is `beta_1 * mean + (1 - beta_1) * point`, so the mean need not be kept.
        mean = (value - point * (1 - self.beta_1)) * (1 - share) + stepped * (share * self.beta_1)
        return mean + stepped * (1 - self.beta_1), stepped, velocity
