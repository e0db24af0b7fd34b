"""Images blurred and sharpened at random: layers that look at neighbouring pixels."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.programs import one_program
from keras_ops.tensor import Tensor

from keras_layers.core.arguments import size_tuple
from keras_layers.preprocessing.image.color_layer import ColorLayer, color_program, color_texts, in_float
from keras_layers.preprocessing.image.factors import Range, checked_value_range, factor_range
from keras_layers.preprocessing.image.image_layer import RandomImageLayer, Transformation, per_image


@export("keras.layers.RandomSharpness")
@color_texts
class RandomSharpness(ColorLayer):
    """Makes images sharper or smoother while training.

    Each image is mixed with a smooth one, the mean of the pixel with weight 5 and its 8 neighbours with weight 1.

    Args:
        factor: Sharpness: a pair of numbers in `[0, 1]`, between which it is drawn, or one number `x` for `(0, x)`.
            0 gives the smooth image, 0.5 leaves it as it is, 1 makes it sharper.
        {value_range}
        {data_format}
        {seed}
        {kwargs}

    {raises}

    Example:

        >>> image = ops.array([[[0.0], [13.0], [0.0]]])
        >>> RandomSharpness((0.0, 0.0), data_format="channels_last")(image)[0, :, 0].tolist()
        [1.0, 5.0, 1.0]
    """

    bounds = (0, 1.0)

    @staticmethod
    @color_program
    def changed(images: Tensor, factor: Tensor, value_range: Range, data_format: str) -> Tensor:
        mean = images
        for axis in (2, 3) if data_format == "channels_first" else (1, 2):
            mean = sum(_neighbours(mean, axis, 3))
        smooth = (mean + 4 * images) / 13
        return ops.clip(smooth + (images - smooth) * (factor * 2), *value_range)


@export("keras.layers.RandomGaussianBlur")
@color_texts
class RandomGaussianBlur(RandomImageLayer):
    """Blurs some images while training.

    Args:
        factor: Probability that an image is blurred: a pair of numbers in `[0, 1]`, between which it is drawn for
            each image, or one number `x` for `(0, x)`.
        kernel_size: Height and width of the kernel, or one number for both.
        sigma: Standard deviation of the bell, in pixels: a pair of numbers, between which it is drawn, or one
            number `x` for `(0, x)`.
        {value_range}
        {data_format}
        {seed}
        {kwargs}

    {raises}

    Example:

        >>> image = ops.array([[[0.0], [1.0], [0.0]]])
        >>> layer = RandomGaussianBlur((1.0, 1.0), sigma=(9e9, 9e9), data_format="channels_last")
        >>> [round(x, 4) for x in layer(image)[0, :, 0].tolist()]
        [0.1111, 0.1111, 0.1111]
    """

    def __init__(
        self,
        factor: float | Sequence[float] = 1.0,
        kernel_size: int | Sequence[int] = 3,
        sigma: float | Sequence[float] = 1.0,
        value_range: Sequence[float] = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, seed=seed, **kwargs)
        self.factor = factor_range(self, factor, (0, 1.0))
        self.kernel_size = size_tuple(self, "kernel_size", kernel_size, 2)
        self.sigma = factor_range(self, sigma, (0, float("inf")), "sigma")
        self.value_range = checked_value_range(self, value_range)

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        probability, draw, sigma = self.uniform(images, [self.factor, (0, 1), self.sigma], seed)
        return {"blurred": draw < probability, "sigma": sigma}

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        return _blurred(
            images,
            transformation["blurred"],
            transformation["sigma"],
            kernel_size=self.kernel_size,
            data_format=self.data_format,
        )


@one_program
def _blurred(
    images: Tensor, chosen: Tensor, sigma: Tensor, kernel_size: tuple[int, int], data_format: str
) -> Tensor:
    """One weighted sum of shifted images per axis, since each image has a kernel of its own."""
    sigma = ops.maximum(per_image(sigma), _LEAST_SIGMA)

    def blurred(x: Tensor) -> Tensor:
        for axis, size in zip((2, 3) if data_format == "channels_first" else (1, 2), kernel_size):
            middle = (size - 1) / 2
            weights = [ops.exp(-0.5 * ops.square((i - middle) / sigma)) for i in range(size)]
            total = sum(weights)
            shares = [ops.cast(weight / total, x.dtype) for weight in weights]
            x = sum(share * shifted for share, shifted in zip(shares, _neighbours(x, axis, size)))
        return x

    return ops.where(per_image(chosen), in_float(blurred, images), images)


_LEAST_SIGMA = 1e-3
"""Below it, all of the weight is on the middle of the kernel."""


def _neighbours(images: Tensor, axis: int, size: int) -> list[Tensor]:
    """The images shifted by each place of a kernel along an axis; beyond the edge is 0."""
    before = (size - 1) // 2
    margins = [(0, 0)] * 4
    margins[axis] = (before, size - 1 - before)
    framed = ops.pad(images, margins)
    length = ops.shape(images)[axis]
    place = [slice(None)] * 4
    shifted = []
    for i in range(size):
        place[axis] = slice(i, i + length)
        shifted.append(framed[tuple(place)])
    return shifted
