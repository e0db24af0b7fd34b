"""NumPy kernels of neural-network operations that are neither elementwise nor windows.

Normalizations, losses and attention have no kernels here: their bodies in `keras_ops` do.
"""

import numpy as np


def one_hot(x, *, num_classes, axis=-1, dtype="float32", sparse=False):
    classes = np.arange(num_classes)
    if axis >= 0 or axis < -1:
        axis = range(x.ndim + 1)[axis]
        classes = classes.reshape((-1,) + (1,) * (x.ndim - axis))
        return (np.expand_dims(x, axis) == classes).astype(dtype)
    return (x[..., None] == classes).astype(dtype)
