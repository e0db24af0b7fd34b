"""How far bounding boxes cover each other: intersection over union, plain and complete."""

import math
from typing import Any

from keras_backends import settings
from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.bounding_boxes.formats import columns, convert_format


@export("keras.utils.bounding_boxes.compute_iou")
def compute_iou(
    boxes1: Any,
    boxes2: Any,
    bounding_box_format: str,
    use_masking: bool = False,
    mask_val: float = -1,
    image_shape: Any = None,
) -> Tensor:
    """Computes the intersection over union of each box with each other one.

    Args:
        boxes1: Tensor of shape `(boxes1, 4)` or `(batch, boxes1, 4)`.
        boxes2: Tensor of shape `(boxes2, 4)` or `(batch, boxes2, 4)`.
        bounding_box_format: Format of the boxes, see `convert_format`.
        use_masking: Whether boxes all of whose numbers are negative, as those that fill up batches, stand for none.
        mask_val: The result for these.
        image_shape: Shape `(height, width, channels)` of the images; needed for relative formats, whose units differ
            between the axes.

    Returns:
        A tensor of shape `(boxes1, boxes2)` or `(batch, boxes1, boxes2)`, of numbers in `[0, 1]`.

    Raises:
        ValueError: If the boxes have neither 2 nor 3 axes.

    Example:

        >>> one, other = ops.array([[0.0, 0.0, 2.0, 2.0]]), ops.array([[0.0, 0.0, 2.0, 1.0], [5.0, 5.0, 6.0, 6.0]])
        >>> compute_iou(one, other, "xyxy").tolist()
        [[0.5, 0.0]]
    """
    given = [ops.convert_to_tensor(boxes) for boxes in (boxes1, boxes2)]
    for name, boxes in zip(("boxes1", "boxes2"), given):
        if len(boxes.shape) not in (2, 3):
            raise ValueError(
                f"compute_iou: `{name}` must have shape (boxes, 4) or (batch, boxes, 4), received "
                f"{tuple(boxes.shape)}."
            )
    one, other = (_corners(boxes, bounding_box_format, image_shape) for boxes in given)
    result = _shares(ops.expand_dims(one, -2), ops.expand_dims(other, -3))[0]
    if not use_masking:
        return result
    missing, gone = (ops.all(ops.less(boxes, 0), axis=-1) for boxes in given)
    missing = ops.logical_or(ops.expand_dims(missing, -1), ops.expand_dims(gone, -2))
    return ops.where(missing, ops.cast(mask_val, result.dtype), result)


@export("keras.utils.bounding_boxes.compute_ciou")
def compute_ciou(boxes1: Any, boxes2: Any, bounding_box_format: str, image_shape: Any = None) -> Tensor:
    """Computes the complete intersection over union of pairs of boxes (Zheng et al. 2020).

    From the plain one it subtracts how far the middles are apart, and how much the ratios of the sides differ, so
    that it tells boxes apart that do not touch.

    Args:
        boxes1: Tensor of shape `(..., 4)`.
        boxes2: Tensor of shape `(..., 4)`.
        bounding_box_format: Format of the boxes, see `convert_format`.
        image_shape: Shape `(height, width, channels)` of the images; needed for relative formats.

    Returns:
        A tensor of shape `(...)`, of numbers up to 1.

    Example:

        >>> boxes = ops.array([[0.0, 0.0, 2.0, 1.0]])
        >>> round(float(compute_ciou(boxes, boxes, "xyxy")[0]), 5)
        1.0
    """
    one, other = (
        _corners(ops.convert_to_tensor(x), bounding_box_format, image_shape) for x in (boxes1, boxes2)
    )
    share, (left, top, right, bottom), sides = _shares(one, other)
    (width1, height1), (width2, height2) = sides
    apart = sum(
        ops.square((a + c - b - d) / 2)
        for a, b, c, d in zip(columns(one)[:2], columns(other)[:2], columns(one)[2:], columns(other)[2:])
    )
    tiny = settings.epsilon()
    diagonal = ops.square(right - left) + ops.square(bottom - top) + tiny
    angles = [ops.arctan2(width, height) for width, height in ((width1, height1), (width2, height2))]
    ratio = ops.square(angles[0] - angles[1]) * (4 / math.pi**2)
    weight = ratio / (1 - share + ratio + tiny)
    return share - apart / diagonal - weight * ratio


def _corners(boxes: Tensor, bounding_box_format: str, image_shape: Any) -> Tensor:
    height, width = (None, None) if image_shape is None else image_shape[:2]
    # Without a size, relative boxes are compared in their own units: areas are proportional.
    target = "rel_xyxy" if bounding_box_format.startswith("rel_") and image_shape is None else "xyxy"
    return convert_format(boxes, bounding_box_format, target, height, width)


def _shares(one: Tensor, other: Tensor) -> tuple[Tensor, list[Tensor], list[list[Tensor]]]:
    """The intersection over union of boxes as `xyxy`, the boxes around both, and the sides of each."""
    a, b = columns(one), columns(other)
    sides = [[x[2] - x[0], x[3] - x[1]] for x in (a, b)]
    inner = [ops.maximum(p, q) for p, q in zip(a[:2], b[:2])] + [
        ops.minimum(p, q) for p, q in zip(a[2:], b[2:])
    ]
    outer = [ops.minimum(p, q) for p, q in zip(a[:2], b[:2])] + [
        ops.maximum(p, q) for p, q in zip(a[2:], b[2:])
    ]
    common = ops.maximum(inner[2] - inner[0], 0) * ops.maximum(inner[3] - inner[1], 0)
    union = sides[0][0] * sides[0][1] + sides[1][0] * sides[1][1] - common
    return common / ops.maximum(union, settings.epsilon()), outer, sides
