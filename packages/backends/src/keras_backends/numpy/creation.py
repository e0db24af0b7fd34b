"""NumPy kernels that make tensors from sizes and numbers."""

import numpy as np

from keras_backends.numpy.tensors import DTYPES


def zeros(*, shape, dtype):
    return np.zeros(shape, DTYPES[dtype])


def ones(*, shape, dtype):
    return np.ones(shape, DTYPES[dtype])


def empty(*, shape, dtype):
    return np.empty(shape, DTYPES[dtype])


def full(fill_value, *, shape, dtype):
    return np.full(shape, fill_value, DTYPES[dtype])


def eye(*, N, M=None, k=0, dtype):
    return np.eye(N, M, k, DTYPES[dtype])


def tri(*, N, M=None, k=0, dtype):
    return np.tri(N, M, k, DTYPES[dtype])


def count_up(*, start, stop, step, dtype):
    return np.arange(start, stop, step).astype(DTYPES[dtype])


def zeros_like(x, *, dtype):
    return np.zeros(x.shape, DTYPES[dtype])


def ones_like(x, *, dtype):
    return np.ones(x.shape, DTYPES[dtype])
