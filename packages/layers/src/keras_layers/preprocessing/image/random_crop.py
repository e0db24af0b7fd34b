"""`RandomCrop`: windows of images at random places."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.operations.image_resize import resize
from keras_ops.tensor import Shape, Tensor

from keras_layers.bounding_boxes.moves import shifted
from keras_layers.preprocessing.image.fitting import at_least, checked_size, fitted_boxes
from keras_layers.preprocessing.image.image_layer import RandomImageLayer, Transformation


@export("keras.layers.RandomCrop")
class RandomCrop(RandomImageLayer):
    """Cuts a window at a random place out of each image while training.

    Of images that are too small the largest window of the right ratio is cut out of the middle, and enlarged. When
    not training images stay as they are, whatever their size: in a model that has to predict, put
    `keras.layers.Resizing` or `keras.layers.CenterCrop` of the same size behind it. A symbolic call has the shape of
    the windows, unless it says `training=False`.

    Args:
        height: Height of the windows.
        width: Their width.
        seed: Seed; a random one by default.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        name: Name of the layer.
        **kwargs: `bounding_box_format` (needed where data holds boxes), and arguments of `keras.Layer`, such as
            `dtype`.

    Raises:
        ValueError: If `height` or `width` is no positive integer.

    Example:

        >>> image = ops.reshape(ops.arange(5.0), (1, 5, 1))
        >>> window = RandomCrop(1, 3, data_format="channels_last")(image)[0, :, 0].tolist()
        >>> window in ([0.0, 1.0, 2.0], [1.0, 2.0, 3.0], [2.0, 3.0, 4.0])
        True
    """

    moves_pixels = True

    def __init__(
        self,
        height: int,
        width: int,
        seed: int | None = None,
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, name=name, **kwargs)
        self.height = checked_size(self, "height", height)
        self.width = checked_size(self, "width", width)

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        shares = self.uniform(images, [(0, 1), (0, 1)], seed)
        starts = []
        for share, size, target in zip(shares, self.image_size(ops.shape(images)), (self.height, self.width)):
            most = ops.maximum(size - target, 0)
            # A share just below 1 may be rounded up to 1 by the product.
            start = ops.cast(ops.floor(share * ops.cast(most + 1, "float32")), "int32")
            starts.append(ops.minimum(start, ops.cast(most, "int32")))
        return {"top": starts[0], "left": starts[1]}

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        return self._cropped(images, transformation, "bilinear")

    def change_masks(self, masks: Tensor, transformation: Transformation) -> Tensor:
        return self._cropped(masks, transformation, "nearest")

    def change_boxes(self, boxes: dict[str, Tensor], transformation: dict[str, Any]) -> dict[str, Tensor]:
        size, target = self.image_size(transformation["input_shape"]), (self.height, self.width)
        left, top = transformation["left"], transformation["top"]
        return at_least(
            size,
            target,
            lambda: {**boxes, "boxes": shifted(boxes["boxes"], -left, -top)},
            lambda: fitted_boxes(boxes, size, target, crop=True),
        )

    def _cropped(self, images: Tensor, transformation: dict[str, Any], interpolation: str) -> Tensor:
        size, target = self.image_size(ops.shape(images)), (self.height, self.width)

        def windows() -> Tensor:
            first = self.data_format == "channels_first"
            x = ops.moveaxis(images, 1, -1) if first else images
            batch, height, width, channels = ops.shape(x)
            # Positions of all pixels of the windows among those of all images.
            image = ops.reshape(ops.arange(batch, dtype="int32"), (-1, 1, 1)) * height
            row = ops.reshape(transformation["top"], (-1, 1, 1)) + ops.reshape(
                ops.arange(self.height, dtype="int32"), (1, -1, 1)
            )
            column = ops.reshape(transformation["left"], (-1, 1, 1)) + ops.reshape(
                ops.arange(self.width, dtype="int32"), (1, 1, -1)
            )
            x = ops.take(ops.reshape(x, (-1, channels)), (image + row) * width + column, axis=0)
            return ops.moveaxis(x, -1, 1) if first else x

        def enlarged() -> Tensor:
            return resize(
                images,
                target,
                interpolation=interpolation,
                crop_to_aspect_ratio=True,
                data_format=self.data_format,
            )

        return at_least(size, target, windows, enlarged)

    def output_image_shape(self, shape: Shape) -> Shape:
        return self.resized_shape(shape, self.height, self.width)

    def compute_output_shape(self, input_shape: Any, *args: Any, **kwargs: Any) -> Any:
        return super().compute_output_shape(input_shape)
