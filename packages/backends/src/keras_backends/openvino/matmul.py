"""OpenVINO kernels of products that contract axes. The other products reduce to these by their bodies."""

from keras_backends.openvino.graph import const, convert, node, opset, tensor


def _multiplied(product):
    """The product in a float dtype: OpenVINO multiplies matrices of these alone."""

    def kernel(*operands, **attributes):
        dtype = str(operands[0].dtype)
        if "float" in dtype:
            return product(*operands, **attributes)
        work = "float64" if dtype in ("int32", "int64", "uint32") else "float32"
        result = product(*(convert(x, work) for x in operands), **attributes)
        return convert(result, dtype)

    return kernel


@_multiplied
def matmul(x1, x2):
    if x1.ndim == x2.ndim == 2 and x1.shape[0] == x2.shape[1] == 1:
        # OpenVINO crashes where the product of a row and a column is reshaped to no axes.
        column = opset.transpose(node(x2), const([1, 0], "int64"))
        return tensor(opset.reduce_sum(opset.multiply(node(x1), column), const([1], "int64"), True))
    return tensor(opset.matmul(node(x1), node(x2), False, False))


def int8_product(x1, x2):
    wide = "float32" if x2.shape[0] <= 1024 else "float64"
    return convert(matmul(convert(x1, wide), convert(x2, wide)), "int32")


@_multiplied
def einsum(*operands, subscripts):
    return tensor(opset.einsum([node(x) for x in operands], subscripts.replace(" ", "")))
