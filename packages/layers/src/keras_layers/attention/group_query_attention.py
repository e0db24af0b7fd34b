"""`GroupedQueryAttention`: attention in which groups of query heads share a head of key and value."""

from typing import Any

from keras_backends.api import export

from keras_layers.attention.projected_attention import ARGUMENTS, CALL_ARGUMENTS, ProjectedAttention
from keras_layers.core.arguments import positive
from keras_layers.documentation import documented
from keras_layers.layer import Shape


@export("keras.layers.GroupQueryAttention")
@documented(arguments=ARGUMENTS, call_arguments=CALL_ARGUMENTS)
class GroupedQueryAttention(ProjectedAttention):
    """Attends like `MultiHeadAttention`, with fewer heads of key and value (https://arxiv.org/abs/2305.13245).

    Args:
        head_dim: Size of each head.
        num_query_heads: Number of heads of the query.
        num_key_value_heads: Number of heads of key and value, a divisor of `num_query_heads`.
        {arguments}

    {call_arguments}

    Returns:
        Tensor of the shape of the query; with `return_attention_scores` also the weights
        `(batch, query heads, queries, keys)`.

    Example:

        >>> from keras_ops import ops
        >>> layer = GroupedQueryAttention(head_dim=3, num_query_heads=4, num_key_value_heads=2)
        >>> x = ops.ones((2, 5, 8))
        >>> layer(x, x).shape == (2, 5, 8)
        True
    """

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.head_dim = positive(self, "head_dim", head_dim)
        self.num_query_heads = positive(self, "num_query_heads", num_query_heads)
        self.num_key_value_heads = positive(self, "num_key_value_heads", num_key_value_heads)
        if self.num_query_heads % self.num_key_value_heads:
            raise ValueError(
                "GroupQueryAttention: `num_query_heads` must be divisible by `num_key_value_heads`, received "
                f"num_query_heads={num_query_heads} and num_key_value_heads={num_key_value_heads}."
            )
        self.num_repeats = self.num_query_heads // self.num_key_value_heads
        self.feature_dim: int | None = None
        self._configure(
            dropout,
            use_bias,
            sliding_window,
            flash_attention,
            use_gate,
            seed,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
        )

    def build(self, query_shape: Shape, value_shape: Shape, key_shape: Shape | None = None) -> None:
        self.feature_dim = query_shape[-1]
        super().build(query_shape, value_shape, key_shape)

    def _heads(self) -> tuple[int, int]:
        return self.num_query_heads, self.num_key_value_heads

    def _head_sizes(self) -> tuple[int, int]:
        return self.head_dim, self.head_dim
