"""A backend as an outsider would write it: NumPy underneath, primitives only, no composites.

The tests select it through `KERAS_BACKEND` and through an entry point. It imports nothing of ours but
the contract.
"""

import numpy as np
from keras_backends.contract import Backend, Traits

DTYPES = {name: np.dtype(name) for name in ("bool", "int32", "int64", "float32", "float64")}
NAMES = {dtype: name for name, dtype in DTYPES.items()}

KERNELS = {
    "absolute": np.abs,
    "add": np.add,
    "divide": np.divide,
    "equal": np.equal,
    "exp": np.exp,
    "greater": np.greater,
    "less": np.less,
    "log": np.log,
    "log1p": np.log1p,
    "logical_not": np.logical_not,
    "matmul": np.matmul,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "multiply": np.multiply,
    "negative": np.negative,
    "power": np.power,
    "sin": np.sin,
    "sqrt": np.sqrt,
    "subtract": np.subtract,
    "tanh": np.tanh,
    "where": np.where,
    "sum": lambda x, axis=None, keepdims=False: np.asarray(
        np.sum(x, axis=axis, keepdims=keepdims, dtype=x.dtype)
    ),
    "max": lambda x, axis=None, keepdims=False, initial=None: np.asarray(
        np.max(x, axis=axis, keepdims=keepdims)
    ),
    "reshape": lambda x, newshape: np.reshape(x, newshape),
    "transpose": lambda x, axes=None: np.transpose(x, axes),
    "expand_dims": lambda x, axis: np.expand_dims(x, axis),
    "squeeze": lambda x, axis=None: np.squeeze(x, axis),
    "concatenate": lambda xs, axis=0: np.concatenate(xs, axis),
}

backend = Backend(
    name="plain",
    traits=Traits(complex=False),
    kernels=KERNELS,
    tensors=frozenset({np.ndarray}),
    native_dtypes=DTYPES,
    is_tensor=lambda x: isinstance(x, np.ndarray),
    tensor=lambda value, dtype=None: np.asarray(value, DTYPES.get(dtype)),
    numpy=np.asarray,
    cast=lambda x, dtype: np.asarray(x).astype(DTYPES[dtype]),
    dtype=lambda x: NAMES[x.dtype],
    shape=np.shape,
    store=lambda value, trainable, name: np.array(value),
    write=lambda storage, value: np.array(value),
)
