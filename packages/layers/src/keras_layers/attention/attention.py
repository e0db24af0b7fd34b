"""`Attention`: queries look values up by the similarity of their keys, without weights of its own.

`additive_attention` changes how similarity is measured; attention with heads and projections is in
`projected_attention`.
"""

from typing import Any

from keras_backends.api import export
from keras_backends.dtypes import standardize_dtype
from keras_backends.settings import is_flash_attention_enabled
from keras_ops import ops, random
from keras_ops.tensor import KerasTensor, Tensor
from keras_ops.variable import Variable

from keras_layers.core.arguments import one_of
from keras_layers.layer import Layer, Shape
from keras_layers.regularization.dropout import checked_rate

_MODES = ("dot", "concat")


@export("keras.layers.Attention")
class Attention(Layer):
    """Averages values with weights `softmax(score(query, key))`.

    Args:
        use_scale: Whether a trainable number scales the scores.
        score_mode: `"dot"` for `query . key`, or `"concat"` for `sum(tanh(query + key))`.
        dropout: Part of the weights that is set to zero while training.
        seed: Seed of the dropout.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: List of `query` `(batch, queries, size)`, `value` `(batch, keys, value_size)`, and `key`
            `(batch, keys, size)`, by default the value.
        mask: List of the masks of query and value: booleans `(batch, queries)` and `(batch, keys)`, or `None`.
            Masked values get no weight; results of masked queries are zero.
        training: Whether weights are dropped.
        return_attention_scores: Whether to return the weights too.
        use_causal_mask: Whether a query sees only values at its own and earlier positions.

    Returns:
        Tensor of shape `(batch, queries, value_size)`; with `return_attention_scores` also the weights
        `(batch, queries, keys)`.

    Example:

        >>> query, value = ops.zeros((1, 1, 2)), ops.array([[[1.0, 3.0], [3.0, 5.0]]])
        >>> [float(x) for x in Attention()([query, value])[0, 0]]
        [2.0, 4.0]
    """

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.use_scale = use_scale
        self.score_mode = one_of(self, "score_mode", score_mode, _MODES)
        self.dropout = checked_rate(self, dropout, "dropout")
        self.seed = seed
        if self.dropout > 0:
            self.seed_generator = random.SeedGenerator(seed)
        self.scale: Variable | None = None
        self.concat_score_weight: Variable | None = None
        self.supports_masking = True

    def build(self, input_shape: list[Shape]) -> None:
        self._check_inputs(input_shape)
        if self.use_scale:
            self.scale = self.add_weight(name="scale", shape=(), initializer="ones")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight(
                name="concat_score_weight", shape=(), initializer="ones"
            )

    def call(
        self,
        inputs: list[Tensor],
        mask: list[Tensor | None] | None = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        self._check_inputs(inputs, mask)
        query, value = inputs[:2]
        key = inputs[2] if len(inputs) > 2 else value
        if self._fuses(training, return_attention_scores):
            return self._fused(query, key, value, mask, use_causal_mask)
        scores = self._calculate_scores(query, key)
        visible = self._visible(query, value, mask, use_causal_mask)
        if visible is not None:
            lowest = -65504.0 if standardize_dtype(scores.dtype) == "float16" else -1e9
            scores = ops.where(visible, scores, ops.add(scores, lowest))
        weights = ops.softmax(scores, axis=-1)
        if training and self.dropout > 0:
            weights = random.dropout(weights, self.dropout, seed=self.seed_generator)
        result = self._without_masked(ops.matmul(weights, value), mask)
        return (result, weights) if return_attention_scores else result

    def _fuses(self, training: bool, return_attention_scores: bool) -> bool:
        """Whether the operation with fused kernels does."""
        own = type(self)._calculate_scores is Attention._calculate_scores
        drops = training and self.dropout > 0
        return own and self.score_mode == "dot" and not return_attention_scores and not drops

    def _fused(
        self, query: Tensor, key: Tensor, value: Tensor, mask: list[Tensor | None] | None, causal: bool
    ) -> Tensor:
        """Attends with one head; what is causal stays a flag."""
        visible = self._visible(query, value, mask, False)
        query = query if self.scale is None else ops.multiply(query, self.scale)
        heads = (ops.expand_dims(x, 2) for x in (query, key, value))
        seen = None if visible is None else ops.expand_dims(visible, 1)
        wanted = False if is_flash_attention_enabled() is False else None
        result = ops.dot_product_attention(
            *heads, mask=seen, scale=1.0, is_causal=causal, flash_attention=wanted
        )
        return self._without_masked(ops.squeeze(result, 2), mask)

    def _without_masked(self, result: Tensor, mask: list[Tensor | None] | None) -> Tensor:
        """The results, zero for queries that are masked."""
        if mask is None or mask[0] is None:
            return result
        return ops.multiply(result, ops.cast(ops.expand_dims(mask[0], -1), result.dtype))

    def _calculate_scores(self, query: Tensor, key: Tensor) -> Tensor:
        """How well each key fits each query: `(batch, queries, keys)`."""
        if self.score_mode == "dot":
            scores = ops.matmul(query, ops.transpose(key, (0, 2, 1)))
            return scores if self.scale is None else ops.multiply(scores, self.scale)
        pairs = ops.add(ops.expand_dims(query, -2), ops.expand_dims(key, -3))
        if self.scale is not None:
            pairs = ops.multiply(pairs, self.scale)
        return ops.multiply(self.concat_score_weight, ops.sum(ops.tanh(pairs), axis=-1))

    def _visible(
        self, query: Tensor, value: Tensor, mask: list[Tensor | None] | None, causal: bool
    ) -> Tensor | None:
        """Which values count for which queries; `None` if all do."""
        visible = None
        if mask is not None and mask[1] is not None:
            visible = ops.expand_dims(ops.cast(mask[1], "bool"), 1)
        if causal:
            queries, keys = ops.arange(ops.shape(query)[1]), ops.arange(ops.shape(value)[1])
            earlier = ops.expand_dims(ops.greater_equal(ops.expand_dims(queries, 1), keys), 0)
            visible = earlier if visible is None else ops.logical_and(visible, earlier)
        return visible

    _mask_needs_values = False

    def compute_mask(self, inputs: list[Tensor], mask: list[Tensor | None] | None = None) -> Tensor | None:
        self._check_inputs(inputs, mask)
        return None if mask is None else mask[0]

    def compute_output_shape(self, input_shape: list[Shape]) -> Shape:
        self._check_inputs(input_shape)
        return (*input_shape[0][:-1], input_shape[1][-1])

    def compute_output_spec(
        self,
        inputs: list[KerasTensor],
        mask: list[KerasTensor | None] | None = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        self._check_inputs(inputs, mask)
        query, value = (x._shape for x in inputs[:2])
        result = KerasTensor(self.compute_output_shape([query, value]), dtype=self.compute_dtype)
        if not return_attention_scores:
            return result
        return result, KerasTensor((*query[:2], value[1]), dtype=self.compute_dtype)

    def _check_inputs(self, inputs: Any, mask: Any = None) -> None:
        name = f"{type(self).__name__} {self.name!r}"
        if not isinstance(inputs, (list, tuple)) or len(inputs) not in (2, 3):
            raise ValueError(
                f"{name}: expected a list [query, value] or [query, value, key], received {inputs!r}."
            )
        if mask is not None and (not isinstance(mask, (list, tuple)) or not 2 <= len(mask) <= len(inputs)):
            raise ValueError(
                f"{name}: expected `mask` to be a list [query_mask, value_mask] of masks or None, "
                f"received mask={mask!r}."
            )
