"""Graphs: order, sharing, disconnected graphs, the flat plan."""

import numpy as np
import pytest
from keras_ops import ops
from keras_ops.function import Function
from keras_ops.graph import Operation
from keras_ops.tensor import KerasTensor


class Scale(Operation):
    def __init__(self, factor, name=None):
        super().__init__(name=name)
        self.factor = factor

    def call(self, x):
        return ops.multiply(x, self.factor)


class Pair(Operation):
    def call(self, x, extra=None):
        return [ops.add(x, 1.0), {"twice": ops.multiply(x, 2.0)}]


def value(x):
    return ops.convert_to_numpy(x).tolist()


def test_a_shared_operation_has_a_node_per_call_and_runs_each():
    scale = Scale(3.0)
    a, b = KerasTensor((2,)), KerasTensor((2,))
    f = Function([a, b], ops.subtract(scale(a), scale(b)))
    assert len(scale._inbound_nodes) == 2
    assert value(f([np.ones(2, "float32"), np.zeros(2, "float32")])) == [3.0, 3.0]


def test_operations_stand_in_order_of_depth():
    x = KerasTensor((None,))
    first, second, last = Scale(1.0, name="first"), Scale(2.0, name="second"), Scale(3.0, name="last")
    y = last(ops.add(second(first(x)), x))
    names = [o.name for o in Function(x, y).operations]
    assert names[1:3] == ["first", "second"] and names[-1] == "last"


def test_structures_of_outputs_and_keyword_tensors_are_kept():
    x, z = KerasTensor((2,)), KerasTensor((2,))
    one, rest = Pair()(x, extra=z)
    f = Function([x, z], {"a": one, "b": rest["twice"]})
    result = f([np.ones(2, "float32"), np.ones(2, "float32")])
    assert value(result["a"]) == [2.0, 2.0] and value(result["b"]) == [2.0, 2.0]


def test_a_deep_chain_needs_no_recursion():
    x = y = KerasTensor((1,))
    for _ in range(3000):
        y = ops.add(y, 1.0)
    assert value(Function(x, y)(np.zeros(1, "float32"))) == [3000.0]


def test_an_input_that_is_also_an_output_is_passed_through():
    x = KerasTensor((1,))
    f = Function(x, [x, ops.add(x, 1.0)])
    assert [value(v) for v in f(np.zeros(1, "float32"))] == [[0.0], [1.0]]


def test_a_graph_may_start_in_the_middle():
    x = KerasTensor((1,))
    middle = ops.add(x, 1.0)
    f = Function(middle, ops.multiply(middle, 5.0))
    assert value(f(np.ones(1, "float32"))) == [5.0]


def test_missing_inputs_are_named():
    x, other = KerasTensor((1,)), KerasTensor((1,))
    with pytest.raises(ValueError, match="neither one of the inputs"):
        Function(x, ops.add(x, other))


def test_names_must_be_unique():
    x = KerasTensor((1,))
    y = Scale(1.0, name="same")(Scale(2.0, name="same")(x))
    with pytest.raises(ValueError, match=r"'same'.*Scale"):
        Function(x, y)


def test_inputs_must_be_symbolic():
    with pytest.raises(ValueError, match="KerasTensors"):
        Function(np.ones(1), KerasTensor((1,)))


def test_the_wrong_number_of_inputs_is_refused():
    x = KerasTensor((1,))
    with pytest.raises(ValueError, match="expects 1 inputs, received 2"):
        Function(x, ops.add(x, 1.0))([np.ones(1), np.ones(1)])


def test_output_shapes_follow_input_shapes():
    x = KerasTensor((None, 3))
    f = Function(x, ops.sum(x, axis=1))
    assert f.compute_output_shape((7, 3)) == (7,)


def test_input_and_output_need_exactly_one_call():
    scale, x = Scale(1.0), KerasTensor((1,))
    with pytest.raises(ValueError, match="0 times"):
        _ = scale.input
    y = scale(x)
    assert scale.input is x and scale.output is y
