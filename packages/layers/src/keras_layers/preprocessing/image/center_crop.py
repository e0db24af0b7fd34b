"""`CenterCrop`: the middle of images."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.operations.image_resize import resize
from keras_ops.tensor import Shape, Tensor

from keras_layers.bounding_boxes.moves import shifted
from keras_layers.preprocessing.image.fitting import at_least, checked_size, fitted_boxes
from keras_layers.preprocessing.image.image_layer import ImageLayer, Transformation


@export("keras.layers.CenterCrop")
class CenterCrop(ImageLayer):
    """Cuts out the middle of images, while training and otherwise.

    Of images that are too small the largest window of the right ratio is cut out, and enlarged. Masks become float32
    or float64 where this is the dtype of the layer, and stay as they are otherwise.

    Args:
        height: Height of what is cut out.
        width: Its width.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `bounding_box_format` (needed where data holds boxes), and arguments of `keras.Layer`, such as
            `name` and `dtype`.

    Raises:
        ValueError: If `height` or `width` is no positive integer.

    Example:

        >>> image = ops.reshape(ops.arange(5.0), (1, 5, 1))
        >>> CenterCrop(1, 3, data_format="channels_last")(image)[0, :, 0].tolist()
        [1.0, 2.0, 3.0]
    """

    moves_pixels = True

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height = checked_size(self, "height", height)
        self.width = checked_size(self, "width", width)

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        return self._cropped(images, "bilinear")

    def change_masks(self, masks: Tensor, transformation: Transformation) -> Tensor:
        return self._cropped(ops.cast(masks, self.mask_dtype(ops.dtype(masks))), "nearest")

    def change_boxes(self, boxes: dict[str, Tensor], transformation: dict[str, Any]) -> dict[str, Tensor]:
        size, target = self.image_size(transformation["input_shape"]), (self.height, self.width)

        def cropped() -> dict[str, Tensor]:
            top, left = _margins(size, target)
            return {**boxes, "boxes": shifted(boxes["boxes"], -left, -top)}

        return at_least(size, target, cropped, lambda: fitted_boxes(boxes, size, target, crop=True))

    def _cropped(self, images: Tensor, interpolation: str) -> Tensor:
        size, target = self.image_size(ops.shape(images)), (self.height, self.width)

        def cropped() -> Tensor:
            top, left = _margins(size, target)
            rows, columns = slice(top, top + self.height), slice(left, left + self.width)
            if self.data_format == "channels_first":
                return images[..., rows, columns]
            return images[..., rows, columns, :]

        def enlarged() -> Tensor:
            return resize(
                images,
                target,
                interpolation=interpolation,
                crop_to_aspect_ratio=True,
                data_format=self.data_format,
            )

        result = at_least(size, target, cropped, enlarged)
        if all(isinstance(n, int) for n in size):
            return result
        # Windows whose places are known at run time only have lost their sizes.
        return ops.reshape(result, self.resized_shape(ops.shape(images), *target))

    def output_image_shape(self, shape: Shape) -> Shape:
        return self.resized_shape(shape, self.height, self.width)

    def mask_dtype(self, dtype: str) -> str:
        # Recorded are masks in the layer's dtype; narrower ones do not hold all numbers of classes.
        return self.compute_dtype if self.compute_dtype in ("float32", "float64") else dtype


def _margins(size: Any, target: Any) -> tuple[Any, Any]:
    return (size[0] - target[0]) // 2, (size[1] - target[1]) // 2
