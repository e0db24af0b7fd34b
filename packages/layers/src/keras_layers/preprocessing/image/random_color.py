"""Colours changed at random: contrast, saturation, hue, and how gray an image is.

Tones (inverted, posterized ...) are in `random_tones`, layers that look at neighbouring pixels in `random_filters`.
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
from keras_layers.preprocessing.image.factors import Range, factor_range
from keras_layers.preprocessing.image.image_layer import RandomImageLayer, Transformation, per_image


@export("keras.layers.RandomContrast")
@color_texts
class RandomContrast(ColorLayer):
    """Spreads the values of each channel about their mean while training.

    A pixel `x` becomes `(x - mean) * contrast + mean`, clipped to the range of values; the mean is that of the
    channel of the image.

    Args:
        factor: Pair of numbers `(low, high)` in `[-1, 1]`; the contrast is drawn from `[1 - low, 1 + high]`. One
            number `x` stands for `(0, x)`.
        {value_range}
        {seed}
        {kwargs_with_format}

    {raises}

    Example:

        >>> image = ops.array([[[1.0], [3.0]]])
        >>> RandomContrast((-1.0, 1.0), data_format="channels_last")(image)[0, :, 0].tolist()
        [0.0, 4.0]
    """

    def __init__(
        self,
        factor: float | Sequence[float],
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor, value_range, seed=seed, **kwargs)

    @classmethod
    def checked_factor(cls, owner: Any, value: Any, name: str = "factor") -> Range:
        is_pair = isinstance(value, (tuple, list))
        return factor_range(owner, value, cls.bounds if is_pair else (0, 1.0), name)

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        low, high = self.factor
        (contrast,) = self.uniform(images, [(1 - low, 1 + high)], seed)
        return {"factor": contrast}

    @staticmethod
    @color_program
    def changed(images: Tensor, factor: Tensor, value_range: Range, data_format: str) -> Tensor:
        pixels = (2, 3) if data_format == "channels_first" else (1, 2)
        mean = ops.mean(images, pixels, keepdims=True)
        return ops.clip((images - mean) * factor + mean, *value_range)


@export("keras.layers.RandomSaturation")
@color_texts
class RandomSaturation(ColorLayer):
    """Makes colours stronger or paler while training.

    The saturation of each pixel is multiplied by `factor / (1 - factor)`.

    Args:
        factor: Pair of numbers in `[-1, 1]`, between which it is drawn, or one number `x` for `(-x, x)`. From 0
            downwards the image becomes gray, 0.5 leaves it as it is, 1 makes its colours as strong as possible.
        {value_range}
        {data_format}
        {seed}
        {kwargs}

    {raises}

    Example:

        >>> layer = RandomSaturation((0.0, 0.0), value_range=(0, 1), data_format="channels_last")
        >>> layer(ops.array([[[1.0, 0.5, 0.25]]])).tolist()
        [[[1.0, 1.0, 1.0]]]
    """

    @staticmethod
    @color_program
    def changed(images: Tensor, factor: Tensor, value_range: Range, data_format: str) -> Tensor:
        # At fixed hue and value, the distance of each channel from the largest one goes with the saturation.
        low, _ = value_range
        axis = 1 if data_format == "channels_first" else -1
        value, least = (find(images, axis, keepdims=True) for find in (ops.max, ops.min))
        saturation = (value - least) / ops.where(value == low, 1, value - low)
        wanted = ops.clip(saturation * (factor / ops.maximum(1 - factor, _LEAST)), 0, 1)
        return value - (value - images) * (wanted / ops.where(saturation == 0, 1, saturation))


_LEAST = 1e-7


@export("keras.layers.RandomHue")
@color_texts
class RandomHue(ColorLayer):
    """Turns the colour wheel in one direction or the other while training.

    Args:
        factor: Part of half a turn: a pair of numbers in `[0, 1]`, between which it is drawn, or one number `x` for
            `(0, x)`.
        {value_range}
        {data_format}
        {seed}
        {kwargs}

    {raises}

    Example:

        >>> layer = RandomHue((1.0, 1.0), value_range=(0, 1), data_format="channels_last")
        >>> layer(ops.array([[[1.0, 0.0, 0.0]]])).tolist()
        [[[0.0, 1.0, 1.0]]]
    """

    needs_rgb = True
    bounds = (0, 1.0)

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        size, side = self.uniform(images, [self.factor, (0, 1)], seed)
        return {"factor": ops.where(side < 0.5, -size, size)}

    @staticmethod
    @color_program
    def changed(images: Tensor, factor: Tensor, value_range: Range, data_format: str) -> Tensor:
        colours = ops.rgb_to_hsv(scaled(images, value_range), data_format=data_format)
        axis = 1 if data_format == "channels_first" else -1
        hue, saturation, value = ops.split(colours, 3, axis=axis)
        colours = ops.concatenate([ops.mod(hue + factor * 0.5, 1.0), saturation, value], axis=axis)
        images = unscaled(ops.hsv_to_rgb(colours, data_format=data_format), value_range)
        return ops.clip(images, *value_range)


@export("keras.layers.RandomColorDegeneration")
@color_texts
class RandomColorDegeneration(ColorLayer):
    """Mixes each image with its gray version while training.

    Args:
        factor: Share of gray: a pair of numbers in `[-1, 1]`, between which it is drawn, or one number `x` for
            `(-x, x)`. 0 leaves the image as it is, 1 makes it gray, numbers below 0 make its colours stronger.
        {value_range}
        {data_format}
        {seed}
        {kwargs}

    {raises}

    Example:

        >>> layer = RandomColorDegeneration((1.0, 1.0), value_range=(0, 1), data_format="channels_last")
        >>> [round(x, 4) for x in layer(ops.array([[[0.0, 1.0, 0.0]]]))[0, 0].tolist()]
        [0.587, 0.587, 0.587]
    """

    needs_rgb = True

    @staticmethod
    @color_program
    def changed(images: Tensor, factor: Tensor, value_range: Range, data_format: str) -> Tensor:
        gray = ops.rgb_to_grayscale(images, data_format=data_format)
        return ops.clip(images + (gray - images) * factor, *value_range)


@export("keras.layers.RandomGrayscale")
@color_texts
class RandomGrayscale(RandomImageLayer):
    """Makes some images gray while training; they keep their three channels.

    Args:
        factor: Probability that an image becomes gray, in `[0, 1]`.
        {data_format}
        seed: Seed; a random one by default. It is not part of the config.
        {kwargs}

    Raises:
        ValueError: If `factor` is outside of `[0, 1]`.

    Example:

        >>> layer = RandomGrayscale(1.0, data_format="channels_last")
        >>> [round(x, 4) for x in layer(ops.array([[[0.0, 1.0, 0.0]]]))[0, 0].tolist()]
        [0.587, 0.587, 0.587]
    """

    needs_rgb = True

    # Files of the incumbent hold no seed of this layer, and neither do ours.
    not_in_config = (*RandomImageLayer.not_in_config, "seed")

    def __init__(
        self, factor: float = 0.5, data_format: str | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, seed=seed, **kwargs)
        factor_range(self, (0.0, factor), (0, 1.0))
        self.factor = factor

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        (draw,) = self.uniform(images, [(0, 1)], seed)
        return {"gray": draw < self.factor}

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        return _grayed(images, transformation["gray"], self.data_format)

    # Names of parameters as the incumbent has them in this layer.

    def compute_output_spec(self, inputs: Any, **kwargs: Any) -> Any:
        return super().compute_output_spec(inputs, **kwargs)

    def get_random_transformation(
        self, images: Any, training: bool = True, seed: Any = None
    ) -> Transformation:
        return super().get_random_transformation(images, training, seed)

    def transform_labels(self, labels: Any, transformations: Any = None, **kwargs: Any) -> Any:
        return super().transform_labels(labels, transformations, **kwargs)

    def transform_segmentation_masks(
        self, segmentation_masks: Tensor, transformations: Any = None, **kwargs: Any
    ) -> Tensor:
        return super().transform_segmentation_masks(segmentation_masks, transformations, **kwargs)


@one_program
def _grayed(images: Tensor, chosen: Tensor, data_format: str) -> Tensor:
    gray = in_float(lambda x: ops.rgb_to_grayscale(x, data_format=data_format), images)
    return ops.where(per_image(chosen), gray, images)
