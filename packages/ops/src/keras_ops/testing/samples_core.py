"""Samples of the operations about tensors themselves."""

import numpy as np

from keras_ops.testing.samples import call

_X = np.array([[-1.5, 0.5, 300.0, 2.0]], "float32")

SAMPLES = {
    "cast": [
        call(_X, "int32", reference=lambda x, dtype: x.astype(dtype)),
        # Half precision is too coarse for finite differences.
        call(_X, "float16", differentiable=False),
    ],
    "saturate_cast": [
        call(_X, "uint8", reference=lambda x, dtype: np.clip(x, 0, 255).astype(dtype)),
        call(np.array([-5, 70000], "int32"), "int16"),
    ],
    "convert_to_tensor": [call(_X, "int32", reference=lambda x, dtype: x.astype(dtype)), call(_X)],
    "size": [call(_X, reference=lambda x: np.asarray(x.size), symbolic=False, jit=False)],
    "view": [
        call(_X, "int32", reference=lambda x, dtype: x.view(dtype)),
        call(np.arange(8, dtype="uint8").reshape(2, 4), "int32", reference=lambda x, dtype: x.view(dtype)),
        call(_X, "uint8", reference=lambda x, dtype: x.view(dtype)),
    ],
}
