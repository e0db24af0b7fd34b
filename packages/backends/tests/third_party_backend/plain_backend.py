"""A backend as an outsider would write it: NumPy underneath, primitives only, no composites.

The tests select it through `KERAS_BACKEND` and through an entry point. It imports nothing of ours but
the contract.
"""

import numpy as np
from keras_backends.contract import Backend, Traits

DTYPES = {
    name: np.dtype(name)
    for name in ("bool", "uint8", "int8", "int32", "int64", "float16", "float32", "float64")
}
NAMES = {dtype: name for name, dtype in DTYPES.items()}

SAME_NAME = """
    absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh bitwise_and bitwise_invert bitwise_or
    bitwise_xor broadcast_to ceil copy cos cosh diag diagonal divide equal exp expand_dims expm1 flip floor
    floor_divide fmod gcd greater greater_equal isfinite isinf isnan left_shift less less_equal log log1p
    logical_and logical_not logical_or logical_xor matmul maximum minimum mod multiply negative nextafter
    not_equal pad power right_shift roll sign signbit sin sinh sqrt squeeze stack subtract tan tanh
    transpose tril triu trunc where concatenate argmax argmin all any max min sum prod
"""
"""Kernels that NumPy has under the operation's own name and with its arguments."""


def _keeps_dtype(function):
    return lambda x, **attributes: np.asarray(function(x, **attributes, dtype=x.dtype))


def _split(x, *, indices_or_sections, axis=0):
    return np.split(x, indices_or_sections, axis)


def _one_hot(x, *, num_classes, axis=-1, dtype="float32"):
    rows = (x[..., None] == np.arange(num_classes)).astype(DTYPES[dtype])
    return np.moveaxis(rows, -1, axis)


KERNELS = {name: getattr(np, name) for name in SAME_NAME.split()} | {
    "sum": _keeps_dtype(np.sum),
    "prod": _keeps_dtype(np.prod),
    "mean": _keeps_dtype(np.mean),
    "max": lambda x, *, axis=None, keepdims=False, initial=None: np.max(x, axis=axis, keepdims=keepdims),
    "min": lambda x, *, axis=None, keepdims=False, initial=None: np.min(x, axis=axis, keepdims=keepdims),
    "cumsum": lambda x, *, axis=None: np.cumsum(x, axis, dtype=x.dtype),
    "round": lambda x, *, decimals=0: np.round(x, decimals),
    "reshape": lambda x, *, newshape: np.reshape(x, newshape),
    "repeat": lambda x, *, repeats, axis=None: np.repeat(x, repeats, axis),
    "tile": lambda x, *, repeats: np.tile(x, repeats),
    "split": _split,
    "take": lambda x, indices, *, axis=None: np.take(x, indices, axis),
    "get_item": lambda x, *, key: x[key],
    "slice": lambda x, *, start_indices, shape: x[
        tuple(slice(a, a + n) for a, n in zip(start_indices, shape))
    ],
    "one_hot": _one_hot,
    "zeros": lambda *, shape, dtype: np.zeros(shape, DTYPES[dtype]),
    "ones": lambda *, shape, dtype: np.ones(shape, DTYPES[dtype]),
    "eye": lambda *, N, M=None, k=0, dtype: np.eye(N, M, k, DTYPES[dtype]),
    "count_up": lambda *, start, stop, step, dtype: np.arange(start, stop, step, DTYPES[dtype]),
    "stop_gradient": lambda x: x,
}

backend = Backend(
    name="plain",
    traits=Traits(),
    kernels=KERNELS,
    tensors=frozenset({np.ndarray, *(dtype.type for dtype in NAMES)}),
    native_dtypes=DTYPES,
    is_tensor=lambda x: isinstance(x, (np.ndarray, np.generic)),
    tensor=lambda value, dtype=None: np.asarray(value, DTYPES.get(dtype)),
    numpy=np.asarray,
    cast=lambda x, dtype: np.asarray(x).astype(DTYPES[dtype]),
    dtype=lambda x: NAMES[x.dtype],
    shape=np.shape,
    store=lambda value, trainable, name: np.array(value),
    write=lambda storage, value: np.array(value),
)
