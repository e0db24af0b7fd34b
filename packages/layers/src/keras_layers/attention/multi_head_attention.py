"""`MultiHeadAttention`: several attentions side by side, each on projections of its own."""

from collections.abc import Sequence
from typing import Any

from keras_backends.api import export
from keras_ops.masks import get_mask, set_mask
from keras_ops.state import state
from keras_ops.tensor import Tensor

from keras_layers.attention.projected_attention import (
    ARGUMENTS,
    CALL_ARGUMENTS,
    ProjectedAttention,
    checked_axes,
)
from keras_layers.core.arguments import positive
from keras_layers.core.einsum_dense import EinsumDense
from keras_layers.documentation import documented
from keras_layers.layer import Shape
from keras_layers.weight_options import KINDS

_READ_BY_SUBCLASSES = (
    *("num_heads", "key_dim", "value_dim", "dropout", "use_bias", "attention_axes"),
    *(f"{weight}_{kind}" for weight in ("kernel", "bias") for kind in KINDS),
)
"""Arguments that subclasses elsewhere read with an underscore in front."""
_PUBLIC = ("_key_dense", "_output_dense", "_query_dense", "_value_dense")


@export("keras.layers.MultiHeadAttention")
@documented(arguments=ARGUMENTS, call_arguments=CALL_ARGUMENTS)
class MultiHeadAttention(ProjectedAttention):
    """Projects query, key and value per head, attends, and projects the joined results.

    With one tensor for all three it is self-attention (https://arxiv.org/abs/1706.03762). Of queries, the mask
    that their tensor carries counts, whatever `query_mask` is. Inside a model the layer takes the masks of its
    inputs away, so that a sum of its result and its input has none.

    Args:
        num_heads: Number of heads.
        key_dim: Size of each head of query and key.
        value_dim: Size of each head of the value; `key_dim` by default.
        output_shape: Size of the output's last axis, or sizes of the axes that take its place; that of
            the query by default.
        attention_axes: Axes over which queries attend to keys; all but the first and last by default.
        {arguments}

    {call_arguments}

    Returns:
        Tensor of shape `(batch, queries, output size)`; with `return_attention_scores` also the weights
        `(batch, heads, queries, keys)`.

    Example:

        >>> from keras_ops import ops
        >>> layer = MultiHeadAttention(num_heads=2, key_dim=3)
        >>> x = ops.ones((2, 5, 8))
        >>> layer(x, x, use_causal_mask=True).shape == (2, 5, 8)
        True
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: int | Sequence[int] | None = None,
        attention_axes: int | Sequence[int] | None = None,
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
        self.num_heads = positive(self, "num_heads", num_heads)
        self.key_dim = positive(self, "key_dim", key_dim)
        self.value_dim = positive(self, "value_dim", value_dim) if value_dim else self.key_dim
        self._output_shape = self._checked_output_shape(output_shape)
        self.attention_axes = checked_axes(self, attention_axes)
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

    def _checked_output_shape(self, shape: Any) -> tuple[int, ...] | None:
        if shape is None:
            return None
        sizes = (shape,) if hasattr(shape, "__index__") else shape
        if not isinstance(sizes, (tuple, list)) or not sizes:
            raise ValueError(
                f"MultiHeadAttention: `output_shape` must be a positive integer or a tuple of them, received "
                f"output_shape={shape!r}."
            )
        return tuple(positive(self, "output_shape", size) for size in sizes)

    def build(self, query_shape: Shape, value_shape: Shape, key_shape: Shape | None = None) -> None:
        axes = self._axes(len(query_shape))
        super().build(query_shape, value_shape, key_shape)
        if self.attention_axes is None:
            self.attention_axes = axes

    def _heads(self) -> tuple[int, int]:
        return self.num_heads, self.num_heads

    def _head_sizes(self) -> tuple[int, int]:
        return self.key_dim, self.value_dim

    def _output_sizes(self, query_shape: Shape) -> tuple[int | None, ...]:
        return self._output_shape or (query_shape[-1],)

    def _axes(self, rank: int) -> tuple[int, ...]:
        if self.attention_axes is None:
            return super()._axes(rank)
        axes = tuple(axis % rank if -rank <= axis < rank else axis for axis in self.attention_axes)
        if not all(0 < axis < rank - 1 for axis in axes):
            raise ValueError(
                f"MultiHeadAttention {self.name!r}: `attention_axes` must lie between the batch axis and the "
                f"last axis of a query of rank {rank}, received attention_axes={self.attention_axes!r}."
            )
        return axes

    def call(
        self,
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        query_mask: Tensor | None = None,
        value_mask: Tensor | None = None,
        key_mask: Tensor | None = None,
        attention_mask: Tensor | None = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        query_mask = get_mask(query)
        if state.call is not None and state.call.entry is not self:
            # Models in files were trained so: layers on the sum with the residual saw no mask. Outside of models a
            # tensor is the caller's, who may use it again.
            for x in (query, value, key):
                if x is not None:
                    set_mask(x, None)
        return super().call(
            query,
            value,
            key,
            query_mask,
            value_mask,
            key_mask,
            attention_mask,
            return_attention_scores,
            training,
            use_causal_mask,
        )

    @property
    def query_dense(self) -> EinsumDense | None:
        """The projection of the query."""
        return self._query_dense

    @property
    def key_dense(self) -> EinsumDense | None:
        """The projection of the key."""
        return self._key_dense

    @property
    def value_dense(self) -> EinsumDense | None:
        """The projection of the value."""
        return self._value_dense

    @property
    def output_dense(self) -> EinsumDense | None:
        """The projection of the joined heads."""
        return self._output_dense

    def saveable_children(self) -> dict[str, Any]:
        """Returns the sublayers by name; files know the projections by their public names."""
        children = super().saveable_children()
        public = {name[1:]: children.pop(name) for name in _PUBLIC if name in children}
        return {**public, **children}


class _Alias:
    """An attribute under another name, which a subclass may also set for itself."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, layer: Any, owner: type | None = None) -> Any:
        return self if layer is None else getattr(layer, self.name)


for _name in _READ_BY_SUBCLASSES:
    setattr(MultiHeadAttention, f"_{_name}", _Alias(_name))
