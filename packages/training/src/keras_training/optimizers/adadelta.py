"""Adadelta: steps scaled by the ratio of the sizes of former steps and gradients."""

from typing import Any, Unpack

from keras_backends.api import export
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_training.optimizers.arguments import Base, described, goes_on_with
from keras_training.optimizers.optimizer import Optimizer, build_by_var_list


@export("keras.optimizers.Adadelta")
@described
class Adadelta(Optimizer):
    """Adadelta (Zeiler, 2012).

    With running means `a` of squared gradients and `d` of squared steps (decay `rho`), a step is
    `sqrt(d + epsilon) / sqrt(a + epsilon) * g`, of which `rate` times is taken.

    Args:
        {learning_rate}
        rho: Decay of the running means.
        epsilon: Keeps divisor and first steps from 0.
        {weight_decay}
        {others}

    Example:

        >>> from keras_ops.variable import Variable
        >>> v = Variable([1.0])
        >>> Adadelta(1.0, rho=0.75, epsilon=1.0).apply([v.value * 0 + 2.0], [v])
        >>> [round(float(x), 3) for x in v.numpy()]
        [-0.414]
    """

    slots = (("accumulated_grad", "accumulated_delta_var"),)

    @goes_on_with(Optimizer.__init__)
    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        **base: Unpack[Base],
    ) -> None:
        super().__init__(learning_rate, **base)
        self.rho = rho
        self.epsilon = epsilon

    build = build_by_var_list

    def update_step(self, grad: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """See `Optimizer.update_step`."""
        super().update_step(grad, variable, learning_rate)

    def rule(
        self,
        m: Any,
        value: Tensor,
        gradient: Tensor,
        rate: Tensor,
        step: Tensor,
        accumulated_grad: Tensor,
        accumulated_delta: Tensor,
    ) -> tuple[Tensor, ...]:
        """See `Optimizer.rule`."""
        grads = accumulated_grad * self.rho + gradient * gradient * (1 - self.rho)
        change = gradient * m.sqrt(accumulated_delta + self.epsilon) / m.sqrt(grads + self.epsilon)
        deltas = accumulated_delta * self.rho + change * change * (1 - self.rho)
        return value - change * rate, grads, deltas
