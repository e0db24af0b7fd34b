"""`HashedCrossing`: combinations of features in a fixed number of bins."""

from typing import Any

import numpy as np
from keras_backends.api import export
from keras_backends.dtypes import standardize_dtype
from keras_ops.state import state
from keras_ops.tensor import KerasTensor, Shape, Tensor

from keras_layers.core.arguments import positive
from keras_layers.preprocessing.encoding import checked_mode, encoded, encoded_shape, encoded_spec
from keras_layers.preprocessing.fingerprints import fingerprint, joined
from keras_layers.preprocessing.host_layer import HostLayer, on_host, shape_of

MODES = ("int", "one_hot")
KEY = 0xDECAFCAFFE
"""What TensorFlow starts a crossing with; saved models rely on it."""


@export("keras.layers.HashedCrossing")
class HashedCrossing(HostLayer):
    """Puts combinations of strings or integers into bins by their hash.

    Args:
        num_bins: Number of bins.
        output_mode: `"int"` for the number of the bin, `"one_hot"` for a vector.
        sparse: Whether a sparse tensor is wanted, where the backend has them.
        name: Name of the layer.
        dtype: Dtype of the result; by default integers, or for vectors `keras.config.floatx()`.
        **kwargs: Further arguments of `keras.Layer`.

    Call arguments:
        inputs: List or tuple of features, each of shape `(batch,)` or `(batch, 1)`: tensors, arrays or lists.

    Returns:
        Tensor of the shape of a feature, or `(batch, num_bins)`.

    Example:

        >>> HashedCrossing(num_bins=5)((["cedar", "birch"], [4, 7])).tolist()
        [4, 3]
    """

    def __init__(
        self,
        num_bins: int,
        output_mode: str = "int",
        sparse: bool = False,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        mode = checked_mode(self, output_mode, MODES)
        if mode == "int" and dtype is None:
            dtype = "int"
        super().__init__(name=name, dtype="int64" if dtype == "int" else dtype, **kwargs)
        if mode == "int" and not self.compute_dtype.startswith(("int", "uint")):
            raise ValueError(
                f"HashedCrossing: with output_mode='int', `dtype` must be one of integers, received dtype={dtype!r}."
            )
        self.num_bins = positive(self, "num_bins", num_bins)
        self.output_mode = mode
        self.sparse = sparse
        self._saved_dtype = "int" if dtype == "int" else self.dtype_policy.name

    @property
    def _result_dtype(self) -> str:
        return state.backend.canonical_dtype(standardize_dtype(self.compute_dtype))

    def call(self, inputs: Any) -> Tensor:
        features = list(inputs)
        shape = self._checked([shape_of(x) for x in features])
        bins = on_host(self._bins, features, shape, "int64")
        return encoded(bins, self.output_mode, self.num_bins, self._result_dtype, sparse=self.sparse)

    def _checked(self, shapes: list[Shape]) -> Shape:
        """The shape of all features."""
        fits = all(len(s) == 1 or (len(s) == 2 and s[1] in (1, None)) for s in shapes)
        if len(shapes) < 2 or not fits or len({len(s) for s in shapes}) > 1:
            raise ValueError(
                f"HashedCrossing {self.name!r} takes two or more features of the same shape `(batch,)` or "
                f"`(batch, 1)`, received the shapes {shapes}."
            )
        return shapes[0]

    def _bins(self, *features: np.ndarray) -> np.ndarray:
        for values in features:
            if values.dtype.kind not in "iubO":
                raise TypeError(
                    f"HashedCrossing {self.name!r} takes strings or integers, received values of dtype "
                    f"{values.dtype}."
                )
        bins = []
        for row in zip(*(values.ravel().tolist() for values in features), strict=True):
            result = KEY
            for value in row:
                result = joined(result, fingerprint(value.encode()) if isinstance(value, str) else int(value))
            bins.append(result % self.num_bins)
        return np.asarray(bins, dtype="int64").reshape(features[0].shape)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        shape = self._checked([tuple(s) for s in input_shape])
        if self.output_mode == "int":
            return shape
        return encoded_shape((shape[0], 1), self.output_mode, self.num_bins)

    def compute_output_spec(self, inputs: Any) -> KerasTensor:
        return encoded_spec(self, [x.shape for x in inputs], self._result_dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            "num_bins": self.num_bins,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "name": self.name,
            "dtype": self._saved_dtype,
        }
