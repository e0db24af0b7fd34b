"""OpenVINO's tensors: NumPy arrays, and graph tensors while a model is being built.

Used by the backend's table. A variable's storage is a holder whose array is replaced when written;
compiled models remember which arrays they contain, so they notice a change.
"""

from typing import Any

import numpy as np

from keras_backends.numpy import tensors as arrays
from keras_backends.openvino.evaluation import note_constant
from keras_backends.openvino.graph import GraphTensor, convert, joined, node, opset
from keras_backends.openvino.graph import tensor as graph_tensor

DTYPES = arrays.DTYPES
TENSORS = arrays.TENSORS | {GraphTensor}


class Storage:
    """Holds the array of a variable."""

    __slots__ = ("array",)

    def __init__(self, array: np.ndarray) -> None:
        self.array = array


def is_tensor(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic, GraphTensor))


def tensor(value: Any, dtype: str | None = None) -> Any:
    """Converts to an array; graph tensors stay, and lists that hold some are stacked in the graph."""
    if isinstance(value, GraphTensor):
        return value if dtype is None else convert(value, dtype)
    if isinstance(value, (list, tuple)) and _holds_graph_tensors(value):
        items = [tensor(item, dtype) for item in value]
        return graph_tensor(joined([opset.unsqueeze(node(item), 0).output(0) for item in items], 0))
    return arrays.tensor(value, dtype)


def _holds_graph_tensors(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_holds_graph_tensors(item) for item in value)
    return isinstance(value, GraphTensor)


def numpy(x: Any) -> np.ndarray:
    return np.asarray(x)


def cast(x: Any, dtype: str) -> Any:
    return convert(x, dtype) if isinstance(x, GraphTensor) else arrays.cast(x, dtype)


def dtype(x: Any) -> str:
    return x.dtype if isinstance(x, GraphTensor) else arrays.dtype(x)


def shape(x: Any) -> tuple[int, ...]:
    return x.shape


def store(value: Any, trainable: bool, name: str) -> Storage:
    return Storage(np.array(value))


def read(storage: Storage) -> Any:
    note_constant(storage)
    return storage.array


def write(storage: Storage, value: Any) -> Storage:
    """Replaces the array.

    Raises:
        NoValue: If the value is part of a graph under construction: it has no data to store.
    """
    note_constant(storage)
    storage.array = np.array(value)
    return storage
