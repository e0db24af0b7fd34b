"""`HostLayer`: base of layers that compute on the host, since they take strings or hash bytes.

They work on every backend: inputs may be lists or arrays of strings, which most frameworks have no tensors of.
In compiled functions and `tf.data` pipelines the backend calls back to Python.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from keras_backends.dtypes import standardize_dtype
from keras_ops import ops
from keras_ops.state import state
from keras_ops.tensor import Shape, Tensor

from keras_layers.preprocessing.batches import as_array, texts
from keras_layers.preprocessing.data_layer import DataLayer


class HostLayer(DataLayer):
    """Base of layers whose work NumPy and Python do."""

    supports_jit = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._convert_input_args = False
        self._allow_non_tensor_positional_args = True


def index_dtype() -> str:
    """Returns the dtype that indices have on the backend in use: int64 where tensors keep it."""
    return standardize_dtype(ops.convert_to_tensor(np.zeros((), dtype="int64")).dtype)


def received(x: Any, encoding: str) -> Any:
    """Returns a tensor as it is, and an array or nested lists as an array (strings as `str` objects)."""
    return x if state.backend.is_tensor(x) else as_array(x, encoding)


def shape_of(x: Any) -> Shape:
    """Returns the shape of a tensor, an array, or nested lists."""
    backend = state.backend
    return tuple(backend.shape(x)) if backend.is_tensor(x) else as_array(x).shape


def over_ragged(function: Callable[[Any], Any], x: Any) -> Any:
    """Returns a ragged tensor with a function applied to its values, of shape `(n,)`."""
    return x.with_flat_values(function(x.flat_values))


def on_host(
    function: Callable[..., Any], values: list[Any], shape: Shape, dtype: str, encoding: str = "utf-8"
) -> Tensor:
    """Returns the tensor of what a function of arrays returns.

    Args:
        function: Takes one array per value (strings as `str` objects) and returns one.
        values: Tensors, arrays, or nested lists.
        shape: Shape of the result, with `None` for sizes that are not known.
        dtype: Dtype of the result.
        encoding: How bytes are read as text.

    Example:

        >>> on_host(lambda x: np.char.str_len(x.astype(str)), [["a", "bcd"]], (2,), "int32").tolist()
        [1, 3]
    """
    backend = state.backend

    def run(*arrays: Any) -> np.ndarray:
        arrays = tuple(map(np.asarray, arrays))
        result = function(*(texts(x, encoding) if x.dtype.kind in "USO" else x for x in arrays))
        return result if dtype == "string" else np.asarray(result, dtype=dtype)

    if backend.on_host is not None and all(map(backend.is_tensor, values)):
        return backend.on_host(run, values, shape, dtype)
    result = run(*(backend.numpy(x) if backend.is_tensor(x) else as_array(x, encoding) for x in values))
    return backend.tensor(result, dtype)
