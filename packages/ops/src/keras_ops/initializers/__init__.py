"""`keras.initializers`: what gives variables their first values.

Layers look them up with `get`. Random values are drawn on the host, so that a seed gives the same
weights on every backend.
"""

from keras_ops.initializers.base import Initializer
from keras_ops.initializers.constants import STFT, Constant, Identity, Ones, Zeros
from keras_ops.initializers.identifiers import deserialize, get, serialize
from keras_ops.initializers.randoms import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
    compute_fans,
)

__all__ = [
    "STFT",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "compute_fans",
    "deserialize",
    "get",
    "serialize",
]
