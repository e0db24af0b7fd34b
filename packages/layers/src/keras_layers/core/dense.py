"""`Dense`: every output depends on every feature of the input."""

from typing import Any

from keras_backends.api import export
from keras_ops.tensor import Tensor

from keras_layers.constructor import checked_bool
from keras_layers.core.adaptable import shown_kernel
from keras_layers.core.arguments import positive
from keras_layers.core.product import MatMul
from keras_layers.core.quantizable import Quantizable
from keras_layers.identifiers import resolved
from keras_layers.input_spec import InputSpec
from keras_layers.layer import Shape
from keras_layers.weight_options import declare


@export("keras.layers.Dense")
class Dense(Quantizable):
    """Computes `activation(x @ kernel + bias)` on the last axis.

    Args:
        units: Size of the output's last axis.
        activation: Name or function applied last; none by default.
        use_bias: Whether a bias is added.
        kernel_initializer: Initializer of the kernel `(features, units)`.
        bias_initializer: Initializer of the bias `(units,)`.
        kernel_regularizer: Penalty on the kernel.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the output.
        kernel_constraint: Constraint of the kernel.
        bias_constraint: Constraint of the bias.
        lora_rank: If given, the kernel is frozen and adapted by factors of this rank, see
            `enable_lora`.
        lora_alpha: Scale of the adaptation is `lora_alpha / lora_rank`; `lora_rank` by default.
        quantization_config: A `keras.quantizers.QuantizationConfig`: what `quantize` without arguments, or a quantized
            `dtype`, goes by; the scheme's default by default.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of shape `(batch, ..., features)`.
        training: Ignored.

    Returns:
        Tensor of shape `(batch, ..., units)`.

    Example:

        >>> layer = Dense(3, activation="relu")
        >>> layer(ops.ones((2, 4))).shape == (2, 3), layer.count_params()
        (True, 15)
    """

    not_in_config = (*Quantizable.not_in_config, "lora_rank", "lora_alpha")

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = positive(self, "units", units)
        self.activation = resolved(self, "activation", activation)
        self.use_bias = checked_bool(self, "use_bias", use_bias)
        declare(self, "kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        declare(self, "bias", bias_initializer, bias_regularizer, bias_constraint)
        self._set_lora(lora_rank, lora_alpha)
        self._set_quantization(quantization_config)
        self._product = MatMul()
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        features = input_shape[-1]
        if features is None:
            raise ValueError(
                f"Dense {self.name!r}: the last axis of the input must have a known size, received "
                f"input_shape={tuple(input_shape)}."
            )
        self._build_weights((features, self.units), (self.units,) if self.use_bias else None)
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})

    kernel = shown_kernel("The kernel `(features, units)`: the variable, or with LoRA the merged tensor.")

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        return self._outputs(inputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units)
