"""Gradient descent with momentum."""

from typing import Any, Unpack

from keras_backends.api import export
from keras_ops.tensor import Tensor

from keras_training.optimizers.arguments import Base, described, goes_on_with
from keras_training.optimizers.optimizer import Optimizer


@export("keras.optimizers.SGD")
@described
class SGD(Optimizer):
    """Gradient descent, with momentum if asked for.

    Without momentum `w -= rate * g`. With it `v = momentum * v - rate * g` and `w += v`, or
    `w += momentum * v - rate * g` with `nesterov`.

    Args:
        {learning_rate}
        momentum: In [0, 1].
        nesterov: Whether to look ahead along the momentum.
        {weight_decay}
        {others}

    Raises:
        ValueError: If `momentum` is not a number in [0, 1].

    Example:

        >>> from keras_ops.variable import Variable
        >>> v = Variable([1.0])
        >>> SGD(0.5).apply([v.value * 0 + 1.0], [v])
        >>> v.numpy().tolist()
        [0.5]
    """

    kernel = "sgd"

    @goes_on_with(Optimizer.__init__)
    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **base: Unpack[Base],
    ) -> None:
        super().__init__(learning_rate, **base)
        if not isinstance(momentum, (int, float)) or not 0 <= momentum <= 1:
            raise ValueError(
                f"SGD: expected `momentum` to be a number in [0, 1], received momentum={momentum!r}."
            )
        self.momentum = momentum
        self.nesterov = nesterov
        self.slots = (("momentum",),) if momentum else ()

    @property
    def momentums(self) -> list[Any]:
        """The momentum of each variable; empty without momentum."""
        return self._slots.get("momentum", [])

    def kernel_arguments(self) -> dict[str, Any]:
        """See `Optimizer.kernel_arguments`."""
        return {"momentum": self.momentum, "nesterov": self.nesterov}

    def rule(
        self, m: Any, value: Tensor, gradient: Tensor, rate: Tensor, step: Tensor, *momentum: Tensor
    ) -> tuple[Tensor, ...]:
        """See `Optimizer.rule`."""
        change = gradient * rate
        if not momentum:
            return (value - change,)
        velocity = momentum[0] * self.momentum - change
        if self.nesterov:
            return value + (velocity * self.momentum - change), velocity
        return value + velocity, velocity
