"""Bounding boxes moved as the pixels of their image: clipped, cropped, padded, turned and sheared.

Image layers use these; what compares boxes is in `overlap`.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.bounding_boxes.formats import beside, columns, convert_format, real


@export("keras.utils.bounding_boxes.clip_to_image_size")
def clip_to_image_size(
    bounding_boxes: dict[str, Any], height: Any = None, width: Any = None, bounding_box_format: str = "xyxy"
) -> dict[str, Any]:
    """Cuts off what lies outside of the image; labels of boxes of which nothing is left become -1.

    Args:
        bounding_boxes: Dict with `boxes` of shape `(..., boxes, 4)` and, if boxes have labels, `labels` of shape
            `(..., boxes)`.
        height: Height of the image; formats relative to it need none.
        width: Width of the image, likewise.
        bounding_box_format: Format of the boxes, see `convert_format`.

    Returns:
        A dict like the given one.

    Raises:
        ValueError: If the size is missing.

    Example:

        >>> boxes = {"boxes": ops.array([[2.0, 1.0, 9.0, 3.0], [5.0, 0.0, 6.0, 1.0]]), "labels": ops.array([7, 8])}
        >>> clipped = clip_to_image_size(boxes, height=4, width=4)
        >>> clipped["boxes"].tolist(), clipped["labels"].tolist()
        ([[2.0, 1.0, 4.0, 3.0], [4.0, 0.0, 4.0, 1.0]], [7, -1])
    """
    relative = bounding_box_format.startswith("rel_")
    corner_format = "rel_xyxy" if relative else "xyxy"
    if relative:
        height = width = 1
    if height is None or width is None:
        raise ValueError(
            "clip_to_image_size: `height` and `width` of the image are needed for boxes in pixels, received "
            f"height={height}, width={width}, bounding_box_format={bounding_box_format!r}."
        )
    boxes = convert_format(bounding_boxes["boxes"], bounding_box_format, corner_format)
    left, top, right, bottom = corners = _clipped(boxes, height, width)
    result = {
        **bounding_boxes,
        "boxes": convert_format(ops.stack(corners, axis=-1), corner_format, bounding_box_format),
    }
    if "labels" in bounding_boxes:
        gone = ops.logical_or(right <= left, bottom <= top)
        labels = ops.convert_to_tensor(bounding_boxes["labels"])
        result["labels"] = ops.cast(ops.where(gone, ops.cast(-1, labels.dtype), labels), labels.dtype)
    return result


@export("keras.utils.bounding_boxes.crop")
def crop(
    boxes: Any, top: Any, left: Any, height: Any, width: Any, bounding_box_format: str = "xyxy"
) -> Tensor:
    """Moves boxes as cropping moves their images, and cuts them off at the edges.

    Args:
        boxes: Tensor of shape `(..., 4)`.
        top: Number of rows cut off at the top.
        left: Number of columns cut off at the left.
        height: Height of what is left; formats relative to an image mean one of this size, before and after.
        width: Width of what is left, likewise.
        bounding_box_format: Format of the boxes, see `convert_format`.

    Returns:
        A tensor of the shape of `boxes`.

    Example:

        >>> crop(ops.array([[1.0, 2.0, 6.0, 4.0]]), top=1, left=2, height=4, width=3).tolist()
        [[0.0, 1.0, 3.0, 3.0]]
    """
    boxes = convert_format(boxes, bounding_box_format, "xyxy", height, width)
    corners = _clipped(shifted(boxes, -left, -top), height, width)
    return convert_format(ops.stack(corners, axis=-1), "xyxy", bounding_box_format, height, width)


@export("keras.utils.bounding_boxes.pad")
def pad(
    boxes: Any, top: Any, left: Any, height: Any = None, width: Any = None, bounding_box_format: str = "xyxy"
) -> Tensor:
    """Moves boxes as margins at the top and left move their images.

    Args:
        boxes: Tensor of shape `(..., 4)`.
        top: Height of the margin at the top.
        left: Width of the margin at the left.
        height: Height of the image that formats relative to it mean, before and after.
        width: Width of that image.
        bounding_box_format: Format of the boxes, see `convert_format`.

    Returns:
        A tensor of the shape of `boxes`.

    Example:

        >>> pad(ops.array([[1.0, 2.0, 6.0, 4.0]]), top=1, left=2).tolist()
        [[3.0, 3.0, 8.0, 5.0]]
    """
    boxes = convert_format(boxes, bounding_box_format, "xyxy", height, width)
    return convert_format(shifted(boxes, left, top), "xyxy", bounding_box_format, height, width)


@export("keras.utils.bounding_boxes.affine_transform")
def affine_transform(
    boxes: Any,
    angle: Any,
    translate_x: Any,
    translate_y: Any,
    scale: Any,
    shear_x: Any,
    shear_y: Any,
    height: Any,
    width: Any,
    center_x: Any = None,
    center_y: Any = None,
    bounding_box_format: str = "xyxy",
) -> Tensor:
    """Turns, scales, shears and moves boxes; the result are the upright boxes around them.

    All amounts are numbers, or for boxes of shape `(batch, boxes, 4)` tensors, arrays or lists of shape `(batch,)`.

    Args:
        boxes: Tensor of shape `(boxes, 4)` or `(batch, boxes, 4)`.
        angle: Angle in degrees, counterclockwise.
        translate_x: Part of the width by which boxes move to the right.
        translate_y: Part of the height by which they move down.
        scale: Factor of their size.
        shear_x: Angle in degrees by which upright lines are slanted.
        shear_y: Angle in degrees by which level lines are slanted.
        height: Height of the image.
        width: Width of the image.
        center_x: The point that stays in its place, as a part of the way from the first column to the last one; the
            middle by default.
        center_y: Likewise from the first row to the last one.
        bounding_box_format: Format of the boxes, see `convert_format`.

    Returns:
        A tensor of the shape of `boxes`.

    Example:

        >>> quarter = affine_transform(ops.array([[1.0, 2.0, 3.0, 6.0]]), 90, 0, 0, 1, 0, 0, height=9, width=9)
        >>> ops.round(quarter).tolist()
        [[2.0, 5.0, 6.0, 7.0]]
    """
    boxes = convert_format(boxes, bounding_box_format, "xyxy", height, width)
    turn, slant_x, slant_y = (_amount(x) * (math.pi / 180) for x in (angle, shear_x, shear_y))
    scale = _amount(scale)
    cos, sin, across, down = ops.cos(turn), ops.sin(turn), ops.tan(slant_x), ops.tan(slant_y)
    rows = (
        (scale * (cos + sin * down), scale * (cos * across + sin)),
        (scale * (cos * down - sin), scale * (cos - sin * across)),
    )
    sizes = [real(size) for size in (width, height)]
    parts = (_amount(0.5 if part is None else part) for part in (center_x, center_y))
    origin = [(size - 1) * part for size, part in zip(sizes, parts)]
    shifts = (_amount(shift) for shift in (translate_x, translate_y))
    target = [middle + size * shift for middle, size, shift in zip(origin, sizes, shifts)]
    moved = enclosed(moved_corners(boxes, rows, origin, target))
    return convert_format(moved, "xyxy", bounding_box_format, height, width)


def _amount(value: Any) -> Tensor:
    return ops.cast(ops.convert_to_tensor(value), "float32")


def shifted(boxes: Tensor, right: Any, down: Any) -> Tensor:
    """Returns boxes as `xyxy` moved by numbers of pixels: one, or one per image."""
    right, down = beside(right, boxes), beside(down, boxes)
    return ops.stack([x + by for x, by in zip(columns(boxes), (right, down, right, down))], axis=-1)


def scaled(boxes: Tensor, across: Any, down: Any) -> Tensor:
    """Returns boxes as `xyxy` with their numbers multiplied: by one factor, or by one per image."""
    across, down = beside(across, boxes), beside(down, boxes)
    return ops.stack([x * by for x, by in zip(columns(boxes), (across, down, across, down))], axis=-1)


def corner_points(boxes: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Returns the four corners of boxes as `xyxy`, as pairs `(x, y)`."""
    left, top, right, bottom = columns(boxes)
    return list(itertools.product((left, right), (top, bottom)))


def moved_corners(
    boxes: Tensor, rows: Sequence[Sequence[Any]], origin: Sequence[Any], target: Sequence[Any]
) -> list[tuple[Any, Any]]:
    """Returns the corners of boxes after a linear map of their distance from a point.

    Args:
        boxes: Boxes as `xyxy`.
        rows: The map, `((a, b), (c, d))`: numbers, or tensors of shape `(batch,)`.
        origin: The point `(x, y)`.
        target: Where this point comes to lie.
    """
    ((a, b), (c, d)), origin, target = (
        [[beside(x, boxes) for x in row] for row in rows],
        [beside(x, boxes) for x in origin],
        [beside(x, boxes) for x in target],
    )
    distances = [(x - origin[0], y - origin[1]) for x, y in corner_points(boxes)]
    return [(a * x + b * y + target[0], c * x + d * y + target[1]) for x, y in distances]


def enclosed(points: Sequence[tuple[Any, Any]]) -> Tensor:
    """Returns the upright boxes around points, pairs `(x, y)`, as `xyxy`."""
    x, y = (ops.stack(list(values), axis=-1) for values in zip(*points))
    return ops.stack(
        [ops.min(x, axis=-1), ops.min(y, axis=-1), ops.max(x, axis=-1), ops.max(y, axis=-1)], axis=-1
    )


def _clipped(boxes: Tensor, height: Any, width: Any) -> list[Tensor]:
    sizes = (beside(width, boxes), beside(height, boxes)) * 2
    return [ops.minimum(ops.maximum(x, 0), size) for x, size in zip(columns(boxes), sizes)]
