"""OpenVINO kernels that order and search. What has a size that depends on values is left out."""

from keras_backends.openvino.graph import const, convert, node, opset, tensor


def _ordered(x, axis, mode, count=None):
    """Values and positions of the largest or smallest elements, earlier ones first among equals."""
    dtype = x.dtype
    output = node(convert(x, "int32") if dtype == "bool" else x)
    if axis is None:
        output, axis = opset.reshape(output, const([-1], "int64"), False).output(0), 0
    count = output.get_shape()[axis] if count is None else count
    found = opset.topk(output, const(count, "int64"), axis, mode, "value", "i32", True)
    values = found.output(0)
    if dtype == "bool":  # OpenVINO fails to compile a conversion to bool right after the sort.
        values = opset.not_equal(values, const(0, "int32"))
    return tensor(values), tensor(found.output(1))


def sort(x, *, axis=-1):
    if "float" not in str(x.dtype):
        return _ordered(x, axis, "min")[0]
    # OpenVINO has no place for NaN, which comes last.
    missing = tensor(opset.is_nan(node(x)))
    numbers = tensor(opset.select(missing.output, const(float("inf"), str(x.dtype)), node(x)))
    ordered = _ordered(numbers, axis, "min")[0]
    last = _ordered(missing, axis, "min")[0]
    return tensor(opset.select(last.output, const(float("nan"), str(x.dtype)), ordered.output))


def argsort(x, *, axis=-1):
    return _ordered(x, axis, "min")[1]


def top_k(x, *, k, sorted=True):
    return _ordered(x, -1, "max", k)


def searchsorted(sorted_sequence, values, *, side="left"):
    return tensor(opset.search_sorted(node(sorted_sequence), node(values), side == "right"))
