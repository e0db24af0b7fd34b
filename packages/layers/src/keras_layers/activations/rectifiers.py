"""`ReLU`, `LeakyReLU`, `ELU`, `PReLU`: rectifiers as layers."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import activations
from keras_ops.tensor import Tensor

from keras_layers.input_spec import InputSpec
from keras_layers.layer import Layer, Shape
from keras_layers.weight_options import declare, make


def _not_negative(owner: Layer, name: str, value: Any) -> Any:
    if value is None or value < 0:
        raise ValueError(f"{type(owner).__name__}: `{name}` must not be negative, received {name}={value!r}.")
    return value


@export("keras.layers.ReLU")
class ReLU(Layer):
    """Rectified linear unit: `max_value` above it, `x` above `threshold`, else a slope.

    Args:
        max_value: Largest result; unlimited by default.
        negative_slope: Slope below the threshold: `negative_slope * (x - threshold)`, default 0.
        threshold: Below it the slope begins, default 0.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Example:

        >>> from keras_ops import ops
        >>> [float(x) for x in ReLU(max_value=6.0)(ops.array([-1.0, 2.0, 9.0]))]
        [0.0, 2.0, 6.0]
    """

    _records_build_shape = False

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.max_value = None if max_value is None else _not_negative(self, "max_value", max_value)
        self.negative_slope = _not_negative(self, "negative_slope", negative_slope)
        self.threshold = _not_negative(self, "threshold", threshold)
        self.supports_masking = True

    def call(self, inputs: Tensor) -> Tensor:
        return activations.relu(
            inputs,
            negative_slope=self.negative_slope,
            max_value=self.max_value,
            threshold=self.threshold,
        )

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


@export("keras.layers.LeakyReLU")
class LeakyReLU(Layer):
    """Rectifier with a small slope for negative values.

    Args:
        negative_slope: The slope, default 0.3.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Example:

        >>> from keras_ops import ops
        >>> [float(x) for x in LeakyReLU(0.5)(ops.array([-1.0, 2.0]))]
        [-0.5, 2.0]
    """

    _records_build_shape = False

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        # The name that older files have for `negative_slope`.
        negative_slope = kwargs.pop("alpha", negative_slope)
        super().__init__(**kwargs)
        self.negative_slope = _not_negative(self, "negative_slope", negative_slope)
        self.supports_masking = True

    def call(self, inputs: Tensor) -> Tensor:
        return activations.leaky_relu(inputs, negative_slope=self.negative_slope)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


@export("keras.layers.ELU")
class ELU(Layer):
    """Exponential linear unit: `x` if positive, else `alpha * (exp(x) - 1)`.

    Args:
        alpha: Scale of the negative part, default 1.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Example:

        >>> from keras_ops import ops
        >>> [round(float(x), 4) for x in ELU()(ops.array([-1.0, 2.0]))]
        [-0.6321, 2.0]
    """

    _records_build_shape = False

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = _not_negative(self, "alpha", alpha)
        self.supports_masking = True

    def call(self, inputs: Tensor) -> Tensor:
        return activations.elu(inputs, alpha=self.alpha)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


@export("keras.layers.PReLU")
class PReLU(Layer):
    """Rectifier whose slope for negative values is learned.

    Args:
        alpha_initializer: Initializer of the slopes.
        alpha_regularizer: Penalty on the slopes.
        alpha_constraint: Constraint of the slopes.
        shared_axes: Axes along which one slope is shared, counted with the batch axis: `[1, 2]` for
            images gives one slope per channel.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Example:

        >>> from keras_ops import ops
        >>> [float(x) for x in PReLU("ones")(ops.array([[-1.0, 2.0]]))[0]]
        [-1.0, 2.0]
    """

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: int | Sequence[int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        declare(self, "alpha", alpha_initializer, alpha_regularizer, alpha_constraint)
        one = not isinstance(shared_axes, (list, tuple)) and shared_axes is not None
        self.shared_axes = [shared_axes] if one else shared_axes if shared_axes is None else list(shared_axes)

    def build(self, input_shape: Shape) -> None:
        shape, shared = list(input_shape[1:]), self.shared_axes or ()
        if not all(1 <= axis <= len(shape) for axis in shared):
            raise ValueError(
                f"PReLU {self.name!r}: expected `shared_axes` from 1 to {len(shape)} for an input of shape "
                f"{tuple(input_shape)}, received shared_axes={shared}."
            )
        for axis in shared:
            shape[axis - 1] = 1
        self.alpha = make(self, "alpha", tuple(shape))
        axes = {i: input_shape[i] for i in range(1, len(input_shape)) if i not in shared}
        self.input_spec = InputSpec(ndim=len(input_shape), axes=axes)

    def call(self, inputs: Tensor) -> Tensor:
        return activations.relu(inputs) - self.alpha.value * activations.relu(-inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape
