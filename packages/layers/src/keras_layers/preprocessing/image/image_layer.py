"""`ImageLayer` and `RandomImageLayer`: bases of layers that change images and all that belongs to them.

A call settles once what is done to each image of a batch (the transformation) and then does it to images,
labels, bounding boxes and segmentation masks. What is done is written by the layers themselves, one per module;
how boxes are written down is in `keras_layers.bounding_boxes`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras_backends import settings
from keras_backends.dtypes import is_float
from keras_ops import ops, random, tree
from keras_ops.refusals import brief
from keras_ops.tensor import KerasTensor, Shape, Tensor

from keras_layers.bounding_boxes.formats import FORMATS, convert_format
from keras_layers.bounding_boxes.moves import clip_to_image_size
from keras_layers.core.arguments import one_of
from keras_layers.preprocessing.data_layer import DataLayer
from keras_layers.preprocessing.image.factors import Range

Transformation = dict[str, Any] | None

_PARTS = {
    "images": ("transform_images", "transform_single_image"),
    "labels": ("transform_labels", "transform_single_label"),
    "bounding_boxes": ("transform_bounding_boxes", "transform_single_bounding_box"),
    "segmentation_masks": ("transform_segmentation_masks", "transform_single_segmentation_mask"),
}
"""What data may hold, and the methods that serve it: for a batch and for one image."""

_NO_TENSORS = frozenset({bool, int, float, complex, str, bytes})

_FILLER, _FILLERS = -1, "fillers"
"""The four numbers of boxes that only fill up a batch, and the entry that tells these apart while boxes move."""


class ImageLayer(DataLayer):
    """Base of layers that take images, alone or in a dict with what belongs to them.

    How to write one: the public methods (`call`, `get_random_transformation`, `transform_images`, ...,
    `compute_output_shape`) are done here. A layer implements, for batches only,

    - `change_images(images, transformation)`: images come as `(batch, height, width, channels)` or with the
      channels first, as `self.data_format` says, in `self.compute_dtype`, and are returned in it;
    - `change_labels`, `change_masks` if it changes them (by default they stay as they are);
    - with `moves_pixels = True`: `change_boxes(boxes, transformation)`, of a dict with `boxes` of shape
      `(batch, boxes, 4)` as `xyxy` in pixels, and `labels` of shape `(batch, boxes)`; the other entries of the dict
      go along. What is left outside of the image is cut off here, and boxes of -1, which fill up a batch, stay.
      Its `change_masks` has to move masks likewise, by the nearest pixel;
    - `output_image_shape(shape)` if images change their size, `output_boxes(boxes, active)` if the number of boxes
      does.

    One that needs red, green and blue says `needs_rgb = True`. One that draws random numbers extends
    `RandomImageLayer` and also implements

    - `draw_transformation(images, seed)`: a dict of tensors with one entry per image, drawn by
      `self.uniform(images, [range, ...], seed)`; `images` may have no batch axis, its size counts as 1 then.

    `transformation` is this dict with `input_shape`, the shape of the batch of images, added. Hooks work on whole
    batches: one call per batch, no loop over images. `RandomFlip` is the example; layers that change colours by one
    random number extend `ColorLayer`, as `RandomBrightness` does.

    Args:
        bounding_box_format: How the numbers of boxes are meant: one of the formats of
            `keras.utils.bounding_boxes.convert_format`. Needed where data holds boxes.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: Arguments of `keras.Layer`.
    """

    moves_pixels = False
    """Whether boxes and masks change with the images."""

    needs_rgb = False
    """Whether images must have three channels where anything is done to them."""

    runs_whole = True

    factor: Any = None

    not_in_config = (*DataLayer.not_in_config, "bounding_box_format")

    def __init__(
        self, *, bounding_box_format: str | None = None, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.bounding_box_format = one_of(self, "bounding_box_format", bounding_box_format, (*FORMATS, None))
        self.data_format = settings.standardize_data_format(data_format)
        # Images are cast when they are changed. Boxes and labels are not: integers would not do for them.
        self.autocast = self.autocast and is_float(self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if self.bounding_box_format is not None:
            config["bounding_box_format"] = self.bounding_box_format
        return config

    # What a layer implements

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        """Returns the changed images of a batch."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `change_images(self, images, transformation)`."
        )

    def change_labels(self, labels: Any, transformation: Transformation) -> Any:
        """Returns the labels of the changed images: the same ones by default."""
        return labels

    def change_masks(self, masks: Tensor, transformation: Transformation) -> Tensor:
        """Returns the segmentation masks of the changed images: the same ones by default."""
        return masks

    def change_boxes(self, boxes: dict[str, Tensor], transformation: dict[str, Any]) -> dict[str, Tensor]:
        """Returns the boxes of the changed images, as `xyxy` in pixels; asked only if `moves_pixels`."""
        raise NotImplementedError(
            f"{type(self).__name__} moves pixels, so it must implement `change_boxes(self, boxes, transformation)`."
        )

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        """Returns what is done to each image."""
        return {}

    def output_image_shape(self, shape: Shape) -> Shape:
        """Returns the shape of changed images, or masks, for theirs."""
        return shape

    # The calls

    def __call__(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(data, dict):
            self._check_entries(data)
        return super().__call__(data, *args, **kwargs)

    def call(self, data: Any, training: bool = True) -> Any:
        return self.run_whole(self._changed, data, training)

    def _changed(self, data: Any, training: bool) -> Any:
        transformation = self.get_random_transformation(data, training=training)
        single = int(len(_images(self, data).shape) == 3)
        if not isinstance(data, dict):
            return getattr(self, _PARTS["images"][single])(data, transformation, training=training)
        result = dict(data)
        for part, value in data.items():
            if part in _PARTS:
                result[part] = getattr(self, _PARTS[part][single])(value, transformation, training=training)
        return result

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Transformation:
        """Settles what is done to each image.

        Args:
            data: Images, or a dict with `images`.
            training: Whether anything random is done.
            seed: An integer or `keras.random.SeedGenerator`, the layer's own by default.

        Returns:
            The transformation, for the methods `transform_...`; `None` if nothing is to be done.
        """
        if not self._active(training):
            return None
        images = _images(self, data)
        shape = tuple(ops.shape(images))
        shape = shape if len(shape) == 4 else (1, *shape)
        return {"input_shape": shape, **self.draw_transformation(images, seed)}

    def transform_images(
        self, images: Tensor, transformation: Transformation = None, training: bool = True
    ) -> Tensor:
        """Changes a batch of images.

        Args:
            images: Tensor of shape `(batch, height, width, channels)`, or with the channels first.
            transformation: What `get_random_transformation` returned.
            training: Whether anything random is done.
        """
        images = ops.cast(images, self.compute_dtype)
        if self._active(training, transformation):
            self._check_channels(images.shape)
            if images.shape[0] == 0:  # Some frameworks take nothing from what is empty.
                return ops.zeros(self.output_image_shape(ops.shape(images)), self.compute_dtype)
            # Operations narrow float64 on some backends.
            images = ops.cast(self.change_images(images, transformation), self.compute_dtype)
        return images

    def transform_labels(
        self, labels: Any, transformation: Transformation = None, training: bool = True
    ) -> Any:
        """Changes the labels of a batch, of shape `(batch, ...)`; see `transform_images`."""
        return (
            self.change_labels(labels, transformation) if self._active(training, transformation) else labels
        )

    def transform_segmentation_masks(
        self, segmentation_masks: Tensor, transformation: Transformation = None, training: bool = True
    ) -> Tensor:
        """Changes the masks of a batch, of shape `(batch, height, width, 1)`; see `transform_images`.

        Masks may also have the shape `(batch, height, width)`.
        """
        if not self._active(training, transformation):
            return segmentation_masks
        if segmentation_masks.shape[0] == 0:
            shape = self._output_mask_shape(ops.shape(segmentation_masks), 4)
            return ops.zeros(shape, self.mask_dtype(ops.dtype(segmentation_masks)))
        if len(segmentation_masks.shape) != 3:
            return self.change_masks(segmentation_masks, transformation)
        axis = 1 if self.data_format == "channels_first" else 3
        masks = self.change_masks(ops.expand_dims(segmentation_masks, axis), transformation)
        return ops.squeeze(masks, axis)

    def transform_bounding_boxes(
        self, bounding_boxes: Any, transformation: Transformation = None, training: bool = True
    ) -> Any:
        """Changes the bounding boxes of a batch; see `transform_images`.

        Boxes whose four numbers are -1 only fill up the batch, and stay as they are.

        Args:
            bounding_boxes: Dict with `boxes` of shape `(batch, boxes, 4)` and `labels` of shape `(batch, boxes)`.
            transformation: What `get_random_transformation` returned.
            training: Whether anything random is done.

        Raises:
            ValueError: If the layer has no `bounding_box_format`.
        """
        bounding_boxes = self._checked_boxes(bounding_boxes)
        if not self.moves_pixels or not self._active(training, transformation):
            return bounding_boxes
        if transformation is None:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: `transform_bounding_boxes` needs the `transformation` that "
                "`get_random_transformation(data)` returned for the images, received None."
            )
        shape = transformation["input_shape"]
        height, width = self.image_size(shape)
        boxes = convert_format(bounding_boxes, self.bounding_box_format, "xyxy", height, width)
        given = ops.cast(ops.convert_to_tensor(bounding_boxes["boxes"]), "float32")
        boxes[_FILLERS] = ops.all(ops.equal(given, _FILLER), axis=-1)
        boxes = self.change_boxes(boxes, transformation)
        height, width = self.image_size(self.output_image_shape(shape))
        boxes = clip_to_image_size(boxes, height, width, "xyxy")
        dtype = self.number_dtype
        boxes = convert_format(boxes, "xyxy", self.bounding_box_format, height, width, dtype=dtype)
        fillers = ops.expand_dims(boxes.pop(_FILLERS), -1)
        return {**boxes, "boxes": ops.where(fillers, ops.cast(_FILLER, dtype), boxes["boxes"])}

    def transform_single_image(
        self, image: Tensor, transformation: Transformation, training: bool = True
    ) -> Tensor:
        """Changes one image, of shape `(height, width, channels)`; see `transform_images`."""
        return _as_batch(self.transform_images, image, transformation, training)

    def transform_single_label(
        self, label: Any, transformation: Transformation, training: bool = True
    ) -> Any:
        """Changes one label; see `transform_labels`."""
        return _as_batch(self.transform_labels, label, transformation, training)

    def transform_single_bounding_box(
        self, bounding_box: Any, transformation: Transformation, training: bool = True
    ) -> Any:
        """Changes the bounding boxes of one image; see `transform_bounding_boxes`."""
        return _as_batch(
            self.transform_bounding_boxes, self._checked_boxes(bounding_box), transformation, training
        )

    def transform_single_segmentation_mask(
        self, segmentation_mask: Tensor, transformation: Transformation, training: bool = True
    ) -> Tensor:
        """Changes the mask of one image; see `transform_segmentation_masks`."""
        return _as_batch(self.transform_segmentation_masks, segmentation_mask, transformation, training)

    def _active(self, training: bool, transformation: Any = ()) -> bool:
        return True

    def _check_channels(self, shape: Shape) -> None:
        axis = -3 if self.data_format == "channels_first" else -1
        if self.needs_rgb and shape[axis] not in (3, None):
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: images must have the 3 channels red, green and blue, at axis "
                f"{axis} with data_format={self.data_format!r}, received shape {tuple(shape)}. Repeat the channel of "
                "gray images with `keras.ops.repeat`."
            )

    def _check_entries(self, data: dict[str, Any]) -> None:
        for part, value in data.items():
            for x in tree.flatten(value):
                if type(x) in _NO_TENSORS:
                    raise ValueError(
                        f"{type(self).__name__} {self.name!r}: entries of `data` must be tensors or arrays, received "
                        f"{brief(x)} of type {type(x).__name__} under the key {part!r}. Make it an array, or leave it "
                        f"out. The keys known are {', '.join(map(repr, _PARTS))}; tensors under others stay as "
                        "they are."
                    )

    def _checked_boxes(self, boxes: Any) -> dict[str, Tensor]:
        if self.bounding_box_format is None:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: data holds `bounding_boxes`, so the layer needs a "
                "`bounding_box_format`, such as bounding_box_format='xyxy'."
            )
        if not isinstance(boxes, dict) or "boxes" not in boxes:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: `bounding_boxes` must be a dict with `boxes` and `labels`, "
                f"received {list(boxes) if isinstance(boxes, dict) else type(boxes).__name__}."
            )
        return {name: _dense(values) for name, values in boxes.items()}

    @property
    def number_dtype(self) -> str:
        """The dtype of changed boxes, and of mixed labels: floats even where images are integers."""
        return self.compute_dtype if is_float(self.compute_dtype) else "float32"

    # Shapes

    def image_size(self, shape: Any) -> tuple[Any, Any]:
        """Returns height and width from a shape of images."""
        return tuple(shape[-2:] if self.data_format == "channels_first" else shape[-3:-1])

    def resized_shape(self, shape: Shape, height: Any, width: Any) -> Shape:
        """Returns a shape of images with another height and width."""
        if self.data_format == "channels_first":
            return (*shape[:-2], height, width)
        return (*shape[:-3], height, width, shape[-1])

    def compute_output_shape(self, input_shape: Any) -> Any:
        if not isinstance(input_shape, dict):
            return self.output_image_shape(tuple(input_shape))
        images = tuple(input_shape["images"])
        result = {**input_shape, "images": self.output_image_shape(images)}
        if "segmentation_masks" in input_shape:
            masks = tuple(input_shape["segmentation_masks"])
            result["segmentation_masks"] = self._output_mask_shape(masks, len(images))
        if "bounding_boxes" in input_shape:
            boxes = {part: KerasTensor(tuple(shape)) for part, shape in input_shape["bounding_boxes"].items()}
            result["bounding_boxes"] = {part: x.shape for part, x in self.output_boxes(boxes, True).items()}
        return result

    def compute_output_spec(self, data: Any, training: bool = True) -> Any:
        shape = _images(self, data).shape
        active = self._active(training)
        if active:
            self._check_channels(shape)
        images = KerasTensor(self.output_image_shape(shape) if active else shape, dtype=self.compute_dtype)
        if not isinstance(data, dict):
            return images
        result = {**data, "images": images}
        if "bounding_boxes" in data:
            boxes = self._checked_boxes(data["bounding_boxes"])
            result["bounding_boxes"] = self.output_boxes(boxes, active)
        masks = data.get("segmentation_masks")
        if masks is not None and active:
            result["segmentation_masks"] = KerasTensor(
                self._output_mask_shape(masks.shape, len(shape)), dtype=self.mask_dtype(masks.dtype)
            )
        return result

    def output_boxes(self, boxes: dict[str, KerasTensor], active: bool) -> dict[str, KerasTensor]:
        """Returns the specs of changed boxes and of their labels for theirs; `active` says if any are changed."""
        if not (self.moves_pixels and active):
            return boxes
        return {**boxes, "boxes": KerasTensor(boxes["boxes"].shape, dtype=self.number_dtype)}

    def _output_mask_shape(self, shape: Shape, rank: int) -> Shape:
        """The shape of changed masks for theirs and the rank of the images; masks may lack the axis of channels."""
        if len(shape) == rank:
            return self.output_image_shape(shape)
        axis = rank - 3 if self.data_format == "channels_first" else rank - 1
        whole = self.output_image_shape((*shape[:axis], 1, *shape[axis:]))
        return (*whole[:axis], *whole[axis + 1 :])

    def mask_dtype(self, dtype: str) -> str:
        """Returns the dtype of changed masks for theirs."""
        return dtype


class RandomImageLayer(ImageLayer):
    """Base of layers that change each image in another way while training, and no image otherwise.

    Args:
        seed: Seed; a random one by default.
        **kwargs: Arguments of `ImageLayer`.
    """

    def __init__(self, *, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.generator = random.SeedGenerator(seed)

    def _active(self, training: bool, transformation: Any = ()) -> bool:
        return bool(training) and transformation is not None

    def uniform(self, images: Tensor, ranges: Sequence[Range], seed: Any = None) -> list[Tensor]:
        """Draws numbers for each image, in one go.

        Args:
            images: The images, with or without a batch axis.
            ranges: Where numbers are to lie: one range, `(low, high)`, for each number.
            seed: The seed; the layer's own generator by default.

        Returns:
            One float32 tensor of shape `(batch,)` per range.
        """
        shares = random.uniform(
            (batch_size(images), len(ranges)), dtype="float32", seed=self.generator if seed is None else seed
        )
        low, high = np.array(ranges, "float64").T
        sizes, low = (ops.convert_to_tensor(x, "float32") for x in (high - low, low))
        return ops.unstack(low + shares * sizes, axis=1)


def batch_size(images: Tensor) -> Any:
    """Returns the number of images: 1 for a single one, a tensor where it is not known yet."""
    shape = ops.shape(images)
    return shape[0] if len(shape) == 4 else 1


def per_image(values: Tensor, dtype: str | None = None) -> Tensor:
    """Returns one value per image as a tensor of shape `(batch, 1, 1, 1)`, to compute with images.

    Args:
        values: Tensor of shape `(batch,)`.
        dtype: Dtype of the result, that of the values by default.
    """
    return ops.reshape(values if dtype is None else ops.cast(values, dtype), (-1, 1, 1, 1))


def _images(layer: ImageLayer, data: Any) -> Tensor:
    if isinstance(data, dict):
        if "images" not in data:
            raise ValueError(
                f"{type(layer).__name__} {layer.name!r}: data must hold `images`, received a dict with "
                f"{sorted(data)}."
            )
        data = data["images"]
    if len(data.shape) not in (3, 4):
        raise ValueError(
            f"{type(layer).__name__} {layer.name!r}: images must have 3 axes, or 4 with a batch, received "
            f"shape {tuple(data.shape)}."
        )
    return data


def _dense(values: Any) -> Any:
    """Fills up the boxes of images that have fewer than others, where a `tf.data` pipeline keeps them ragged."""
    return values.to_tensor(default_value=-1) if hasattr(values, "to_tensor") else values


def _as_batch(transform: Any, value: Any, transformation: Transformation, training: bool) -> Any:
    batch = tree.map_structure(lambda x: ops.expand_dims(x, 0), value)
    result = transform(batch, transformation, training=training)
    return tree.map_structure(lambda x: ops.squeeze(x, 0), result)
