"""`DTypePolicy` and the global policy: what layers compute in when they are told nothing.

Other policies derive from it, `identifiers` finds them by name.
"""

from typing import Any

import numpy as np
from keras_backends import settings
from keras_backends.api import export
from keras_backends.dtypes import is_float, standardize_dtype

from keras_ops.configurable import Configurable
from keras_ops.state import state
from keras_ops.tensor import KerasTensor
from keras_ops.variable import Variable

_MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}
_SCALARS = (bool, int, float, complex, str)


@export(
    [
        "keras.DTypePolicy",
        "keras.dtype_policies.DTypePolicy",
        "keras.mixed_precision.DTypePolicy",
        "keras.mixed_precision.Policy",
    ]
)
class DTypePolicy(Configurable):
    """Compute dtype and variable dtype of a layer.

    Args:
        name: A dtype such as `"float32"` for both, or `"mixed_float16"` or `"mixed_bfloat16"` for
            half precision computations on float32 variables. Default: the global policy's name.

    Raises:
        TypeError: If `name` is no string.
        ValueError: If it is not the name of a policy.

    Example:

        >>> policy = DTypePolicy("mixed_float16")
        >>> policy.compute_dtype, policy.variable_dtype
        ('float16', 'float32')
    """

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            name = dtype_policy().name
        elif not isinstance(name, str):
            raise TypeError(
                f"{type(self).__name__}: `name` should be a string such as 'float32' or 'mixed_float16'. "
                f"Received: name={name!r} of type {type(name).__name__}"
            )
        self._name = name
        self._compute_dtype, self._variable_dtype = parse(name)

    @property
    def name(self) -> str:
        return self._name

    @property
    def compute_dtype(self) -> str:
        """The dtype that inputs and variables are cast to in a call."""
        return self._compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of the variables."""
        return self._variable_dtype

    @property
    def quantization_mode(self) -> str | None:
        """How the layer is quantized: `"int8"`, `"int4"`, `"float8"`, `"gptq"`, `"awq"` or `None`."""
        return None

    def convert_input(self, x: Any, autocast: bool, dtype: str) -> Any:
        """Makes an argument of a layer's call a tensor, in the compute dtype if it holds floats.

        Args:
            x: Tensor, KerasTensor or array; anything else is returned as it is.
            autocast: Whether to cast floats.
            dtype: The dtype to cast to.

        Returns:
            A tensor. For a KerasTensor of another dtype, a copy that records no operation.
        """
        backend = state.backend
        if type(x) in backend.tensors or backend.is_tensor(x):
            current = backend.dtype(x)
            return backend.cast(x, dtype) if _casts(current, autocast, dtype) else x
        if isinstance(x, KerasTensor):
            return _symbolic_cast(x, dtype) if _casts(x.dtype, autocast, dtype) else x
        if isinstance(x, Variable):
            return self.convert_input(x.value, autocast, dtype)
        if isinstance(x, _SCALARS) or not hasattr(x, "__array__"):
            return x
        array = np.asarray(x)
        if array.dtype.kind in "USO":
            return x
        current = standardize_dtype(array.dtype)
        return backend.tensor(array, dtype if autocast and is_float(current) else None)

    def get_config(self) -> dict[str, Any]:
        """Returns `{"name": ...}`."""
        return {"name": self._name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "DTypePolicy":
        """Makes a policy from what `get_config` returned."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.get_config() == other.get_config()

    def __hash__(self) -> int:
        return hash((type(self), self._name))

    def __repr__(self) -> str:
        return f'<{type(self).__name__} "{self._name}">'


def _casts(current: str, autocast: bool, dtype: str) -> bool:
    return autocast and current != dtype and is_float(current) and is_float(dtype)


def _symbolic_cast(x: KerasTensor, dtype: str) -> KerasTensor:
    cast = KerasTensor.make(x._shape, dtype, x.sparse)
    history = getattr(x, "_keras_history", None)
    if history is not None:
        cast._keras_history = history
    return cast


def parse(name: str) -> tuple[str, str]:
    """Compute dtype and variable dtype of a policy's name."""
    if name in _MIXED:
        return _MIXED[name], "float32"
    try:
        if name == "float" or name.startswith("float8"):
            raise ValueError
        dtype = standardize_dtype(name)
    except ValueError:
        raise ValueError(
            f"Expected the name of a dtype policy: a dtype such as 'float32', or one of "
            f"{', '.join(map(repr, _MIXED))}, or of a quantized policy such as 'int8_from_float32'. "
            f"Received: {name!r}"
        ) from None
    return dtype, dtype


@export(["keras.FloatDTypePolicy", "keras.dtype_policies.FloatDTypePolicy"])
class FloatDTypePolicy(DTypePolicy):
    """The same as `DTypePolicy`, under the name that older code uses.

    Args:
        name: Name of the policy; see `DTypePolicy`.

    Example:

        >>> FloatDTypePolicy("float16").variable_dtype
        'float16'
    """


_defaults: dict[str, DTypePolicy] = {}
_global: list[DTypePolicy] = []
"""The policy that was set, if one was."""


@export(
    [
        "keras.config.dtype_policy",
        "keras.mixed_precision.dtype_policy",
        "keras.mixed_precision.global_policy",
    ]
)
def dtype_policy() -> DTypePolicy:
    """Returns the policy of layers that are given none: that of floatx unless it was set.

    Example:

        >>> dtype_policy().name
        'float32'
    """
    if _global:
        return _global[0]
    floatx = settings.floatx()
    if floatx not in _defaults:
        _defaults[floatx] = DTypePolicy(floatx)
    return _defaults[floatx]


def set_global(policy: DTypePolicy) -> None:
    """Makes a policy the global one; `set_dtype_policy` is the function for users."""
    _global[:] = [policy]
