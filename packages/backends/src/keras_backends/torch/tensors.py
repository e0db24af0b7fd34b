"""Torch tensors: conversion, casts, dtype tables, variable storage, devices.

Used by the backend's table and by kernel files. A variable's storage is an `nn.Parameter` that stays
the same object for life; torch optimizers, hooks and `named_parameters` rely on it.
"""

import threading
from typing import Any

import ml_dtypes
import numpy as np
import torch

from keras_backends.dtypes import standardize_dtype
from keras_backends.host import as_array

DTYPES: dict[str, Any] = {
    name: getattr(torch, name)
    for name in (
        *("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"),
        *("float16", "bfloat16", "float32", "float64", "complex64", "complex128"),
        *("float8_e4m3fn", "float8_e5m2"),
    )
}
NAMES = {native: name for name, native in DTYPES.items()}

TENSORS = frozenset({torch.Tensor, torch.nn.Parameter})

_WIDER = {"uint16": "int32", "uint32": "int64"}
"""Torch has these types but hardly an operation on them; signed ones hold the same values."""

_BITS = {
    np.dtype(ml_dtypes.bfloat16): (np.dtype("int16"), torch.bfloat16),
    np.dtype(ml_dtypes.float8_e4m3fn): (np.dtype("uint8"), torch.float8_e4m3fn),
    np.dtype(ml_dtypes.float8_e5m2): (np.dtype("uint8"), torch.float8_e5m2),
}
"""Types that pass between NumPy and torch as bits under another type."""

_ML_DTYPES = {native: (bits, exotic) for exotic, (bits, native) in _BITS.items()}
_TORCH_BITS = {torch.bfloat16: torch.int16, torch.float8_e4m3fn: torch.uint8, torch.float8_e5m2: torch.uint8}


class _Default(threading.local):
    device: str | None = None


_default = _Default()


def _first_device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    if torch.backends.mps.is_available():
        return "mps"
    if hasattr(torch, "xpu") and torch.xpu.is_available():
        return "xpu"
    return "cpu"


_FIRST_DEVICE = _first_device()


def current_device() -> str:
    """The device of new tensors: that of the innermost `device` scope, else the accelerator."""
    return _default.device or _FIRST_DEVICE


class device:
    """A scope for new tensors: `"cuda:1"`, `"cpu"`; `"gpu"` counts as `"cuda"`."""

    def __init__(self, name: str) -> None:
        self.name = name.lower().replace("gpu", "cuda").replace("cpu:0", "cpu")

    def __enter__(self) -> None:
        self.outer, _default.device = _default.device, self.name

    def __exit__(self, *_: object) -> None:
        _default.device = self.outer


def is_tensor(x: Any) -> bool:
    return isinstance(x, torch.Tensor)


def canonical_dtype(name: str) -> str:
    return _WIDER.get(name, name)


def scalar(value: Any, dtype: str) -> torch.Tensor:
    """A number as a tensor on the CPU, where torch lets it meet tensors of any device."""
    with torch.inference_mode(False):
        return torch.tensor(value, dtype=DTYPES[dtype], device="cpu")


def tensor(value: Any, dtype: str | None = None) -> Any:
    """Converts to a tensor on the current device; NumPy arrays are copied."""
    target = current_device()
    if isinstance(value, torch.Tensor):
        native = value.dtype if dtype is None else DTYPES[canonical_dtype(dtype)]
        return value.to(target, native)
    if isinstance(value, (bool, int, float, complex)) and dtype is not None:
        return torch.tensor(value, dtype=DTYPES[canonical_dtype(dtype)], device=target)
    if isinstance(value, (list, tuple)) and _holds_tensors(value):
        stacked = torch.stack([tensor(item, dtype) for item in value])
        return stacked.to(target)
    if torch.compiler.is_compiling():
        # Arrays are tensors then, whose dtype cannot be asked for in NumPy's words.
        return torch.as_tensor(value, dtype=dtype and DTYPES[canonical_dtype(dtype)], device=target)
    return _from_array(as_array(value, strings=False), dtype, target)


def zeros(shape: tuple[int, ...], dtype: str) -> torch.Tensor:
    return torch.zeros(shape, dtype=DTYPES[canonical_dtype(dtype)], device=current_device())


def _holds_tensors(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_holds_tensors(item) for item in value)
    return isinstance(value, torch.Tensor) or hasattr(value, "__torch_function__")


def _from_array(array: np.ndarray, dtype: str | None, target: str) -> torch.Tensor:
    name = canonical_dtype(standardize_dtype(array.dtype) if dtype is None else dtype)
    native = DTYPES[name]
    exotic = None
    if array.dtype in _BITS:
        bits, exotic = _BITS[array.dtype]
        array = array.view(bits)
    elif array.dtype.kind == "u" and array.dtype.itemsize > 1 and name in ("int32", "int64"):
        array = array.astype(name)
    elif array.dtype.kind == "c" and not native.is_complex:
        array = array.real
    # The copy keeps the tensor apart from an array that its owner may write to; `torch.tensor` takes longer.
    data = torch.from_numpy(array.copy())
    return (data if exotic is None else data.view(exotic)).to(target, native)


def numpy(x: Any) -> np.ndarray:
    """To the host; types that NumPy lacks come as those of ml_dtypes."""
    if type(x) is torch.nn.Parameter:
        x = x.detach().clone()  # A variable is written in place, so its memory must not be shared.
    x = x.detach()
    if x.device.type != "cpu":
        x = x.cpu()
    if x.is_conj() or x.is_neg():
        x = x.resolve_conj().resolve_neg()
    if x.dtype in _ML_DTYPES:
        return x.contiguous().view(_TORCH_BITS[x.dtype]).numpy().view(_ML_DTYPES[x.dtype][1])
    return x.numpy()


def cast(x: Any, dtype: str) -> Any:
    native = DTYPES[_WIDER.get(dtype, dtype)]
    if x.dtype is native:
        return x
    if x.is_complex() and not native.is_complex and native is not torch.bool:
        x = x.real  # Torch warns where it drops an imaginary part.
    return x.to(native)


def dtype(x: Any) -> str:
    return NAMES[x.dtype]


def shape(x: Any) -> tuple[int, ...]:
    return tuple(x.shape)


def store(value: Any, trainable: bool, name: str) -> torch.nn.Parameter:
    """A parameter with a memory of its own; integers can not require gradients."""
    data = value.detach().clone()
    return torch.nn.Parameter(data, requires_grad=trainable and _differentiable(data))


def store_array(array: np.ndarray, trainable: bool) -> torch.nn.Parameter:
    """A parameter in the memory of an array, where the device and the dtype allow it."""
    target, flags = current_device(), array.flags
    if not (flags.c_contiguous and flags.writeable):
        array = array.copy("C")
    on_host = target == "cpu" and array.dtype not in _BITS
    data = torch.from_numpy(array) if on_host else _from_array(array, None, target)
    return torch.nn.Parameter(data, requires_grad=trainable and _differentiable(data))


def _differentiable(data: torch.Tensor) -> bool:
    return data.is_floating_point() or data.is_complex()


def write(storage: torch.nn.Parameter, value: Any) -> torch.nn.Parameter:
    """Writes in place, so that whoever holds the parameter sees the new value."""
    with torch.no_grad():
        storage.copy_(value)
    return storage
