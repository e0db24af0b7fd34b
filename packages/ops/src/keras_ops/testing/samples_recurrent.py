"""Samples of recurrent operations: masks with gaps, at the end and everywhere, both directions, all options."""

import numpy as np

from keras_ops.testing.samples import call

_RNG = np.random.default_rng(7)


def _random(*shape):
    return (_RNG.normal(size=shape) * 0.5).astype("float32")


_X, _H, _C = _random(3, 4, 2), _random(3, 6), _random(3, 6)
_MASK = np.array([[1, 0, 1, 0], [0, 0, 0, 0], [0, 1, 1, 1]], bool)


def _weights(gates):
    return _random(2, gates * 6), _random(6, gates * 6), _random(gates * 6)


_KERNEL, _RECURRENT, _BIAS = _weights(3)
_LSTM, _RNN = _weights(4), _weights(1)
_BIASES = _random(2, 18)
_ELSE = {"mask": _MASK, "zero_masked": True, "every": False, "differentiable": False}
"""With what the second samples differ. Their activations have kinks, where differences say little."""
SAMPLES = {
    "simple_rnn": [
        call(_X, _H, *_RNN, mask=_MASK),
        call(_X, _H, *_RNN[:2], activation="relu", reverse=True, **_ELSE),
    ],
    "gru": [
        call(_X, _H, _KERNEL, _RECURRENT, _BIASES, mask=_MASK, reverse=True),
        call(_X, _H, _KERNEL, _RECURRENT),
        call(_X, _H, _KERNEL, _RECURRENT, _BIAS, reset_after=False, activation="relu", **_ELSE),
    ],
    "lstm": [
        call(_X, _H, _C, *_LSTM, mask=_MASK),
        call(_X, _H, _C, *_LSTM[:2], reverse=True),
        call(_X, _H, _C, *_LSTM, reverse=True, **_ELSE),
        call(_X, _H, _C, *_LSTM, activation="linear", recurrent_activation="hard_sigmoid", **_ELSE),
    ],
}
