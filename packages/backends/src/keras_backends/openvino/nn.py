"""OpenVINO kernels of neural-network operations that are neither elementwise nor windows.

Normalizations, losses and attention run their bodies, which OpenVINO fuses when it compiles.
"""

from keras_backends.openvino.graph import const, convert, opset, tensor


def one_hot(x, *, num_classes, axis=-1, dtype="float32", sparse=False):
    labels = convert(x, "int64").output
    on, off = const(1, dtype), const(0, dtype)
    depth = const(num_classes, "int64")
    # OpenVINO gives a negative label the vector of its distance from the end; here it has none.
    encoded = opset.one_hot(labels, depth, on, off, axis)
    shape = list(x.shape)
    shape.insert(range(len(shape) + 1)[axis], 1)
    negative = opset.reshape(opset.less(labels, const(0, "int64")), const(shape, "int64"), False)
    return tensor(opset.select(negative, off, encoded))
