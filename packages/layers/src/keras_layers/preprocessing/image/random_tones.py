"""Tones changed at random (inverted, solarized, posterized), and stretched to the whole range of values.

Each value is changed for itself. Layers that look at histograms are in `equalization`.
"""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.programs import one_program
from keras_ops.tensor import Tensor

from keras_layers.preprocessing.image.color_layer import (
    ColorLayer,
    color_program,
    color_texts,
    in_float,
    scaled,
    unscaled,
)
from keras_layers.preprocessing.image.factors import Range, checked_value_range, factor_range
from keras_layers.preprocessing.image.image_layer import (
    ImageLayer,
    RandomImageLayer,
    Transformation,
    per_image,
)


@export("keras.layers.RandomInvert")
@color_texts
class RandomInvert(ColorLayer):
    """Inverts the values of some images while training: light becomes dark.

    Args:
        factor: Probability that an image is inverted: a pair of numbers in `[0, 1]`, between which it is drawn for
            each image, or one number `x` for `(0, x)`.
        {value_range}
        {seed}
        {data_format}
        {kwargs}

    {raises}

    Example:

        >>> RandomInvert((1.0, 1.0))(ops.array([[[0.0, 55.0, 255.0]]])).tolist()
        [[[255.0, 200.0, 0.0]]]
    """

    bounds = (0, 1.0)

    def __init__(
        self,
        factor: float | Sequence[float] = 1.0,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor, value_range, data_format, seed, **kwargs)

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        probability, draw = self.uniform(images, [self.factor, (0, 1)], seed)
        return {"factor": draw < probability}

    @staticmethod
    @color_program
    def changed(images: Tensor, factor: Tensor, value_range: Range, data_format: str) -> Tensor:
        return ops.where(factor, sum(value_range) - images, images)


@export("keras.layers.RandomPosterization")
@color_texts
class RandomPosterization(ColorLayer):
    """Keeps some leading bits only of each value while training, so that there are fewer tones.

    Args:
        factor: Number of bits of 8 that are kept: a pair of integers in `[1, 8]`, between which it is drawn, or one
            integer `n` for `(1, n)`.
        {value_range}
        {data_format}
        {seed}
        {kwargs}

    Raises:
        ValueError: If `factor` is none of those, or `value_range` is no range.

    Example:

        >>> RandomPosterization((1, 1))(ops.array([[[55.0, 127.0, 200.0]]])).tolist()
        [[[0.0, 0.0, 128.0]]]
    """

    bounds = (1, 8)

    def __init__(
        self,
        factor: int | Sequence[int],
        value_range: Sequence[float] = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor, value_range, data_format, seed, **kwargs)
        if any(end != int(end) for end in self.factor):
            raise ValueError(
                f"RandomPosterization: `factor` must be an integer or a pair of integers, received factor={factor!r}."
            )

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        low, high = self.factor
        (bits,) = self.uniform(images, [(low, high + 1)], seed)
        return {"factor": ops.minimum(ops.floor(bits), high)}

    @staticmethod
    @color_program
    def changed(images: Tensor, factor: Tensor, value_range: Range, data_format: str) -> Tensor:
        step = ops.power(2.0, 8 - factor)
        levels = ops.clip(ops.floor(scaled(images, value_range, 255)), 0, 255)
        return unscaled(ops.floor(levels / step) * step, value_range, 255)


@export("keras.layers.Solarization")
@color_texts
class Solarization(RandomImageLayer):
    """Adds a number to each image and inverts all values that reach a threshold, while training.

    Args:
        addition_factor: Part of the value range that is added first: a pair of numbers in `[0, 1]`, between which
            it is drawn, or one number `x` for `(0, x)`.
        threshold_factor: The threshold as part of the value range, likewise. 0 inverts all values.
        {value_range}
        {seed}
        {kwargs_with_format}

    {raises}

    Example:

        >>> Solarization(threshold_factor=(0.5, 0.5))(ops.array([[[55.0, 127.0, 200.0]]])).tolist()
        [[[55.0, 127.0, 55.0]]]
    """

    def __init__(
        self,
        addition_factor: float | Sequence[float] = 0.0,
        threshold_factor: float | Sequence[float] = 0.0,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, **kwargs)
        self.addition_factor = factor_range(self, addition_factor, (0, 1.0), "addition_factor")
        self.threshold_factor = factor_range(self, threshold_factor, (0, 1.0), "threshold_factor")
        self.value_range = checked_value_range(self, value_range)

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        addition, threshold = self.uniform(images, [self.addition_factor, self.threshold_factor], seed)
        return {"addition": addition, "threshold": threshold}

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        addition, threshold = transformation["addition"], transformation["threshold"]
        return _solarized(images, addition, threshold, tuple(self.value_range))


@one_program
def _solarized(images: Tensor, addition: Tensor, threshold: Tensor, value_range: Range) -> Tensor:
    low, high = value_range

    def solarized(x: Tensor) -> Tensor:
        added = per_image(addition, x.dtype) * (high - low)
        limit = per_image(threshold, x.dtype) * (high - low) + low
        x = ops.clip(x + added, low, high)
        return ops.where(x < limit, x, low + high - x)

    return in_float(solarized, images)


@export("keras.layers.AutoContrast")
@color_texts
class AutoContrast(ImageLayer):
    """Stretches the values of each channel of an image to the whole range, also when not training.

    A channel with one value only stays as it is.

    Args:
        {value_range}
        {kwargs_with_format}

    Raises:
        ValueError: If `value_range` is no range.

    Example:

        >>> image = ops.array([[[10.0], [20.0], [30.0]]])
        >>> AutoContrast(data_format="channels_last")(image)[0, :, 0].tolist()
        [0.0, 127.5, 255.0]
    """

    def __init__(self, value_range: Sequence[float] = (0, 255), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.value_range = checked_value_range(self, value_range)

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        return _stretched(images, tuple(self.value_range), self.data_format)


@one_program
def _stretched(images: Tensor, value_range: Range, data_format: str) -> Tensor:
    low, high = value_range
    pixels = (2, 3) if data_format == "channels_first" else (1, 2)

    def stretched(x: Tensor) -> Tensor:
        least, most = (find(x, pixels, keepdims=True) for find in (ops.min, ops.max))
        some = ops.greater(most, least)
        spread = ops.where(some, most - least, 1)
        return ops.where(some, ops.clip((x - least) * ((high - low) / spread) + low, low, high), x)

    return in_float(stretched, images)
