"""`GroupNormalization`: every sample is normalized by itself, in groups of channels."""

from typing import Any

from keras_backends.api import export
from keras_backends.dtypes import standardize_dtype
from keras_ops import ops
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_layers.constructor import checked_bool
from keras_layers.input_spec import InputSpec
from keras_layers.layer import Layer, Shape
from keras_layers.weight_options import declare, make


@export("keras.layers.GroupNormalization")
class GroupNormalization(Layer):
    """Normalizes each group of channels of a sample to mean 0 and variance 1, then scales and shifts.

    With as many groups as channels it is instance normalization, with one group it is like
    `LayerNormalization` over all axes (https://arxiv.org/abs/1803.08494).

    Args:
        groups: Number of groups, a divisor of the number of channels; -1 for as many as there are channels.
        axis: Axis of the channels, default the last.
        epsilon: Added to the variance.
        center: Whether `beta` is added.
        scale: Whether the result is multiplied by `gamma`.
        beta_initializer: Initializer of `beta`.
        gamma_initializer: Initializer of `gamma`.
        beta_regularizer: Penalty on `beta`.
        gamma_regularizer: Penalty on `gamma`.
        beta_constraint: Constraint of `beta`.
        gamma_constraint: Constraint of `gamma`.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Example:

        >>> x = ops.array([[1.0, 3.0, 10.0, 30.0]])
        >>> [round(float(y), 3) for y in GroupNormalization(groups=2)(x)[0]]
        [-1.0, 1.0, -1.0, 1.0]
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.groups = groups
        self.axis = axis
        self.epsilon = epsilon
        self.center = checked_bool(self, "center", center)
        self.scale = checked_bool(self, "scale", scale)
        declare(self, "beta", beta_initializer, beta_regularizer, beta_constraint)
        declare(self, "gamma", gamma_initializer, gamma_regularizer, gamma_constraint)
        self.gamma: Variable | None = None
        self.beta: Variable | None = None
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        rank = len(input_shape)
        if not -rank < self.axis < rank or self.axis == 0:
            raise ValueError(
                f"GroupNormalization {self.name!r}: `axis` must be an axis of the input other than the batch axis, "
                f"received axis={self.axis} and input_shape={tuple(input_shape)}."
            )
        size = input_shape[self.axis]
        if size is None:
            raise ValueError(
                f"GroupNormalization {self.name!r}: the size along axis={self.axis} must be known, received "
                f"input_shape={tuple(input_shape)}."
            )
        if self.groups == -1:
            self.groups = size
        if self.groups < 1 or size % self.groups:
            raise ValueError(
                f"GroupNormalization {self.name!r}: `groups` must divide the number of channels, received "
                f"groups={self.groups} for the {size} channels of input_shape={tuple(input_shape)}."
            )
        if self.scale:
            self.gamma = make(self, "gamma", (size,), autocast=False)
        if self.center:
            self.beta = make(self, "beta", (size,), autocast=False)
        self.input_spec = InputSpec(ndim=rank, axes={self.axis: size})

    def call(self, inputs: Tensor) -> Tensor:
        dtype = standardize_dtype(inputs.dtype)
        # The statistics of half precision need the range of float32.
        x = ops.cast(inputs, "float32") if dtype in ("float16", "bfloat16") else inputs
        rank = len(inputs.shape)
        axis = self.axis % rank
        sizes = ops.shape(inputs)
        channels = inputs.shape[axis]
        grouped = (*sizes[:axis], self.groups, channels // self.groups, *sizes[axis + 1 :])
        x = ops.reshape(x, grouped)
        mean, variance = ops.moments(x, axes=[i for i in range(1, rank + 1) if i != axis], keepdims=True)
        x = ops.reshape((x - mean) * ops.rsqrt(variance + self.epsilon), sizes)
        placed = tuple(channels if i == axis else 1 for i in range(rank))
        if self.gamma is not None:
            x = x * ops.reshape(ops.cast(self.gamma.value, x.dtype), placed)
        if self.beta is not None:
            x = x + ops.reshape(ops.cast(self.beta.value, x.dtype), placed)
        return ops.cast(x, dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape
