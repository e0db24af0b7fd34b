"""Masks in calls: which reach a layer and its result."""

import numpy as np
import pytest
from call_layers import Recurrent, TakesMask, masked
from keras_layers.core.embedding import Embedding
from keras_layers.core.input_layer import Input
from keras_layers.core.masking import Masking
from keras_layers.layer import Layer
from keras_ops import ops
from keras_ops.function import Function
from keras_ops.masks import get_mask, set_mask


def test_masks_reach_call_and_result():
    layer, x = TakesMask(), masked()
    plain = ops.ones((2, 3, 1))
    for _ in range(2):
        assert get_mask(layer(plain)) is None
        assert get_mask(layer(x)) is get_mask(x)
    assert [mask is None for mask in layer.masks] == [True, False, True, False]


def test_an_explicit_mask_wins():
    layer = TakesMask()
    explicit = ops.ones((2, 3), dtype="bool")
    layer(masked(), mask=explicit)
    assert bool(ops.all(layer.masks[0]))


def test_losing_a_mask_warns_once():
    class NoMasks(Layer):
        def call(self, x):
            return x + 1.0

    layer = NoMasks()
    with pytest.warns(UserWarning, match="does not support masking"):
        assert get_mask(layer(masked())) is None
    layer(masked())


def test_embedding_masks_zeros_also_in_repeated_calls():
    layer = Embedding(4, 2, mask_zero=True)
    x = ops.convert_to_tensor(np.array([[1, 0, 2]], "int32"))
    for _ in range(3):
        assert ops.convert_to_numpy(get_mask(layer(x))).tolist() == [[True, False, True]]


def test_masks_of_symbolic_tensors_are_part_of_the_graph():
    x = Input((3, 1))
    layer = TakesMask()
    masked = Masking()(x)
    y = layer(masked)
    assert get_mask(masked).shape == (None, 3) and get_mask(masked).dtype == "bool"
    node = layer._inbound_nodes[0]
    assert node.kwargs == {"mask": get_mask(masked)}
    function = Function(x, y)
    layer.masks.clear()
    function(ops.convert_to_tensor(np.array([[[1.0], [0.0], [2.0]]], "float32")))
    assert ops.convert_to_numpy(layer.masks[-1]).tolist() == [[True, False, True]]


def test_arguments_named_after_others_get_their_masks():
    class Pair(Layer):
        def call(self, query, value, query_mask=None, value_mask=None):
            self.got = (query_mask is not None, value_mask is not None)
            return query

    layer = Pair()
    with pytest.warns(UserWarning):
        layer(masked(), ops.ones((2, 3, 1)))
    assert layer.got == (True, False)


@pytest.mark.parametrize("by_name", [False, True])
def test_the_first_argument_keeps_its_mask_beside_other_tensors(by_name):
    layer, x, start = Recurrent(), masked(), ops.zeros((2, 1))
    set_mask(start, ops.zeros((2,), dtype="bool"))
    y = layer(initial_state=start, sequences=x) if by_name else layer(x, initial_state=start)
    assert layer.got is get_mask(x) and get_mask(y) is get_mask(x)
    explicit = ops.ones((2, 3), dtype="bool")
    layer(x, initial_state=start, mask=explicit)
    assert bool(ops.all(layer.got))


def test_every_argument_gives_its_own_mask():
    class Attends(Layer):
        def call(self, query, value, key=None, query_mask=None, value_mask=None, key_mask=None):
            self.got = query_mask, value_mask, key_mask
            return query

    query, value, key = (masked() for _ in range(3))
    layer = Attends()
    with pytest.warns(UserWarning):
        layer(query, value, key=key)
    assert all(got is get_mask(x) for got, x in zip(layer.got, (query, value, key)))
    layer(query, value)
    assert layer.got[2] is None
