"""Nadam: Adam that looks ahead along its momentum."""

from collections.abc import Sequence
from typing import Any, Unpack

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_training.optimizers.arguments import Base, described, goes_on_with
from keras_training.optimizers.optimizer import Optimizer


@export("keras.optimizers.Nadam")
@described
class Nadam(Optimizer):
    """Nadam (Dozat, 2016): Adam with Nesterov's momentum, whose decay grows over the first steps.

    With `u(t) = beta_1 * (1 - 0.96**t / 2)` and their product `p` up to step `t`, the mean of gradients is
    `u(t + 1) * m / (1 - p * u(t + 1)) + (1 - u(t)) * g / (1 - p)`; the rest is Adam.

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
        >>> Nadam(0.5).apply([v.value * 0 + 3.0], [v])
        >>> [round(float(x), 3) for x in v.numpy()]
        [0.469]
    """

    slots = (("momentum", "velocity"),)

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
        self._u_product: Any = None

    def build(self, var_list: Sequence[Variable]) -> None:
        """See `Optimizer.build`."""
        if self.built:
            return
        super().build(var_list)
        if self._u_product is None:
            dtype = var_list[0].dtype if var_list else None
            self._u_product = Variable(1.0, dtype=dtype, trainable=False)
        self._track(self._u_product)

    def _decay_at(self, step: Tensor) -> Tensor:
        return (1 - 0.5 * 0.96**step) * self.beta_1

    def _step(self, grads: list[Tensor], variables: list[Variable]) -> None:
        product = self._u_product
        step = ops.cast(self.iterations + 1, product.dtype)
        product.assign(product.value * self._decay_at(step))
        super()._step(grads, variables)

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
        now, later = self._decay_at(step), self._decay_at(step + 1)
        product = ops.cast(self._u_product.value, step.dtype)
        momentum = momentum + (gradient - momentum) * (1 - self.beta_1)
        velocity = velocity + (gradient * gradient - velocity) * (1 - self.beta_2)
        ahead = momentum * (later / (1 - product * later)) + gradient * ((1 - now) / (1 - product))
        spread = velocity / (1 - self.beta_2**step)
        return value - ahead * rate / (m.sqrt(spread) + self.epsilon), momentum, velocity
