"""NumPy random numbers: a Philox generator keyed by the seed pair, so equal seeds give equal numbers."""

import numpy as np

from keras_backends.host import largest_draw

_WIDTHS = {"float16": 11, "bfloat16": 8}
"""Bits of precision of the floats that NumPy does not draw itself."""


def random_uniform(seed, *, shape, dtype, minval=0.0, maxval=1.0):
    draw = _generator(seed)
    if dtype in _WIDTHS:
        # Rounding a float32 draw could give the upper bound.
        bits = _WIDTHS[dtype]
        unit = draw.integers(0, 1 << bits, shape).astype("float32") / (1 << bits)
    else:
        unit = draw.random(shape, dtype)
    values = (unit * (maxval - minval) + minval).astype(dtype)
    most = largest_draw(minval, maxval, dtype)
    return values if most is None else np.minimum(values, values.dtype.type(most))


def random_normal(seed, *, shape, dtype, mean=0.0, stddev=1.0):
    return (_generator(seed).standard_normal(shape, _drawn(dtype)) * stddev + mean).astype(dtype)


def random_truncated_normal(seed, *, shape, dtype, mean=0.0, stddev=1.0):
    draw = _generator(seed)
    values = np.asarray(draw.standard_normal(shape, _drawn(dtype)))
    outside = np.abs(values) > 2
    while count := np.count_nonzero(outside):
        values[outside] = draw.standard_normal(count, _drawn(dtype))
        outside = np.abs(values) > 2
    return (values * stddev + mean).astype(dtype)


def random_randint(seed, *, shape, minval, maxval, dtype):
    return np.asarray(_generator(seed).integers(minval, maxval, shape)).astype(dtype)


def random_bernoulli(seed, *, shape, probability):
    return _generator(seed).random(shape, "float32") < probability


def random_gamma(seed, alpha, *, shape, dtype):
    return np.asarray(_generator(seed).standard_gamma(alpha, shape)).astype(dtype)


def random_beta(seed, alpha, beta, *, shape, dtype):
    return np.asarray(_generator(seed).beta(alpha, beta, shape)).astype(dtype)


def random_binomial(seed, counts, probabilities, *, shape, dtype):
    return np.asarray(_generator(seed).binomial(counts.astype("int64"), probabilities, shape)).astype(dtype)


def random_categorical(seed, logits, *, num_samples, dtype):
    noise = _generator(seed).gumbel(size=(logits.shape[0], num_samples, logits.shape[1]))
    return np.argmax(logits[:, None, :] + noise, axis=-1).astype(dtype)


def random_permutation(seed, *, size):
    return _generator(seed).permutation(size).astype("int32")


def _generator(seed):
    low, high = (int(part) & 0xFFFFFFFF for part in seed)
    return np.random.Generator(np.random.Philox(key=low | high << 32))


def _drawn(dtype):
    return "float64" if dtype == "float64" else "float32"
