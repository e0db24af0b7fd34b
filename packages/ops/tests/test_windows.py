"""Convolution and pooling at the edges: empty operands, windows larger than the inputs, integers."""

import numpy as np
import pytest
from keras_ops import KerasTensor, ops

_EDGES = {
    "conv": (ops.conv, (4, 6)),
    "depthwise_conv": (ops.depthwise_conv, (4, 2)),
}


def _operands(rank, batch, filters):
    return ops.zeros((batch, 7, 6, 5)[: rank + 1] + (4,)), ops.zeros((3, 2, 2)[:rank] + filters)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("name", _EDGES)
def test_an_empty_batch_has_the_shape_of_the_rule(name, rank, padding):
    function, filters = _EDGES[name]
    x, kernel = _operands(rank, 0, filters)
    expected = function(KerasTensor(x.shape), KerasTensor(kernel.shape), padding=padding).shape
    assert tuple(function(x, kernel, padding=padding).shape) == tuple(expected)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: ops.conv(x, ops.zeros((3, 2, 4, 6))),
        lambda x: ops.conv(x, ops.zeros((2, 2, 4, 6)), dilation_rate=2),
        lambda x: ops.depthwise_conv(x, ops.zeros((3, 2, 4, 1))),
        lambda x: ops.max_pool(x, (3, 2)),
        lambda x: ops.average_pool(x, (3, 2)),
    ],
)
def test_windows_larger_than_the_inputs_are_refused(call):
    with pytest.raises(ValueError, match="expected spatial sizes"):
        call(ops.zeros((1, 2, 6, 4)))


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("rank", [1, 2])
def test_integers_are_pooled(rank, padding):
    x = ops.convert_to_tensor(np.arange(-5, 1, dtype="int32").reshape(1, 6, *(1,) * rank))
    size, rest = (3, 1)[:rank], padding == "same"
    for function, expected in [(ops.max_pool, [-3, -1, 0]), (ops.average_pool, [-4, -2, 0])]:
        result = function(x, size, 2, padding)
        assert ops.dtype(result) == "int32"
        assert ops.convert_to_numpy(result).ravel().tolist() == expected[: 2 + rest]
