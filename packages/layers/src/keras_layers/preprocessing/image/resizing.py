"""`Resizing`: images of one size."""

from typing import Any

from keras_backends.api import export
from keras_ops.operations.image_resize import resize
from keras_ops.tensor import Shape, Tensor

from keras_layers.core.arguments import one_of
from keras_layers.preprocessing.image.fitting import checked_size, fitted_boxes
from keras_layers.preprocessing.image.image_layer import ImageLayer, Transformation

_INTERPOLATIONS = ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")


@export("keras.layers.Resizing")
class Resizing(ImageLayer):
    """Resizes images, while training and otherwise.

    Args:
        height: New height.
        width: New width.
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`; masks are always
            read at the nearest pixel.
        crop_to_aspect_ratio: Whether edges are cut off where the ratio of the sides changes, instead of distorting
            the images.
        pad_to_aspect_ratio: Whether margins are added in that case.
        fill_mode: How margins are filled: `"constant"`.
        fill_value: What margins are filled with.
        antialias: Whether pixels of a smaller image average over all old ones that they cover.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `bounding_box_format` (needed where data holds boxes), and arguments of `keras.Layer`, such as
            `name` and `dtype`.

    Raises:
        ValueError: If an argument is none of those named, or both ways to keep the ratio are asked for.

    Example:

        >>> from keras_ops import ops
        >>> image = ops.reshape(ops.array([1.0, 3.0]), (1, 2, 1))
        >>> Resizing(1, 4, data_format="channels_last")(image)[0, :, 0].tolist()
        [1.0, 1.5, 2.5, 3.0]
    """

    moves_pixels = True

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height = checked_size(self, "height", height)
        self.width = checked_size(self, "width", width)
        self.interpolation = one_of(self, "interpolation", interpolation, _INTERPOLATIONS)
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise ValueError(
                "Resizing: one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio` may be True, received both."
            )
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self.pad_to_aspect_ratio = pad_to_aspect_ratio
        self.fill_mode = one_of(self, "fill_mode", fill_mode, ("constant",))
        self.fill_value = fill_value
        self.antialias = antialias

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        return self._resized(images, self.interpolation, self.antialias)

    def change_masks(self, masks: Tensor, transformation: Transformation) -> Tensor:
        return self._resized(masks, "nearest", False)

    def change_boxes(self, boxes: dict[str, Tensor], transformation: dict[str, Any]) -> dict[str, Tensor]:
        return fitted_boxes(
            boxes,
            self.image_size(transformation["input_shape"]),
            (self.height, self.width),
            self.crop_to_aspect_ratio,
            self.pad_to_aspect_ratio,
        )

    def _resized(self, images: Tensor, interpolation: str, antialias: bool) -> Tensor:
        return resize(
            images,
            (self.height, self.width),
            interpolation=interpolation,
            antialias=antialias,
            crop_to_aspect_ratio=self.crop_to_aspect_ratio,
            pad_to_aspect_ratio=self.pad_to_aspect_ratio,
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )

    def output_image_shape(self, shape: Shape) -> Shape:
        return self.resized_shape(shape, self.height, self.width)
