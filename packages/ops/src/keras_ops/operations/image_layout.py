"""Where height, width and channels of images stand, and the texts that operations on images share.

Images have three axes, or four with those of a batch; all operations of `keras.ops.image` use this.
"""

from collections.abc import Callable
from typing import Any

from keras_backends.dtypes import is_float

from keras_ops.documentation import documented
from keras_ops.operations.core import cast, dtype, ndim, saturate_cast
from keras_ops.operations.core import shape as shape_of
from keras_ops.operations.creation import full
from keras_ops.operations.elementwise import round
from keras_ops.operations.joining import concatenate, pad
from keras_ops.rules import native
from keras_ops.tensor import Shape, Tensor

pixels = native
"""Dtype rule: that of the images, as wide as the framework keeps it."""

image_texts = documented(
    images="""
        images: Tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`; with
            `data_format="channels_first"` the channels stand before the height.
    """,
    data_format="""
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by
            default.
    """,
)
"""Fills `{images}` and `{data_format}` of a docstring."""


def axes_of(shape: Shape, data_format: str, name: str = "images") -> tuple[int, int, int]:
    """The axes of height, width and channels.

    >>> axes_of((8, 32, 32, 3), "channels_last")
    (1, 2, 3)

    Raises:
        ValueError: If the shape has neither 3 nor 4 axes.
    """
    rank = len(shape)
    if rank not in (3, 4):
        raise ValueError(f"expected `{name}` to have 3 axes, or 4 with a batch, received shape {shape}.")
    return (
        (rank - 2, rank - 1, rank - 3) if data_format == "channels_first" else (rank - 3, rank - 2, rank - 1)
    )


def replaced(shape: Shape, sizes: dict[int, int | None]) -> Shape:
    """A shape with other sizes at some axes."""
    return tuple(sizes.get(axis, size) for axis, size in enumerate(shape))


def one_of(name: str, value: Any, known: Any) -> None:
    """Raises `ValueError` unless `value` is among the known ones."""
    if value not in known:
        raise ValueError(
            f"expected `{name}` to be one of {', '.join(map(repr, known))}, received {name}={value!r}."
        )


def pair(name: str, value: Any) -> tuple[Any, Any]:
    """Returns `value` as a pair of numbers.

    Raises:
        ValueError: If it is none.
    """
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise ValueError(f"expected `{name}` to be a pair of numbers, received {name}={value!r}.")
    return tuple(value)


def framed(x: Tensor, margins: dict[int, tuple[Any, Any]], value: Any = 0) -> Tensor:
    """Adds margins `(before, after)` to axes; their sizes may be tensors, known at run time only."""
    if all(isinstance(n, int) for pair in margins.values() for n in pair):
        return pad(x, [margins.get(axis, (0, 0)) for axis in range(ndim(x))], constant_values=value)
    for axis, amounts in margins.items():
        before, after = (full(replaced(shape_of(x), {axis: n}), value, dtype(x)) for n in amounts)
        x = concatenate([before, x, after], axis)
    return x


def in_float(function: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """Applies a function in float32 at least; integers are rounded afterwards."""
    given = dtype(images)
    result = function(images if given in ("float32", "float64") else cast(images, "float32"))
    return cast(result, given) if is_float(given) else saturate_cast(round(result), given)
