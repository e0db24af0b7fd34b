"""`RandomBrightness`: images made lighter or darker at random."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.preprocessing.image.factors import checked_value_range, factor_range
from keras_layers.preprocessing.image.image_layer import RandomImageLayer, Transformation, per_image


@export("keras.layers.RandomBrightness")
class RandomBrightness(RandomImageLayer):
    """Adds a random number to all pixels of an image while training, and clips to the range of values.

    Args:
        factor: Part of the value range that is added: a pair of numbers in `[-1, 1]`, between which it is drawn,
            or one number `x` for `(-x, x)`.
        value_range: Smallest and largest value of a pixel.
        seed: Seed; a random one by default.
        **kwargs: `data_format`, `bounding_box_format` (needed where data holds boxes), and arguments of
            `keras.Layer`, such as `name` and `dtype`.

    Raises:
        ValueError: If `factor` or `value_range` is none of those named.

    Example:

        >>> RandomBrightness((0.5, 0.5), value_range=(0, 1))(ops.full((1, 1, 3), 0.25))[0, 0].tolist()
        [0.75, 0.75, 0.75]
    """

    def __init__(
        self,
        factor: float | Sequence[float],
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, **kwargs)
        self.factor = factor_range(self, factor)
        self.value_range = checked_value_range(self, value_range)

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        (share,) = self.uniform(images, [self.factor], seed)
        return {"share": share}

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        low, high = self.value_range
        added = per_image(transformation["share"] * (high - low), self.compute_dtype)
        return ops.clip(images + added, low, high)
