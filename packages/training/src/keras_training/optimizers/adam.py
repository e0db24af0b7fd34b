"""Adam: steps scaled by running means of the gradient and of its square."""

from typing import Any, Unpack

from keras_backends.api import export
from keras_ops.tensor import Tensor

from keras_training.optimizers.arguments import Base, described, goes_on_with
from keras_training.optimizers.optimizer import Optimizer, build_by_var_list


@export("keras.optimizers.Adam")
@described
class Adam(Optimizer):
    """Adam (Kingma and Ba, 2014).

    With `t` the number of the step, `m += (1 - beta_1) * (g - m)`, `v += (1 - beta_2) * (g**2 - v)`
    and `w -= rate * sqrt(1 - beta_2**t) / (1 - beta_1**t) * m / (sqrt(v) + epsilon)`.

    Args:
        {learning_rate}
        beta_1: Decay of the mean of gradients.
        beta_2: Decay of the mean of squares.
        epsilon: Keeps the divisor from 0; the paper's "epsilon hat".
        amsgrad: Whether to divide by the largest mean of squares seen.
        {weight_decay}
        {others}

    Example:

        >>> from keras_ops.variable import Variable
        >>> v = Variable([1.0])
        >>> Adam(0.5).apply([v.value * 0 + 3.0], [v])
        >>> [round(float(x), 3) for x in v.numpy()]
        [0.5]
    """

    kernel = "adam"

    @goes_on_with(Optimizer.__init__)
    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **base: Unpack[Base],
    ) -> None:
        super().__init__(learning_rate, **base)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad
        moments = ("momentum", "velocity")
        self.slots = (moments, ("velocity_hat",)) if amsgrad else (moments,)

    build = build_by_var_list

    def kernel_arguments(self) -> dict[str, Any]:
        """See `Optimizer.kernel_arguments`."""
        return {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}

    def rule(
        self,
        m: Any,
        value: Tensor,
        gradient: Tensor,
        rate: Tensor,
        step: Tensor,
        momentum: Tensor,
        velocity: Tensor,
        *velocity_hat: Tensor,
    ) -> tuple[Tensor, ...]:
        """See `Optimizer.rule`."""
        scale = rate * (1 - self.beta_2**step) ** 0.5 / (1 - self.beta_1**step)
        momentum = momentum + (gradient - momentum) * (1 - self.beta_1)
        velocity = velocity + (gradient * gradient - velocity) * (1 - self.beta_2)
        if not velocity_hat:
            return value - momentum * scale / (m.sqrt(velocity) + self.epsilon), momentum, velocity
        largest = m.maximum(velocity_hat[0], velocity)
        return value - momentum * scale / (m.sqrt(largest) + self.epsilon), momentum, velocity, largest
