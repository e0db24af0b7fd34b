"""`RandomZoom`: images enlarged or shrunk at random."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.preprocessing.image.affine_layer import AffineLayer, Map, affine_texts
from keras_layers.preprocessing.image.factors import factor_range


@export("keras.layers.RandomZoom")
@affine_texts
class RandomZoom(AffineLayer):
    """Zooms out of, or into, the middle of each image by random amounts while training.

    Args:
        height_factor: Part of the height that is added to what is seen: a pair of numbers in `[-1, 1]`, between
            which it is drawn, or one number `x` for `(-x, x)`. With 0.2 a window of 1.2 times the height is seen, so
            that all is smaller; with -0.2 one of 0.8 times.
        width_factor: Part of the width, likewise; by default the same as for the height, so that the ratio of the
            sides is kept.
        {fill}
        {interpolation}
        seed: Seed; a random one by default.
        {fill_value}
        {of_layer}

    {raises}

    Example:

        >>> image = ops.reshape(ops.arange(3.0), (1, 3, 1))
        >>> RandomZoom((-0.5, -0.5), data_format="channels_last")(image)[0, :, 0].tolist()
        [0.5, 1.0, 1.5]
    """

    def __init__(
        self,
        height_factor: float | Sequence[float],
        width_factor: float | Sequence[float] | None = None,
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
        self.width_lower, self.width_upper = factor_range(
            self, height_factor if width_factor is None else width_factor, name="width_factor"
        )

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        ranges = (self.height_lower + 1, self.height_upper + 1), (self.width_lower + 1, self.width_upper + 1)
        height, width = self.uniform(images, ranges, seed)
        return {"height_zoom": height, "width_zoom": height if self.width_factor is None else width}

    def linear_map(self, transformation: dict[str, Any], height: Any, width: Any) -> Map:
        return (transformation["width_zoom"], 0, 0, transformation["height_zoom"]), (0, 0)

    def get_clipped_bbox(
        self, bounding_boxes: Any, h_end: Any, h_start: Any, w_end: Any, w_start: Any
    ) -> Any:
        """Returns boxes cut off at the edges of a window.

        Args:
            bounding_boxes: Dict with `boxes` of shape `(..., 4)`, as `xyxy`.
            h_end: Bottom of the window, in the units of the boxes.
            h_start: Its top.
            w_end: Its right edge.
            w_start: Its left edge.
        """
        boxes = bounding_boxes["boxes"]
        x, y = (
            ops.clip(boxes[..., i::2], *ends) for i, ends in enumerate([(w_start, w_end), (h_start, h_end)])
        )
        clipped = ops.stack([x[..., 0], y[..., 0], x[..., 1], y[..., 1]], axis=-1)
        return {**bounding_boxes, "boxes": clipped}
