"""TensorFlow control flow: plain Python where values are at hand, graph operations otherwise.

Loops and branches see flat sequences of tensors; `keras_ops` takes care of structures.
"""

import builtins

import tensorflow as tf

from keras_backends.tensorflow.shapes import shape as _shape

custom_gradient = tf.custom_gradient
stop_gradient = tf.stop_gradient


def cond(pred, *, true_fn, false_fn):
    if isinstance(pred, tf.__internal__.EagerTensor):
        return true_fn() if pred else false_fn()
    return tf.cond(pred, true_fn=true_fn, false_fn=false_fn)


def switch(index, *operands, branches):
    if isinstance(index, tf.__internal__.EagerTensor):
        return branches[builtins.min(builtins.max(int(index), 0), len(branches) - 1)](*operands)
    index = tf.clip_by_value(index, 0, len(branches) - 1)
    return tf.switch_case(index, [lambda branch=branch: branch(*operands) for branch in branches])


def while_loop(loop_vars, *, cond, body, maximum_iterations=None):
    return tf.while_loop(
        cond,
        lambda *values: builtins.tuple(body(*values)),
        builtins.tuple(loop_vars),
        maximum_iterations=maximum_iterations,
    )


def scan(init, xs, *, f, length=None, reverse=False, unroll=1):
    length = _shape(xs[0])[0] if length is None else length
    if tf.executing_eagerly() or (unroll is True and isinstance(length, int) and length):
        return NotImplemented  # The operation's body is such a loop.
    if isinstance(length, int) and length:
        return _looped(init, xs, f, length, reverse)
    # One step of zeros where there is none: a branch around the loop would have no gradient in XLA.
    none = tf.equal(length, 0)
    carry, results = _looped(
        init, [_extended(x, tf.cast(none, "int32")) for x in xs], f, tf.maximum(length, 1), reverse
    )
    return [tf.where(none, old, new) for old, new in zip(init, carry)], [y[:length] for y in results]


def _extended(x, rows):
    return tf.pad(x, [[0, rows], *([[0, 0]] * (x.shape.rank - 1))])


def _looped(init, xs, f, length, reverse):
    """A loop in the graph, of one step or more."""
    order = (lambda i: length - 1 - i) if reverse else (lambda i: i)
    # Read from arrays, since the gradient of a slice is as large as all steps together.
    steps = [tf.TensorArray(x.dtype, size=length, element_shape=x.shape[1:]).unstack(x) for x in xs]
    # The first step stands before the loop: it shows what the function returns.
    carry, ys = f(list(init), [array.read(order(0)) for array in steps])
    arrays = [tf.TensorArray(y.dtype, size=length, element_shape=y.shape).write(order(0), y) for y in ys]

    def step(i, carry, arrays):
        carry, ys = f(list(carry), [array.read(order(i)) for array in steps])
        written = [array.write(order(i), y) for array, y in zip(arrays, ys)]
        return i + 1, builtins.tuple(carry), builtins.tuple(written)

    _, carry, arrays = tf.while_loop(
        lambda i, *_: i < length,
        step,
        (1, builtins.tuple(carry), builtins.tuple(arrays)),
        # XLA makes room for the gradient of as many; it refuses a loop with room for none.
        maximum_iterations=tf.maximum(length - 1, 1),
    )
    results = [array.stack() for array in arrays]
    for result, y in zip(results, ys):
        result.set_shape((length if isinstance(length, int) else None, *y.shape))
    return list(carry), results


def vectorized_map(elements, *, function):
    return tf.vectorized_map(lambda slices: function(*slices), builtins.tuple(elements))
