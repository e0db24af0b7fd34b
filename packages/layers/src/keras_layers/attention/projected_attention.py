"""`ProjectedAttention`: base of attention with heads: projections around scaled dot-product attention.

`multi_head_attention` and `group_query_attention` say how many heads there are and which axes attend. What
sublayers are called decides what files look like.
"""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from keras_backends.settings import is_flash_attention_enabled
from keras_ops import ops
from keras_ops.tensor import KerasTensor, Tensor, known

from keras_layers import regularizers
from keras_layers.activations.softmax import Softmax
from keras_layers.attention.equations import attention_equations, merging_equation, projection_equation
from keras_layers.attention.visibility import Masks, visibility
from keras_layers.constructor import checked_bool
from keras_layers.core.arguments import positive
from keras_layers.core.einsum_dense import EinsumDense
from keras_layers.identifiers import resolved
from keras_layers.layer import Layer, Shape
from keras_layers.quantizers.configs import is_said_by_policy
from keras_layers.quantizers.identifiers import serialize
from keras_layers.regularization.dropout import Dropout, checked_rate
from keras_layers.weight_options import KINDS, declare

ARGUMENTS = """
dropout: Part of the attention weights that is set to zero while training.
use_bias: Whether projections have biases.
sliding_window: Only keys at distances below it are seen; all by default.
flash_attention: Whether to insist on (`True`) or refuse (`False`) a fused kernel where the backend has
    the choice.
kernel_initializer: Initializer of the projections' kernels.
bias_initializer: Initializer of the projections' biases.
kernel_regularizer: Penalty on the kernels.
bias_regularizer: Penalty on the biases.
activity_regularizer: Penalty on the projections' outputs.
kernel_constraint: Constraint of the kernels.
bias_constraint: Constraint of the biases.
use_gate: Whether results are multiplied by the sigmoid of a further projection of the query.
seed: Seed of the dropout.
**kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.
"""
"""What the constructors of the family document alike."""
CALL_ARGUMENTS = """
Call arguments:
    query: Tensor of shape `(batch, queries, query_features)`.
    value: Tensor of shape `(batch, keys, value_features)`.
    key: Tensor of shape `(batch, keys, key_features)`, the value by default.
    query_mask: Booleans of shape `(batch, queries)`, by default the mask of the query.
    value_mask: Booleans of shape `(batch, keys)`, by default the mask of the value.
    key_mask: Booleans of shape `(batch, keys)`, by default the mask of the key.
    attention_mask: Booleans of shape `(batch, queries, keys)`, or `(batch, heads, queries, keys)`: which
        keys each query sees.
    return_attention_scores: Whether to return the attention weights too.
    training: Whether weights are dropped.
    use_causal_mask: Whether a query sees only keys at its own and earlier positions.
"""
"""What is said of their calls."""


class ProjectedAttention(Layer):
    """Base of attention with heads; a member says how many of which size, and which axes attend."""

    not_in_config = ("activity_regularizer", "autocast", "flash_attention")
    _part_configs: Mapping[str, Any] = MappingProxyType({})
    """Name of a part -> its configuration of quantization, as the config said that the layer was made from."""

    def _configure(
        self,
        dropout: float,
        use_bias: bool,
        sliding_window: int | None,
        flash_attention: bool | None,
        use_gate: bool,
        seed: Any,
        **options: Any,
    ) -> None:
        """Keeps the arguments that the constructors of all members have."""
        self.dropout = checked_rate(self, dropout, "dropout")
        self.use_bias = checked_bool(self, "use_bias", use_bias)
        self.use_gate = checked_bool(self, "use_gate", use_gate)
        self.sliding_window = (
            None if sliding_window is None else positive(self, "sliding_window", sliding_window)
        )
        if flash_attention and dropout > 0:
            raise ValueError(
                f"{type(self).__name__}: fused kernels drop no weights; expected `dropout=0` with "
                f"flash_attention=True, received dropout={dropout!r}."
            )
        self._flash_attention = flash_attention
        self.seed = seed
        self._activity_regularizer = resolved(
            self, "activity_regularizer", options.pop("activity_regularizer")
        )
        for weight in ("kernel", "bias"):
            declare(self, weight, *(options[f"{weight}_{kind}"] for kind in KINDS))
        self.supports_masking = True
        self._query_dense: EinsumDense | None = None
        self._key_dense: EinsumDense | None = None
        self._gate_dense: EinsumDense | None = None
        self._value_dense: EinsumDense | None = None
        self._softmax: Softmax | None = None
        self._dropout_layer: Dropout | None = None
        self._output_dense: EinsumDense | None = None

    # What a member says

    def _heads(self) -> tuple[int, int]:
        """Numbers of heads of the query, and of key and value."""
        raise NotImplementedError(f"{type(self).__name__} must implement `_heads(self)`.")

    def _head_sizes(self) -> tuple[int, int]:
        """Sizes of the heads of query and key, and of the value."""
        raise NotImplementedError(f"{type(self).__name__} must implement `_head_sizes(self)`.")

    def _output_sizes(self, query_shape: Shape) -> tuple[int | None, ...]:
        """What the output has in the place of the query's last axis."""
        return (query_shape[-1],)

    def _axes(self, rank: int) -> tuple[int, ...]:
        """The axes over which queries attend to keys, for a query of some rank."""
        return tuple(range(1, rank - 1))

    # Building

    def build(self, query_shape: Shape, value_shape: Shape, key_shape: Shape | None = None) -> None:
        key_shape = value_shape if key_shape is None else key_shape
        self._check_shapes(query_shape, value_shape, key_shape)
        heads, shared = self._heads()
        size, value_size = self._head_sizes()
        self._query_dense = self._projection("query", query_shape, heads, size)
        self._key_dense = self._projection("key", key_shape, shared, size)
        if self.use_gate:
            self._gate_dense = self._projection("gate", query_shape, heads, value_size, activation="sigmoid")
        self._value_dense = self._projection("value", value_shape, shared, value_size)
        self._build_attention(len(query_shape) + 1)
        sizes = self._output_sizes(query_shape)
        equation, letters = merging_equation(len(query_shape), len(sizes))
        merged = (*query_shape[:-1], heads, value_size)
        shape = (*query_shape[1:-1], *sizes)
        self._output_dense = self._dense("attention_output", equation, merged, shape, letters)

    def _build_attention(self, rank: int) -> None:
        """Makes what attending needs, for a projected query of some rank; subclasses that build by themselves call it."""
        axes = self._axes(rank - 1)
        self._dot_product_equation, self._combine_equation = attention_equations(rank - 1, axes)
        self._softmax = Softmax(axis=tuple(range(-len(axes), 0)), name="softmax", dtype=self.dtype_policy)
        self._dropout_layer = Dropout(self.dropout, seed=self.seed, name="dropout", dtype=self.dtype_policy)

    def _projection(self, name: str, shape: Shape, heads: int, size: int, **options: Any) -> EinsumDense:
        equation = projection_equation(len(shape))
        return self._dense(name, equation, shape, (*shape[1:-1], heads, size), equation[-2:], **options)

    def _dense(
        self, name: str, equation: str, input_shape: Shape, output_shape: Shape, bias: str, **options: Any
    ) -> EinsumDense:
        layer = EinsumDense(
            equation,
            output_shape=output_shape,
            bias_axes=bias if self.use_bias else None,
            name=name,
            quantization_config=self._part_configs.get(name),
            **self._get_common_kwargs_for_sublayer(),
            **options,
        )
        # What it computes for masked steps does not count, and the masks are heeded here.
        layer.supports_masking = True
        layer.build(input_shape)
        return layer

    def _get_common_kwargs_for_sublayer(self) -> dict[str, Any]:
        """Arguments of every projection; subclasses that build by themselves ask for them."""
        options = {
            f"{weight}_{kind}": getattr(self, f"{weight}_{kind}")
            for weight in ("kernel", "bias")
            for kind in KINDS
        }
        # Else an initializer without a seed would give all projections the same values.
        for weight in ("kernel", "bias"):
            initializer = options[f"{weight}_initializer"]
            if hasattr(initializer, "clone"):
                options[f"{weight}_initializer"] = initializer.clone()
        # A map of policies as it is, so that the part finds its own.
        return {**options, "activity_regularizer": self._activity_regularizer, "dtype": self._dtype_policy}

    # Saving

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, and how parts were quantized where their dtype policies do not say all of it."""
        config = super().get_config()
        config["activity_regularizer"] = regularizers.serialize(self._activity_regularizer)
        parts = self._said_of_parts() if self.built else self._part_configs
        return {**config, "quantization_configs": dict(parts)} if parts else config

    def _said_of_parts(self) -> dict[str, Any]:
        return {
            part.name: serialize(part.quantization_config)
            for part in self._layers
            if isinstance(part, EinsumDense)
            and part.quantization_mode is not None
            and part.quantization_config is not None
            and not is_said_by_policy(part.quantization_config, part.dtype_policy)
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Makes a layer from what `get_config` returned."""
        arguments = dict(config)
        parts = arguments.pop("quantization_configs", None)
        layer = super().from_config(arguments)
        if parts:
            layer.__dict__["_part_configs"] = parts
        return layer

    # Calls

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
        key = value if key is None else key
        # Fused kernels do less for a flag than for a mask; subclasses may have parts of their own, without it.
        fuses = self._fuses(len(query.shape), training, return_attention_scores)
        flagged = (
            use_causal_mask and fuses and all(getattr(type(self), part.__name__) is part for part in _PARTS)
        )
        mask = self._compute_attention_mask(
            query, value, query_mask, value_mask, key_mask, attention_mask, use_causal_mask and not flagged
        )
        result, scores = self._compute_attention(
            self._query_dense(query),
            self._key_dense(key),
            self._value_dense(value),
            mask,
            training,
            return_attention_scores,
            **({"is_causal": True} if flagged else {}),
        )
        if self._gate_dense is not None:
            result = ops.multiply(result, self._gate_dense(query))
        result = self._output_dense(result)
        return (result, scores) if return_attention_scores else result

    def _compute_attention_mask(
        self,
        query: Tensor,
        value: Tensor,
        query_mask: Tensor | None = None,
        value_mask: Tensor | None = None,
        key_mask: Tensor | None = None,
        attention_mask: Tensor | None = None,
        use_causal_mask: bool = False,
    ) -> Tensor | None:
        """Which keys each query sees, `(batch, queries, keys)`; `None` if all."""
        axes = self._axes(len(query.shape))
        masks = Masks(query_mask, value_mask, key_mask, attention_mask)
        if len(axes) > 1 and (use_causal_mask or self.sliding_window):
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: `use_causal_mask` and `sliding_window` need one "
                f"attention axis, received attention axes {axes}."
            )
        return visibility(query, value, axes, masks, use_causal_mask, self.sliding_window)

    def _compute_attention(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attention_mask: Tensor | None = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Attends with projected tensors; the scores are `None` where a fused kernel may have run.

        Args:
            query: Tensor of shape `(batch, queries, heads, size)`.
            key: Tensor of shape `(batch, keys, heads, size)`, or of fewer heads.
            value: Tensor of shape `(batch, keys, heads, value_size)`, or of fewer heads.
            attention_mask: Booleans of shape `(batch, queries, keys)`, or with the heads behind the batch.
            training: Whether weights are dropped.
            return_attention_scores: Whether the scores are needed.
            is_causal: Whether later keys are hidden, if the mask does not say so; only where a kernel is fused.
        """
        scale = 1 / math.sqrt(self._head_sizes()[0])
        if self._fuses(len(query.shape) - 1, training, return_attention_scores):
            result = ops.dot_product_attention(
                query,
                key,
                value,
                mask=None if attention_mask is None else self._for_heads(attention_mask, 4),
                scale=scale,
                is_causal=is_causal,
                flash_attention=self._fused_wanted(),
            )
            return result, None
        if self._flash_attention:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: fused kernels have no attention scores; expected "
                "flash_attention=None or False for return_attention_scores=True or several attention axes."
            )
        heads, shared = self._heads()
        if heads != shared:
            key, value = (ops.repeat(x, heads // shared, axis=-2) for x in (key, value))
        scores = ops.einsum(self._dot_product_equation, key, ops.multiply(query, scale))
        scores = self._masked_softmax(scores, attention_mask)
        drops = training and self.dropout > 0
        weights = self._dropout_layer(scores, training=training) if drops else scores
        return ops.einsum(self._combine_equation, weights, value), scores

    def _masked_softmax(self, scores: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """Softmax over the keys that are seen; subclasses with scores of their own call it."""
        if attention_mask is not None:
            attention_mask = self._for_heads(attention_mask, len(scores.shape))
        return self._softmax(scores, mask=attention_mask)

    def _for_heads(self, mask: Tensor, rank: int) -> Tensor:
        """A mask of the rank of scores: of all heads, if it does not tell them apart."""
        axis = -2 * len(self._softmax.axis) - 1
        for _ in range(rank - len(mask.shape)):
            mask = ops.expand_dims(mask, axis)
        return mask

    def _fuses(self, rank: int, training: bool | None, return_attention_scores: bool) -> bool:
        """Whether the operation with fused kernels does, for a query of a rank."""
        drops = training and self.dropout > 0
        return rank == 3 and self._axes(rank) == (1,) and not return_attention_scores and not drops

    def _fused_wanted(self) -> bool | None:
        """What the layer was told of fused kernels, else what is set for all."""
        if self._flash_attention is None and is_flash_attention_enabled() is False:
            return False
        return self._flash_attention

    # Shapes

    def compute_output_shape(
        self, query_shape: Shape, value_shape: Shape, key_shape: Shape | None = None
    ) -> Shape:
        self._check_shapes(query_shape, value_shape, value_shape if key_shape is None else key_shape)
        return (*query_shape[:-1], *self._output_sizes(query_shape))

    def compute_output_spec(
        self,
        query: KerasTensor,
        value: KerasTensor,
        key: KerasTensor | None = None,
        query_mask: KerasTensor | None = None,
        value_mask: KerasTensor | None = None,
        key_mask: KerasTensor | None = None,
        attention_mask: KerasTensor | None = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        queries, keys = known(query.shape), known(value.shape)
        shape = self.compute_output_shape(queries, keys, None if key is None else known(key.shape))
        result = KerasTensor(shape, dtype=self.compute_dtype)
        if not return_attention_scores:
            return result
        axes = self._axes(len(queries))
        batch = [size for i, size in enumerate(queries[:-1]) if i not in axes]
        scores = (*batch, self._heads()[0], *(queries[i] for i in axes), *(keys[i] for i in axes))
        return result, KerasTensor(scores, dtype=self.compute_dtype)

    def _check_shapes(self, query: Shape, value: Shape, key: Shape) -> None:
        name = f"{type(self).__name__} {self.name!r}"
        if not len(query) == len(value) == len(key):
            raise ValueError(
                f"{name}: query, value and key must have the same rank, received shapes {query}, {value}, {key}."
            )
        for axis in range(1, len(value) - 1):
            if None not in (value[axis], key[axis]) and value[axis] != key[axis]:
                raise ValueError(
                    f"{name}: value and key must have equal sizes, except that of the last axis, received "
                    f"shapes {tuple(value)} and {tuple(key)}."
                )


_PARTS = (ProjectedAttention._compute_attention_mask, ProjectedAttention._compute_attention)


def checked_axes(owner: Any, axes: int | Sequence[int] | None) -> tuple[int, ...] | None:
    """Returns attention axes as a tuple of integers, whatever a file made of it; `None` for all.

    Raises:
        ValueError: If they are neither.
    """
    if axes is None:
        return None
    if hasattr(axes, "__index__"):
        return (int(axes),)
    if isinstance(axes, (tuple, list)) and axes and all(hasattr(axis, "__index__") for axis in axes):
        return tuple(int(axis) for axis in axes)
    raise ValueError(
        f"{type(owner).__name__}: `attention_axes` must be an integer or a list of them, received "
        f"attention_axes={axes!r}."
    )
