"""TensorFlow's LSTM over all steps, for eager calls.

The kernel serves the CPU and takes no masks: the steps that count are moved to the front of each sequence, and the
results are moved back. In graphs a loop trains faster, so the operation's body runs there, and for GRU.
"""

import tensorflow as tf


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
    usual = inputs.shape[1] != 0 and (activation, recurrent_activation) == ("tanh", "sigmoid")
    if not usual or inputs.dtype not in _DTYPES or not (fused or tf.executing_eagerly()):
        return NotImplemented
    if reverse:
        inputs = tf.reverse(inputs, [1])
        mask = None if mask is None else tf.reverse(mask, [1])
    if mask is None:
        outputs, memories = _steps(inputs, state, memory, kernel, recurrent_kernel, bias)
        return (outputs if every else outputs[:, -1], outputs[:, -1], memories[:, -1])
    order = tf.argsort(tf.cast(mask, tf.int32), axis=1, direction="DESCENDING", stable=True)
    front = tf.gather(inputs, order, batch_dims=1)
    outputs, memories = _steps(front, state, memory, kernel, recurrent_kernel, bias)
    seen = tf.cumsum(tf.cast(mask, tf.int32), axis=1)
    places = tf.maximum(seen - 1, 0)
    moved = seen[:, -1:] > 0
    ends = (tf.gather(x, places[:, -1], batch_dims=1) for x in (outputs, memories))
    last = [tf.where(moved, new, old) for new, old in zip(ends, (state, memory))]
    shown = mask if zero_masked else seen > 0
    if not every:
        shown, places = shown[:, -1:], places[:, -1:]
    outputs = tf.gather(outputs, places, batch_dims=1)
    outputs = tf.where(shown[..., None], outputs, tf.zeros((), outputs.dtype))
    return (outputs if every else outputs[:, 0], *last)


_DTYPES = (tf.float32, tf.float16)


def _steps(inputs, state, memory, kernel, recurrent_kernel, bias):
    """Outputs and memories of all steps `(batch, steps, units)`."""
    # Not the second version of the kernel, whose gradient takes the blocks for those of the first.
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
    return tf.transpose(result.h, (1, 0, 2)), tf.transpose(result.cs, (1, 0, 2))


def _candidate_second(weight):
    """The order of blocks that the kernel wants."""
    enter, forget, candidate, leave = tf.split(weight, 4, -1)
    return tf.concat([enter, candidate, forget, leave], -1)
