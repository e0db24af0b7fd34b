"""Cropping and padding of images at their four edges."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export

from keras_ops.documentation import documented
from keras_ops.op import op
from keras_ops.operations.core import ndim
from keras_ops.operations.core import shape as shape_of
from keras_ops.operations.image_layout import axes_of, framed, image_texts, pixels, replaced
from keras_ops.operations.indexing import get_item
from keras_ops.tensor import Shape, Tensor

_EDGES = (("top", "bottom", "height"), ("left", "right", "width"))

_edge_texts = documented(
    edges="""
        top_{kind}: Rows to {verb} above.
        left_{kind}: Columns to {verb} on the left.
        bottom_{kind}: Rows to {verb} below.
        right_{kind}: Columns to {verb} on the right.
        target_height: Rows of the result.
        target_width: Columns of the result.
    """,
    error="ValueError: If not exactly two numbers are given for an axis, or they do not fit the images.",
)


def _amounts(
    shape: Shape, data_format: str, kind: str, given: Sequence[Any]
) -> dict[int, tuple[Any, Any, Any]]:
    """For the axes of height and width: how much before, how much after, and the new size.

    Args:
        shape: Shape of the images.
        data_format: Where the axes stand.
        kind: `"cropping"` or `"padding"`.
        given: Top, left, bottom, right, height, width: two of three are given for each axis.
    """
    sign = 1 if kind == "padding" else -1
    result = {}
    for i, axis in enumerate(axes_of(shape, data_format)[:2]):
        first, last, side = _EDGES[i]
        names = (f"{first}_{kind}", f"{last}_{kind}", f"target_{side}")
        size, (before, after, target) = shape[axis], given[i::2]
        if given[i::2].count(None) != 1:
            received = ", ".join(f"{name}={n}" for name, n in zip(names, given[i::2]))
            raise ValueError(f"expected two of {', '.join(names)}, received {received}.")
        if size is not None:
            if target is None:
                target = size + sign * (before + after)
            elif before is None:
                before = sign * (target - size) - after
            else:
                after = sign * (target - size) - before
            if any(isinstance(n, int) and n < low for n, low in zip((before, after, target), (0, 0, 1))):
                received = ", ".join(f"{name}={n}" for name, n in zip(names, given[i::2]))
                raise ValueError(
                    f"expected numbers that fit the {side} {size} of the images, received {received}."
                )
        result[axis] = before, after, target
    return result


def _rule(kind: str) -> Any:
    def resized(shape: Shape, *, data_format: str, **given: Any) -> Shape:
        amounts = _amounts(shape, data_format, kind, tuple(given.values()))
        return replaced(shape, {axis: target for axis, (_, _, target) in amounts.items()})

    return resized


@export("keras.ops.image.crop_images")
@documented(kind="cropping", verb="cut off")
@_edge_texts
@image_texts
@op(shape=_rule("cropping"), dtype=pixels)
def crop_images(
    images: Tensor,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Tensor:
    """Cuts rows and columns off images. Of the three numbers of an axis, two are given.

    Args:
        {images}
        {edges}
        {data_format}

    Returns:
        A tensor like `images`, smaller.

    Raises:
        {error}

    Example:

        >>> import numpy as np
        >>> crop_images(np.ones((6, 8, 3)), 1, 2, 1, 2, data_format="channels_last").shape
        (4, 4, 3)
    """
    given = (top_cropping, left_cropping, bottom_cropping, right_cropping, target_height, target_width)
    key = [slice(None)] * ndim(images)
    for axis, (before, _, target) in _amounts(shape_of(images), data_format, "cropping", given).items():
        key[axis] = slice(before, before + target)
    return get_item(images, tuple(key))


@export("keras.ops.image.pad_images")
@documented(kind="padding", verb="add")
@_edge_texts
@image_texts
@op(shape=_rule("padding"), dtype=pixels)
def pad_images(
    images: Tensor,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Tensor:
    """Adds rows and columns of zeros to images. Of the three numbers of an axis, two are given.

    Args:
        {images}
        {edges}
        {data_format}

    Returns:
        A tensor like `images`, larger.

    Raises:
        {error}

    Example:

        >>> import numpy as np
        >>> pad_images(np.ones((4, 4, 3)), 1, 2, 1, 2, data_format="channels_last").shape
        (6, 8, 3)
    """
    given = (top_padding, left_padding, bottom_padding, right_padding, target_height, target_width)
    amounts = _amounts(shape_of(images), data_format, "padding", given)
    return framed(images, {axis: (before, after) for axis, (before, after, _) in amounts.items()})
