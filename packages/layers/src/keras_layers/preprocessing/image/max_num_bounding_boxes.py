"""`MaxNumBoundingBoxes`: the same number of bounding boxes for all images."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import KerasTensor, Tensor

from keras_layers.preprocessing.image.fitting import checked_size
from keras_layers.preprocessing.image.image_layer import ImageLayer, Transformation


@export("keras.layers.MaxNumBoundingBoxes")
class MaxNumBoundingBoxes(ImageLayer):
    """Keeps the first bounding boxes of each image, or adds empty ones, up to a number.

    Images and all else stay as they are.

    Args:
        max_number: The number of boxes.
        fill_value: What the numbers and the label of added boxes are.
        **kwargs: `bounding_box_format`, which is needed, and arguments of `keras.Layer`, such as `name` and `dtype`.

    Raises:
        ValueError: If `max_number` is no positive integer.

    Example:

        >>> boxes = {"boxes": ops.ones((1, 1, 4)), "labels": ops.array([[5]])}
        >>> layer = MaxNumBoundingBoxes(3, bounding_box_format="xyxy")
        >>> layer({"images": ops.ones((1, 4, 4, 3)), "bounding_boxes": boxes})["bounding_boxes"]["labels"].tolist()
        [[5, -1, -1]]
    """

    def __init__(self, max_number: int, fill_value: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_number = checked_size(self, "max_number", max_number)
        self.fill_value = fill_value

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        return images

    def transform_bounding_boxes(
        self, bounding_boxes: Any, transformation: Transformation = None, training: bool = True
    ) -> Any:
        bounding_boxes = self._checked_boxes(bounding_boxes)
        return {name: self._filled(values, name) for name, values in bounding_boxes.items()}

    def _filled(self, values: Tensor, name: str) -> Tensor:
        axis = len(values.shape) - (2 if name == "boxes" else 1)
        before = [slice(None)] * axis
        values = values[(*before, slice(self.max_number))]
        missing = self.max_number - ops.shape(values)[axis]
        if isinstance(missing, int) and missing == 0:
            return values
        shape = list(ops.shape(values))
        shape[axis] = missing
        return ops.concatenate([values, ops.full(shape, self.fill_value, dtype=values.dtype)], axis=axis)

    def output_boxes(self, boxes: dict[str, KerasTensor], active: bool) -> dict[str, KerasTensor]:
        specs = {}
        for name, x in boxes.items():
            axis = len(x.shape) - (2 if name == "boxes" else 1)
            specs[name] = KerasTensor((*x.shape[:axis], self.max_number, *x.shape[axis + 1 :]), dtype=x.dtype)
        return specs

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if self.fill_value == -1:
            # Files do not name the default.
            del config["fill_value"]
        return config
