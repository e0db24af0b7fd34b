"""How configs write values that JSON lacks: tensors, arrays, slices, bytes, lambdas.

A table of encoders by type and of decoders by the marker that files have (`__tensor__`, ...). Used by
`keras_ops.serialize` alone; objects with a `get_config` are its business.
"""

import base64
import marshal
import types
import warnings
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

import numpy as np
from keras_backends.dtypes import standardize_dtype
from keras_backends.selection import active

from keras_ops.tensor import KerasTensor
from keras_ops.variable import Variable

MISSING = object()
"""What `encode` returns for a value it does not know."""


def encode(value: Any) -> Any:
    """Returns the JSON form of a special value, `MISSING` if it is none."""
    encoder = _ENCODERS.get(type(value))
    if encoder is not None:
        return encoder(value)
    for kind, encoder in _BY_BASE:
        if isinstance(value, kind):
            return encoder(value)
    if active().is_tensor(value):
        return _tensor(value)
    if hasattr(value, "as_list") and hasattr(value, "dims"):
        return value.as_list()
    if isinstance(value, type) or not callable(value):
        return _dtype_name(value)
    return MISSING


def is_marker(class_name: Any) -> bool:
    """Says whether a class name in a file marks a special value."""
    return class_name in _DECODERS


def decode(class_name: str, config: Mapping[str, Any]) -> Any:
    """Returns the value that `encode` wrote; lambdas are decoded by `decode_lambda` only."""
    return _DECODERS[class_name](config)


def _marked(class_name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": config}


def _tensor(value: Any) -> dict[str, Any]:
    backend = active()
    array = backend.numpy(value)
    dtype = backend.dtype(value)
    # bfloat16 and friends have no JSON form in NumPy; their values are exact in float32.
    array = array if array.dtype.kind in "biufcUSO" else array.astype("float32")
    return _marked("__tensor__", value=array.tolist(), dtype=dtype)


def _array(value: np.ndarray) -> dict[str, Any]:
    return _marked("__numpy__", value=value.tolist(), dtype=value.dtype.name)


def _keras_tensor(value: KerasTensor) -> dict[str, Any]:
    config: dict[str, Any] = {"shape": list(value.shape), "dtype": value.dtype}
    history = getattr(value, "_keras_history", None)
    if history is not None:
        config["keras_history"] = [history.operation.name, history.node_index, history.tensor_index]
    return {"class_name": "__keras_tensor__", "config": config}


def _slice(value: slice) -> dict[str, Any]:
    parts = {name: getattr(value, name) for name in ("start", "stop", "step")}
    return _marked("__slice__", **{k: v if v is None else _slice_part(v) for k, v in parts.items()})


def _slice_part(value: Any) -> Any:
    encoded = encode(value) if not isinstance(value, int) else value
    return value if encoded is MISSING else encoded


def _dtype_name(value: Any) -> Any:
    try:
        return standardize_dtype(value)
    except (ValueError, TypeError):
        return MISSING


def encode_lambda(function: types.FunctionType) -> dict[str, Any]:
    """Writes an anonymous function as code, which only an unsafe load reads again."""
    warnings.warn(
        f"The lambda {function!r} is saved as Python code, which loads only with `safe_mode=False` and "
        "the same Python version. Write a named function and decorate it with "
        "`@keras.saving.register_keras_serializable()` instead.",
        stacklevel=4,
    )
    cells = function.__closure__
    return _marked(
        "__lambda__",
        code=base64.encodebytes(marshal.dumps(function.__code__)).decode("ascii"),
        defaults=function.__defaults__,
        closure=tuple(cell.cell_contents for cell in cells) if cells else None,
    )


def decode_lambda(config: Mapping[str, Any]) -> types.FunctionType:
    """Rebuilds a function from code. The caller has made sure that the file is trusted."""
    code = marshal.loads(base64.b64decode(config["code"]))
    defaults, closure = config.get("defaults"), config.get("closure")
    cells = tuple(types.CellType(value) for value in closure) if closure else None
    return types.FunctionType(code, globals(), "<lambda>", tuple(defaults) if defaults else None, cells)


_ENCODERS: dict[type, Callable[[Any], Any]] = {
    bytes: lambda value: _marked("__bytes__", value=value.decode("utf-8", "surrogateescape")),
    slice: _slice,
    type(Ellipsis): lambda _: {"class_name": "__ellipsis__", "config": {}},
    np.ndarray: _array,
    KerasTensor: _keras_tensor,
    complex: lambda value: _marked("__complex__", value=[value.real, value.imag]),
}

_BY_BASE: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (np.ndarray, _array),
    (np.generic, lambda value: value.item()),
    (KerasTensor, _keras_tensor),
    (Variable, lambda value: _tensor(value.value)),
    (PurePath, str),
    (np.dtype, standardize_dtype),
)

_DECODERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "__bytes__": lambda config: config["value"].encode("utf-8", "surrogateescape"),
    "__slice__": lambda config: slice(config["start"], config["stop"], config["step"]),
    "__ellipsis__": lambda config: Ellipsis,
    "__numpy__": lambda config: np.array(config["value"], dtype=config["dtype"]),
    "__tensor__": lambda config: active().tensor(np.array(config["value"]), config["dtype"]),
    "__keras_tensor__": lambda config: KerasTensor(config["shape"], dtype=config["dtype"]),
    "__complex__": lambda config: complex(*config["value"]),
}
