"""`RandomFlip`: images mirrored at random."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.bounding_boxes.formats import beside, columns
from keras_layers.core.arguments import one_of
from keras_layers.preprocessing.image.image_layer import RandomImageLayer, Transformation, per_image

_MODES = {"horizontal": (True, False), "vertical": (False, True), "horizontal_and_vertical": (True, True)}
"""By mode: whether left and right may change places, and top and bottom."""


@export("keras.layers.RandomFlip")
class RandomFlip(RandomImageLayer):
    """Mirrors each image with probability 1/2 while training.

    Args:
        mode: `"horizontal"` (left and right change places), `"vertical"`, or `"horizontal_and_vertical"`, where
            both are decided for themselves.
        seed: Seed; a random one by default.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `bounding_box_format` (needed where data holds boxes), and arguments of `keras.Layer`, such as
            `name` and `dtype`.

    Raises:
        ValueError: If `mode` is none of those named.

    Example:

        >>> image = ops.reshape(ops.arange(3.0), (1, 3, 1))
        >>> flipped = RandomFlip("horizontal", seed=1, data_format="channels_last")(image)
        >>> flipped[0, :, 0].tolist() in ([0.0, 1.0, 2.0], [2.0, 1.0, 0.0])
        True
    """

    moves_pixels = True

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.mode = one_of(self, "mode", mode, _MODES)

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        across, down = self.uniform(images, [(0, 1), (0, 1)], seed)
        may_across, may_down = _MODES[self.mode]
        never = across < 0
        return {
            "horizontal": across < 0.5 if may_across else never,
            "vertical": down < 0.5 if may_down else never,
        }

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        first = self.data_format == "channels_first"
        may_across, may_down = _MODES[self.mode]
        if may_across:
            flipped = ops.flip(images, axis=3 if first else 2)
            images = ops.where(per_image(transformation["horizontal"]), flipped, images)
        if may_down:
            flipped = ops.flip(images, axis=2 if first else 1)
            images = ops.where(per_image(transformation["vertical"]), flipped, images)
        return images

    def change_masks(self, masks: Tensor, transformation: Transformation) -> Tensor:
        return self.change_images(masks, transformation)

    def change_boxes(self, boxes: dict[str, Tensor], transformation: dict[str, Any]) -> dict[str, Tensor]:
        height, width = self.image_size(transformation["input_shape"])
        height, width = (beside(size, boxes["boxes"]) for size in (height, width))
        left, top, right, bottom = columns(boxes["boxes"])
        across, down = (ops.expand_dims(transformation[name], -1) for name in ("horizontal", "vertical"))
        corners = [
            ops.where(across, width - right, left),
            ops.where(down, height - bottom, top),
            ops.where(across, width - left, right),
            ops.where(down, height - top, bottom),
        ]
        return {**boxes, "boxes": ops.stack(corners, axis=-1)}
