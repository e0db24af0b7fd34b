"""Adamax: Adam with the largest gradient in the place of the mean square."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_training.optimizers.optimizer import Optimizer


@export("keras.optimizers.Adamax")
class Adamax(Optimizer):
    """Adamax (Kingma and Ba, 2014).

    `m += (1 - beta_1) * (g - m)`, `u = max(beta_2 * u, abs(g))` and
    `w -= rate / (1 - beta_1**t) * m / (u + epsilon)` with `t` the number of the step.

    Args:
        learning_rate: See `Optimizer`.
        beta_1: Decay of the mean of gradients.
        beta_2: Decay of the largest gradient.
        epsilon: Keeps the divisor from 0.
        weight_decay: See `Optimizer`.
        clipnorm: See `Optimizer`.
        clipvalue: See `Optimizer`.
        global_clipnorm: See `Optimizer`.
        use_ema: See `Optimizer`.
        ema_momentum: See `Optimizer`.
        ema_overwrite_frequency: See `Optimizer`.
        loss_scale_factor: See `Optimizer`.
        gradient_accumulation_steps: See `Optimizer`.
        name: See `Optimizer`.

    Example:

        >>> from keras_ops.variable import Variable
        >>> v = Variable([1.0])
        >>> Adamax(0.5).apply([v.value * 0 + 3.0], [v])
        >>> [round(float(x), 3) for x in v.numpy()]
        [0.5]
    """

    slots = (("momentum", "norm"),)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            clipnorm=clipnorm,
            clipvalue=clipvalue,
            global_clipnorm=global_clipnorm,
            use_ema=use_ema,
            ema_momentum=ema_momentum,
            ema_overwrite_frequency=ema_overwrite_frequency,
            loss_scale_factor=loss_scale_factor,
            gradient_accumulation_steps=gradient_accumulation_steps,
            name=name,
            **kwargs,
        )
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon

    def build(self, var_list: Sequence[Variable]) -> None:
        """See `Optimizer.build`."""
        super().build(var_list)

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
