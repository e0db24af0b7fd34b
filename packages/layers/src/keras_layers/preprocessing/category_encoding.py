"""`CategoryEncoding`: indices of categories as vectors."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import KerasTensor, Shape, Tensor

from keras_layers.core.arguments import positive
from keras_layers.preprocessing.data_layer import DataLayer
from keras_layers.preprocessing.encoding import checked_mode, encoded, encoded_shape, encoded_spec


@export("keras.layers.CategoryEncoding")
class CategoryEncoding(DataLayer):
    """Encodes integers below a known number as vectors.

    Args:
        num_tokens: Number of categories; inputs are from 0 to `num_tokens - 1`.
        output_mode: `"one_hot"` for one vector per integer, `"multi_hot"` for one vector per sample with a 1
            at each integer in it, `"count"` for how often each integer occurs.
        sparse: Whether a sparse tensor is wanted, where the backend has them.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Integers of shape `(batch, n)` or `(n,)`: a tensor, an array or lists.
        count_weights: What each integer counts, a tensor of the shape of `inputs`; only for `"count"`.

    Returns:
        Tensor of shape `(batch, num_tokens)`; for `"one_hot"` and n > 1 `(batch, n, num_tokens)`.

    Example:

        >>> CategoryEncoding(3)(ops.array([[0, 2], [1, 1]])).tolist()
        [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    """

    not_in_config = (*DataLayer.not_in_config, "sparse")
    modes = ("one_hot", "multi_hot", "count")

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: str = "multi_hot",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_tokens = positive(self, "num_tokens", num_tokens)
        self.output_mode = checked_mode(self, output_mode, self.modes)
        self.sparse = sparse
        self._allow_non_tensor_positional_args = True
        # Half precision does not hold all indices above 2048, which may come as floats.
        self.autocast = False

    def call(self, inputs: Tensor, count_weights: Tensor | None = None) -> Tensor:
        self._check_weights(count_weights)
        if not hasattr(inputs, "shape"):
            inputs = ops.convert_to_tensor(inputs)
        return encoded(
            inputs, self.output_mode, self.num_tokens, self.compute_dtype, count_weights, self.sparse
        )

    def _check_weights(self, count_weights: Any) -> None:
        if count_weights is not None and self.output_mode != "count":
            raise ValueError(
                f"CategoryEncoding {self.name!r}: `count_weights` goes with output_mode='count' only, and the "
                f"layer has output_mode={self.output_mode!r}."
            )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return encoded_shape(input_shape, self.output_mode, self.num_tokens)

    def compute_output_spec(self, inputs: Tensor, count_weights: Tensor | None = None) -> KerasTensor:
        self._check_weights(count_weights)
        return encoded_spec(self, inputs.shape, self.compute_dtype)
