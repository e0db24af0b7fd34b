"""`LayerNormalization`: every sample is normalized by itself."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.constructor import checked_bool
from keras_layers.core.arguments import sizes_along
from keras_layers.layer import Layer, Shape
from keras_layers.weight_options import declare, make


@export("keras.layers.LayerNormalization")
class LayerNormalization(Layer):
    """Normalizes each sample to mean 0 and variance 1 along some axes, then scales and shifts.

    Args:
        axis: Axis or axes, default the last.
        epsilon: Added to the variance.
        center: Whether `beta` is added.
        scale: Whether the result is multiplied by `gamma`.
        beta_initializer: Initializer of `beta`, of the sizes of `axis`.
        gamma_initializer: Initializer of `gamma`, of the sizes of `axis`.
        beta_regularizer: Penalty on `beta`.
        gamma_regularizer: Penalty on `gamma`.
        beta_constraint: Constraint of `beta`.
        gamma_constraint: Constraint of `gamma`.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Example:

        >>> [round(float(x), 3) for x in LayerNormalization()(ops.array([[1.0, 3.0]]))[0]]
        [-1.0, 1.0]
    """

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
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
        # Files of older releases have it; `RMSNormalization` is the layer for it.
        self.rms_scaling = kwargs.pop("rms_scaling", False)
        super().__init__(**kwargs)
        if hasattr(axis, "__index__"):
            self.axis = [axis]
        elif isinstance(axis, (list, tuple)):
            self.axis = list(axis)
        else:
            raise TypeError(
                f"LayerNormalization: `axis` must be an integer or a list of them, received axis={axis!r}."
            )
        self.epsilon = epsilon
        self.center = checked_bool(self, "center", center)
        self.scale = checked_bool(self, "scale", scale)
        declare(self, "beta", beta_initializer, beta_regularizer, beta_constraint)
        declare(self, "gamma", gamma_initializer, gamma_regularizer, gamma_constraint)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        sizes = sizes_along(self, self.axis, input_shape)
        self.gamma = self.beta = None
        if self.scale or self.rms_scaling:
            self.gamma = self._per_feature("gamma", sizes)
        if self.center and not self.rms_scaling:
            self.beta = self._per_feature("beta", sizes)

    def _per_feature(self, name: str, shape: Shape) -> Any:
        return make(self, name, shape, autocast=False)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.layer_normalization(
            inputs,
            self._placed(self.gamma, inputs),
            self._placed(self.beta, inputs),
            axis=tuple(self.axis),
            epsilon=self.epsilon,
            rms_scaling=self.rms_scaling,
        )

    def _placed(self, weight: Any, inputs: Tensor) -> Tensor | None:
        """The value of a weight in the shape that the input has there; files have it in that of `axis`."""
        if weight is None:
            return None
        if len(self.axis) == 1:
            return weight.value
        axes = sorted(axis % len(inputs.shape) for axis in self.axis)
        return ops.reshape(weight.value, tuple(inputs.shape[axis] for axis in axes))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        sizes_along(self, self.axis, [1 if size is None else size for size in input_shape])
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rms_scaling": self.rms_scaling}
