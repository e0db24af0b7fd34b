"""TensorFlow's recurrent layers over all steps: those of cuDNN on a GPU, and on the CPU LSTM in eager calls.

They take no masks: the steps that count are moved to the front of each sequence, and the results are moved back.
In graphs on the CPU a loop trains faster, so the operations' bodies run there, and for GRU.
"""

from functools import cache, partial

import tensorflow as tf


def gru(
    inputs,
    state,
    kernel,
    recurrent_kernel,
    bias=None,
    mask=None,
    *,
    activation="tanh",
    recurrent_activation="sigmoid",
    reset_after=True,
    reverse=False,
    zero_masked=False,
    every=True,
    fused=False,
):
    usual = reset_after and (activation, recurrent_activation) == ("tanh", "sigmoid")
    if not usual or not _cudnn_serves(inputs):
        return NotImplemented
    weights = [_reset_first(weight) for weight in (kernel, recurrent_kernel)]
    biases = (None, None) if bias is None else tf.unstack(_reset_first(bias))
    steps = partial(_cudnn_steps, mode="gru", params=_flat(*weights, *biases))
    return _run(steps, inputs, [state], mask, reverse, zero_masked, every)


def lstm(
    inputs,
    state,
    memory,
    kernel,
    recurrent_kernel,
    bias=None,
    mask=None,
    *,
    activation="tanh",
    recurrent_activation="sigmoid",
    reverse=False,
    zero_masked=False,
    every=True,
    fused=False,
):
    # Without a step there is no last one to take.
    if inputs.shape[1] == 0 or (activation, recurrent_activation) != ("tanh", "sigmoid"):
        return NotImplemented
    if _cudnn_serves(inputs):
        params = _flat(kernel, recurrent_kernel, bias, None)
        steps = partial(_cudnn_steps, mode="lstm", params=params)
    elif inputs.dtype in _BLOCK_DTYPES and (fused or tf.executing_eagerly()):
        steps = partial(_block_steps, kernel=kernel, recurrent_kernel=recurrent_kernel, bias=bias)
    else:
        return NotImplemented
    return _run(steps, inputs, [state, memory], mask, reverse, zero_masked, every)


def _run(steps, inputs, states, mask, reverse, zero_masked, every):
    """Runs `steps(inputs, states, lengths)`; returns outputs and last states as the operations do."""
    if reverse:
        inputs = tf.reverse(inputs, [1])
        mask = None if mask is None else tf.reverse(mask, [1])
    if mask is None:
        outputs, last = steps(inputs, states, None)
        return (outputs if every else last[0], *last)
    order = tf.argsort(tf.cast(mask, tf.int32), axis=1, direction="DESCENDING", stable=True)
    front = tf.gather(inputs, order, batch_dims=1)
    seen = tf.cumsum(tf.cast(mask, tf.int32), axis=1)
    # A sequence without any step that counts runs one, whose results are not used.
    outputs, last = steps(front, states, tf.maximum(seen[:, -1], 1))
    last = [tf.where(seen[:, -1:] > 0, new, old) for new, old in zip(last, states)]
    shown = mask if zero_masked else seen > 0
    zero = tf.zeros((), inputs.dtype)
    if not every:
        return (tf.where(shown[:, -1:], last[0], zero), *last)
    outputs = tf.gather(outputs, tf.maximum(seen - 1, 0), batch_dims=1)
    return (tf.where(shown[..., None], outputs, zero), *last)


_BLOCK_DTYPES = (tf.float32, tf.float16)


def _block_steps(inputs, states, lengths, *, kernel, recurrent_kernel, bias):
    # Not the second version of the kernel, whose gradient takes the blocks for those of the first.
    state, memory = states
    none = tf.zeros(state.shape[-1:], inputs.dtype)
    bias = tf.zeros(kernel.shape[-1:], inputs.dtype) if bias is None else bias
    result = tf.raw_ops.BlockLSTM(
        seq_len_max=tf.shape(inputs, tf.int64)[1],
        x=tf.transpose(inputs, (1, 0, 2)),
        cs_prev=memory,
        h_prev=state,
        w=_candidate_second(tf.concat([kernel, recurrent_kernel], 0)),
        wci=none,
        wcf=none,
        wco=none,
        b=_candidate_second(bias),
        forget_bias=0.0,
        cell_clip=-1.0,
    )
    outputs, memories = (tf.transpose(x, (1, 0, 2)) for x in (result.h, result.cs))
    if lengths is None:
        return outputs, [x[:, -1] for x in (outputs, memories)]
    return outputs, [tf.gather(x, lengths - 1, batch_dims=1) for x in (outputs, memories)]


def _candidate_second(weight):
    """The order of blocks that the kernel wants."""
    enter, forget, candidate, leave = tf.split(weight, 4, -1)
    return tf.concat([enter, candidate, forget, leave], -1)


_CUDNN_DTYPES = (tf.float32, tf.float16, tf.float64)


@cache
def _has_gpu():
    return bool(tf.config.list_logical_devices("GPU"))


def _cudnn_serves(inputs):
    if inputs.dtype not in _CUDNN_DTYPES or 0 in inputs.shape[:2] or not _has_gpu():
        return False
    return tf.__internal__.get_enclosing_xla_context() is None  # XLA does not know the operation.


def _cudnn_steps(inputs, states, lengths, *, mode, params):
    batch, steps, _ = tf.unstack(tf.shape(inputs))
    given = [state[None] for state in states]  # Layers stand before the batch.
    lengths = tf.fill([batch], steps) if lengths is None else lengths
    outputs, *last = _cudnn(tf.transpose(inputs, (1, 0, 2)), given, params, lengths, mode)
    return tf.transpose(outputs, (1, 0, 2)), [state[0] for state in last]


def _cudnn(inputs, states, params, lengths, mode):
    """cuDNN's outputs and last states, steps first; tests on the CPU put a reference here."""
    state, *memory = states
    # With what the gradient needs, since it cannot be known here whether one is taken. What is no memory of GRU
    # must be nobody's tensor: it would be given the gradient of nothing.
    result = tf.raw_ops.CudnnRNNV3(
        input=inputs,
        input_h=state,
        input_c=memory[0] if memory else tf.zeros((), inputs.dtype),
        params=params,
        sequence_lengths=lengths,
        rnn_mode=mode,
        is_training=True,
        time_major=True,
    )
    return result.output, result.output_h, *([result.output_c] if memory else [])


def _flat(kernel, recurrent_kernel, bias, recurrent_bias):
    """All weights as cuDNN wants them: a matrix `(units, inputs)` for each block, then the biases of both."""
    none = tf.zeros(kernel.shape[-1:], kernel.dtype)
    biases = [none if b is None else b for b in (bias, recurrent_bias)]
    matrices = [tf.reshape(tf.transpose(weight), [-1]) for weight in (kernel, recurrent_kernel)]
    return tf.concat([*matrices, *biases], 0)


def _reset_first(weight):
    """The blocks of cuDNN's GRU: the reset gate stands before the update gate."""
    update, reset, candidate = tf.split(weight, 3, -1)
    return tf.concat([reset, update, candidate], -1)
