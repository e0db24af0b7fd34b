"""The recurrent operations where there is nothing to run over: no sequence, no step."""

import numpy as np
import pytest
from keras_ops import ops
from keras_ops.operations.recurrent import gru, lstm, simple_rnn


@pytest.mark.parametrize("every", [True, False])
@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("sizes", [(0, 5), (2, 0)])
@pytest.mark.parametrize(("function", "count", "blocks"), [(simple_rnn, 1, 1), (gru, 1, 3), (lstm, 2, 4)])
def test_nothing_gives_nothing(function, count, blocks, sizes, masked, every):
    batch, _ = sizes
    states = [ops.ones((batch, 3))] * count
    mask = ops.convert_to_tensor(np.zeros(sizes, bool)) if masked else None
    weights = ops.ones((4, 3 * blocks)), ops.ones((3, 3 * blocks))
    outputs, *last = function(ops.ones((*sizes, 4)), *states, *weights, mask=mask, every=every)
    assert tuple(outputs.shape) == ((*sizes, 3) if every else (batch, 3))
    for state in last:
        assert np.array_equal(ops.convert_to_numpy(state), np.ones((batch, 3)))
