"""Images and boxes brought to another size: stretched, cropped or padded to keep the ratio of the sides.

`Resizing` does this always, the cropping layers where an image is smaller than what is to be cut out of it.
"""

from typing import Any

from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.bounding_boxes.formats import real
from keras_layers.bounding_boxes.moves import scaled, shifted

Size = tuple[Any, Any]
"""Height and width: integers, or tensors where they are known at run time only."""


def checked_size(owner: Any, name: str, value: Any) -> int:
    """Returns a height or width, if it is a positive integer.

    Raises:
        ValueError: If it is none.
    """
    if not hasattr(value, "__index__") or isinstance(value, bool) or value < 1:
        raise ValueError(
            f"{type(owner).__name__}: `{name}` must be a positive integer, received {name}={value!r}."
        )
    return int(value)


def fitted_boxes(
    boxes: dict[str, Tensor], size: Size, target: Size, crop: bool = False, pad: bool = False
) -> dict[str, Tensor]:
    """Moves boxes as `keras.ops.image.resize` moves pixels.

    Args:
        boxes: Dict with `boxes` of shape `(batch, boxes, 4)`, as `xyxy`.
        size: Size of the images.
        target: Their new size.
        crop: Whether edges are cut off to keep the ratio of the sides.
        pad: Whether margins are added for it.
    """
    margins, seen = [0, 0], list(size)
    wanted = (size[1] * target[0] // target[1], size[0] * target[1] // target[0])
    for axis, (old, new) in enumerate(zip(size, wanted)):
        if crop:
            seen[axis] = _largest(1, _smallest(old, new))
            margins[axis] = -((old - seen[axis]) // 2)
        elif pad:
            margins[axis] = _largest(new - old, 0) // 2
            seen[axis] = old + 2 * margins[axis]
    down, across = (real(new) / real(old) for old, new in zip(seen, target))
    return {**boxes, "boxes": scaled(shifted(boxes["boxes"], margins[1], margins[0]), across, down)}


def at_least(size: Size, least: Size, enough: Any, less: Any) -> Any:
    """Returns what the function `enough` returns if both sides have a least size, or else what `less` does."""
    if all(isinstance(n, int) for n in size):
        return enough() if size[0] >= least[0] and size[1] >= least[1] else less()
    fits = ops.logical_and(ops.greater_equal(size[0], least[0]), ops.greater_equal(size[1], least[1]))
    return ops.cond(fits, enough, less)


def _largest(a: Any, b: Any) -> Any:
    return max(a, b) if isinstance(a, int) and isinstance(b, int) else ops.maximum(a, b)


def _smallest(a: Any, b: Any) -> Any:
    return min(a, b) if isinstance(a, int) and isinstance(b, int) else ops.minimum(a, b)
