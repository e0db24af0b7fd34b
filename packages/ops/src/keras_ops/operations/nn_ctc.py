"""Connectionist temporal classification: its loss, and the labels that scores of classes stand for.

Between labels stands a class that means nothing (`mask_index`, the blank), and a label may last for
several steps (Graves et al. 2006). All sums of probabilities are taken of their logarithms.
"""

from typing import Any, Literal

from keras_backends.api import export

from keras_ops.op import op
from keras_ops.operations.activations_nn import log_softmax
from keras_ops.operations.comparison import equal, greater, greater_equal, less, not_equal
from keras_ops.operations.core import cast
from keras_ops.operations.core import dtype as dtype_of
from keras_ops.operations.core import shape as shape_of
from keras_ops.operations.creation import full_like, ones_like, zeros_like
from keras_ops.operations.cumulative import cumsum
from keras_ops.operations.elementwise import logical_and, maximum, negative, where
from keras_ops.operations.indexing import take_along_axis
from keras_ops.operations.joining import concatenate, pad, stack
from keras_ops.operations.loops import scan
from keras_ops.operations.matmul import matmul
from keras_ops.operations.nn_losses import one_hot
from keras_ops.operations.reductions import all as all_of
from keras_ops.operations.reductions import argmax, logsumexp
from keras_ops.operations.reductions import max as largest
from keras_ops.operations.reductions import sum as sum_of
from keras_ops.operations.shapes import broadcast_to, expand_dims, reshape, swapaxes, transpose
from keras_ops.operations.sorting import argsort, top_k
from keras_ops.rules import float_of
from keras_ops.tensor import KerasTensor, Shape, Tensor

_NEVER = -1e30
"""The logarithm of no probability; finite, so that gradients are, too."""


def _scores(x: Tensor) -> Tensor:
    """Logarithms of probabilities, in float32 at least."""
    dtype = float_of(dtype_of(x))
    return log_softmax(cast(x, "float32" if dtype in ("float16", "bfloat16") else dtype), axis=-1)


def _either(*logarithms: Tensor) -> Tensor:
    """The logarithm of the sum of probabilities."""
    return logsumexp(stack(logarithms, axis=0), axis=0)


def _checked(name: str, scores: Shape, lengths: Shape) -> int | None:
    """The size of the batch."""
    if len(scores) != 3:
        raise ValueError(f"expected `{name}` of shape (batch, steps, classes), received shape {scores}.")
    if len(lengths) != 1 or (None not in (scores[0], lengths[0]) and scores[0] != lengths[0]):
        raise ValueError(
            f"expected a length for each of {scores[0]} samples, received lengths of shape {lengths}."
        )
    return lengths[0] if scores[0] is None else scores[0]


def _loss_spec(
    target: KerasTensor,
    output: KerasTensor,
    target_length: KerasTensor,
    output_length: KerasTensor,
    mask_index: int = 0,
) -> KerasTensor:
    if len(target._shape) != 2:
        raise ValueError(f"expected `target` of shape (batch, labels), received shape {target._shape}.")
    for lengths in (target_length, output_length):
        batch = _checked("output", output._shape, lengths._shape)
    return KerasTensor.make((target._shape[0] if batch is None else batch,), float_of(output.dtype))


@op(spec=_loss_spec, module="nn", checked=True)
def _alignment_loss(
    target: Tensor, output: Tensor, target_length: Tensor, output_length: Tensor, mask_index: int
) -> Tensor:
    """`ctc_loss` of logarithms of probabilities."""
    labels = shape_of(target)[1]
    # A state for each label and the blanks around it: blank, label, blank, label, ..., blank.
    spread = stack([full_like(target, mask_index), target], axis=-1)
    states = pad(reshape(spread, (-1, 2 * labels)), [(0, 0), (0, 1)], constant_values=mask_index)
    before_last = pad(states, [(0, 0), (2, 0)], constant_values=mask_index)[:, :-2]
    skips = logical_and(not_equal(states, mask_index), not_equal(states, before_last))
    steps = shape_of(output)[1]
    where_to = broadcast_to(expand_dims(states, 1), (shape_of(output)[0], steps, 2 * labels + 1))
    emitted = transpose(take_along_axis(output, where_to, axis=-1), (1, 0, 2))

    def moved(x: Tensor, places: int) -> Tensor:
        return pad(x, [(0, 0), (places, 0)], constant_values=_NEVER)[:, :-places]

    def step(carry: Any, now: Tensor) -> Any:
        reached, time = carry
        skipped = where(skips, moved(reached, 2), _NEVER)
        new = _either(reached, moved(reached, 1), skipped) + now
        running = expand_dims(less(time, output_length), -1)
        return (where(running, new, reached), time + 1), time

    start = where(cumsum(ones_like(states), axis=1) <= 2, emitted[0], _NEVER)
    (reached, _), _ = scan(step, (start, ones_like(output_length)), emitted[1:])
    ends = [
        take_along_axis(reached, expand_dims(maximum(2 * target_length - i, 0), 1), axis=1) for i in (0, 1)
    ]
    ends[1] = where(expand_dims(greater(target_length, 0), 1), ends[1], _NEVER)
    loss = negative(_either(*ends)[:, 0])
    return where(greater(loss, -_NEVER / 2), float("inf"), loss)


@export(["keras.ops.ctc_loss", "keras.ops.nn.ctc_loss"])
@op(spec=_loss_spec, class_name="CTCLoss")
def ctc_loss(
    target: Tensor, output: Tensor, target_length: Tensor, output_length: Tensor, mask_index: int = 0
) -> Tensor:
    """Loss of connectionist temporal classification: how unlikely the scores make the labels.

    Args:
        target: Integer labels of shape `(batch, labels)`.
        output: Scores of classes (logits) of shape `(batch, steps, classes)`.
        target_length: Number of labels of each sample, of shape `(batch,)`.
        output_length: Number of steps of each sample, of shape `(batch,)`.
        mask_index: The class that stands for no label.

    Returns:
        A float tensor of shape `(batch,)`; infinity (or a large number) where the labels need
        more steps.

    Raises:
        ValueError: If the shapes do not fit together.

    Example:

        >>> ctc_loss([[1]], [[[0.0, 0.0], [0.0, 0.0]]], [1], [2])
        Array([0.28768212], dtype=float32)
    """
    target, target_length, output_length = (cast(x, "int32") for x in (target, target_length, output_length))
    loss = _alignment_loss(target, _scores(output), target_length, output_length, mask_index)
    return cast(loss, float_of(dtype_of(output)))


def _decode_spec(
    inputs: KerasTensor,
    sequence_lengths: KerasTensor,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int = 0,
) -> tuple[KerasTensor, KerasTensor]:
    _checked("inputs", inputs._shape, sequence_lengths._shape)
    batch, steps, _ = inputs._shape
    paths = 1 if strategy == "greedy" else top_paths
    dtype = float_of(inputs.dtype)
    return KerasTensor.make((paths, batch, steps), "int32"), KerasTensor.make((batch, paths), dtype)


@export(["keras.ops.ctc_decode", "keras.ops.nn.ctc_decode"])
@op(spec=_decode_spec, class_name="CTCDecode")
def ctc_decode(
    inputs: Tensor,
    sequence_lengths: Tensor,
    strategy: Literal["greedy", "beam_search"] = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int = 0,
) -> tuple[Tensor, Tensor]:
    """Finds the labels that scores of classes stand for.

    Args:
        inputs: Scores of classes (logits) of shape `(batch, steps, classes)`.
        sequence_lengths: Number of steps of each sample, of shape `(batch,)`.
        strategy: `"greedy"` takes the best class of each step, `"beam_search"` the most likely labels,
            with all ways that lead to them, among those that it follows.
        beam_width: How many beginnings a beam search follows.
        top_paths: How many results a beam search returns.
        merge_repeated: Whether the greedy strategy takes equal classes of neighbouring steps for one label.
        mask_index: The class that stands for no label.

    Returns:
        The labels, an int32 tensor of shape `(top_paths, batch, steps)` that is filled with -1, and a float
        tensor of shape `(batch, top_paths)`: the logarithms of their probabilities, or for `"greedy"` the
        negative sum of the best scores.

    Raises:
        ValueError: If `strategy` is unknown, or the shapes do not fit.

    Example:

        >>> labels, score = ctc_decode([[[0.0, 1.0], [1.0, 0.0], [0.0, 2.0]]], [3])
        >>> labels
        Array([[[ 1,  1, -1]]], dtype=int32)
    """
    lengths = expand_dims(cast(sequence_lengths, "int32"), -1)
    if strategy == "greedy":
        return _greedy(cast(inputs, float_of(dtype_of(inputs))), lengths, merge_repeated, mask_index)
    if top_paths > beam_width:
        raise ValueError(
            f"ops.ctc_decode: expected `top_paths` to be at most `beam_width`, received top_paths={top_paths} and "
            f"beam_width={beam_width}."
        )
    paths, scores = _beam_search(_scores(inputs), lengths, beam_width, top_paths, mask_index)
    return paths, cast(scores, float_of(dtype_of(inputs)))


def _greedy(inputs: Tensor, lengths: Tensor, merge_repeated: bool, mask_index: int) -> tuple[Tensor, Tensor]:
    best = cast(argmax(inputs, axis=-1), "int32")
    times = cumsum(ones_like(best), axis=1) - 1
    runs = less(times, lengths)
    score = negative(sum_of(where(runs, largest(inputs, axis=-1), 0.0), axis=1, keepdims=True))
    kept = logical_and(runs, not_equal(best, mask_index))
    if merge_repeated:
        previous = pad(best, [(0, 0), (1, 0)], constant_values=-1)[:, :-1]
        kept = logical_and(kept, not_equal(best, previous))
    order = argsort(where(kept, times, times + shape_of(best)[1]), axis=1)
    count = sum_of(cast(kept, "int32"), axis=1, keepdims=True)
    labels = where(less(times, count), take_along_axis(best, order, axis=1), -1)
    return expand_dims(labels, 0), score


def _beam_search(
    scores: Tensor, lengths: Tensor, width: int, top_paths: int, mask_index: int
) -> tuple[Tensor, Tensor]:
    """Follows the `width` most likely beginnings through all steps."""
    batch, steps, classes = shape_of(scores)
    scores = transpose(scores, (1, 0, 2))
    empty = broadcast_to(cast(scores[:1, :, :1], "int32") * 0 - 1, (steps, batch, width))
    paths = transpose(empty, (1, 2, 0))
    sizes = zeros_like(paths[..., 0])
    first = equal(cumsum(ones_like(sizes), axis=1), 1)
    never = full_like(sizes, _NEVER, dtype=dtype_of(scores))
    # Of each beginning: its labels, their number, and its probability with a blank or its last label last.
    beams = (paths, sizes, where(first, 0.0, never), never)

    def step(carry: Any, now: Tensor) -> Any:
        beams, time = carry
        grown = _grown(beams, now, classes, mask_index)
        running = less(time, lengths)
        kept = [
            where(running if len(a.shape) == 2 else running[..., None], a, b) for a, b in zip(grown, beams)
        ]
        return (tuple(kept), time + 1), time

    (beams, _), _ = scan(step, (beams, zeros_like(lengths)), scores)
    total, order = top_k(_either(beams[2], beams[3]), top_paths)
    return transpose(_rows(beams[0], cast(order, "int32")), (1, 0, 2)), total


def _rows(x: Tensor, order: Tensor) -> Tensor:
    """The beams of `x` in the given order, with all that their further axis holds."""
    if len(x.shape) == 2:
        return take_along_axis(x, order, axis=1)
    return take_along_axis(x, broadcast_to(order[..., None], (*shape_of(order), shape_of(x)[-1])), axis=1)


def _grown(beams: Any, now: Tensor, classes: int, mask_index: int) -> tuple[Tensor, ...]:
    """One step of a beam search: each beginning stays or gets a label, and the best of these go on."""
    paths, sizes, blank, label = beams
    batch, width = shape_of(sizes)
    total, places = _either(blank, label), cumsum(ones_like(paths), axis=-1) - 1
    at_last = equal(places, sizes[..., None] - 1)
    last = sum_of(where(at_last, paths, 0), axis=-1)
    is_last = one_hot(last, classes, dtype=dtype_of(now))
    stay_blank = total + now[:, mask_index : mask_index + 1]
    stay_label = where(greater(sizes, 0), label + take_along_axis(now, last, axis=1), _NEVER)
    # The same label again is a new one only after a blank.
    again = logical_and(is_last > 0, greater(sizes, 0)[..., None])
    longer = where(again, blank[..., None], total[..., None]) + now[:, None, :]
    longer = where(one_hot(mask_index, classes) > 0, _NEVER, longer)
    # A beginning that is another one (its parent) with a label more is reached in two ways; they count as one.
    shorter = where(at_last, -1, paths)
    is_parent = all_of(equal(shorter[:, :, None], paths[:, None]), axis=-1)
    is_child = logical_and(greater(sizes, 0), greater(total, _NEVER / 2))[..., None]
    is_parent = logical_and(is_parent, is_child)
    ways = take_along_axis(
        swapaxes(longer, 1, 2), broadcast_to(last[..., None], (batch, width, width)), axis=1
    )
    stay_label = _either(stay_label, logsumexp(where(is_parent, ways, _NEVER), axis=-1))
    taken = matmul(swapaxes(cast(is_parent, dtype_of(now)), 1, 2), is_last)
    longer = reshape(where(taken > 0, _NEVER, longer), (batch, width * classes))

    score, chosen = top_k(concatenate([_either(stay_blank, stay_label), longer], axis=1), width)
    chosen = cast(chosen, "int32")
    is_longer = greater_equal(chosen, width)
    source = where(is_longer, (chosen - width) // classes, chosen)
    paths, sizes = _rows(paths, source), _rows(sizes, source)
    ends = logical_and(is_longer[..., None], equal(places, sizes[..., None]))
    return (
        where(ends, ((chosen - width) % classes)[..., None], paths),
        sizes + cast(is_longer, "int32"),
        where(is_longer, _NEVER, _rows(stay_blank, source)),
        where(is_longer, score, _rows(stay_label, source)),
    )
