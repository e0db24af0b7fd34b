"""`BasePooling`, `BaseGlobalPooling`, `BaseAdaptivePooling`: what pooling layers share over their dimensions."""

from collections.abc import Callable, Sequence
from typing import Any

from keras_backends.settings import standardize_data_format
from keras_ops import ops
from keras_ops.inference import compute_output_spec
from keras_ops.tensor import KerasTensor, Tensor

from keras_layers.constructor import checked_bool
from keras_layers.core.arguments import size_tuple
from keras_layers.input_spec import InputSpec
from keras_layers.layer import Layer, Shape

POOLING = """
Args:
    pool_size: Size of the window, one integer or one per dimension.
    strides: Steps of the window; `pool_size` by default.
    padding: `"valid"` for none, or `"same"` to keep the size (divided by the strides).
    data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
    name: Name of the layer.
    **kwargs: Further arguments of `keras.Layer`, such as `dtype`.

Call arguments:
    inputs: {inputs}

Returns:
    Tensor of the same rank.
"""
GLOBAL_POOLING = """
Args:
    data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
    keepdims: Whether the pooled axes stay, with size 1.
    **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

Call arguments:
    inputs: {inputs}

Returns:
    Tensor of shape `(batch, channels)`; with `keepdims` of the input's rank.
"""

ADAPTIVE_POOLING = """
The windows are as large as they have to be, and neighbours share positions where the input can not be cut evenly.

Args:
    output_size: Size of the output, one integer or one per dimension.
    data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
    **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

Call arguments:
    inputs: {inputs}

Returns:
    Tensor of the same rank, with `output_size` in place of the sizes pooled over.
"""


class BasePooling(Layer):
    """Base of pooling layers with a window; a member sets `rank` and `pool_mode`."""

    rank = 0
    pool_mode = ""
    _records_build_shape = False

    def __init__(
        self,
        pool_size: int | Sequence[int],
        strides: int | Sequence[int] | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.pool_size = size_tuple(self, "pool_size", pool_size, self.rank)
        strides = self.pool_size if strides is None else strides
        self.strides = size_tuple(self, "strides", strides, self.rank)
        self.padding = padding.lower() if isinstance(padding, str) else padding
        if self.padding not in ("valid", "same"):
            raise ValueError(
                f"{type(self).__name__}: `padding` must be 'valid' or 'same', received padding={padding!r}."
            )
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Tensor) -> Tensor:
        return _POOLS[self.pool_mode](
            inputs,
            pool_size=self.pool_size,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        spec = KerasTensor(input_shape, dtype=self.compute_dtype)
        return compute_output_spec(self.call, spec).shape


_POOLS: dict[str, Callable[..., Tensor]] = {"max": ops.max_pool, "average": ops.average_pool}


class BaseGlobalPooling(Layer):
    """Base of pooling layers over all positions; a member sets `rank`, the family `reduction`."""

    rank = 0
    reduction: Callable[..., Tensor]
    _records_build_shape = False

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.keepdims = checked_bool(self, "keepdims", keepdims)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    @property
    def _axes(self) -> tuple[int, ...]:
        first = 1 if self.data_format == "channels_last" else 2
        return tuple(range(first, first + self.rank))

    def call(self, inputs: Tensor) -> Tensor:
        return type(self).reduction(inputs, axis=self._axes, keepdims=self.keepdims)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        axes = self._axes
        if self.keepdims:
            return tuple(1 if i in axes else size for i, size in enumerate(input_shape))
        return tuple(size for i, size in enumerate(input_shape) if i not in axes)


class BaseAdaptivePooling(Layer):
    """Base of pooling layers to a given size; a member sets `rank` and `reduction`."""

    rank = 0
    reduction: Callable[..., Tensor]
    _records_build_shape = False

    def __init__(
        self, output_size: int | Sequence[int], data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.output_size = size_tuple(self, "output_size", output_size, self.rank)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Tensor) -> Tensor:
        return type(self).reduction(inputs, output_size=self.output_size, data_format=self.data_format)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, *rest = input_shape
        if self.data_format == "channels_last":
            return (batch, *self.output_size, rest[-1])
        return (batch, rest[0], *self.output_size)
