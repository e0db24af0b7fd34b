"""Dtype policies: in which dtype a layer computes, and in which it keeps its variables.

Layers hold one; `keras.config.dtype_policy()` is the default. How quantized layers compute is their own
affair, the policies here only name it.
"""

from keras_ops.policies.identifiers import deserialize, get, serialize, set_dtype_policy
from keras_ops.policies.map import DTypePolicyMap
from keras_ops.policies.policy import DTypePolicy, FloatDTypePolicy, dtype_policy
from keras_ops.policies.quantized import (
    AWQDTypePolicy,
    GPTQDTypePolicy,
    Int4DTypePolicy,
    QuantizedDTypePolicy,
    QuantizedFloat8DTypePolicy,
)

__all__ = [
    "AWQDTypePolicy",
    "DTypePolicy",
    "DTypePolicyMap",
    "FloatDTypePolicy",
    "GPTQDTypePolicy",
    "Int4DTypePolicy",
    "QuantizedDTypePolicy",
    "QuantizedFloat8DTypePolicy",
    "deserialize",
    "dtype_policy",
    "get",
    "serialize",
    "set_dtype_policy",
]
