"""OpenVINO control flow inside a graph: branches are both computed, loops are unrolled.

These kernels serve whenever a model is being built, since the functions they are given may refer to
graph tensors. A loop whose end depends on values cannot be unrolled; the graph tensor says so.
"""

import builtins

from keras_backends.openvino.graph import GraphTensor, const, joined, node, opset, tensor


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


def while_loop(loop_vars, *, cond, body, maximum_iterations=None):
    done = 0
    while (maximum_iterations is None or done < maximum_iterations) and cond(*loop_vars):
        loop_vars = body(*loop_vars)
        done += 1
    return loop_vars


def scan(init, xs, *, f, length=None, reverse=False, unroll=1):
    carry, results = init, []
    for i in builtins.reversed(range(length)) if reverse else range(length):
        carry, y = f(carry, [x[i] for x in xs])
        results.append(y)
    if reverse:
        results.reverse()
    return carry, [_stacked(ys) for ys in zip(*results)]


def _stacked(items):
    return tensor(joined([opset.unsqueeze(node(x), const([0], "int64")).output(0) for x in items], 0))
