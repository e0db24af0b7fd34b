"""`AdditiveAttention`: attention whose scores are a scaled sum of `tanh(query + key)`."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import Tensor

from keras_layers.attention.attention import Attention
from keras_layers.layer import Shape


@export("keras.layers.AdditiveAttention")
class AdditiveAttention(Attention):
    """Averages values with weights `softmax(sum(scale * tanh(query + key)))` (Bahdanau's attention).

    Args:
        use_scale: Whether each feature has a trainable scale.
        dropout: Part of the weights that is set to zero while training.
        **kwargs: `seed` of the dropout, and arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: List of `query` `(batch, queries, size)`, `value` `(batch, keys, size)`, and `key` of the
            shape of the value, by default the value.
        mask: List of the masks of query and value: booleans `(batch, queries)` and `(batch, keys)`, or `None`.
        training: Whether weights are dropped.
        return_attention_scores: Whether to return the weights too.
        use_causal_mask: Whether a query sees only values at its own and earlier positions.

    Returns:
        Tensor of shape `(batch, queries, size)`; with `return_attention_scores` also the weights
        `(batch, queries, keys)`.

    Example:

        >>> AdditiveAttention()([ops.ones((2, 3, 4)), ops.ones((2, 5, 4))]).shape == (2, 3, 4)
        True
    """

    not_in_config = (*Attention.not_in_config, "score_mode")

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def build(self, input_shape: list[Shape]) -> None:
        self._check_inputs(input_shape)
        if self.use_scale:
            size = input_shape[0][-1]
            self.scale = self.add_weight(name="scale", shape=(size,), initializer="glorot_uniform")

    def _calculate_scores(self, query: Tensor, key: Tensor) -> Tensor:
        sums = ops.tanh(ops.add(ops.expand_dims(query, -2), ops.expand_dims(key, -3)))
        return ops.sum(sums if self.scale is None else ops.multiply(self.scale, sums), axis=-1)
