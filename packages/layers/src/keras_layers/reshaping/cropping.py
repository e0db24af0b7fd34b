"""`Cropping1D`, `2D` and `3D`: the ends of each dimension are cut off."""

from typing import Any

from keras_backends.api import export
from keras_ops.tensor import Tensor

from keras_layers.documentation import INPUTS, documented
from keras_layers.layer import Shape
from keras_layers.reshaping.base_margins import FORMAT, STEPS, BaseMargins

_IMAGES = """
Args:
    cropping: How many steps are cut off: one integer for all ends, one per dimension for both of its ends,
        or a pair `(start, end)` per dimension.
    data_format: {format}
    **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

Call arguments:
    inputs: {inputs}

Raises:
    ValueError: If nothing is left.
"""


class BaseCropping(BaseMargins):
    """Base of the family."""

    def call(self, inputs: Tensor) -> Tensor:
        self.compute_output_shape(tuple(inputs.shape))
        return inputs[tuple(slice(start, -end or None) for start, end in self._all_pairs)]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        shape = tuple(
            None if size is None else size - start - end
            for size, (start, end) in zip(input_shape, self._all_pairs)
        )
        if any(size is not None and size < 1 for size in shape[1:]):
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: `cropping` must leave something of every dimension, received "
                f"cropping={self.cropping!r} for an input of shape {tuple(input_shape)}."
            )
        return shape


@export("keras.layers.Cropping1D")
@documented(inputs=STEPS)
class Cropping1D(BaseCropping):
    """Cuts steps off both ends of sequences.

    Args:
        cropping: How many steps are cut off: one integer for both ends, or a pair `(start, end)`.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: {inputs}

    Raises:
        ValueError: If nothing is left.

    Example:

        >>> from keras_ops import ops
        >>> Cropping1D((1, 2))(ops.ones((2, 8, 3))).shape == (2, 5, 3)
        True
    """

    rank = 1

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._keep("cropping", cropping)


@export("keras.layers.Cropping2D")
@documented(text=_IMAGES, format=FORMAT, inputs=INPUTS[2])
class Cropping2D(BaseCropping):
    """Cuts rows and columns off the borders of images.

    {text}

    Example:

        >>> from keras_ops import ops
        >>> Cropping2D((1, (0, 2)))(ops.ones((2, 6, 6, 3))).shape == (2, 4, 4, 3)
        True
    """

    rank = 2

    def __init__(
        self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._keep("cropping", cropping, data_format)


@export("keras.layers.Cropping3D")
@documented(text=_IMAGES, format=FORMAT, inputs=INPUTS[3])
class Cropping3D(BaseCropping):
    """Cuts planes off the borders of volumes.

    {text}

    Example:

        >>> from keras_ops import ops
        >>> Cropping3D(1)(ops.ones((2, 6, 5, 4, 3))).shape == (2, 4, 3, 2, 3)
        True
    """

    rank = 3

    def __init__(
        self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._keep("cropping", cropping, data_format)
