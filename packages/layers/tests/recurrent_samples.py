"""One line per recurrent layer: what `layer_test` needs to know to check it. `test_layers` runs them all."""

from functools import partial

from keras_layers.convolutional.conv import Conv1D
from keras_layers.core.dense import Dense
from keras_layers.normalization.batch_normalization import BatchNormalization
from keras_layers.rnn.bidirectional import Bidirectional
from keras_layers.rnn.conv_lstm import ConvLSTM1D, ConvLSTM2D
from keras_layers.rnn.gru import GRU
from keras_layers.rnn.gru_cell import GRUCell
from keras_layers.rnn.lstm import LSTM
from keras_layers.rnn.lstm_cell import LSTMCell
from keras_layers.rnn.rnn import RNN
from keras_layers.rnn.simple_rnn import SimpleRNN
from keras_layers.rnn.simple_rnn_cell import SimpleRNNCell
from keras_layers.rnn.stacked_rnn_cells import StackedRNNCells
from keras_layers.rnn.time_distributed import TimeDistributed
from keras_layers.testing import Sample

STEPS = (2, 4, 3)
ALL = {"return_sequences": True, "return_state": True}
STATE = {"states": (2, 4)}


class Around(Sample):
    """A layer around others: functions in `init` make them, with the dtype of the layer."""

    def layer(self, **kwargs):
        made = {name: make(**kwargs) if callable(make) else make for name, make in self.init.items()}
        return self.cls(**{**made, **kwargs})


def _cells(**kwargs):
    cells = [LSTMCell(4, name="a", **kwargs), GRUCell(3, name="b", **kwargs)]
    return StackedRNNCells(cells, name="both", **kwargs)


SAMPLES = [
    Sample(SimpleRNNCell, {"units": 4}, (2, 3), tensors=STATE, weights=(3, 0)),
    Sample(GRUCell, {"units": 4, "reset_after": False}, (2, 3), tensors=STATE, weights=(3, 0)),
    Sample(SimpleRNN, {"units": 4, "activation": "relu", **ALL}, STEPS, weights=(3, 0)),
    Sample(GRU, {"units": 4, "return_sequences": True}, STEPS, weights=(3, 0)),
    Sample(GRU, {"units": 4, "reset_after": False, "use_bias": False}, STEPS, weights=(2, 0)),
    Sample(
        GRU,
        {"units": 4, "dropout": 0.5, "recurrent_dropout": 0.5},
        STEPS,
        call={"training": True},
        weights=(3, 0),
        random=True,
    ),
    Sample(LSTM, {"units": 4, "go_backwards": True, **ALL}, STEPS, weights=(3, 0)),
    Sample(LSTM, {"units": 4, "zero_output_for_mask": True, "return_sequences": True}, STEPS, weights=(3, 0)),
    Around(RNN, {"cell": _cells, "return_sequences": True}, STEPS, weights=(6, 0)),
    Around(
        Bidirectional,
        {"layer": partial(GRU, 2, name="inner", **ALL), "merge_mode": "sum"},
        STEPS,
        weights=(6, 0),
    ),
    Sample(ConvLSTM1D, {"filters": 2, "kernel_size": 2, **ALL}, (2, 3, 5, 2), weights=(3, 0)),
    Sample(
        ConvLSTM2D,
        {"filters": 2, "kernel_size": 2, "padding": "same", "data_format": "channels_first"},
        (2, 3, 2, 5, 4),
        weights=(3, 0),
    ),
    Around(TimeDistributed, {"layer": partial(Dense, 4, name="inner")}, STEPS, weights=(2, 0)),
    Around(TimeDistributed, {"layer": partial(Conv1D, 2, 2, name="inner")}, (2, 3, 4, 2), weights=(2, 0)),
    Around(
        TimeDistributed,
        {"layer": partial(BatchNormalization, name="inner")},
        STEPS,
        call={"training": True},
        weights=(2, 2),
        random=True,
    ),
]
