"""PyTorch random numbers: a generator seeded from the pair, on the device of the seed."""

import torch

from keras_backends.host import largest_draw
from keras_backends.torch.tensors import DTYPES as _DTYPES

_HALF = frozenset({"float16", "bfloat16"})


def random_uniform(seed, *, shape, dtype, minval=0.0, maxval=1.0):
    unit = torch.rand(shape, generator=_generator(seed), dtype=_DTYPES[dtype], device=seed.device)
    values = unit * (maxval - minval) + minval
    most = largest_draw(minval, maxval, dtype)
    return values if most is None else values.clamp(max=most)


def random_normal(seed, *, shape, dtype, mean=0.0, stddev=1.0):
    unit = torch.randn(shape, generator=_generator(seed), dtype=_DTYPES[dtype], device=seed.device)
    return unit * stddev + mean


def random_truncated_normal(seed, *, shape, dtype, mean=0.0, stddev=1.0):
    # Drawn by inverting the distribution function, for which half precision has too few digits.
    drawn = torch.float32 if dtype in _HALF else _DTYPES[dtype]
    unit = torch.empty(shape, dtype=drawn, device=seed.device)
    torch.nn.init.trunc_normal_(unit, 0.0, 1.0, -2.0, 2.0, generator=_generator(seed))
    return (unit * stddev + mean).to(_DTYPES[dtype])


def random_randint(seed, *, shape, minval, maxval, dtype):
    drawn = torch.randint(int(minval), int(maxval), shape, generator=_generator(seed), device=seed.device)
    return drawn.to(_DTYPES[dtype])


def random_bernoulli(seed, *, shape, probability):
    drawn = torch.empty(shape, dtype=torch.bool, device=seed.device)
    return drawn.bernoulli_(probability, generator=_generator(seed))


def random_gamma(seed, alpha, *, shape, dtype):
    drawn = torch._standard_gamma(alpha.float().expand(shape), generator=_generator(seed))
    return drawn.to(_DTYPES[dtype])


def random_beta(seed, alpha, beta, *, shape, dtype):
    pair = torch.stack([alpha.float().expand(shape), beta.float().expand(shape)], dim=-1)
    return torch._sample_dirichlet(pair, generator=_generator(seed))[..., 0].to(_DTYPES[dtype])


def random_binomial(seed, counts, probabilities, *, shape, dtype):
    counts, probabilities = counts.float().expand(shape), probabilities.float().expand(shape)
    return torch.binomial(counts, probabilities, generator=_generator(seed)).to(_DTYPES[dtype])


def random_categorical(seed, logits, *, num_samples, dtype):
    weights = torch.softmax(logits, dim=-1)
    drawn = torch.multinomial(weights, num_samples, replacement=True, generator=_generator(seed))
    return drawn.to(_DTYPES[dtype])


def random_permutation(seed, *, size):
    return torch.randperm(size, generator=_generator(seed), device=seed.device)


def _generator(seed):
    low, high = seed.tolist()
    # The generator on the CPU looks at 32 bits only, so both words are mixed into all of them.
    mixed = ((low & 0xFFFFFFFF) | (high & 0xFFFFFFFF) << 32) + 0x9E3779B97F4A7C15
    for factor in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB):
        mixed = (mixed ^ mixed >> 30) * factor & 0xFFFFFFFFFFFFFFFF
    return torch.Generator(device=seed.device).manual_seed(mixed ^ mixed >> 31)
