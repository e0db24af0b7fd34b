"""`RandomTranslation`: images shifted at random."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops.tensor import Tensor

from keras_layers.bounding_boxes.formats import real
from keras_layers.preprocessing.image.affine_layer import AffineLayer, Map, ShiftedBoxes, affine_texts
from keras_layers.preprocessing.image.factors import factor_range


@export("keras.layers.RandomTranslation")
@affine_texts
class RandomTranslation(ShiftedBoxes, AffineLayer):
    """Shifts each image by random amounts while training.

    Args:
        height_factor: Part of the height by which images move down: a pair of numbers in `[-1, 1]`, between which
            it is drawn, or one number `x` for `(-x, x)`.
        width_factor: Part of the width by which they move to the right, likewise.
        {fill}
        {interpolation}
        seed: Seed; a random one by default.
        {fill_value}
        {of_layer}

    {raises}

    Example:

        >>> from keras_ops import ops
        >>> image = ops.reshape(ops.arange(4.0), (1, 4, 1))
        >>> shift = RandomTranslation((0, 0), (0.5, 0.5), fill_mode="constant", data_format="channels_last")
        >>> shift(image)[0, :, 0].tolist()
        [0.0, 0.0, 0.0, 1.0]
    """

    def __init__(
        self,
        height_factor: float | Sequence[float],
        width_factor: float | Sequence[float],
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            fill_mode=fill_mode,
            interpolation=interpolation,
            seed=seed,
            fill_value=fill_value,
            data_format=data_format,
            **kwargs,
        )
        self.height_factor = height_factor
        self.height_lower, self.height_upper = factor_range(self, height_factor, name="height_factor")
        self.width_factor = width_factor
        self.width_lower, self.width_upper = factor_range(self, width_factor, name="width_factor")

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        ranges = (self.height_lower, self.height_upper), (self.width_lower, self.width_upper)
        down, right = self.uniform(images, ranges, seed)
        return {"height_translation": down, "width_translation": right}

    def linear_map(self, transformation: dict[str, Any], height: Any, width: Any) -> Map:
        shift_x = transformation["width_translation"] * real(width)
        shift_y = transformation["height_translation"] * real(height)
        return (1, 0, 0, 1), (-shift_x, -shift_y)
