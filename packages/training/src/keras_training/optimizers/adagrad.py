"""Adagrad: steps scaled by the sum of all squared gradients."""

from typing import Any, Unpack

from keras_backends.api import export
from keras_ops import initializers
from keras_ops.tensor import Tensor

from keras_training.optimizers.arguments import Base, described, goes_on_with
from keras_training.optimizers.optimizer import Optimizer, build_by_var_list


@export("keras.optimizers.Adagrad")
@described
class Adagrad(Optimizer):
    """Adagrad (Duchi et al., 2011): what has changed much changes less.

    `a += g**2` and `w -= rate * g / sqrt(a + epsilon)`.

    Args:
        {learning_rate}
        initial_accumulator_value: What the sum of squares starts from.
        epsilon: Keeps the divisor from 0.
        {weight_decay}
        {others}

    Example:

        >>> from keras_ops.variable import Variable
        >>> v = Variable([1.0])
        >>> Adagrad(0.5, initial_accumulator_value=0.0).apply([v.value * 0 + 3.0], [v])
        >>> [round(float(x), 3) for x in v.numpy()]
        [0.5]
    """

    slots = (("accumulator",),)

    @goes_on_with(Optimizer.__init__)
    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **base: Unpack[Base],
    ) -> None:
        super().__init__(learning_rate, **base)
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon
        self.slot_initializer = initializers.Constant(initial_accumulator_value)

    build = build_by_var_list

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
