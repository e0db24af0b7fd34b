"""Lion: steps of one size, in the direction of a running mean."""

from typing import Any, Unpack

from keras_backends.api import export
from keras_ops.tensor import Tensor

from keras_training.optimizers.arguments import Base, described, goes_on_with
from keras_training.optimizers.optimizer import Optimizer, build_by_var_list


@export("keras.optimizers.Lion")
@described
class Lion(Optimizer):
    """Lion (Chen et al., 2023).

    `w -= rate * sign(beta_1 * m + (1 - beta_1) * g)`, then `m = beta_2 * m + (1 - beta_2) * g`.

    Args:
        {learning_rate}
        beta_1: Share of the mean in the direction of a step.
        beta_2: Decay of the mean of gradients.
        {weight_decay}
        {others}

    Example:

        >>> from keras_ops.variable import Variable
        >>> v = Variable([1.0])
        >>> Lion(0.5).apply([v.value * 0 + 3.0], [v])
        >>> [round(float(x), 3) for x in v.numpy()]
        [0.5]
    """

    slots = (("momentum",),)

    @goes_on_with(Optimizer.__init__)
    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        **base: Unpack[Base],
    ) -> None:
        super().__init__(learning_rate, **base)
        if not 0 < beta_1 <= 1:
            raise ValueError(
                f"Optimizer {self.name!r}: expected `beta_1` in (0, 1], received beta_1={beta_1!r}; without it "
                "Lion is SGD of signs."
            )
        self.beta_1 = beta_1
        self.beta_2 = beta_2

    build = build_by_var_list

    def rule(
        self,
        m: Any,
        value: Tensor,
        gradient: Tensor,
        rate: Tensor,
        step: Tensor,
        momentum: Tensor,
    ) -> tuple[Tensor, ...]:
        """See `Optimizer.rule`."""
        direction = m.sign(momentum * self.beta_1 + gradient * (1 - self.beta_1))
        return value - direction * rate, momentum * self.beta_2 + gradient * (1 - self.beta_2)
