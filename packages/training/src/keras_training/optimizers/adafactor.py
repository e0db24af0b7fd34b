"""Adafactor: Adam-like steps that remember rows and columns instead of whole matrices."""

from collections.abc import Sequence
from typing import Any, Unpack

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_training.optimizers.arguments import Base, described, goes_on_with
from keras_training.optimizers.optimizer import Optimizer


@export("keras.optimizers.Adafactor")
@described
class Adafactor(Optimizer):
    """Adafactor (Shazeer and Stern, 2018).

    Of a matrix the mean squares of the gradient are kept by row and by column, with the decay
    `1 - t**beta_2_decay`; their product, over the mean, stands for the mean square `v` of an element. The
    step is `u = g / sqrt(v)`, its root mean square held at `clip_threshold`, times `rate` and the root mean
    square of the variable (`epsilon_2` at least).

    Args:
        {learning_rate}
        beta_2_decay: Exponent of the decay.
        epsilon_1: Keeps squares from 0.
        epsilon_2: Keeps steps of small variables from 0.
        clip_threshold: Largest root mean square of a step.
        relative_step: Whether `rate` is at most `1 / sqrt(t)`.
        {weight_decay}
        {others}

    Example:

        >>> from keras_ops.variable import Variable
        >>> v = Variable([1.0])
        >>> Adafactor(0.5).apply([v.value * 0 + 3.0], [v])
        >>> [round(float(x), 3) for x in v.numpy()]
        [0.5]
    """

    @goes_on_with(Optimizer.__init__)
    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        **base: Unpack[Base],
    ) -> None:
        super().__init__(learning_rate, **base)
        self.beta_2_decay = beta_2_decay
        self.epsilon_1 = epsilon_1
        self.epsilon_2 = epsilon_2
        self.clip_threshold = clip_threshold
        self.relative_step = relative_step
        self._r: list[Variable] = []
        self._c: list[Variable] = []
        self._v: list[Variable] = []

    def build(self, var_list: Sequence[Variable]) -> None:
        """See `Optimizer.build`."""
        if self.built:
            return
        super().build(var_list)
        self._r, self._c, self._v = [], [], []
        for variable in var_list:
            shape, dtype = variable.shape, variable.dtype
            if len(shape) > 1:
                factors = [
                    self.add_variable(part, dtype=dtype, name=variable.name)
                    for part in (shape[:-1], (*shape[:-2], shape[-1]))
                ]
            else:
                # Vectors and numbers have no factors; files have a number in the place of each.
                factors = [self._track(Variable(0, trainable=False, name=variable.name)) for _ in "rc"]
            self._r.append(factors[0])
            self._c.append(factors[1])
            self._v.append(self.add_variable_from_reference(variable, "velocity"))

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """See `Optimizer.update_step`."""
        dtype = variable.dtype
        index = self._get_variable_index(variable)
        step = ops.cast(self.iterations + 1, dtype)
        rate = ops.cast(learning_rate, dtype)
        if self.relative_step:
            rate = ops.minimum(rate, 1.0 / ops.sqrt(step))
        kept = 1.0 - step**self.beta_2_decay
        square = gradient * gradient + self.epsilon_1
        velocity = self._v[index]
        if len(variable.shape) > 1:
            rows, columns = self._r[index], self._c[index]
            rows.assign(kept * rows.value + (1.0 - kept) * ops.mean(square, axis=-1))
            columns.assign(kept * columns.value + (1.0 - kept) * ops.mean(square, axis=-2))
            share = rows.value / ops.mean(rows.value, axis=-1, keepdims=True)
            velocity.assign(ops.expand_dims(share, -1) * ops.expand_dims(columns.value, -2))
        else:
            velocity.assign(kept * velocity.value + (1.0 - kept) * square)
        change = gradient / ops.sqrt(velocity.value)
        change = change / ops.maximum(1.0, _root_mean_square(change) / self.clip_threshold)
        size = ops.maximum(_root_mean_square(variable.value), self.epsilon_2)
        variable.assign_sub(change * (size * rate))


def _root_mean_square(x: Tensor) -> Tensor:
    return ops.sqrt(ops.mean(ops.square(x)))
