"""Learning-rate schedules that decay with the step."""

import math
from collections.abc import Sequence
from typing import Any

from keras_backends import settings
from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_training.optimizers.schedule import LearningRateSchedule


def _float(x: Any) -> Tensor:
    return ops.cast(ops.convert_to_tensor(x), settings.floatx())


def _positive(owner: object, name: str, value: Any) -> Any:
    if value <= 0:
        raise ValueError(
            f"{type(owner).__name__}: expected `{name}` to be positive, received {name}={value!r}."
        )
    return value


@export("keras.optimizers.schedules.ExponentialDecay")
class ExponentialDecay(LearningRateSchedule):
    """`initial_learning_rate * decay_rate ** (step / decay_steps)`.

    Args:
        initial_learning_rate: Rate at step 0.
        decay_steps: Steps over which the rate falls by `decay_rate`.
        decay_rate: Factor.
        staircase: Whether to fall once every `decay_steps` only.
        name: Name of the schedule.

    Example:

        >>> round(float(ExponentialDecay(0.1, 10, 0.5)(10)), 3)
        0.05
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _positive(self, "decay_steps", decay_steps)
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Tensor) -> Tensor:
        """Returns the rate at a step."""
        progress = _float(step) / self.decay_steps
        if self.staircase:
            progress = ops.floor(progress)
        return self.initial_learning_rate * ops.power(_float(self.decay_rate), progress)


@export("keras.optimizers.schedules.InverseTimeDecay")
class InverseTimeDecay(LearningRateSchedule):
    """`initial_learning_rate / (1 + decay_rate * step / decay_steps)`.

    Args:
        initial_learning_rate: Rate at step 0.
        decay_steps: Steps that count as one unit of time.
        decay_rate: How fast the rate falls.
        staircase: Whether to fall once every `decay_steps` only.
        name: Name of the schedule.

    Example:

        >>> round(float(InverseTimeDecay(0.1, 10, 1.0)(10)), 3)
        0.05
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _positive(self, "decay_steps", decay_steps)
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Tensor) -> Tensor:
        """Returns the rate at a step."""
        progress = _float(step) / self.decay_steps
        if self.staircase:
            progress = ops.floor(progress)
        return self.initial_learning_rate / (1.0 + self.decay_rate * progress)


@export("keras.optimizers.schedules.PolynomialDecay")
class PolynomialDecay(LearningRateSchedule):
    """`(initial - end) * (1 - step / decay_steps) ** power + end`, `end` after `decay_steps`.

    Args:
        initial_learning_rate: Rate at step 0.
        decay_steps: Steps until the end is reached.
        end_learning_rate: Rate at the end.
        power: Power of the polynomial.
        cycle: Whether to rise again, with `decay_steps` stretched to the next multiple of itself.
        name: Name of the schedule.

    Example:

        >>> round(float(PolynomialDecay(0.1, 10, 0.0)(5)), 3)
        0.05
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _positive(self, "decay_steps", decay_steps)
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def __call__(self, step: Tensor) -> Tensor:
        """Returns the rate at a step."""
        step, length = _float(step), _float(self.decay_steps)
        if self.cycle:
            length = length * ops.maximum(ops.ceil(step / length), 1.0)
        else:
            step = ops.minimum(step, length)
        span = self.initial_learning_rate - self.end_learning_rate
        return span * ops.power(1.0 - step / length, _float(self.power)) + self.end_learning_rate


@export("keras.optimizers.schedules.PiecewiseConstantDecay")
class PiecewiseConstantDecay(LearningRateSchedule):
    """A constant rate up to each boundary.

    Args:
        boundaries: Steps, rising; each is the last one of its piece.
        values: Rates, one more than boundaries.
        name: Name of the schedule.

    Raises:
        ValueError: If the numbers of boundaries and values do not fit.

    Example:

        >>> schedule = PiecewiseConstantDecay([2, 5], [0.5, 0.25, 0.125])
        >>> [float(schedule(step)) for step in (2, 3, 6)]
        [0.5, 0.25, 0.125]
    """

    def __init__(
        self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant"
    ) -> None:
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                "PiecewiseConstantDecay: expected one more of `values` than of `boundaries`, received "
                f"boundaries={boundaries!r} of length {len(boundaries)} and values={values!r} of length "
                f"{len(values)}."
            )
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step: Tensor) -> Tensor:
        """Returns the rate at a step."""
        step = _float(step)
        values = [ops.convert_to_tensor(value) for value in self.values]
        rate = values[0]
        for boundary, value in zip(self.boundaries, values[1:]):
            rate = ops.where(step > boundary, value, rate)
        return rate


@export("keras.optimizers.schedules.CosineDecay")
class CosineDecay(LearningRateSchedule):
    """Half a cosine wave from the initial rate down, after a linear warmup if asked for.

    Args:
        initial_learning_rate: Rate at step 0.
        decay_steps: Steps of the decay, after the warmup.
        alpha: Share of the rate that is left at the end.
        name: Name of the schedule.
        warmup_target: Rate at the end of the warmup, where the decay then starts.
        warmup_steps: Steps of the warmup.

    Example:

        >>> round(float(CosineDecay(0.1, 10)(5)), 3)
        0.05
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _positive(self, "decay_steps", decay_steps)
        self.alpha = alpha
        self.name = name
        self.warmup_steps = warmup_steps
        self.warmup_target = warmup_target

    def __call__(self, step: Tensor) -> Tensor:
        """Returns the rate at a step."""
        step = _float(step)
        first, target = self.initial_learning_rate, self.warmup_target
        if target is None:
            return self._decayed(step, first)
        if not self.warmup_steps:
            return self._decayed(step, target)
        warm = first + (target - first) * step / self.warmup_steps
        return ops.where(step < self.warmup_steps, warm, self._decayed(step - self.warmup_steps, target))

    def _decayed(self, step: Tensor, start: float) -> Tensor:
        progress = ops.clip(step / self.decay_steps, 0.0, 1.0)
        wave = 0.5 * (1.0 + ops.cos(math.pi * progress))
        return start * ((1.0 - self.alpha) * wave + self.alpha)


@export("keras.optimizers.schedules.CosineDecayRestarts")
class CosineDecayRestarts(LearningRateSchedule):
    """Half a cosine wave again and again, each longer and lower than the one before.

    Args:
        initial_learning_rate: Rate at step 0.
        first_decay_steps: Steps of the first wave.
        t_mul: Factor from the length of a wave to that of the next.
        m_mul: Factor from the initial rate of a wave to that of the next.
        alpha: Share of the rate that is left at the end of a wave.
        name: Name of the schedule.

    Example:

        >>> round(float(CosineDecayRestarts(0.1, 10)(5)), 3)
        0.05
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: int,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = _positive(self, "first_decay_steps", first_decay_steps)
        self._t_mul = t_mul
        self._m_mul = m_mul
        self.alpha = alpha
        self.name = name

    def __call__(self, step: Tensor) -> Tensor:
        """Returns the rate at a step."""
        time = _float(step) / self.first_decay_steps
        growth = self._t_mul
        if growth == 1.0:
            wave = ops.floor(time)
            progress = time - wave
        else:
            # Waves are 1, t, t**2 ... long, so wave n starts at (1 - t**n) / (1 - t).
            wave = ops.floor(ops.log(1.0 - time * (1.0 - growth)) / math.log(growth))
            length = ops.power(_float(growth), wave)
            progress = (time - (1.0 - length) / (1.0 - growth)) / length
        height = ops.power(_float(self._m_mul), wave)
        value = 0.5 * height * (1.0 + ops.cos(math.pi * progress))
        return self.initial_learning_rate * ((1.0 - self.alpha) * value + self.alpha)
