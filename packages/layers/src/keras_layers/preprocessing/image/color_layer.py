"""`ColorLayer`: base of layers that change the colours of each image by one random number.

The members are in `random_color` (contrast, hue, saturation ...), `random_tones` and `random_filters`; here is also
what they share: docstring texts, ranges of values, and computing in floats.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from keras_ops import ops
from keras_ops.documentation import documented
from keras_ops.programs import one_program
from keras_ops.tensor import Tensor

from keras_layers.preprocessing.image.factors import Range, checked_value_range, factor_range
from keras_layers.preprocessing.image.image_layer import RandomImageLayer, Transformation, per_image

color_texts = documented(
    value_range="""
        value_range: Smallest and largest value of a pixel.
    """,
    data_format="""
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by
            default.
    """,
    seed="""
        seed: Seed; a random one by default.
    """,
    kwargs="""
        **kwargs: `bounding_box_format` (needed where data holds boxes, which stay as they are), and arguments of
            `keras.Layer`, such as `name` and `dtype`.
    """,
    kwargs_with_format="""
        **kwargs: `data_format`, `bounding_box_format` (needed where data holds boxes, which stay as they are), and
            arguments of `keras.Layer`, such as `name` and `dtype`.
    """,
    raises="""
        Raises:
            ValueError: If a factor is outside of its bounds, or `value_range` is no range.
    """,
)
"""Fills the texts that the members share."""


class ColorLayer(RandomImageLayer):
    """Base of random colour layers; a member has `changed`, made by `color_program`, and may set `bounds`.

    Args:
        factor: Range of the random number, or one number; see `factors.factor_range`.
        value_range: Smallest and largest value of a pixel.
        data_format: Place of the channels.
        seed: Seed; a random one by default.
        **kwargs: Arguments of `ImageLayer`.
    """

    bounds: Range = (-1.0, 1.0)
    """Where both ends of the factor must lie."""

    def __init__(
        self,
        factor: float | Sequence[float],
        value_range: Sequence[float] = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, seed=seed, **kwargs)
        self.factor = self.checked_factor(self, factor)
        self.value_range = checked_value_range(self, value_range)

    @classmethod
    def checked_factor(cls, owner: Any, value: Any, name: str = "factor") -> Range:
        """Returns the range that a factor of this layer stands for; see `factors.factor_range`."""
        return factor_range(owner, value, cls.bounds, name)

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        (factor,) = self.uniform(images, [self.factor], seed)
        return {"factor": factor}

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        return self.changed(
            images,
            transformation["factor"],
            value_range=tuple(self.value_range),
            data_format=self.data_format,
        )

    @staticmethod
    def changed(images: Tensor, factor: Tensor, value_range: Range, data_format: str) -> Tensor:
        """Returns the changed images of a batch; see `color_program`."""
        raise NotImplementedError("A colour layer must have a static `changed`, made by `color_program`.")


def color_program(body: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Makes the static function `changed` of a colour layer, one program where single operations are slow.

    Args:
        body: Function of images of dtype float32 or float64, the factor of shape `(batch, 1, 1, 1)`, the range of
            values and the data format. It returns the changed images.

    Example:

        >>> @color_program
        ... def darker(images: Tensor, factor: Tensor, value_range: Range, data_format: str) -> Tensor:
        ...     return images * factor
        >>> images = ops.ones((1, 1, 1, 3))
        >>> darker(images, ops.array([0.5]), value_range=(0, 1), data_format="channels_last").tolist()
        [[[[0.5, 0.5, 0.5]]]]
    """

    @wraps(body)
    def run(images: Tensor, factor: Tensor, value_range: Range, data_format: str) -> Tensor:
        return in_float(lambda x: body(x, per_image(factor, ops.dtype(x)), value_range, data_format), images)

    return one_program(run)


def in_float(function: Any, images: Tensor) -> Tensor:
    """Applies a function of images in float32 at least; results of integer layers are rounded.

    Example:

        >>> in_float(lambda x: x / 2, ops.array([3, 5], dtype="uint8")).tolist()
        [2, 2]
    """
    dtype = ops.dtype(images)
    result = function(images if dtype in ("float32", "float64") else ops.cast(images, "float32"))
    return ops.cast(result, dtype) if "float" in dtype else ops.saturate_cast(ops.round(result), dtype)


def scaled(images: Tensor, value_range: Sequence[float], top: float = 1.0) -> Tensor:
    """Returns images whose values span `[0, top]` instead of a range.

    Example:

        >>> scaled(ops.array([1.0, 3.0]), (1, 5)).tolist()
        [0.0, 0.5]
    """
    low, high = value_range
    images = images - low if low else images
    return images * (top / (high - low))


def unscaled(images: Tensor, value_range: Sequence[float], top: float = 1.0) -> Tensor:
    """Undoes `scaled`.

    Example:

        >>> unscaled(ops.array([0.0, 0.5]), (1, 5)).tolist()
        [1.0, 3.0]
    """
    low, high = value_range
    images = images * ((high - low) / top)
    return images + low if low else images
