"""`GaussianNoise`, `GaussianDropout` and `AlphaDropout`: noise while training, as regularization."""

import math
from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops, random
from keras_ops.tensor import Tensor

from keras_layers.layer import Layer, Shape
from keras_layers.regularization.dropout import checked_noise_shape, checked_rate, noise_shape_for

_ALPHA_P = -1.6732632423543772 * 1.0507009873554805
"""What SELU gives for inputs far below zero: `-alpha * scale`."""


class Noise(Layer):
    """Base of layers that change their input at random while training; a member implements `_noisy`."""

    _records_build_shape = False

    def _seeded(self, seed: Any, used: bool) -> None:
        self.seed = seed
        if used:
            self.seed_generator = random.SeedGenerator(seed)
        self._used = used
        self.supports_masking = True

    def _noisy(self, inputs: Tensor) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__} must implement `_noisy(self, inputs)`.")

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        return self._noisy(inputs) if training and self._used else inputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape


@export("keras.layers.GaussianNoise")
class GaussianNoise(Noise):
    """Adds normal noise of mean 0 while training.

    Args:
        stddev: Standard deviation of the noise.
        seed: Seed; a random one by default.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of any shape.
        training: Whether noise is added.

    Example:

        >>> x = GaussianNoise(0.1, seed=1)(ops.ones((1000,)), training=True)
        >>> 0.08 < float(ops.std(x)) < 0.12
        True
    """

    def __init__(self, stddev: float, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(stddev, (int, float)) or isinstance(stddev, bool) or not stddev >= 0:
            raise ValueError(
                f"GaussianNoise: `stddev` must be a non-negative number, received stddev={stddev!r}."
            )
        self.stddev = stddev
        self._seeded(seed, stddev > 0)

    def _noisy(self, inputs: Tensor) -> Tensor:
        noise = random.normal(
            ops.shape(inputs), 0.0, self.stddev, dtype=self.compute_dtype, seed=self.seed_generator
        )
        return ops.add(inputs, noise)


@export("keras.layers.GaussianDropout")
class GaussianDropout(Noise):
    """Multiplies by normal noise of mean 1 while training (https://arxiv.org/abs/1207.0580).

    Args:
        rate: The noise has the variance that `Dropout` of this rate has: `rate / (1 - rate)`.
        seed: Seed; a random one by default.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of any shape.
        training: Whether noise is multiplied.

    Example:

        >>> x = GaussianDropout(0.5, seed=1)(ops.ones((1000,)), training=True)
        >>> 0.8 < float(ops.std(x)) < 1.2
        True
    """

    def __init__(self, rate: float, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = checked_rate(self, rate)
        if self.rate == 1:
            raise ValueError("GaussianDropout: `rate` must be below 1, received rate=1.")
        self._seeded(seed, rate > 0)

    def _noisy(self, inputs: Tensor) -> Tensor:
        stddev = math.sqrt(self.rate / (1.0 - self.rate))
        noise = random.normal(
            ops.shape(inputs), 1.0, stddev, dtype=self.compute_dtype, seed=self.seed_generator
        )
        return ops.multiply(inputs, noise)


@export("keras.layers.AlphaDropout")
class AlphaDropout(Noise):
    """Dropout that keeps mean 0 and variance 1, for networks with SELU (https://arxiv.org/abs/1706.02515).

    Dropped values become SELU's lowest value; then all are scaled and shifted.

    Args:
        rate: Part that is dropped, in `[0, 1]`.
        noise_shape: Shape of the random mask, broadcast to that of the input; `None` in it stands for the
            input's size.
        seed: Seed; a random one by default.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of any shape.
        training: Whether values are dropped.

    Example:

        >>> x = AlphaDropout(0.2, seed=1)(ops.zeros((1000,)), training=True)
        >>> len({round(float(y), 3) for y in x})
        2
    """

    def __init__(
        self, rate: float, noise_shape: Sequence[int | None] | None = None, seed: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.rate = checked_rate(self, rate)
        self.noise_shape = checked_noise_shape(self, noise_shape)
        self._seeded(seed, rate > 0)

    def _noisy(self, inputs: Tensor) -> Tensor:
        shape = noise_shape_for(self, self.noise_shape, inputs) or ops.shape(inputs)
        kept = ops.greater_equal(random.uniform(shape, seed=self.seed_generator), self.rate)
        if self.rate == 1:
            return ops.zeros_like(inputs)
        a = ((1 - self.rate) * (1 + self.rate * _ALPHA_P**2)) ** -0.5
        return ops.subtract(ops.multiply(ops.where(kept, inputs, _ALPHA_P), a), a * _ALPHA_P * self.rate)
