"""Samples of patches of images, and of connectionist temporal classification."""

import collections

import numpy as np

from keras_ops.testing.samples import call

_RANDOM = np.random.default_rng(37)


def _normal(*shape):
    return _RANDOM.normal(size=shape).astype("float32")


_IMAGE = _normal(2, 3, 7, 6)
_INTS = np.arange(16, dtype="int32").reshape(1, 1, 4, 4)
_WINDOWS = {"kernel_size": (2, 3), "dilation": (2, 1), "padding": 1, "stride": (1, 2)}
_BLOCKS = _normal(2, 4, 6, 8)
_FIRST = {"data_format": "channels_first"}
_SCORES = _normal(3, 6, 4)
_TARGET = np.array([[1, 2, 2], [3, 1, 0], [2, 0, 0]], "int32")
_TARGET_LENGTH, _STEPS = np.array([3, 2, 0], "int32"), np.array([6, 5, 3], "int32")


def _patches(x, kernel_size):
    found = np.lib.stride_tricks.sliding_window_view(x, (kernel_size, kernel_size), axis=(2, 3))
    return found.transpose(0, 1, 4, 5, 2, 3).reshape(x.shape[0], x.shape[1] * kernel_size**2, -1)


def _psnr(x1, x2, max_val):
    return 10 * np.log10(max_val**2 / np.mean((x1 - x2) ** 2))


def _ways(scores, steps, mask_index):
    """The probabilities of all labels that scores of classes can stand for, by definition."""
    scores, found = scores[:steps], collections.Counter()
    probabilities = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    for way in np.ndindex(*(scores.shape[-1],) * int(steps)):
        labels = [c for i, c in enumerate(way) if c != mask_index and (i == 0 or way[i - 1] != c)]
        found[tuple(labels)] += np.prod(probabilities[range(steps), way])
    return found


def _loss(target, output, target_length, output_length, mask_index=0):
    rows = zip(target, output, target_length, output_length)
    return np.array(
        [-np.log(_ways(scores, n, mask_index)[tuple(row[:size])]) for row, scores, size, n in rows]
    )


def _best(inputs, sequence_lengths, top_paths, mask_index=0, **_):
    labels = np.full((top_paths, *inputs.shape[:2]), -1)
    scores = np.empty((inputs.shape[0], top_paths))
    for i, (x, steps) in enumerate(zip(inputs, sequence_lengths)):
        for rank, (found, probability) in enumerate(_ways(x, steps, mask_index).most_common(top_paths)):
            labels[rank, i, : len(found)] = found
            scores[i, rank] = np.log(probability)
    return labels.astype("int32"), scores


SAMPLES = {
    "unfold": [
        call(_IMAGE, 2, reference=_patches),
        call(_IMAGE, **_WINDOWS),
        call(_INTS, 2, reference=_patches),
    ],
    "fold": [
        call(_normal(2, 12, 30), (7, 6), 2),
        call(_normal(2, 18, 21), (7, 6), **_WINDOWS),
        call(np.ones((1, 4, 9), "int32"), 4, kernel_size=2),
    ],
    "space_to_depth": [call(_BLOCKS, 2), call(_BLOCKS, 2, **_FIRST), call(_INTS, 4, **_FIRST)],
    "depth_to_space": [call(_BLOCKS, 2), call(_BLOCKS, 2, **_FIRST), call(_BLOCKS.astype("float16"), 1)],
    "psnr": [
        call(_IMAGE, _IMAGE[::-1].copy(), 4.0, reference=_psnr),
        call(np.array([1, 4], "int32"), np.array([2, 2], "int32"), 255, reference=_psnr),
    ],
    # JAX compiles the loops of each call anew, so these are few and mostly without gradients.
    "alignment_loss": [
        call(
            _TARGET[:, :1],
            np.log(np.full((3, 2, 4), 0.25, "float32")),
            _STEPS // 6,
            _STEPS // 3,
            0,
            differentiable=False,
            jit=False,
        )
    ],
    "ctc_loss": [
        call(_TARGET, _SCORES, _TARGET_LENGTH, _STEPS, reference=_loss),
        call(_TARGET - 1, _SCORES, _TARGET_LENGTH, _STEPS, 3, reference=_loss, differentiable=False),
    ],
    "ctc_decode": [
        call(_SCORES, _STEPS, differentiable=False),
        call(_SCORES, _STEPS, merge_repeated=False, mask_index=3, differentiable=False),
        # All beginnings that there are find a place, so the result is exact.
        call(
            _SCORES[:, :4, :3],
            _STEPS - 2,
            strategy="beam_search",
            beam_width=32,
            top_paths=3,
            reference=_best,
            differentiable=False,
        ),
    ],
}
