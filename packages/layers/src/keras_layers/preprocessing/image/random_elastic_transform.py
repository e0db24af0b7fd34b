"""`RandomElasticTransform`: images with their pixels moved by random amounts that change smoothly."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.operations.image_warp import elastic_transform
from keras_ops.random.seeds import draw_seed
from keras_ops.tensor import Tensor

from keras_layers.core.arguments import one_of
from keras_layers.preprocessing.image.affine_layer import FILL_MODES, INTERPOLATIONS, affine_texts
from keras_layers.preprocessing.image.factors import checked_value_range, factor_range
from keras_layers.preprocessing.image.image_layer import RandomImageLayer, Transformation, per_image


@export("keras.layers.RandomElasticTransform")
@affine_texts
class RandomElasticTransform(RandomImageLayer):
    """Distorts images while training as if they were printed on rubber (Simard et al. 2003).

    Boxes stay as they are: neighbouring pixels move to all sides, and seldom far.

    Args:
        factor: How likely an image is changed: a pair of numbers in `[0, 1]`, between which the probability is drawn
            for each image, or one number `x` for `(0, x)`.
        scale: How far pixels move: a pair of numbers in `[0, 1]`, between which it is drawn for each image, or one
            number `x` for `(0, x)`. With 1 amounts are up to a tenth of the longer side, before they are smoothed.
        {interpolation}
        {fill}
        {fill_value}
        value_range: Smallest and largest value of a pixel.
        seed: Seed; a random one by default.
        {of_layer}

    {raises}

    Example:

        >>> image = ops.ones((6, 6, 3))
        >>> RandomElasticTransform(data_format="channels_last")(image).shape == (6, 6, 3)
        True
    """

    def __init__(
        self,
        factor: float | Sequence[float] = 1.0,
        scale: float | Sequence[float] = 1.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = factor_range(self, factor, bounds=(0, 1))
        self.scale = factor_range(self, scale, bounds=(0, 1), name="scale")
        self.interpolation = one_of(self, "interpolation", interpolation, INTERPOLATIONS)
        self.fill_mode = one_of(self, "fill_mode", fill_mode, FILL_MODES)
        self.fill_value = fill_value
        self.value_range = checked_value_range(self, value_range)

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        probability, chance, scale = self.uniform(images, [self.factor, (0, 1), self.scale], seed)
        # One seed for images and masks, so that their pixels move alike.
        return {
            "scale": ops.where(chance < probability, scale, ops.zeros_like(scale)),
            "seed": draw_seed(self.generator if seed is None else seed),
        }

    def get_elastic_transform_params(self, height: Any, width: Any, factor: Any) -> tuple[Any, Any]:
        """Returns how far pixels move at most before amounts are smoothed, and over how many they are.

        Args:
            height: Height of the images.
            width: Their width.
            factor: Number between 0 and 1, the scale.
        """
        return max(height, width) * 0.1 * factor, min(height, width) * 0.05 * factor

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        changed = self._distorted(images, transformation, self.interpolation)
        return ops.clip(changed, *self.value_range)

    def change_masks(self, masks: Tensor, transformation: Transformation) -> Tensor:
        return self._distorted(masks, transformation, "nearest")

    def _distorted(self, images: Tensor, transformation: dict[str, Any], interpolation: str) -> Tensor:
        height, width = self.image_size(images.shape)
        if height is None or width is None:
            raise ValueError(
                f"RandomElasticTransform {self.name!r}: height and width of the images must be known when the layer "
                f"is traced, received images of shape {tuple(images.shape)}. Put a Resizing layer before it."
            )
        alpha, _ = self.get_elastic_transform_params(height, width, transformation["scale"])
        _, sigma = self.get_elastic_transform_params(height, width, self.scale[1])
        return elastic_transform(
            images,
            alpha=per_image(alpha),
            sigma=max(sigma, 1e-3),
            interpolation=interpolation,
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            seed=transformation["seed"],
            data_format=self.data_format,
        )
