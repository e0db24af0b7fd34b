"""FTRL: follows the regularized leader; for sparse weights."""

from typing import Any, Unpack

from keras_backends.api import export
from keras_ops import initializers
from keras_ops.tensor import Tensor

from keras_training.optimizers.arguments import Base, described, goes_on_with
from keras_training.optimizers.optimizer import Optimizer, build_by_var_list


@export("keras.optimizers.Ftrl")
@described
class Ftrl(Optimizer):
    """Ftrl (McMahan et al., 2013): weights are what all gradients so far, and the penalties, ask for.

    With `n` the sum of squares, `n'` the one before and `p = -learning_rate_power`:
    `z += g + 2 * shrinkage * w - (n**p - n'**p) / rate * w`, and
    `w = (clip(z, -l1, l1) - z) / (n**p / rate + 2 * (l2 + beta / (2 * rate)))`.

    Args:
        {learning_rate}
        learning_rate_power: How the rate falls with the sum of squares; 0 or less.
        initial_accumulator_value: What the sum of squares starts from; 0 or more.
        l1_regularization_strength: Weight of the sum of absolute values; 0 or more.
        l2_regularization_strength: Weight of the sum of squares; 0 or more.
        l2_shrinkage_regularization_strength: Likewise, in the gradients only; 0 or more.
        beta: The paper's beta.
        {weight_decay}
        {others}

    Example:

        >>> from keras_ops.variable import Variable
        >>> v = Variable([1.0])
        >>> Ftrl(0.5).apply([v.value * 0 + 0.0], [v])
        >>> [round(float(x), 3) for x in v.numpy()]
        [0.0]
    """

    slots = (("accumulator", "linear"),)
    elementwise = False

    @goes_on_with(Optimizer.__init__)
    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **base: Unpack[Base],
    ) -> None:
        super().__init__(learning_rate, **base)
        for parameter, given, ok in (
            ("learning_rate_power", learning_rate_power, learning_rate_power <= 0),
            ("initial_accumulator_value", initial_accumulator_value, initial_accumulator_value >= 0),
            ("l1_regularization_strength", l1_regularization_strength, l1_regularization_strength >= 0),
            ("l2_regularization_strength", l2_regularization_strength, l2_regularization_strength >= 0),
            (
                "l2_shrinkage_regularization_strength",
                l2_shrinkage_regularization_strength,
                l2_shrinkage_regularization_strength >= 0,
            ),
        ):
            if not ok:
                sign = "0 or less" if parameter == "learning_rate_power" else "0 or more"
                raise ValueError(
                    f"Optimizer {self.name!r}: expected `{parameter}` to be {sign}, received {parameter}={given!r}."
                )
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta
        self.slot_initializer = (initializers.Constant(initial_accumulator_value), "zeros")

    build = build_by_var_list

    def rule(
        self,
        m: Any,
        value: Tensor,
        gradient: Tensor,
        rate: Tensor,
        step: Tensor,
        accumulator: Tensor,
        linear: Tensor,
    ) -> tuple[Tensor, ...]:
        """See `Optimizer.rule`."""
        power = -self.learning_rate_power
        shrunk = gradient + value * (2.0 * self.l2_shrinkage_regularization_strength)
        total = accumulator + gradient * gradient
        grown = (total**power - accumulator**power) / rate
        linear = linear + (shrunk - grown * value)
        l1 = self.l1_regularization_strength
        l2 = self.l2_regularization_strength + self.beta / (rate * 2.0)
        clipped = m.minimum(m.maximum(linear, -l1), l1)
        return (clipped - linear) / (total**power / rate + l2 * 2.0), total, linear
