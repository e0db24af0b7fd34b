"""OpenVINO control flow inside a graph: branches are both computed.

These kernels serve whenever a model is being built, since the functions they are given may refer to
graph tensors. Loops are Python's, and so unrolled, unless their end depends on values: the graph tensor says so.
"""

import builtins

from keras_backends.openvino.graph import GraphTensor, const, node, opset, tensor


def stop_gradient(variable):
    return variable


def cond(pred, *, true_fn, false_fn):
    if not isinstance(pred, GraphTensor):
        return true_fn() if pred else false_fn()
    return [_select(pred, x, y) for x, y in zip(true_fn(), false_fn(), strict=True)]


def _select(pred, x, y):
    return tensor(opset.select(node(pred), node(x), node(y)))


def switch(index, *operands, branches):
    last = len(branches) - 1
    if not isinstance(index, GraphTensor):
        return branches[builtins.min(builtins.max(int(index), 0), last)](*operands)
    chosen = branches[last](*operands)
    for i in builtins.reversed(range(last)):
        before = tensor(opset.less_equal(node(index), const(i, index.dtype)))
        chosen = [_select(before, x, y) for x, y in zip(branches[i](*operands), chosen, strict=True)]
    return chosen
