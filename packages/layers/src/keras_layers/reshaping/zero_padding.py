"""`ZeroPadding1D`, `2D` and `3D`: zeros are added at the ends of each dimension."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.documentation import INPUTS, documented
from keras_layers.layer import Shape
from keras_layers.reshaping.base_margins import FORMAT, BaseMargins

_TEXT = """
Args:
    padding: How many zeros are added: one integer for all ends, {each}.
    data_format: {format}
    **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

Call arguments:
    inputs: {inputs}
"""
_PAIR = "or a pair `(start, end)`"
_PAIRS = """one per dimension for both of its ends,
        or a pair `(start, end)` per dimension"""


class BaseZeroPadding(BaseMargins):
    """Base of the family."""

    def call(self, inputs: Tensor) -> Tensor:
        return ops.pad(inputs, self._all_pairs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(
            None if size is None else size + start + end
            for size, (start, end) in zip(input_shape, self._all_pairs)
        )


@export("keras.layers.ZeroPadding1D")
@documented(text=_TEXT, each=_PAIR, format=FORMAT, inputs=INPUTS[1])
class ZeroPadding1D(BaseZeroPadding):
    """Adds steps of zeros at both ends of sequences.

    {text}

    Example:

        >>> ZeroPadding1D((1, 2))(ops.ones((2, 4, 3))).shape == (2, 7, 3)
        True
    """

    rank = 1

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._keep("padding", padding, data_format)


@export("keras.layers.ZeroPadding2D")
@documented(text=_TEXT, each=_PAIRS, format=FORMAT, inputs=INPUTS[2])
class ZeroPadding2D(BaseZeroPadding):
    """Adds rows and columns of zeros at the borders of images.

    {text}

    Example:

        >>> ZeroPadding2D((1, (0, 2)))(ops.ones((2, 4, 4, 3))).shape == (2, 6, 6, 3)
        True
    """

    rank = 2

    def __init__(self, padding: Any = (1, 1), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._keep("padding", padding, data_format)


@export("keras.layers.ZeroPadding3D")
@documented(text=_TEXT, each=_PAIRS, format=FORMAT, inputs=INPUTS[3])
class ZeroPadding3D(BaseZeroPadding):
    """Adds planes of zeros at the borders of volumes.

    {text}

    Example:

        >>> ZeroPadding3D(1)(ops.ones((2, 4, 3, 2, 3))).shape == (2, 6, 5, 4, 3)
        True
    """

    rank = 3

    def __init__(
        self, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._keep("padding", padding, data_format)
