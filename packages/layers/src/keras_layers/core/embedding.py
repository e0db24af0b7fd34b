"""`Embedding`: rows of a trainable table, looked up by integers."""

from typing import Any

from keras_backends.api import export
from keras_backends.dtypes import standardize_dtype
from keras_ops import ops
from keras_ops.tensor import KerasTensor, Tensor

from keras_layers.constructor import checked_bool
from keras_layers.core.adaptable import shown_kernel
from keras_layers.core.arguments import positive
from keras_layers.core.product import MatMul
from keras_layers.core.quantizable import Quantizable
from keras_layers.layer import Shape
from keras_layers.weight_options import declare


@export("keras.layers.Embedding")
class Embedding(Quantizable):
    """Turns integers into vectors: row `i` of a trainable table for the number `i`.

    Args:
        input_dim: Number of rows: the largest integer plus one.
        output_dim: Size of the vectors.
        embeddings_initializer: Initializer of the table `(input_dim, output_dim)`.
        embeddings_regularizer: Penalty on the table.
        embeddings_constraint: Constraint of the table.
        mask_zero: Whether 0 is padding that later layers skip: the output gets the mask
            `inputs != 0`.
        weights: Initial values of the table, an array or a list that holds one.
        lora_rank: If given, the table is frozen and adapted by factors of this rank.
        lora_alpha: Scale of the adaptation is `lora_alpha / lora_rank`; `lora_rank` by default.
        quantization_config: A `keras.quantizers.QuantizationConfig`: what `quantize` without arguments, or a quantized
            `dtype`, goes by; the scheme's default by default.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Integers in `[0, input_dim)`, any shape. Floats are truncated.

    Returns:
        Tensor of shape `(*inputs.shape, output_dim)`.

    Example:

        >>> Embedding(10, 4)(ops.array([[1, 2, 3]])).shape == (1, 3, 4)
        True
    """

    kernel_name = "embeddings"
    other_names = ()
    quantization_modes = ("int8", "int4")
    not_in_config = ("autocast", "weights", "lora_rank", "lora_alpha")

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        length = kwargs.pop("input_length", None)
        if length is not None:
            raise ValueError(
                "Embedding: `input_length` is gone, received "
                f"input_length={length!r}. Leave it out: the length is read from the input."
            )
        super().__init__(**kwargs)
        self.input_dim = positive(self, "input_dim", input_dim)
        self.output_dim = positive(self, "output_dim", output_dim)
        declare(self, "embeddings", embeddings_initializer, embeddings_regularizer, embeddings_constraint)
        self.mask_zero = checked_bool(self, "mask_zero", mask_zero)
        self.supports_masking = mask_zero
        self.autocast = False
        self._set_lora(lora_rank, lora_alpha)
        self._set_quantization(quantization_config)
        self._product = MatMul(transposed=True)
        self._set_initial(weights)

    def _set_initial(self, weights: Any) -> None:
        """Builds the layer with values that its constructor got, an array or a list of one per weight."""
        if weights is not None:
            self.build()
            is_list = isinstance(weights, list) and len(weights) == len(self.weights)
            self.set_weights(weights if is_list else [weights])

    def build(self, input_shape: Any = None) -> None:
        self._build_weights((self.input_dim, self.output_dim))

    def quantized_build(self, embeddings_shape: Any, mode: str, config: Any = None) -> None:
        """Makes the weights of a quantization scheme, to be loaded; see `Dense.quantized_build`."""
        super().quantized_build(embeddings_shape, mode, config)

    embeddings = shown_kernel(
        "The table `(input_dim, output_dim)`: the variable, or with LoRA the merged tensor."
    )

    def call(self, inputs: Tensor) -> Tensor:
        if standardize_dtype(inputs.dtype) not in _INDEX_DTYPES:
            inputs = ops.cast(inputs, "int32")
        return ops.cast(self._weight.rows(inputs), self.compute_dtype)

    _mask_needs_values = False

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor | None:
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape, self.output_dim)

    def compute_output_spec(self, inputs: KerasTensor) -> KerasTensor:
        return KerasTensor(self.compute_output_shape(inputs.shape), dtype=self.compute_dtype, sparse=False)


_INDEX_DTYPES = frozenset({"int32", "int64"})
