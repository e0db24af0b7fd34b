"""Images mixed with other images of their batch: as a whole, or a rectangle of one in the other.

Labels, bounding boxes and masks are mixed likewise.
"""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_backends.dtypes import is_float, standardize_dtype
from keras_ops import ops, random
from keras_ops.tensor import KerasTensor, Tensor

from keras_layers.bounding_boxes.formats import columns
from keras_layers.bounding_boxes.moves import clip_to_image_size
from keras_layers.preprocessing.image.color_layer import color_texts, in_float
from keras_layers.preprocessing.image.factors import factor_range, positive_number
from keras_layers.preprocessing.image.image_layer import (
    RandomImageLayer,
    Transformation,
    batch_size,
    per_image,
)
from keras_layers.preprocessing.image.random_erasing import inside_rectangle


class MixingLayer(RandomImageLayer):
    """Base of layers that mix each image with another one of the batch.

    The transformation has `other`, the number of the other image, and `share`, the part that is left of the own one.
    """

    moves_pixels = True

    def draw_others(self, images: Tensor, seed: Any) -> Tensor:
        """Draws an image for each image, so that each one is drawn once."""
        (keys,) = self.uniform(images, [(0, 1)], seed)
        return ops.argsort(keys)

    def change_labels(self, labels: Any, transformation: Transformation) -> Tensor:
        labels = ops.convert_to_tensor(labels)
        self._check_labels(labels)
        labels = ops.cast(labels, self.number_dtype)
        share = ops.cast(transformation["share"], self.number_dtype)
        share = ops.reshape(share, (-1, *[1] * (len(labels.shape) - 1)))
        return share * labels + (1 - share) * ops.take(labels, transformation["other"], axis=0)

    def _check_labels(self, labels: Tensor) -> None:
        single = len(labels.shape) < 2 or labels.shape[-1] == 1
        if single and not is_float(standardize_dtype(labels.dtype)):
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: labels are mixed as numbers, so categories must be one-hot "
                f"vectors, received {standardize_dtype(labels.dtype)} of shape {tuple(labels.shape)}. Use "
                "`keras.ops.one_hot` first."
            )

    def compute_output_spec(self, data: Any, training: bool = True) -> Any:
        result = super().compute_output_spec(data, training)
        if isinstance(data, dict) and "labels" in data and self._active(training):
            self._check_labels(data["labels"])
            result["labels"] = KerasTensor(data["labels"].shape, dtype=self.number_dtype)
        return result

    def output_boxes(self, boxes: dict[str, KerasTensor], active: bool) -> dict[str, KerasTensor]:
        boxes = super().output_boxes(boxes, active)
        if not active:
            return boxes
        specs = {}
        for part, x in boxes.items():
            axis = len(x.shape) - (2 if part == "boxes" else 1)
            sizes = list(x.shape)
            sizes[axis] = None if sizes[axis] is None else 2 * sizes[axis]
            specs[part] = KerasTensor(tuple(sizes), dtype=x.dtype)
        return specs


def _joined(boxes: dict[str, Tensor], others: dict[str, Tensor]) -> dict[str, Tensor]:
    """The boxes of two batches, those of the first one first."""
    return {part: ops.concatenate([boxes[part], others[part]], axis=1) for part in boxes}


def _of(other: Tensor, boxes: dict[str, Tensor]) -> dict[str, Tensor]:
    return {part: ops.take(x, other, axis=0) for part, x in boxes.items()}


@export("keras.layers.MixUp")
@color_texts
class MixUp(MixingLayer):
    """Mixes each image with another one of its batch while training: `share * own + (1 - share) * other`.

    Labels are mixed by the same shares, so categories must be one-hot vectors. Bounding boxes become those of both
    images. Masks of floats are mixed; of masks of integers the one with the larger share stays. See Zhang et al.,
    "mixup: Beyond Empirical Risk Minimization", 2017.

    Args:
        alpha: Both parameters of the beta distribution from which the share is drawn, positive. The larger it is,
            the more images are mixed half and half.
        {data_format}
        {seed}
        **kwargs: `bounding_box_format` (needed where data holds boxes), and arguments of `keras.Layer`, such as
            `name` and `dtype`.

    Raises:
        ValueError: If `alpha` is no positive number.

    Example:

        >>> mixed = MixUp(seed=1)({"images": ops.ones((4, 2, 2, 3)), "labels": ops.eye(4)})
        >>> [round(float(x), 3) for x in ops.sum(mixed["labels"], axis=1)]
        [1.0, 1.0, 1.0, 1.0]
    """

    def __init__(
        self, alpha: float = 0.2, data_format: str | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, seed=seed, **kwargs)
        self.alpha = positive_number(self, "alpha", alpha)

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        share = random.beta(
            (batch_size(images),),
            self.alpha,
            self.alpha,
            dtype="float32",
            seed=self.generator if seed is None else seed,
        )
        return {"other": self.draw_others(images, seed), "share": share}

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        others = ops.take(images, transformation["other"], axis=0)

        def mixed(x: Tensor) -> Tensor:
            share = per_image(transformation["share"], x.dtype)
            return share * x + (1 - share) * ops.cast(others, x.dtype)

        return in_float(mixed, images)

    def change_masks(self, masks: Tensor, transformation: Transformation) -> Tensor:
        others = ops.take(masks, transformation["other"], axis=0)
        dtype = standardize_dtype(masks.dtype)
        share = ops.reshape(transformation["share"], (-1, *[1] * (len(masks.shape) - 1)))
        if not is_float(dtype):
            return ops.where(share >= 0.5, masks, others)
        share = ops.cast(share, dtype)
        return share * masks + (1 - share) * others

    def change_boxes(self, boxes: dict[str, Tensor], transformation: dict[str, Any]) -> dict[str, Tensor]:
        return _joined(boxes, _of(transformation["other"], boxes))


@export("keras.layers.CutMix")
@color_texts
class CutMix(MixingLayer):
    """Replaces a rectangle of each image by that of another one of its batch, while training.

    Labels are mixed by the area, so categories must be one-hot vectors. Of the other image's bounding boxes, what
    lies in the rectangle is added. See Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers
    with Localizable Features", 2019.

    Args:
        factor: Part of the image that is replaced, before the rectangle is cut off at the edges: a pair of numbers
            in `[0, 1]`, between which it is drawn, or one number `x` for `(0, x)`.
        {seed}
        {data_format}
        **kwargs: `bounding_box_format` (needed where data holds boxes), and arguments of `keras.Layer`, such as
            `name` and `dtype`.

    Raises:
        ValueError: If `factor` is outside of its bounds.

    Example:

        >>> mixed = CutMix(seed=1)({"images": ops.ones((4, 2, 2, 3)), "labels": ops.eye(4)})
        >>> [round(float(x), 3) for x in ops.sum(mixed["labels"], axis=1)]
        [1.0, 1.0, 1.0, 1.0]
    """

    def __init__(
        self,
        factor: float | Sequence[float] = 1.0,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, seed=seed, **kwargs)
        self.factor = factor_range(self, factor, (0, 1.0))

    def draw_transformation(self, images: Tensor, seed: Any) -> dict[str, Any]:
        keys, area, x, y = self.uniform(images, [(0, 1), self.factor, (0, 1), (0, 1)], seed)
        height, width = (ops.cast(size, "float32") for size in self.image_size(ops.shape(images)))
        half = ops.sqrt(area) / 2
        left, right = (ops.round(ops.clip(x + side, 0, 1) * width) / width for side in (-half, half))
        top, bottom = (ops.round(ops.clip(y + side, 0, 1) * height) / height for side in (-half, half))
        share = 1 - (right - left) * (bottom - top)
        return {"other": ops.argsort(keys), "share": share, "rectangle": (left, top, right, bottom)}

    def change_images(self, images: Tensor, transformation: Transformation) -> Tensor:
        inside = inside_rectangle(images, *transformation["rectangle"], data_format=self.data_format)
        return ops.where(inside, ops.take(images, transformation["other"], axis=0), images)

    def change_masks(self, masks: Tensor, transformation: Transformation) -> Tensor:
        return self.change_images(masks, transformation)

    def change_boxes(self, boxes: dict[str, Tensor], transformation: dict[str, Any]) -> dict[str, Tensor]:
        others = _of(transformation["other"], boxes)
        height, width = (ops.cast(x, "float32") for x in self.image_size(transformation["input_shape"]))
        sizes = (width, height, width, height)
        left, top, right, bottom = (
            ops.expand_dims(x * size, -1) for x, size in zip(transformation["rectangle"], sizes)
        )
        x0, y0, x1, y1 = columns(others["boxes"])
        moved = [x0 - left, y0 - top, x1 - left, y1 - top]
        cut = clip_to_image_size(
            {**others, "boxes": ops.stack(moved, axis=-1)}, bottom - top, right - left, "xyxy"
        )
        gone = cut["boxes"][..., 2:3] < 0
        shift = ops.expand_dims(ops.concatenate([left, top, left, top], axis=-1), 1)
        cut["boxes"] = ops.where(gone, cut["boxes"], cut["boxes"] + shift)
        return _joined(boxes, cut)
