"""The dtypes of a layer: its policy, what follows from it, and quantization, which is a policy too.

`LayerDtypes` is the part of `Layer` that says which dtypes weights, computation and inputs have. Casting inputs
is a stage of a call (`call_stages`); layers with a kernel to quantize are in `core.quantizable`.
"""

from typing import Any

from keras_ops import policies
from keras_ops.policies import DTypePolicy, DTypePolicyMap
from keras_ops.revision import revision


class LayerDtypes:
    """Dtype policy and quantization of a layer."""

    name: str
    _dtype_policy: Any
    _path: str | None
    _seen: dict[Any, Any]

    @property
    def dtype_policy(self) -> Any:
        """The dtype policy in force for this layer."""
        policy = self._dtype_policy
        if type(policy) is DTypePolicy:
            return policy
        return policy[self._path] if isinstance(policy, DTypePolicyMap) and self._path else policy

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        policy = policies.get(value)
        if isinstance(self._dtype_policy, DTypePolicyMap) and self._path:
            if self._path in self._dtype_policy:
                del self._dtype_policy[self._path]
            self._dtype_policy[self._path] = policy
        else:
            self.__dict__["_dtype_policy"] = policy
        self._seen.clear()
        revision.advance()

    @property
    def dtype(self) -> str:
        """Dtype of the weights, the same as `variable_dtype`."""
        return self.variable_dtype

    @property
    def variable_dtype(self) -> str:
        """Dtype of the weights."""
        return self.dtype_policy.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """Dtype that the layer computes in."""
        return self.dtype_policy.compute_dtype

    @property
    def input_dtype(self) -> str:
        """Dtype that float inputs are cast to."""
        return self.dtype_policy.compute_dtype

    @property
    def quantization_mode(self) -> str | None:
        """Name of the quantization in force, `None` if there is none."""
        return self.dtype_policy.quantization_mode

    # Layers with a kernel override these

    def quantize(self, mode: str | None = None, type_check: bool = True, config: Any = None) -> None:
        """Quantizes the layer's kernel, if it has one.

        Raises:
            NotImplementedError: If the layer has none.
        """
        raise NotImplementedError(
            f"Layer {self.name!r} ({type(self).__name__}) can not be quantized: received mode={mode!r}, "
            "available modes: none. Layers such as Dense, EinsumDense and Embedding can."
        )

    def quantized_build(self, input_shape: Any, mode: str) -> None:
        self.quantize(mode)

    def quantized_call(self, *args: Any, **kwargs: Any) -> Any:
        self.quantize(self.quantization_mode)
