"""`RandomPerspective`: images as seen from random sides."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.operations.image_warp import perspective_transform
from keras_ops.tensor import Tensor

from keras_layers.bounding_boxes.formats import beside
from keras_layers.bounding_boxes.moves import corner_points, enclosed
from keras_layers.core.arguments import one_of
from keras_layers.preprocessing.image.affine_layer import INTERPOLATIONS
from keras_layers.preprocessing.image.factors import factor_range
from keras_layers.preprocessing.image.image_layer import RandomImageLayer, Transformation, per_image

_CORNERS = ((0, 0), (1, 0), (0, 1), (1, 1))
"""Top left, top right, bottom left and bottom right, as parts `(x, y)` of the size."""


@export("keras.layers.RandomPerspective")
class RandomPerspective(RandomImageLayer):
    """Pushes the corners of images inwards by random amounts while training, as if they were seen from a side.

    Args:
        factor: How likely an image is changed: a pair of numbers in `[0, 1]`, between which the probability is drawn
            for each image, or one number `x` for `(0, x)`.
        scale: How far corners move at most, in `[0, 1]`: with 1 up to the middle of the image.
        interpolation: `"bilinear"` or `"nearest"`; masks are always read at the nearest pixel.
        fill_value: The value outside of the image.
        seed: Seed; a random one by default.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `bounding_box_format` (needed where data holds boxes), and arguments of `keras.Layer`, such as
            `name` and `dtype`.

    Raises:
        ValueError: If a number is outside of its bounds, or `interpolation` is none of those named.

    Example:

        >>> image = ops.ones((4, 4, 3))
        >>> RandomPerspective(scale=0.3, data_format="channels_last")(image).shape == (4, 4, 3)
        True
    """

    moves_pixels = True

    def __init__(
        self,
        factor: float | Sequence[float] = 1.0,
        scale: float = 1.0,
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = factor_range(self, factor, bounds=(0, 1))
        factor_range(self, scale, bounds=(0, 1), name="scale")
        self.scale = scale
        self.interpolation = one_of(self, "interpolation", interpolation, INTERPOLATIONS)
        self.fill_value = fill_value

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        probability, chance, *moves = self.uniform(
            images, [self.factor, (0, 1), *[(0, self.scale / 2)] * (2 * len(_CORNERS))], seed
        )
        corners = [
            [part + (1 - 2 * part) * moves[2 * i + axis] for axis, part in enumerate(parts)]
            for i, parts in enumerate(_CORNERS)
        ]
        return {
            "apply": chance < probability,
            "corners": ops.stack([ops.stack(point, axis=-1) for point in corners], axis=1),
        }

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        return self._distorted(images, transformation, self.interpolation)

    def change_masks(self, masks: Tensor, transformation: Transformation) -> Tensor:
        return self._distorted(masks, transformation, "nearest")

    def change_boxes(self, boxes: dict[str, Tensor], transformation: dict[str, Any]) -> dict[str, Tensor]:
        height, width = self.image_size(transformation["input_shape"])
        old = boxes["boxes"]
        steps = [ops.cast(ops.maximum(size - 1, 1), "float32") for size in (width, height)]
        matrix = [beside(x, old) for x in _projection(transformation["corners"])]
        points = []
        # Corners lie on the edges of pixels, half a pixel from the positions that the map is about.
        for x, y in corner_points(old):
            x, y = (x - 0.5) / steps[0], (y - 0.5) / steps[1]
            depth = matrix[6] * x + matrix[7] * y + 1
            new_x = (matrix[0] * x + matrix[1] * y + matrix[2]) / depth
            new_y = (matrix[3] * x + matrix[4] * y + matrix[5]) / depth
            points.append((new_x * steps[0] + 0.5, new_y * steps[1] + 0.5))
        changed = ops.reshape(transformation["apply"], (-1, 1, 1))
        return {**boxes, "boxes": ops.where(changed, enclosed(points), old)}

    def _distorted(self, images: Tensor, transformation: dict[str, Any], interpolation: str) -> Tensor:
        height, width = self.image_size(ops.shape(images))
        # A side of one pixel has no length, which would leave no map.
        steps = ops.cast(ops.stack([ops.maximum(n - 1, 1) for n in (width, height)]), "float32")
        corners = transformation["corners"]
        start = ops.zeros_like(corners) + ops.convert_to_tensor(_CORNERS, "float32") * steps
        distorted = perspective_transform(
            images,
            start,
            corners * steps,
            interpolation=interpolation,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )
        return ops.where(per_image(transformation["apply"]), distorted, images)


def _projection(corners: Tensor) -> list[Tensor]:
    """The map of the unit square onto four corners, of shape `(batch, 4, 2)`.

    The point `(x, y)` comes to lie at `((m0 x + m1 y + m2) / k, (m3 x + m4 y + m5) / k)` with
    `k = m6 x + m7 y + 1` (Heckbert 1989, Fundamentals of Texture Mapping, section 2.2.3).
    """
    points = [(corners[:, i, 0], corners[:, i, 1]) for i in range(4)]
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points
    right, down = (x1 - x3, y1 - y3), (x2 - x3, y2 - y3)
    rest = (x0 - x1 - x2 + x3, y0 - y1 - y2 + y3)
    area = right[0] * down[1] - down[0] * right[1]
    area = ops.where(ops.absolute(area) < 1e-6, 1e-6, area)
    g = (rest[0] * down[1] - down[0] * rest[1]) / area
    h = (right[0] * rest[1] - rest[0] * right[1]) / area
    return [x1 - x0 + g * x1, x2 - x0 + h * x2, x0, y1 - y0 + g * y1, y2 - y0 + h * y2, y0, g, h]
