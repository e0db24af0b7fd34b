"""`Hashing`: values of any kind in a fixed number of bins, without a vocabulary."""

from typing import Any

import numpy as np
from keras_backends.api import export
from keras_ops.tensor import KerasTensor, Shape, Tensor

from keras_layers.core.arguments import positive
from keras_layers.documentation import documented
from keras_layers.preprocessing.encoding import (
    MODES_TEXT,
    checked_mode,
    encoded_on_host,
    encoded_shape,
    encoded_spec,
)
from keras_layers.preprocessing.fingerprints import fingerprint, keyed_fingerprint
from keras_layers.preprocessing.host_layer import HostLayer, index_dtype, shape_of


@export("keras.layers.Hashing")
@documented(modes=MODES_TEXT)
class Hashing(HostLayer):
    """Puts strings or integers into bins by their hash.

    Args:
        num_bins: Number of bins, including the one of `mask_value`.
        mask_value: Value that is put into bin 0, which then holds nothing else.
        salt: Integer or pair of integers: the hash function is SipHash with this key instead of FarmHash.
        output_mode: {modes}.
        sparse: Whether a sparse tensor is wanted, where the backend has them.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Strings or integers of shape `(batch, n)`: a tensor, an array or lists.

    Returns:
        Tensor of the same shape, or of vectors in the last axis.

    Example:

        >>> Hashing(num_bins=5)([["amber"], ["north"]]).tolist()
        [[4], [1]]

    Source: Pike and Alakuijala 2014, FarmHash; Aumasson and Bernstein 2012, SipHash.
    """

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: Any = None,
        output_mode: str = "int",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        mode = checked_mode(self, output_mode)
        if kwargs.get("dtype") is None and mode == "int":
            kwargs["dtype"] = "int64"
        super().__init__(**kwargs)
        if mode == "int" and not self.compute_dtype.startswith(("int", "uint")):
            raise ValueError(
                f"Hashing: with output_mode='int', `dtype` must be one of integers, received dtype={kwargs['dtype']!r}."
            )
        self.num_bins = positive(self, "num_bins", num_bins)
        self.mask_value = mask_value
        self.salt = self._key(salt)
        self.output_mode = mode
        self.sparse = sparse

    def _key(self, salt: Any) -> list[int] | None:
        if salt is None:
            return None
        key = [salt, salt] if hasattr(salt, "__index__") else salt
        if not isinstance(key, (list, tuple)) or len(key) != 2:
            raise ValueError(
                f"Hashing: `salt` must be an integer or a pair of integers, received salt={salt!r}."
            )
        return [int(part) for part in key]

    @property
    def _result_dtype(self) -> str:
        if self.output_mode == "int" and self.compute_dtype == "int64":
            return index_dtype()
        return self.compute_dtype

    def call(self, inputs: Any) -> Tensor:
        mode, shape = self.output_mode, shape_of(inputs)
        return encoded_on_host(
            self._bins, inputs, shape, mode, self.num_bins, self._result_dtype, self.sparse
        )

    def _bins(self, values: np.ndarray) -> np.ndarray:
        if values.dtype.kind not in "iubO":
            raise TypeError(
                f"Hashing {self.name!r} takes strings or integers, received values of dtype {values.dtype}."
            )
        key = None if self.salt is None else tuple(self.salt)
        masked = None if self.mask_value is None else str(self.mask_value)
        first = 0 if masked is None or self.num_bins == 1 else 1
        size = self.num_bins - first

        def bin_of(value: Any) -> int:
            text = str(value)
            if text == masked:
                return 0
            data = text.encode()
            return first + (fingerprint(data) if key is None else keyed_fingerprint(data, key)) % size

        bins = [bin_of(value) for value in values.ravel().tolist()]
        return np.asarray(bins, dtype="int64").reshape(values.shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return encoded_shape(input_shape, self.output_mode, self.num_bins)

    def compute_output_spec(self, inputs: Tensor) -> KerasTensor:
        # Graphs of saved models say int64 on every backend.
        return encoded_spec(self, inputs.shape, self.compute_dtype)
