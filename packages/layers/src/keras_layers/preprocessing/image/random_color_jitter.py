"""`RandomColorJitter`: brightness, contrast, saturation and hue changed at random, one after the other."""

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any

from keras_backends.api import export
from keras_ops.tensor import Tensor

from keras_layers.preprocessing.image.color_layer import color_texts
from keras_layers.preprocessing.image.factors import checked_value_range
from keras_layers.preprocessing.image.image_layer import RandomImageLayer, Transformation
from keras_layers.preprocessing.image.random_brightness import RandomBrightness
from keras_layers.preprocessing.image.random_color import RandomContrast, RandomHue, RandomSaturation

_STEPS = {
    "brightness": RandomBrightness,
    "contrast": RandomContrast,
    "saturation": RandomSaturation,
    "hue": RandomHue,
}
"""The steps in their order, and the layers that take them."""


@export("keras.layers.RandomColorJitter")
@color_texts
class RandomColorJitter(RandomImageLayer):
    """Changes brightness, contrast, saturation and hue, in this order, while training.

    Args:
        {value_range}
        brightness_factor: `factor` of `keras.layers.RandomBrightness`; `None` leaves the brightness.
        contrast_factor: `factor` of `keras.layers.RandomContrast`; `None` leaves the contrast.
        saturation_factor: `factor` of `keras.layers.RandomSaturation`; `None` leaves the saturation.
        hue_factor: `factor` of `keras.layers.RandomHue`; `None` leaves the hue.
        {seed}
        {data_format}
        {kwargs}

    {raises}

    Example:

        >>> from keras_ops import ops
        >>> layer = RandomColorJitter(brightness_factor=(0.2, 0.2), data_format="channels_last")
        >>> layer(ops.zeros((1, 1, 3))).tolist()
        [[[51.0, 51.0, 51.0]]]
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        brightness_factor: float | Sequence[float] | None = None,
        contrast_factor: float | Sequence[float] | None = None,
        saturation_factor: float | Sequence[float] | None = None,
        hue_factor: float | Sequence[float] | None = None,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, seed=seed, **kwargs)
        self.value_range = checked_value_range(self, value_range)
        self.brightness_factor = brightness_factor
        self.contrast_factor = contrast_factor
        self.saturation_factor = saturation_factor
        self.hue_factor = hue_factor
        for step, cls in _STEPS.items():
            factor = getattr(self, f"{step}_factor")
            layer = None
            if factor is not None:
                cls.checked_factor(self, factor, f"{step}_factor")
                self.needs_rgb = self.needs_rgb or cls.needs_rgb
                layer = cls(
                    factor,
                    value_range=value_range,
                    seed=seed,
                    data_format=data_format,
                    dtype=self.dtype_policy,
                )
            setattr(self, f"random_{step}", layer)
        use_generator(self, self._layers_in_order().values())

    def _layers_in_order(self) -> dict[str, RandomImageLayer]:
        layers = {step: getattr(self, f"random_{step}") for step in _STEPS}
        return {step: layer for step, layer in layers.items() if layer is not None}

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        return {
            step: layer.draw_transformation(images, further_seed(self.generator, seed, i))
            for i, (step, layer) in enumerate(self._layers_in_order().items())
        }

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        for step, layer in self._layers_in_order().items():
            images = layer.change_images(images, transformation[step])
        return images


def use_generator(owner: RandomImageLayer, layers: Iterable[Any]) -> None:
    """Gives layers the generator of the layer that holds them and draws for them, so that its state is the only one.

    Args:
        owner: The layer that holds the others.
        layers: The others; those that draw nothing stay as they are.
    """
    for layer in layers:
        if isinstance(layer, RandomImageLayer):
            layer.generator = owner.generator


def further_seed(generator: Any, seed: Any, number: int) -> Any:
    """Returns the seed of one of several draws of a layer that holds others.

    Args:
        generator: Generator of the layer that holds the others, used if there is no seed.
        seed: An integer, a generator, or `None`.
        number: Which draw it is; draws from an integer must not be equal.
    """
    if seed is None:
        return generator
    return seed + number if isinstance(seed, Integral) else seed
