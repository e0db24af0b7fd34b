"""`RandomShear`: images slanted at random."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.preprocessing.image.affine_layer import AffineLayer, Map, ShiftedBoxes, affine_texts
from keras_layers.preprocessing.image.factors import factor_range


@export("keras.layers.RandomShear")
@affine_texts
class RandomShear(ShiftedBoxes, AffineLayer):
    """Slants each image about its middle by random amounts, to a random side, while training.

    Args:
        x_factor: By how many pixels a row moves sideways against the next one: a pair of numbers in `[0, 1]`,
            between which it is drawn, or one number `x` for `(0, x)`.
        y_factor: By how many pixels a column moves up or down against the next one, likewise.
        {interpolation}
        {fill}
        {fill_value}
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        seed: Seed; a random one by default.
        **kwargs: `bounding_box_format` (needed where data holds boxes), and arguments of `keras.Layer`, such as
            `name` and `dtype`.

    {raises}

    Example:

        >>> image = ops.reshape(ops.arange(9.0), (3, 3, 1))
        >>> slanted = RandomShear(x_factor=(1.0, 1.0), data_format="channels_last", seed=1)(image)
        >>> slanted[1, :, 0].tolist()
        [3.0, 4.0, 5.0]
    """

    def __init__(
        self,
        x_factor: float | Sequence[float] = 0.0,
        y_factor: float | Sequence[float] = 0.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        data_format: str | None = None,
        seed: int | None = None,
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
        self.x_factor = factor_range(self, x_factor, bounds=(0, 1), name="x_factor")
        self.y_factor = factor_range(self, y_factor, bounds=(0, 1), name="y_factor")

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        x, y, side_x, side_y = self.uniform(images, [self.x_factor, self.y_factor, (-1, 1), (-1, 1)], seed)
        return {"shear_x": ops.where(side_x < 0, -x, x), "shear_y": ops.where(side_y < 0, -y, y)}

    def linear_map(self, transformation: dict[str, Any], height: Any, width: Any) -> Map:
        return (1, transformation["shear_x"], transformation["shear_y"], 1), (0, 0)
