"""`RandomErasing`: rectangles painted over at random, and where such rectangles lie."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops, random
from keras_ops.programs import one_program
from keras_ops.tensor import Tensor

from keras_layers.preprocessing.image.color_layer import color_texts
from keras_layers.preprocessing.image.factors import checked_value_range, factor_range
from keras_layers.preprocessing.image.image_layer import RandomImageLayer, Transformation, per_image


@export("keras.layers.RandomErasing")
@color_texts
class RandomErasing(RandomImageLayer):
    """Paints over a rectangle of some images while training.

    See Zhong et al., "Random Erasing Data Augmentation", 2017.

    Args:
        factor: Probability that a rectangle is painted: a pair of numbers in `[0, 1]`, between which it is drawn for
            each image, or one number `x` for `(0, x)`.
        scale: Smallest and largest part of the image that is painted over, in `[0, 1]`.
        fill_value: What is painted, a number; noise by default, from the range of values.
        {value_range}
        {seed}
        {data_format}
        {kwargs}

    {raises}

    Example:

        >>> layer = RandomErasing((1.0, 1.0), scale=(1.0, 1.0), fill_value=7.0)
        >>> layer(ops.zeros((1, 2, 3))).tolist()
        [[[7.0, 7.0, 7.0], [7.0, 7.0, 7.0]]]
    """

    def __init__(
        self,
        factor: float | Sequence[float] = 1.0,
        scale: Sequence[float] = (0.02, 0.33),
        fill_value: float | None = None,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, seed=seed, **kwargs)
        self.factor = factor_range(self, factor, (0, 1.0))
        self.scale = factor_range(self, scale, (0, 1.0), "scale")
        self.fill_value = fill_value
        self.value_range = checked_value_range(self, value_range)

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        probability, draw, area, shape, x, y = self.uniform(
            images, [self.factor, (0, 1), self.scale, (-1, 1), (0, 1), (0, 1)], seed
        )
        stretched = ops.sqrt(area) * ops.power(_MOST_STRETCHED, 0.5 * shape)
        height = ops.maximum(ops.minimum(stretched, 1), area)
        width = area / ops.maximum(height, _LEAST_SIDE)
        left, top = x * (1 - width), y * (1 - height)
        drawn = {"erased": draw < probability, "rectangle": (left, top, left + width, top + height)}
        if self.fill_value is None:
            low, high = self.value_range
            size = ops.shape(images)
            drawn["noise"] = random.uniform(
                size if len(size) == 4 else (1, *size),
                low,
                high,
                dtype="float32",
                seed=self.generator if seed is None else seed,
            )
        return drawn

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        inside = inside_rectangle(images, *transformation["rectangle"], data_format=self.data_format)
        inside = ops.logical_and(inside, per_image(transformation["erased"]))
        paint = transformation["noise"] if self.fill_value is None else self.fill_value
        return ops.where(inside, ops.cast(paint, images.dtype), images)


_MOST_STRETCHED = 3.0
"""Largest ratio of the sides of a rectangle, as far as it fits into the image."""
_LEAST_SIDE = 1e-7


@one_program
def inside_rectangle(
    images: Tensor, left: Tensor, top: Tensor, right: Tensor, bottom: Tensor, data_format: str
) -> Tensor:
    """Returns which pixels lie in a rectangle, one rectangle per image.

    Args:
        images: The images; only their shape counts.
        left: Where the rectangle begins, as part of the width: a tensor of shape `(batch,)`.
        top: Where it begins, as part of the height, likewise.
        right: Where it ends, likewise.
        bottom: Where it ends, likewise.
        data_format: Place of the channels.

    Returns:
        Boolean tensor of the shape of the images, with one channel.

    Example:

        >>> edges = [ops.array([x]) for x in (0.25, 0.0, 0.75, 0.5)]
        >>> inside = inside_rectangle(ops.zeros((1, 2, 4, 3)), *edges, data_format="channels_last")
        >>> inside[0, :, :, 0].tolist()
        [[False, True, True, False], [False, False, False, False]]
    """
    first = data_format == "channels_first"
    inside: Any = True
    for axis, begin, end in ((3 if first else 2, left, right), (2 if first else 1, top, bottom)):
        size = ops.shape(images)[axis]
        place = [-1 if i == axis else 1 for i in range(4)]
        pixel = ops.reshape(ops.arange(size, dtype="float32"), place)
        begin, end = (ops.round(per_image(edge) * ops.cast(size, "float32")) for edge in (begin, end))
        inside = ops.logical_and(inside, ops.logical_and(pixel >= begin, pixel < end))
    return inside
