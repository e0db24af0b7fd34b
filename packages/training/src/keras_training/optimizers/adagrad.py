"""Adagrad: steps scaled by the sum of all squared gradients."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import initializers
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_training.optimizers.optimizer import Optimizer


@export("keras.optimizers.Adagrad")
class Adagrad(Optimizer):
    """Adagrad (Duchi et al., 2011): what has changed much changes less.

    `a += g**2` and `w -= rate * g / sqrt(a + epsilon)`.

    Args:
        learning_rate: See `Optimizer`.
        initial_accumulator_value: What the sum of squares starts from.
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
        >>> Adagrad(0.5, initial_accumulator_value=0.0).apply([v.value * 0 + 3.0], [v])
        >>> [round(float(x), 3) for x in v.numpy()]
        [0.5]
    """

    slots = (("accumulator",),)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
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
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon
        self.slot_initializer = initializers.Constant(initial_accumulator_value)

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
        accumulator: Tensor,
    ) -> tuple[Tensor, ...]:
        """See `Optimizer.rule`."""
        accumulator = accumulator + gradient * gradient
        return value - gradient * rate / m.sqrt(accumulator + self.epsilon), accumulator
