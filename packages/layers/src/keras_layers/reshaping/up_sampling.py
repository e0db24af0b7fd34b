"""`UpSampling1D`, `2D` and `3D`: every step becomes several."""

from typing import Any

from keras_backends.api import export
from keras_backends.settings import standardize_data_format
from keras_ops import ops
from keras_ops.operations.image_resize import resize
from keras_ops.tensor import Tensor

from keras_layers.core.arguments import one_of, positive, size_tuple
from keras_layers.documentation import INPUTS, documented
from keras_layers.input_spec import InputSpec
from keras_layers.layer import Layer, Shape
from keras_layers.reshaping.base_margins import FORMAT, STEPS

_INTERPOLATIONS = ("bicubic", "bilinear", "lanczos3", "lanczos5", "nearest")


class BaseUpSampling(Layer):
    """Base of the family; a member sets `rank`."""

    rank = 0
    data_format = "channels_last"

    def _factors(self) -> dict[int, int]:
        """By how much each axis grows."""
        first = 1 if self.data_format == "channels_last" else 2
        sizes = (self.size,) if self.rank == 1 else self.size
        return {first + i: size for i, size in enumerate(sizes)}

    def call(self, inputs: Tensor) -> Tensor:
        for axis, factor in self._factors().items():
            inputs = ops.repeat(inputs, factor, axis=axis)
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        factors = self._factors()
        return tuple(None if size is None else size * factors.get(i, 1) for i, size in enumerate(input_shape))


@export("keras.layers.UpSampling1D")
@documented(inputs=STEPS)
class UpSampling1D(BaseUpSampling):
    """Repeats each step of sequences.

    Args:
        size: How often.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: {inputs}

    Example:

        >>> UpSampling1D(3)(ops.ones((2, 4, 3))).shape == (2, 12, 3)
        True
    """

    rank = 1

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = positive(self, "size", size)
        self.input_spec = InputSpec(ndim=3)


@export("keras.layers.UpSampling2D")
@documented(format=FORMAT, inputs=INPUTS[2])
class UpSampling2D(BaseUpSampling):
    """Enlarges images by integer factors.

    Args:
        size: One factor, or a pair for height and width.
        data_format: {format}
        interpolation: `"nearest"` to repeat rows and columns, or another method of `keras.ops.image.resize`:
            `"bilinear"`, `"bicubic"`, `"lanczos3"`, `"lanczos5"`.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: {inputs}

    Example:

        >>> UpSampling2D((1, 2))(ops.ones((2, 4, 4, 3))).shape == (2, 4, 8, 3)
        True
    """

    rank = 2

    def __init__(
        self,
        size: Any = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.size = size_tuple(self, "size", size, 2)
        self.data_format = standardize_data_format(data_format)
        word = interpolation.lower() if isinstance(interpolation, str) else interpolation
        self.interpolation = one_of(self, "interpolation", word, _INTERPOLATIONS)
        self.input_spec = InputSpec(ndim=4)

    def call(self, inputs: Tensor) -> Tensor:
        if self.interpolation == "nearest":
            return super().call(inputs)
        sizes = ops.shape(inputs)
        return resize(
            inputs,
            [sizes[axis] * factor for axis, factor in self._factors().items()],
            interpolation=self.interpolation,
            data_format=self.data_format,
        )


@export("keras.layers.UpSampling3D")
@documented(format=FORMAT, inputs=INPUTS[3])
class UpSampling3D(BaseUpSampling):
    """Repeats planes, rows and columns of volumes.

    Args:
        size: One factor, or one per dimension.
        data_format: {format}
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: {inputs}

    Example:

        >>> UpSampling3D(2)(ops.ones((2, 4, 3, 2, 3))).shape == (2, 8, 6, 4, 3)
        True
    """

    rank = 3

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = size_tuple(self, "size", size, 3)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=5)
