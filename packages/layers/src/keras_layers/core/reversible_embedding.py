"""`ReversibleEmbedding`: an embedding that also goes back from vectors to a score per row of the table.

Language models use one for their first and their last step. The table itself is `Embedding`'s.
"""

from typing import Any

from keras_backends.api import export
from keras_backends.dtypes import is_float, standardize_dtype
from keras_ops import ops
from keras_ops.tensor import KerasTensor, Shape, Tensor

from keras_layers.constructor import checked_bool
from keras_layers.core.embedding import Embedding
from keras_layers.core.kernel import Kernel
from keras_layers.core.product import MatMul
from keras_layers.core.schemes import scheme_of
from keras_layers.quantizers.configs import QuantizationConfig

_REVERSE = "reverse_embeddings"


@export("keras.layers.ReversibleEmbedding")
class ReversibleEmbedding(Embedding):
    """Turns integers into vectors, and with `reverse=True` vectors into one score per integer.

    Args:
        input_dim: Number of rows: the largest integer plus one.
        output_dim: Size of the vectors.
        tie_weights: Whether both directions use one table; otherwise the way back has a matrix of its own.
        embeddings_initializer: Initializer of the table `(input_dim, output_dim)`, and of the other matrix
            `(output_dim, input_dim)`.
        embeddings_regularizer: Penalty on the table.
        embeddings_constraint: Constraint of the table.
        mask_zero: Whether 0 is padding that later layers skip: the output gets the mask `inputs != 0`.
        reverse_dtype: Dtype in which the way back computes, e.g. `"float32"` in a layer of half precision; by
            default the layer's.
        logit_soft_cap: If given, scores become `cap * tanh(scores / cap)`, so that none exceeds the cap.
        **kwargs: Arguments of `keras.layers.Embedding` and `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Integers in `[0, input_dim)`, any shape; with `reverse` vectors of shape `(..., output_dim)`.
        reverse: Whether to go from vectors to scores.

    Returns:
        Tensor of shape `(*inputs.shape, output_dim)`, or with `reverse` `(..., input_dim)`.

    Example:

        >>> layer = ReversibleEmbedding(10, 4)
        >>> vectors = layer(ops.array([[1, 2, 3]]))
        >>> layer(vectors, reverse=True).shape == (1, 3, 10)
        True
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        tie_weights: bool = True,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        reverse_dtype: Any = None,
        logit_soft_cap: float | None = None,
        **kwargs: Any,
    ) -> None:
        weights = kwargs.pop("weights", None)
        super().__init__(
            input_dim,
            output_dim,
            embeddings_initializer=embeddings_initializer,
            embeddings_regularizer=embeddings_regularizer,
            embeddings_constraint=embeddings_constraint,
            mask_zero=mask_zero,
            **kwargs,
        )
        self.tie_weights = checked_bool(self, "tie_weights", tie_weights)
        self.reverse_dtype = None if reverse_dtype is None else standardize_dtype(reverse_dtype)
        if logit_soft_cap is not None and not logit_soft_cap > 0:
            raise ValueError(
                "ReversibleEmbedding: `logit_soft_cap` must be positive or None, received "
                f"logit_soft_cap={logit_soft_cap!r}."
            )
        self.logit_soft_cap = logit_soft_cap
        self.reverse_embeddings: Any = None
        self._set_initial(weights)

    @property
    def other_names(self) -> tuple[str, ...]:  # type: ignore[override]
        """Names of the weights beside the table."""
        return () if self.tie_weights else ("reverse_embeddings",)

    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)
        if not self.tie_weights and self.quantization_mode is None:
            with self._new_weights():
                self.reverse_embeddings = self.add_weight(
                    name=_REVERSE,
                    shape=(self.output_dim, self.input_dim),
                    initializer=self.embeddings_initializer,
                )
                self._reverse_weight: Any = Kernel(self.reverse_embeddings, (-1,))

    def quantized_build(self, embeddings_shape: Any, mode: str, config: Any = None) -> None:
        """Makes the weights of a quantization scheme, to be loaded; see `Dense.quantized_build`."""
        super().quantized_build(embeddings_shape, mode, config)
        if not self.tie_weights:
            config = self._weight.config
            shape = (self.output_dim, self.input_dim)
            with self._new_weights():
                self._reverse_weight = scheme_of(config).build(self, shape, config, _REVERSE, MatMul())

    def _quantize_kernels(self, config: QuantizationConfig) -> None:
        super()._quantize_kernels(config)
        if not self.tie_weights:
            old = self._reverse_weight
            with self._new_weights():
                self._reverse_weight = scheme_of(config).replace(self, old, config, _REVERSE, MatMul())

    def _kernels(self) -> list[Any]:
        return [*super()._kernels(), *(() if self.tie_weights else (self._reverse_weight,))]

    def _saved_names(self) -> list[tuple[str | None, str]]:
        names = self._names_of(self._weight.saved_parts, ())
        if self.tie_weights:
            return names
        # Both matrices group the same inputs, so they share `g_idx`.
        parts = [part for part in self._reverse_weight.saved_parts if part not in (None, "g_idx")]
        return [*names, *((None, part.format(_REVERSE)) for part in parts)]

    def call(self, inputs: Tensor, reverse: bool = False) -> Tensor:
        if not reverse:
            return super().call(inputs)
        dtype = self._score_dtype
        inputs = ops.cast(inputs, dtype)
        if self.tie_weights:
            scores = self._weight.times(
                inputs, lambda x, table: ops.matmul(x, ops.transpose(ops.cast(table, dtype)))
            )
        else:
            scores = self._reverse_weight.times(
                inputs, lambda x, matrix: ops.matmul(x, ops.cast(matrix, dtype))
            )
        if self.logit_soft_cap is None:
            return scores
        return ops.multiply(ops.tanh(ops.divide(scores, self.logit_soft_cap)), self.logit_soft_cap)

    @property
    def _score_dtype(self) -> str:
        return self.reverse_dtype or self.compute_dtype

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor | None:
        # No other sign tells vectors, whose mask goes on to the scores, from integers written as floats.
        vectors = is_float(standardize_dtype(inputs.dtype)) and inputs.shape[-1:] == (self.output_dim,)
        return mask if vectors else super().compute_mask(inputs, mask)

    def compute_output_shape(self, input_shape: Shape, reverse: bool = False) -> Shape:
        return (*input_shape[:-1], self.input_dim) if reverse else super().compute_output_shape(input_shape)

    def compute_output_spec(self, inputs: KerasTensor, reverse: bool = False) -> KerasTensor:
        shape = self.compute_output_shape(inputs.shape, reverse)
        return KerasTensor(shape, dtype=self._score_dtype if reverse else self.compute_dtype)
