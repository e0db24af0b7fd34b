"""Bounding boxes moved as the pixels of their image: clipped, cropped, padded, turned and sheared.

Image layers use these; what compares boxes is in `overlap`.
"""

from typing import Any

from keras_backends.api import export
from keras_ops import ops

from keras_layers.bounding_boxes.formats import columns, convert_format


@export("keras.utils.bounding_boxes.clip_to_image_size")
def clip_to_image_size(
    bounding_boxes: dict[str, Any], height: Any = None, width: Any = None, bounding_box_format: str = "xyxy"
) -> dict[str, Any]:
    """Cuts off what lies outside of the image; boxes of which nothing is left, and their labels, become -1.

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
        ([[2.0, 1.0, 4.0, 3.0], [-1.0, -1.0, -1.0, -1.0]], [7, -1])
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
    left, top, right, bottom = (
        ops.clip(x, 0, ops.cast(size, boxes.dtype))
        for x, size in zip(columns(boxes), (width, height, width, height))
    )
    gone = ops.logical_or(right <= left, bottom <= top)
    boxes = convert_format(ops.stack([left, top, right, bottom], axis=-1), corner_format, bounding_box_format)
    result = {**bounding_boxes, "boxes": ops.where(ops.expand_dims(gone, -1), -1.0, boxes)}
    if "labels" in bounding_boxes:
        labels = ops.convert_to_tensor(bounding_boxes["labels"])
        result["labels"] = ops.cast(ops.where(gone, ops.cast(-1, labels.dtype), labels), labels.dtype)
    return result
