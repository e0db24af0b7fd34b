"""PyTorch kernels: activation functions, all of them one fused call.

`elementwise` holds everything that is no activation.
"""

import torch
from torch.nn import functional

hard_sigmoid = functional.hardsigmoid
hard_silu = functional.hardswish
log_sigmoid = functional.logsigmoid
relu = torch.relu
relu6 = functional.relu6
selu = functional.selu
sigmoid = torch.sigmoid
silu = functional.silu
softsign = functional.softsign
tanh_shrink = functional.tanhshrink


def celu(x, *, alpha):
    return functional.celu(x, alpha)


def elu(x, *, alpha):
    return functional.elu(x, alpha)


def gelu(x, *, approximate):
    return functional.gelu(x, approximate="tanh" if approximate else "none")


def glu(x, *, axis):
    return functional.glu(x, axis)


def hard_tanh(x):
    return functional.hardtanh(x, -1.0, 1.0) if x.is_floating_point() else NotImplemented


def leaky_relu(x, *, negative_slope):
    return functional.leaky_relu(x, negative_slope)


def soft_shrink(x, *, threshold):
    return functional.softshrink(x, threshold)


def softplus(x):
    # Above its threshold torch returns x itself; at 40 nothing is lost even in float64.
    return functional.softplus(x, 1.0, 40.0)


def hard_shrink(x, *, threshold):
    return functional.hardshrink(x, threshold)


def softmax(x, *, axis):
    return functional.softmax(x, axis) if isinstance(axis, int) else NotImplemented


def log_softmax(x, *, axis):
    return functional.log_softmax(x, axis) if isinstance(axis, int) else NotImplemented


def threshold(x, *, threshold, default_value):
    return functional.threshold(x, threshold, default_value)
