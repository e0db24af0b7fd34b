"""PyTorch random numbers: what `draws` gives for a seed pair, on the device of the seed, moved and scaled."""

import torch

from keras_backends.host import largest_draw
from keras_backends.torch import draws as _draws
from keras_backends.torch.tensors import DTYPES as _DTYPES

_HALF = frozenset({"float16", "bfloat16"})


def random_uniform(seed, *, shape, dtype, minval=0.0, maxval=1.0):
    values = _draws.uniform(seed, shape, _DTYPES[dtype]) * (maxval - minval) + minval
    most = largest_draw(minval, maxval, dtype)
    return values if most is None else values.clamp(max=most)


def random_normal(seed, *, shape, dtype, mean=0.0, stddev=1.0):
    return _draws.normal(seed, shape, _DTYPES[dtype]) * stddev + mean


def random_truncated_normal(seed, *, shape, dtype, mean=0.0, stddev=1.0):
    # Drawn by inverting the distribution function, for which half precision has too few digits.
    drawn = torch.float32 if dtype in _HALF else _DTYPES[dtype]
    return (_draws.truncated_normal(seed, shape, drawn) * stddev + mean).to(_DTYPES[dtype])


def random_randint(seed, *, shape, minval, maxval, dtype):
    return _draws.randint(seed, int(minval), int(maxval), shape).to(_DTYPES[dtype])


def random_bernoulli(seed, *, shape, probability):
    return _draws.bernoulli(seed, shape, probability)


def random_gamma(seed, alpha, *, shape, dtype):
    return _draws.gamma(seed, alpha.float().expand(shape)).to(_DTYPES[dtype])


def random_beta(seed, alpha, beta, *, shape, dtype):
    pair = torch.stack([alpha.float().expand(shape), beta.float().expand(shape)], dim=-1)
    return _draws.dirichlet(seed, pair)[..., 0].to(_DTYPES[dtype])


def random_binomial(seed, counts, probabilities, *, shape, dtype):
    counts, probabilities = counts.float().expand(shape), probabilities.float().expand(shape)
    return _draws.binomial(seed, counts, probabilities).to(_DTYPES[dtype])


def random_categorical(seed, logits, *, num_samples, dtype):
    return _draws.multinomial(seed, torch.softmax(logits, dim=-1), num_samples).to(_DTYPES[dtype])


def random_permutation(seed, *, size):
    return _draws.permutation(seed, size)
