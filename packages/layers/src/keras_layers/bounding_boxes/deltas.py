"""Boxes as what a detector predicts: their differences from anchors."""

from collections.abc import Callable, Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.documentation import documented
from keras_ops.tensor import Tensor

from keras_layers.bounding_boxes.formats import convert_format
from keras_layers.core.arguments import one_of

_ENCODINGS = ("center_yxhw", "center_xywh")

_texts = documented(
    anchors="""
        anchors: Tensor of shape `(boxes, 4)`, or a dict of such tensors, e.g. one per level of a pyramid.
    """,
    formats="""
        anchor_format: Format of the anchors, see `convert_format`.
        box_format: Format of the boxes.
    """,
    rest="""
        variance: Four numbers that the deltas are divided by; all 1 by default.
        image_shape: Shape `(height, width, channels)` of the images; needed for relative formats.
    """,
    raises="""
        Raises:
            ValueError: If the encoding is none of those named, or `variance` has not four numbers.
    """,
)


@export("keras.utils.bounding_boxes.encode_box_to_deltas")
@_texts
def encode_box_to_deltas(
    anchors: Any,
    boxes: Any,
    anchor_format: str,
    box_format: str,
    encoding_format: str = "center_yxhw",
    variance: Sequence[float] | None = None,
    image_shape: Any = None,
) -> Any:
    """Encodes boxes by their differences from anchors.

    Differences of the middles are counted in sides of the anchor, those of the sides as logarithms of ratios.

    Args:
        {anchors}
        boxes: Tensor of shape `(boxes, 4)` or `(batch, boxes, 4)`, or a dict like that of the anchors.
        {formats}
        encoding_format: Order of the result's numbers: `"center_yxhw"` or `"center_xywh"`.
        {rest}

    Returns:
        A tensor of the shape of `boxes`, or a dict of them.

    {raises}

    Example:

        >>> anchors, boxes = ops.array([[0.0, 0.0, 2.0, 2.0]]), ops.array([[0.0, 1.0, 2.0, 3.0]])
        >>> encode_box_to_deltas(anchors, boxes, "xyxy", "xyxy").tolist()
        [[0.5, 0.0, 0.0, 0.0]]
    """
    scale = _variance("encode_box_to_deltas", "encoding_format", encoding_format, variance)
    height, width = (None, None) if image_shape is None else image_shape[:2]

    def encoded(anchors: Any, boxes: Any) -> Tensor:
        anchors = convert_format(anchors, anchor_format, encoding_format, height, width)
        boxes = convert_format(boxes, box_format, encoding_format, height, width)
        sides = anchors[..., 2:]
        middles = (boxes[..., :2] - anchors[..., :2]) / sides
        return ops.concatenate([middles, ops.log(boxes[..., 2:] / sides)], axis=-1) / scale

    return _levels("encode_box_to_deltas", encoded, anchors, boxes)


@export("keras.utils.bounding_boxes.decode_deltas_to_boxes")
@_texts
def decode_deltas_to_boxes(
    anchors: Any,
    boxes_delta: Any,
    anchor_format: str,
    box_format: str,
    encoded_format: str = "center_yxhw",
    variance: Sequence[float] | None = None,
    image_shape: Any = None,
) -> Any:
    """Finds the boxes that `encode_box_to_deltas` encoded.

    Args:
        {anchors}
        boxes_delta: The deltas: tensor of shape `(boxes, 4)` or `(batch, boxes, 4)`, or a dict like that of the
            anchors.
        {formats}
        encoded_format: Order of the deltas: `"center_yxhw"` or `"center_xywh"`.
        {rest}

    Returns:
        A tensor of the shape of `boxes_delta`, or a dict of them.

    {raises}

    Example:

        >>> anchors, deltas = ops.array([[0.0, 0.0, 2.0, 2.0]]), ops.array([[0.5, 0.0, 0.0, 0.0]])
        >>> decode_deltas_to_boxes(anchors, deltas, "xyxy", "xyxy").tolist()
        [[0.0, 1.0, 2.0, 3.0]]
    """
    scale = _variance("decode_deltas_to_boxes", "encoded_format", encoded_format, variance)
    height, width = (None, None) if image_shape is None else image_shape[:2]

    def decoded(anchors: Any, deltas: Any) -> Tensor:
        anchors = convert_format(anchors, anchor_format, encoded_format, height, width)
        deltas = ops.cast(ops.convert_to_tensor(deltas), "float32") * scale
        middles, sides = anchors[..., :2], anchors[..., 2:]
        boxes = [deltas[..., :2] * sides + middles, ops.exp(deltas[..., 2:]) * sides]
        return convert_format(ops.concatenate(boxes, axis=-1), encoded_format, box_format, height, width)

    return _levels("decode_deltas_to_boxes", decoded, anchors, boxes_delta)


def _variance(function: str, name: str, encoding: str, variance: Any) -> Tensor:
    one_of(function, name, encoding, _ENCODINGS)
    numbers = ops.cast(ops.convert_to_tensor([1.0] * 4 if variance is None else variance), "float32")
    if tuple(numbers.shape) != (4,):
        raise ValueError(f"{function}: `variance` must be four numbers, received variance={variance!r}.")
    return numbers


def _levels(function: str, compute: Callable[[Any, Any], Tensor], anchors: Any, boxes: Any) -> Any:
    if not isinstance(anchors, dict):
        return compute(anchors, boxes)
    if not isinstance(boxes, dict) or set(boxes) != set(anchors):
        raise ValueError(
            f"{function}: where `anchors` is a dict, the boxes must be one with the same keys, expected "
            f"{sorted(anchors)}, received {sorted(boxes) if isinstance(boxes, dict) else type(boxes).__name__}."
        )
    return {level: compute(anchors[level], boxes[level]) for level in anchors}
