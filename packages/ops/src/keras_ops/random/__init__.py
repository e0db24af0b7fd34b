"""Random numbers: `keras.random`. Used by layers and initializers; state lives in `SeedGenerator`."""

from keras_ops.random.distributions import (
    beta,
    binomial,
    gamma,
    normal,
    randint,
    truncated_normal,
    uniform,
)
from keras_ops.random.seeds import SeedGenerator, draw_seed, set_random_seed
from keras_ops.random.selection import categorical, dropout, shuffle

__all__ = [
    "SeedGenerator",
    "beta",
    "binomial",
    "categorical",
    "draw_seed",
    "dropout",
    "gamma",
    "normal",
    "randint",
    "set_random_seed",
    "shuffle",
    "truncated_normal",
    "uniform",
]
