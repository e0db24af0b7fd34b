"""The formats that bounding boxes are written in, and the way from one to another.

Everything else about boxes converts to `xyxy` in pixels, computes there and converts back. All conversions are
a linear map of the four numbers, so the formats are a table.
"""

from collections.abc import Callable, Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.core.arguments import one_of

Numbers = Sequence[Any]

_CORNERS: dict[str, tuple[Callable[..., Numbers], Callable[..., Numbers]]] = {
    "xyxy": (lambda a, b, c, d: (a, b, c, d), lambda a, b, c, d: (a, b, c, d)),
    "yxyx": (lambda a, b, c, d: (b, a, d, c), lambda a, b, c, d: (b, a, d, c)),
    "xywh": (lambda x, y, w, h: (x, y, x + w, y + h), lambda a, b, c, d: (a, b, c - a, d - b)),
    "center_xywh": (
        lambda x, y, w, h: (x - w / 2, y - h / 2, x + w / 2, y + h / 2),
        lambda a, b, c, d: ((a + c) / 2, (b + d) / 2, c - a, d - b),
    ),
    "center_yxhw": (
        lambda y, x, h, w: (x - w / 2, y - h / 2, x + w / 2, y + h / 2),
        lambda a, b, c, d: ((b + d) / 2, (a + c) / 2, d - b, c - a),
    ),
}
"""By format: the corners left, top, right, bottom from the four numbers, and the reverse."""

FORMATS = (*_CORNERS, *(f"rel_{name}" for name in _CORNERS))
"""All formats: in pixels, and relative to the size of the image."""


@export("keras.utils.bounding_boxes.convert_format")
def convert_format(
    boxes: Any,
    source: str,
    target: str,
    height: Any = None,
    width: Any = None,
    dtype: str = "float32",
) -> Any:
    """Converts bounding boxes from one format to another.

    The formats are `"xyxy"` (left, top, right, bottom), `"yxyx"`, `"xywh"` (left, top, width, height),
    `"center_xywh"` (middle, width, height), `"center_yxhw"`, and each of them with `"rel_"` in front: the same
    numbers as parts of the image's size.

    Args:
        boxes: Tensor of shape `(..., 4)`, or a dict with such a one as `boxes`.
        source: Format of the boxes.
        target: Format of the result.
        height: Height of the images: a number or a tensor of shape `(batch,)`. Needed between formats in pixels
            and relative ones.
        width: Width of the images, likewise.
        dtype: Dtype of the result.

    Returns:
        The boxes: a tensor, or a dict with the other entries of the given one.

    Raises:
        ValueError: If a format is none of these, or a size is needed.

    Example:

        >>> convert_format(ops.array([[1.0, 2.0, 3.0, 6.0]]), "xyxy", "center_xywh").tolist()
        [[2.0, 4.0, 2.0, 4.0]]
    """
    if isinstance(boxes, dict):
        return {**boxes, "boxes": convert_format(boxes["boxes"], source, target, height, width, dtype)}
    for name, value in (("source", source), ("target", target)):
        one_of("convert_format", name, value, FORMATS)
    boxes = ops.convert_to_tensor(boxes)
    if boxes.shape[-1] != 4:
        raise ValueError(
            "convert_format: `boxes` must have 4 numbers for each box, in the last axis, received boxes of shape "
            f"{tuple(boxes.shape)}."
        )
    boxes = ops.cast(boxes, dtype)
    if source == target:
        return boxes
    to_corners, relative = _CORNERS[source.removeprefix("rel_")][0], source.startswith("rel_")
    corners = to_corners(*columns(boxes))
    if relative != target.startswith("rel_"):
        corners = _scaled(corners, height, width, relative, f"source={source!r}, target={target!r}", boxes)
    return ops.stack(_CORNERS[target.removeprefix("rel_")][1](*corners), axis=-1)


def columns(boxes: Tensor) -> list[Tensor]:
    """Returns the four numbers of boxes, each as a tensor without the last axis."""
    return ops.unstack(boxes, axis=-1)


def real(size: Any) -> Any:
    """Returns a size of images to compute fractions of: an integer, or a float tensor where it is a tensor."""
    return size if isinstance(size, int) else ops.cast(size, "float32")


def _scaled(
    corners: Numbers, height: Any, width: Any, relative: bool, formats: str, boxes: Tensor
) -> Numbers:
    if height is None or width is None:
        raise ValueError(
            f"convert_format: `height` and `width` of the images are needed for {formats}, received "
            f"height={height}, width={width}."
        )
    sizes = [beside(size, boxes) for size in (width, height, width, height)]
    return [x * size if relative else x / size for x, size in zip(corners, sizes)]


def beside(value: Any, boxes: Tensor) -> Any:
    """Returns a number, or one for each image of a batch, so that it can be computed with a column of boxes.

    Args:
        value: A number or a tensor of shape `()` or `(batch,)`.
        boxes: The boxes, of shape `(batch, boxes, 4)` or with other axes before the last one.
    """
    if isinstance(value, (int, float)):
        return value
    value = ops.cast(ops.convert_to_tensor(value), boxes.dtype)
    extra = len(boxes.shape) - 1 - len(value.shape)
    return ops.reshape(value, (-1, *[1] * extra)) if len(value.shape) == 1 and extra > 0 else value
