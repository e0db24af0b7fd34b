"""`LearningRateSchedule`, the base of learning rates that depend on the step."""

from typing import Any

from keras_backends.api import export
from keras_ops.configurable import Configurable
from keras_ops.tensor import Tensor


@export("keras.optimizers.schedules.LearningRateSchedule")
class LearningRateSchedule(Configurable):
    """Base of learning rates that depend on the step: a callable from step to rate.

    Example:

        >>> class Halving(LearningRateSchedule):
        ...     def __init__(self, first):
        ...         self.first = first
        ...     def __call__(self, step):
        ...         return self.first * 0.5**step
        >>> Halving(0.4)(1)
        0.2
    """

    def __call__(self, step: Tensor) -> Tensor:
        """Returns the learning rate.

        Args:
            step: Number of updates done so far, a scalar.
        """
        raise NotImplementedError(
            f"Learning rate schedule {type(self).__name__!r} must implement `__call__(self, step)`; it does "
            "not."
        )

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments, ready to be written as JSON."""
        return super().get_config()

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "LearningRateSchedule":
        """Makes a schedule from what `get_config` returned."""
        return cls(**config)
