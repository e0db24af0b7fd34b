"""`Merge`: base of layers that combine a list of tensors element by element."""

from typing import Any

from keras_ops import ops
from keras_ops.rules import broadcast
from keras_ops.tensor import KerasTensor, Tensor, known

from keras_layers.layer import Layer, Shape


class Merge(Layer):
    """Base of merging layers; a member implements `_merge_function(inputs)`."""

    broadcasts = True
    """Whether shapes broadcast: inputs of fewer axes than others get axes of size 1 after the batch axis."""
    least_inputs = 1
    exact_inputs: int | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def _merge_function(self, inputs: list[Tensor]) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__} must implement `_merge_function(self, inputs)`.")

    def build(self, input_shape: list[Shape]) -> None:
        self._check_list(input_shape, "shapes")
        batch_sizes = {shape[0] for shape in input_shape if shape} - {None}
        if self.broadcasts and len(batch_sizes) > 1:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the inputs must have the same batch size, received shapes "
                f"{[tuple(shape) for shape in input_shape]}."
            )
        self.compute_output_shape(input_shape)

    def _check_list(self, values: Any, what: str) -> None:
        count = len(values) if isinstance(values, (list, tuple)) else -1
        shapes = count > 0 and not any(value is None or isinstance(value, int) for value in values)
        wanted = f"exactly {self.exact_inputs}" if self.exact_inputs else f"at least {self.least_inputs}"
        fits = count == self.exact_inputs if self.exact_inputs else count >= self.least_inputs
        if what == "shapes" and not shapes:
            fits = False
        if not fits:
            raise ValueError(
                f"A `{type(self).__name__}` layer should be called on a list of {wanted} "
                f"input{'s' if wanted[-1] != '1' else ''}. Layer {self.name!r} received {what} {values!r}."
            )

    def call(self, inputs: list[Tensor]) -> Tensor:
        self._check_list(inputs, "inputs")
        ranks = [len(x.shape) for x in inputs]
        rank = max(ranks)
        if self.broadcasts and min(ranks) != rank:
            inputs = [_expanded(x, rank) for x in inputs]
        return self._merge_function(inputs)

    def compute_output_shape(self, input_shape: list[Shape]) -> Shape:
        self._check_list(input_shape, "shapes")
        rank = max(len(shape) for shape in input_shape)
        padded = [
            (*shape[:1], *(1,) * (rank - len(shape)), *shape[1:]) if shape else (1,) * rank
            for shape in map(tuple, input_shape)
        ]
        try:
            shape = broadcast(*(shape[1:] for shape in padded))
        except ValueError as error:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the inputs have incompatible shapes "
                f"{[tuple(shape) for shape in input_shape]}: {error}"
            ) from None
        batch = {shape[0] for shape in padded} - {None, 1} or {shape[0] for shape in padded}
        if any(shape[0] is None for shape in padded):
            return (None, *shape)
        return (next(iter(batch)), *shape)

    _sparse_if = staticmethod(all)
    """Says from that of the inputs whether the output is sparse."""

    def compute_output_spec(self, inputs: list[KerasTensor]) -> KerasTensor:
        sparse = self._sparse_if(x.sparse for x in inputs)
        shape = self.compute_output_shape([known(tuple(x.shape)) for x in inputs])
        return KerasTensor(shape, dtype=self.compute_dtype, sparse=sparse)

    _mask_needs_values = False

    def compute_mask(self, inputs: list[Tensor], mask: list[Any] | None = None) -> Tensor | None:
        """A step counts where it counts in any input; there is no mask if one input has none."""
        if mask is None:
            return None
        if not isinstance(mask, (list, tuple)) or not isinstance(inputs, (list, tuple)):
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: `mask` and `inputs` must be lists, received "
                f"mask={mask!r} and inputs={inputs!r}."
            )
        if len(mask) != len(inputs):
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: there must be one mask per input, received {len(mask)} "
                f"masks for {len(inputs)} inputs."
            )
        if any(m is None for m in mask):
            return None
        result = mask[0]
        for m in mask[1:]:
            result = ops.logical_or(result, m)
        return result


def _expanded(x: Tensor, rank: int) -> Tensor:
    for _ in range(rank - len(x.shape)):
        x = ops.expand_dims(x, axis=1)
    return x
