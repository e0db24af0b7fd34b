"""OpenVINO kernels: activation functions that OpenVINO has a node for.

The others run their body, on the kernels of `elementwise`.
"""

from keras_backends.openvino.graph import const, keeping_nan, node, opset, tensor, unary

hard_sigmoid = keeping_nan(unary(opset.hsigmoid))
hard_silu = unary(opset.hswish)
sigmoid = unary(opset.sigmoid)
softplus = unary(opset.softplus)
softsign = unary(opset.softsign)


def silu(x):
    return tensor(opset.swish(node(x), const(1, x.dtype)))


def relu(x):
    return tensor(opset.maximum(node(x), const(0, x.dtype)))


def relu6(x):
    return tensor(opset.minimum(opset.maximum(node(x), const(0, x.dtype)), const(6, x.dtype)))


def leaky_relu(x, *, negative_slope):
    return tensor(opset.prelu(node(x), const([negative_slope], x.dtype)))


def elu(x, *, alpha):
    return tensor(opset.elu(node(x), alpha))


def selu(x):
    return tensor(opset.selu(node(x), const(1.6732632423543772, x.dtype), const(1.0507009873554805, x.dtype)))


def gelu(x, *, approximate):
    return tensor(opset.gelu(node(x), "tanh" if approximate else "erf"))


def softmax(x, *, axis):
    return tensor(opset.softmax(node(x), axis)) if isinstance(axis, int) else NotImplemented


def log_softmax(x, *, axis):
    return tensor(opset.log_softmax(node(x), axis)) if isinstance(axis, int) else NotImplemented
