"""`AffineLayer`: base of the layers that move, turn, scale and shear images at random.

A member draws numbers and says by which linear map a pixel of the result is found in the image. Sampling, masks
and boxes follow from that map here.
"""

import math
from collections.abc import Sequence
from typing import Any

from keras_ops import ops
from keras_ops.documentation import documented
from keras_ops.operations.image_warp import affine_transform
from keras_ops.tensor import Tensor

from keras_layers.bounding_boxes.formats import real
from keras_layers.bounding_boxes.moves import enclosed, moved_corners
from keras_layers.core.arguments import one_of
from keras_layers.preprocessing.image.image_layer import RandomImageLayer, Transformation

FILL_MODES = ("reflect", "wrap", "constant", "nearest")
INTERPOLATIONS = ("bilinear", "nearest")

Map = tuple[Sequence[Any], Sequence[Any]]
"""The linear map of a batch, `(a, b, c, d)`, and the shift `(x, y)`: numbers, or tensors of shape `(batch,)`."""

affine_texts = documented(
    fill="""
        fill_mode: What lies outside of the image: `"reflect"` (mirrored at the edge), `"wrap"` (the other
            side), `"nearest"` (the edge) or `"constant"`.
    """,
    interpolation="""
        interpolation: `"bilinear"` or `"nearest"`; masks are always read at the nearest pixel.
    """,
    fill_value="""
        fill_value: The value outside with fill mode `"constant"`.
    """,
    of_layer="""
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `bounding_box_format` (needed where data holds boxes), and arguments of `keras.Layer`, such as
            `name` and `dtype`.
    """,
    raises="""
        Raises:
            ValueError: If a factor is outside of its bounds, or `fill_mode` or `interpolation` is none of
                those named.
    """,
)
"""Fills the texts that the members share."""


class AffineLayer(RandomImageLayer):
    """Base of random affine layers; a member implements `draw_transformation` and `linear_map`.

    Args:
        fill_mode: What lies outside of the image.
        interpolation: How images are read between pixels.
        fill_value: The value outside with fill mode `"constant"`.
        **kwargs: Arguments of `RandomImageLayer`.
    """

    moves_pixels = True

    def __init__(
        self,
        *,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.fill_mode = one_of(self, "fill_mode", fill_mode, FILL_MODES)
        self.interpolation = one_of(self, "interpolation", interpolation, INTERPOLATIONS)
        self.fill_value = fill_value

    def linear_map(self, transformation: dict[str, Any], height: Any, width: Any) -> Map:
        """Returns where pixels of the result are read, measured from the middle of the image.

        The pixel at `(x, y)` is read at `(a x + b y + shift_x, c x + d y + shift_y)`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `linear_map(self, transformation, height, width)`."
        )

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        return self._sampled(images, transformation, self.interpolation)

    def change_masks(self, masks: Tensor, transformation: Transformation) -> Tensor:
        return self._sampled(masks, transformation, "nearest")

    def change_boxes(self, boxes: dict[str, Tensor], transformation: dict[str, Any]) -> dict[str, Tensor]:
        height, width = self.image_size(transformation["input_shape"])
        (a, b, c, d), (shift_x, shift_y) = self.linear_map(transformation, height, width)
        size = ops.convert_to_tensor(a * d - b * c, "float32")
        # A map that leaves nothing of the image has no opposite; pixels are read by it, boxes go the other way.
        size = ops.where(ops.absolute(size) < 1e-6, 1e-6, size)
        rows = ((d / size, -b / size), (-c / size, a / size))
        middle = (real(width) / 2, real(height) / 2)
        origin = (middle[0] + shift_x, middle[1] + shift_y)
        return {**boxes, "boxes": enclosed(moved_corners(boxes["boxes"], rows, origin, middle))}

    def get_transformed_x_y(self, x: Any, y: Any, transform: Any) -> tuple[Any, Any]:
        """Returns where points come to lie by transforms as `keras.ops.image.affine_transform` takes them.

        Args:
            x: Positions along the width, of shape `(...)`.
            y: Positions along the height, likewise.
            transform: Tensor of shape `(..., 8)`.
        """
        a0, a1, a2, b0, b1, b2, c0, c1 = (transform[..., i] for i in range(8))
        depth = c0 * x + c1 * y + 1
        return (a0 * x + a1 * y + a2) / depth, (b0 * x + b1 * y + b2) / depth

    def _sampled(self, images: Tensor, transformation: dict[str, Any], interpolation: str) -> Tensor:
        height, width = self.image_size(ops.shape(images))
        (a, b, c, d), (shift_x, shift_y) = self.linear_map(transformation, height, width)
        x, y = (real(width) - 1) / 2, (real(height) - 1) / 2
        numbers = (a, b, x - a * x - b * y + shift_x, c, d, y - c * x - d * y + shift_y)
        batch = [number for number in numbers if not isinstance(number, (int, float))]
        none = ops.zeros_like(batch[0])
        return affine_transform(
            images,
            ops.stack([none + number for number in (*numbers, 0, 0)], axis=-1),
            interpolation=interpolation,
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )


class ShiftedBoxes:
    """The public method `get_shifted_bbox` of layers that shift boxes."""

    def get_shifted_bbox(self, bounding_boxes: Any, w_shift_factor: Any, h_shift_factor: Any) -> Any:
        """Returns boxes shifted by parts of the image's size.

        Args:
            bounding_boxes: Dict with `boxes` of shape `(..., 4)`, as `rel_xyxy`.
            w_shift_factor: Part of the width by which they move to the right; one per image, or a number.
            h_shift_factor: Part of the height by which they move down, likewise.
        """
        shift = [w_shift_factor, h_shift_factor] * 2
        boxes = bounding_boxes["boxes"]
        return {**bounding_boxes, "boxes": ops.stack([boxes[..., i] + shift[i] for i in range(4)], axis=-1)}


def turned(angle: Any) -> tuple[Any, ...]:
    """The linear map that reads an image turned by an angle, counted in full turns, counterclockwise."""
    radians = angle * (2 * math.pi)
    cos, sin = ops.cos(radians), ops.sin(radians)
    return cos, -sin, sin, cos
