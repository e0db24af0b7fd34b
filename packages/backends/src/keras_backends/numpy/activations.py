"""NumPy kernels: activation functions for which one array expression beats the operation's body.

`elementwise` holds everything that is no activation. Constants are made in the input's dtype, since
bfloat16 arrays turn into float32 next to a Python float.
"""

import math

import numpy as np

from keras_backends.numpy import special


def relu(x):
    return np.maximum(x, x.dtype.type(0))


def relu6(x):
    return np.minimum(np.maximum(x, x.dtype.type(0)), x.dtype.type(6))


def sigmoid(x):
    # An overflow to infinity ends in the right answer, zero. A form with tanh loses the small values.
    with np.errstate(over="ignore"):
        return np.reciprocal(1 + np.exp(-x))


def hard_sigmoid(x):
    return relu6(x + x.dtype.type(3)) / x.dtype.type(6)


def hard_silu(x):
    return x * hard_sigmoid(x)


def hard_shrink(x, *, threshold):
    return np.where(np.abs(x) > threshold, x, x.dtype.type(0))


def soft_shrink(x, *, threshold):
    threshold = x.dtype.type(threshold)
    return np.where(np.abs(x) > threshold, x - np.sign(x) * threshold, x.dtype.type(0))


def sparse_plus(x):
    one, zero = x.dtype.type(1), x.dtype.type(0)
    middle = np.square(x + one) * x.dtype.type(0.25)
    return np.where(x <= -one, zero, np.where(x < one, middle, x))


def silu(x):
    return x * sigmoid(x)


def softplus(x):
    return np.logaddexp(x, x.dtype.type(0))


def log_sigmoid(x):
    return -np.logaddexp(-x, x.dtype.type(0))


def gelu(x, *, approximate):
    one, half = x.dtype.type(1), x.dtype.type(0.5)
    if approximate:
        inner = x.dtype.type(math.sqrt(2 / math.pi)) * (x + x.dtype.type(0.044715) * x * x * x)
        return half * x * (one + np.tanh(inner))
    return half * x * special.erfc(-x * x.dtype.type(math.sqrt(0.5)))


def softmax(x, *, axis):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True, initial=-np.inf))
    return e / np.sum(e, axis=axis, keepdims=True)


def log_softmax(x, *, axis):
    shifted = x - np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))
