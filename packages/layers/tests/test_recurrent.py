"""Recurrent layers: states, masks, dropout, directions, cells of users, and what they refuse."""

from contextlib import nullcontext

import numpy as np
import pytest
from keras_backends.selection import active
from keras_layers.core.dense import Dense
from keras_layers.core.masking import Masking
from keras_layers.layer import Layer
from keras_layers.normalization.batch_normalization import BatchNormalization
from keras_layers.rnn.bidirectional import Bidirectional
from keras_layers.rnn.conv_lstm import ConvLSTM1D
from keras_layers.rnn.gru import GRU
from keras_layers.rnn.gru_cell import GRUCell
from keras_layers.rnn.lstm import LSTM
from keras_layers.rnn.lstm_cell import LSTMCell
from keras_layers.rnn.rnn import RNN
from keras_layers.rnn.simple_rnn import SimpleRNN
from keras_layers.rnn.stacked_rnn_cells import StackedRNNCells
from keras_layers.rnn.time_distributed import TimeDistributed
from keras_ops import ops
from keras_ops.masks import get_mask
from keras_ops.state import StatelessScope
from keras_ops.tensor import KerasTensor

RECURRENT = [SimpleRNN, GRU, LSTM]


def _x(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def _numpy(x):
    return ops.convert_to_numpy(x)


class Sum(Layer):
    """A cell without weights, initial state and output size: what users write."""

    state_size = 3

    def call(self, inputs, states):
        total = inputs + states[0]
        return total, [total]


def test_cell_of_users():
    x = _x(2, 4, 3)
    np.testing.assert_allclose(_numpy(RNN(Sum(), return_sequences=True)(x)), np.cumsum(x, 1), rtol=1e-5)
    assert RNN(Sum(), return_state=True).compute_output_shape((None, 4, 3)) == ((None, 3), (None, 3))
    twice = RNN([Sum(), Sum()], return_sequences=True)(x)
    np.testing.assert_allclose(_numpy(twice), np.cumsum(np.cumsum(x, 1), 1), rtol=1e-5)


@pytest.mark.parametrize(
    "make",
    [
        lambda: RNN(Sum()),
        lambda: RNN([Sum(), GRUCell(3, activation=lambda x: ops.tanh(x) / 2)]),
        lambda: SimpleRNN(
            3, activation=_half, kernel_initializer=lambda shape, dtype: ops.ones(shape, dtype)
        ),
    ],
    ids=["cell", "stack", "functions"],
)
def test_both_directions_of_what_users_write_need_no_registration(make):
    layer, x = Bidirectional(make()), _x(2, 4, 3)
    layer.build(x.shape)
    count = len(layer.forward_layer.get_weights())
    layer.backward_layer.set_weights(layer.get_weights()[:count])
    one = make()
    one.build(x.shape)
    one.set_weights(layer.get_weights()[:count])
    expected = np.concatenate([_numpy(one(x)), _numpy(one(x[:, ::-1]))], -1)
    np.testing.assert_allclose(_numpy(layer(x)), expected, rtol=1e-5, atol=1e-6)


def _half(x):
    return x / 2


@pytest.mark.parametrize("cls", RECURRENT)
@pytest.mark.parametrize("kwargs", [{}, {"go_backwards": True}, {"unroll": True}])
def test_masked_steps_are_as_if_they_were_not_there(cls, kwargs):
    layer = cls(4, return_state=True, **kwargs)
    x = _x(1, 5, 3)
    mask = np.array([[False, True, True, False, True]])
    for got, expected in zip(layer(x, mask=mask), layer(x[:, mask[0]])):
        np.testing.assert_allclose(_numpy(got), _numpy(expected), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("cls", "dtype"), [*((cls, "float32") for cls in RECURRENT), (LSTM, "mixed_bfloat16")]
)
def test_all_steps_at_once_are_the_cell_step_by_step(cls, dtype):
    layer = cls(4, return_sequences=True, return_state=True, go_backwards=True, dtype=dtype)
    x, mask = _x(3, 5, 3), np.array([[1, 0, 1, 1, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]], bool)
    states = [_x(3, 4, seed=i) for i in range(1 + (cls is LSTM))]
    at_once = layer(x, initial_state=states, mask=mask)
    layer.use_cudnn = False
    tolerance = 1e-5 if dtype == "float32" else 2e-2
    for got, expected in zip(at_once, layer(x, initial_state=states, mask=mask)):
        assert got.dtype == expected.dtype
        got, expected = (ops.convert_to_numpy(ops.cast(value, "float32")) for value in (got, expected))
        np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("zeros", [False, True])
def test_output_of_masked_steps(zeros):
    layer = GRU(4, return_sequences=True, zero_output_for_mask=zeros)
    outputs = _numpy(layer(_x(1, 4, 3), mask=np.array([[False, True, False, True]])))
    assert not outputs[0, 0].any() and outputs[0, 1].any() and outputs[0, 3].any()
    np.testing.assert_array_equal(outputs[0, 2], 0 * outputs[0, 1] if zeros else outputs[0, 1])


def test_mask_on_the_input_is_used_and_passed_on():
    x = _x(2, 4, 3)
    x[:, 2:] = 0
    layer = LSTM(4, return_sequences=True)
    outputs = layer(Masking()(x))
    np.testing.assert_array_equal(_numpy(get_mask(outputs)), [[True, True, False, False]] * 2)
    np.testing.assert_allclose(_numpy(outputs)[:, 3], _numpy(layer(x[:, :2]))[:, 1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("cls", RECURRENT)
def test_states_go_in_and_out(cls):
    layer = cls(4, return_state=True)
    x = _x(2, 6, 3)
    whole = layer(x)
    _, *states = layer(x[:, :2])
    for got, expected in zip(layer(x[:, 2:], initial_state=states), whole):
        np.testing.assert_allclose(_numpy(got), _numpy(expected), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("cls", RECURRENT)
def test_stateful_layers_go_on_where_they_were(cls):
    layer = cls(4, stateful=True)
    x = _x(2, 6, 3)
    first = _numpy(layer(x[:, :3]))
    last = _numpy(layer(x[:, 3:]))
    layer.reset_state()
    np.testing.assert_allclose(_numpy(layer(x)), last, rtol=1e-5, atol=1e-6)
    layer.reset_states()
    np.testing.assert_allclose(_numpy(layer(x[:, :3])), first, rtol=1e-5, atol=1e-6)
    assert len(layer.weights) == 3


@pytest.mark.skipif(not active().traits.trainable, reason="nothing is differentiated here")
@pytest.mark.parametrize("cls", RECURRENT)
def test_stateful_layers_are_trained(cls):
    layer = cls(4, stateful=True)
    x = ops.convert_to_tensor(_x(2, 3, 3))
    layer(x)

    def loss(values):
        # Written to, the states must still be what the gradient needs.
        mapping = list(zip(layer.trainable_variables, values)) if active().traits.functional else []
        with StatelessScope(state_mapping=mapping) if mapping else nullcontext():
            return ops.sum(layer(x)), None

    _, gradients = active().gradients(loss, [v._storage for v in layer.trainable_variables])
    assert all(np.abs(_numpy(g)).max() > 0 for g in gradients)


def test_stateful_needs_the_batch_size():
    with pytest.raises(ValueError, match=r"batch size must be known.*batch_shape"):
        GRU(2, stateful=True)(KerasTensor((None, 4, 3)))


def test_dropout_is_the_same_in_all_steps_and_another_in_each_call():
    layer = SimpleRNN(50, activation="linear", dropout=0.5, seed=1)
    layer.build((1, 2, 50))
    layer.cell.kernel.assign(np.eye(50))
    layer.cell.recurrent_kernel.assign(-np.eye(50))
    x = np.ones((1, 2, 50), "float32")
    # With the same features dropped in both steps, the second output takes the first one away.
    np.testing.assert_allclose(_numpy(layer(x, training=True)), 0, atol=1e-4)
    one = x[:, :1]
    first, second = _numpy(layer(one, training=True)), _numpy(layer(one, training=True))
    assert (first != second).any()
    np.testing.assert_allclose(_numpy(layer(one)), 1.0)
    assert not layer.cell._masks


def test_dropout_of_stacked_cells_is_drawn_for_each_of_them():
    layer = RNN([GRUCell(4, dropout=0.5), LSTMCell(3, recurrent_dropout=0.5)])
    assert tuple(layer(_x(2, 3, 5), training=True).shape) == (2, 3)
    assert not any(cell._masks for cell in layer.cell.cells)


def test_stacked_cells_keep_the_structure_of_their_states():
    layer = RNN([LSTMCell(3), GRUCell(2)], return_state=True)
    _, (h, c), last = layer(_x(2, 4, 5))
    assert [tuple(s.shape) for s in (h, c, last)] == [(2, 3), (2, 3), (2, 2)]
    again = layer(_x(2, 4, 5), initial_state=[[h, c], last])
    assert tuple(again[0].shape) == (2, 2)


@pytest.mark.parametrize("cls", RECURRENT)
def test_options_of_the_cell_are_readable_on_the_layer(cls):
    layer = cls(4, activation="relu", dropout=0.25, kernel_regularizer="l2")
    assert (layer.units, layer.dropout) == (4, 0.25)
    for name in ("activation", "kernel_regularizer", "recurrent_initializer"):
        assert getattr(layer, name) is getattr(layer.cell, name)


def test_dtype_and_trainable_reach_the_cell():
    layer = LSTM(4, dtype="mixed_bfloat16", trainable=False)
    layer.build((None, 4, 3))
    assert layer.cell.compute_dtype == "bfloat16" and not layer.trainable_weights


def test_names_of_weights():
    layer = Bidirectional(LSTM(4, name="inner"), name="outer")
    layer.build((None, 4, 3))
    assert [v.path for v in layer.weights[::3]] == [
        "outer/forward_inner/lstm_cell/kernel",
        "outer/backward_inner/lstm_cell/kernel",
    ]


@pytest.mark.parametrize("mode", ["concat", "sum", "mul", "ave", None])
def test_bidirectional_merges_both_directions(mode):
    layer = Bidirectional(GRU(4, return_sequences=True), merge_mode=mode)
    x = _x(2, 5, 3)
    merged = layer(x)
    y = _numpy(layer.forward_layer(x))
    z = _numpy(layer.backward_layer(x))[:, ::-1]
    expected = {
        "concat": lambda: np.concatenate([y, z], -1),
        "sum": lambda: y + z,
        "mul": lambda: y * z,
        "ave": lambda: (y + z) / 2,
    }
    pairs = [(merged, expected[mode]())] if mode else zip(merged, (y, z))
    for got, value in pairs:
        np.testing.assert_allclose(_numpy(got), value, rtol=1e-5, atol=1e-6)


def test_bidirectional_hands_states_to_both_layers():
    layer = Bidirectional(LSTM(4, return_state=True))
    output, *states = layer(_x(2, 5, 3))
    assert len(states) == 4
    other = layer(_x(2, 5, 3), initial_state=states)
    assert np.abs(_numpy(other[0]) - _numpy(output)).max() > 1e-3


def test_bidirectional_takes_initial_weights():
    layer = Bidirectional(SimpleRNN(2))
    layer.build((None, 4, 3))
    twin = Bidirectional(SimpleRNN(2), weights=layer.get_weights())
    np.testing.assert_array_equal(_numpy(twin(_x(2, 4, 3))), _numpy(layer(_x(2, 4, 3))))


@pytest.mark.parametrize("training", [False, True])
def test_time_distributed_applies_the_layer_to_each_step(training):
    for inner in (Dense(4), BatchNormalization()):
        layer = TimeDistributed(inner)
        x = _x(2, 5, 3)
        layer.build(x.shape)
        start = inner.get_weights()
        got, after = _numpy(layer(x, training=training)), inner.get_weights()
        inner.set_weights(start)
        steps = [_numpy(inner(x[:, i], training=training)) for i in range(5)]
        np.testing.assert_allclose(got, np.stack(steps, 1), rtol=1e-4, atol=1e-5)
        for one, other in zip(after, inner.get_weights()):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RNN(Dense(2)), "state_size"),
        (lambda: RNN(3), "call"),
        (lambda: StackedRNNCells([3]), "call"),
        (lambda: LSTM(0), "units"),
        (lambda: LSTM(2, dropout=2), "dropout.*0, 1"),
        (lambda: GRU(2, use_cudnn="yes"), "use_cudnn"),
        (lambda: GRU(2, use_cudnn=True, activation="gelu")(_x(1, 2, 3)), "use_cudnn=True.*activations"),
        (
            lambda: LSTM(2, use_cudnn=True, activation="relu")(_x(1, 2, 3)),
            "use_cudnn=True.*fused kernel|fused kernel.*use_cudnn=True",
        ),
        (lambda: ConvLSTM1D(2, 2, padding="full"), "padding"),
        (lambda: ConvLSTM1D(2, 2, strides=2, dilation_rate=2), "dilation_rate"),
        (lambda: LSTM(2, name="l")(_x(2, 3)), r"LSTM 'l': expected sequences .*\(2, 3\)"),
        (lambda: Bidirectional(3), "layer"),
        (lambda: Bidirectional(Dense(2)), "Bidirectional: `layer` must be a recurrent layer"),
        (lambda: Bidirectional(LSTM(2), merge_mode="max"), "merge_mode"),
        (lambda: Bidirectional(LSTM(2), backward_layer=LSTM(2)), "directions"),
        (
            lambda: Bidirectional(LSTM(2), backward_layer=LSTM(2, go_backwards=True, return_state=True)),
            "return_state",
        ),
        (lambda: LSTM(2)(_x(1, 2, 3), initial_state=_x(1, 2)), "initial_state.*2 tensors"),
        (lambda: TimeDistributed(Dense(2))(_x(2, 3)), "3 axes"),
        (lambda: TimeDistributed(Dense(2))(_x(2, 3, 4), mask=np.ones((2, 2), bool)), "mask"),
    ],
)
def test_refusals(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_subclass_with_a_cell_of_its_own_calls_that_cell():
    class SevenCell(LSTMCell):
        def call(self, sequence, states, training=False):
            output, states = super().call(sequence, states, training)
            return output * 0 + 7, states

    class SevenLSTM(LSTM):
        cell_class = SevenCell

    assert ops.convert_to_numpy(SevenLSTM(2)(ops.ones((1, 3, 2)))).tolist() == [[7.0, 7.0]]


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(
    "options", [{}, {"go_backwards": True}, {"unroll": True}, {"zero_output_for_mask": True}]
)
def test_no_step_at_all(options, masked):
    """Outputs of no step, or zeros as the last one, and the first states."""
    kinds = [(RNN, LSTMCell), (RNN, GRUCell), (RNN, Sum), (LSTM, None), (SimpleRNN, None)]
    for every in (False, True):
        for cls, cell in kinds:
            arguments = (3,) if cell is None else (cell() if cell is Sum else cell(3),)
            layer = cls(*arguments, return_sequences=every, return_state=True, **options)
            first = [ops.ones((2, 3)) * i for i in range(len(layer.get_initial_state(2)))]
            mask = np.zeros((2, 0), bool) if masked else None
            output, *states = layer(np.zeros((2, 0, 3), "float32"), mask=mask)
            assert _numpy(output).tolist() == ([[], []] if every else [[0.0] * 3] * 2)
            states = layer(np.zeros((2, 0, 3), "float32"), initial_state=first, mask=mask)[1:]
            for want, state in zip(first, states, strict=True):
                np.testing.assert_array_equal(_numpy(state), _numpy(want))
