"""Samples of convolution, pooling, normalization, cross entropies and attention."""

import numpy as np

from keras_ops.testing.samples import call

_RNG = np.random.default_rng(5)


def _random(*shape):
    return _RNG.normal(size=shape).astype("float32")


_SEQUENCE, _IMAGE, _VOLUME = _random(2, 9, 4), _random(2, 7, 6, 4), _random(1, 4, 5, 4, 2)
_FIRST = {"data_format": "channels_first"}
_LAST = {"data_format": "channels_last"}
_LOGITS = _random(3, 4)
_PROBABILITIES = np.exp(_LOGITS) / np.exp(_LOGITS).sum(-1, keepdims=True)
_LABELS = np.array([1, 3, 0], "int32")
_TARGETS = np.eye(4, dtype="float32")[_LABELS]
_Q, _K = _random(2, 3, 4, 5), _random(2, 6, 2, 5)
_MASK = _RNG.random((2, 1, 3, 6)) > 0.3


def _one_hot(x, num_classes, axis=-1, dtype="float32"):
    return np.moveaxis((x[..., None] == np.arange(num_classes)).astype(dtype), -1, axis)


def _standardized(x, epsilon, axis=-1):
    centered = x - x.mean(axis, keepdims=True)
    return centered / np.sqrt(x.var(axis, keepdims=True) + epsilon)


def _cross_entropy(targets, logits, from_logits):
    return -(targets * np.log(_PROBABILITIES)).sum(-1)


# Differences do not approximate the gradient of a maximum near a change of the winner: the values are
# far apart.
_RANKED = _RNG.permutation(2 * 7 * 6 * 3).reshape(2, 7, 6, 3).astype("float32")

SAMPLES = {
    "conv": [
        call(_SEQUENCE, _random(3, 4, 5), **_LAST),
        call(_SEQUENCE, _random(3, 4, 5), strides=2, padding="same", **_LAST),
        call(_SEQUENCE, _random(2, 4, 3), padding="causal", dilation_rate=2, **_LAST),
        call(_IMAGE, _random(3, 2, 4, 5), strides=(1, 2), padding="same", **_LAST),
        call(_IMAGE, _random(3, 3, 2, 6), padding="same", **_LAST),
        call(_IMAGE, _random(1, 1, 4, 3), strides=2, **_LAST),
        call(_IMAGE[:, :2, :2], _random(3, 3, 4, 3), padding="same", **_LAST),
        call(_IMAGE, _random(2, 3, 4, 2), strides=2, dilation_rate=2, **_LAST),
        call(_IMAGE.transpose(0, 3, 1, 2), _random(2, 3, 4, 2), padding="same", dilation_rate=2, **_FIRST),
        call(_VOLUME, _random(2, 2, 1, 1, 2), padding="same", **_LAST),
        call(_IMAGE, _random(2, 2, 4, 3)),
        call(_IMAGE[:1], _random(2, 2, 4, 1), **_LAST),
    ],
    "depthwise_conv": [
        call(_SEQUENCE, _random(3, 4, 2), padding="same", **_LAST),
        call(_IMAGE, _random(3, 2, 4, 2), strides=2, padding="same", **_LAST),
        call(_IMAGE, _random(2, 2, 4, 1), strides=(1, 2), **_LAST),
        call(_IMAGE.transpose(0, 3, 1, 2), _random(2, 2, 4, 1), dilation_rate=2, **_FIRST),
        call(_VOLUME, _random(2, 2, 2, 2, 1), **_LAST),
    ],
    "separable_conv": [
        call(_SEQUENCE, _random(2, 4, 2), _random(1, 8, 3), padding="same", **_LAST),
        call(_IMAGE, _random(3, 3, 4, 1), _random(1, 1, 4, 2), strides=2, **_LAST),
    ],
    "conv_transpose": [
        call(_SEQUENCE, _random(3, 2, 4), strides=2, padding="same", **_LAST),
        call(_SEQUENCE, _random(2, 3, 4), strides=3, **_LAST),
        call(_IMAGE, _random(3, 4, 2, 4), strides=2, padding="same", output_padding=1, **_LAST),
        call(_IMAGE, _random(2, 2, 3, 4), dilation_rate=2, padding="same", **_LAST),
        call(_IMAGE.transpose(0, 3, 1, 2), _random(3, 3, 2, 4), strides=(2, 1), **_FIRST),
        call(_VOLUME, _random(2, 2, 2, 3, 2), strides=2, padding="same", **_LAST),
        call(_IMAGE[:1, ..., :1], _random(2, 2, 3, 1), **_LAST),
    ],
    "max_pool": [
        call(_RANKED, 2, **_LAST),
        call(_RANKED, (3, 2), strides=1, padding="same", **_LAST),
        call(_RANKED, (2, 3), strides=(3, 2), padding="same", **_FIRST),
        call(_RANKED, 6, strides=1, padding="same", **_LAST),
        call(_RANKED[:, 0], 2, padding="same", **_LAST),
        call(_RANKED[..., None], 2, strides=1, **_LAST),
    ],
    "average_pool": [
        call(_IMAGE, 2, **_LAST),
        call(_IMAGE, (3, 2), strides=1, padding="same", **_LAST),
        call(_IMAGE, 3, strides=2, padding="same", **_FIRST),
        call(_IMAGE, 6, strides=1, padding="same", **_LAST),
        call(_SEQUENCE, 2, padding="same", **_LAST),
        call(_VOLUME, (2, 3, 2), strides=1, **_LAST),
    ],
    "adaptive_max_pool": [
        call(_RANKED, (3, 4), unknown=False, **_LAST),
        call(_RANKED[:, 0], 2, unknown=False, **_FIRST),
    ],
    "adaptive_average_pool": [
        call(_IMAGE, (3, 4), unknown=False, **_LAST),
        call(_VOLUME, 2, unknown=False, **_FIRST),
    ],
    "batch_normalization": [
        call(_IMAGE, _random(4), np.abs(_random(4)) + 0.5, axis=-1),
        call(_SEQUENCE, _random(9), np.abs(_random(9)) + 0.5, 1, _random(9), _random(9), epsilon=0.1),
    ],
    "normalize_by_averages": [
        call(_IMAGE, _random(4), np.abs(_random(4)) + 0.5, axis=-1, differentiable=False),
        call(_IMAGE, _random(4), np.abs(_random(4)) + 0.5, 3, _random(4), _random(4), differentiable=False),
        call(_SEQUENCE, _random(9), np.abs(_random(9)) + 0.5, 1, _random(9), differentiable=False),
    ],
    "normalize_batch": [
        call(_IMAGE, _random(4), _random(4), differentiable=False),
        call(_IMAGE, axis=1, epsilon=0.1, differentiable=False),
    ],
    "layer_normalization": [
        call(_SEQUENCE, epsilon=1e-3, reference=_standardized),
        call(_SEQUENCE, _random(4), _random(4), epsilon=1e-3),
        call(_IMAGE, _random(7, 6), _random(7, 6), axis=(1, 2), epsilon=1e-3),
        call(_IMAGE, _random(6, 4), axis=[-2, -1]),
        call(_SEQUENCE, _random(4), epsilon=1e-3, rms_scaling=True),
    ],
    "rms_normalization": [
        call(_SEQUENCE, epsilon=1e-3),
        call(_SEQUENCE, _random(4), epsilon=1e-3),
        call(_SEQUENCE, 2.0, axis=1),
        call(_IMAGE, _random(6, 4), axis=(-2, -1), epsilon=0.1),
    ],
    "one_hot": [
        call(_LABELS, 4, reference=_one_hot),
        call(np.array([[0, 5], [2, -1]], "int64"), 3, axis=1, dtype="int32", reference=_one_hot),
        call(_LABELS, 5, axis=0, dtype="bool", reference=_one_hot),
    ],
    "multi_hot": [
        call(
            np.array([[0, 2], [1, 1]], "int32"), 3, reference=lambda x, n: np.array([[1.0, 0, 1], [0, 1, 0]])
        ),
        call(_LABELS, num_classes=4, dtype="int32", reference=lambda x, **_: np.array([1, 1, 0, 1])),
    ],
    "squared_difference": [
        call(_TARGETS, _LOGITS, reference=lambda t, o: (t - o) ** 2),
        call(_TARGETS[0], _LOGITS, reference=lambda t, o: (t - o) ** 2),
    ],
    "binary_crossentropy": [
        call(_TARGETS, _LOGITS * 30, from_logits=True),
        call(_TARGETS, _PROBABILITIES, differentiable=False),
    ],
    "categorical_crossentropy": [
        call(_TARGETS, _LOGITS, from_logits=True, reference=_cross_entropy),
        call(_TARGETS, _PROBABILITIES, from_logits=False, reference=_cross_entropy, differentiable=False),
        call(_TARGETS.T, _LOGITS.T, from_logits=True, axis=0),
    ],
    "sparse_categorical_crossentropy": [
        call(
            _LABELS, _LOGITS, from_logits=True, reference=lambda t, *a, **k: _cross_entropy(_TARGETS, *a, **k)
        ),
        call(_LABELS[:, None], _PROBABILITIES, differentiable=False),
        call(_LABELS, _LOGITS.T, from_logits=True, axis=0),
    ],
    "dot_product_attention": [
        call(_Q, _K, _K * 2),
        call(_Q, _K, _K, bias=_random(2, 4, 3, 6), mask=_MASK, scale=0.3),
        call(_Q, _Q, _Q, is_causal=True),
        call(_Q, _Q, _Q, mask=_MASK[..., :3], is_causal=True, attn_logits_soft_cap=2.0),
    ],
    "dropout": [call(_IMAGE, 0.4, seed=3, jit=False), call(_SEQUENCE, 0.5, noise_shape=(None, 1, 4), seed=1)],
    "shuffle": [call(_SEQUENCE, seed=3), call(_LOGITS, axis=1, seed=4)],
    "categorical": [call(_LOGITS, 5, seed=2), call(_LOGITS, 2, dtype="int64", seed=7)],
}
