"""What all tests of training start from: fresh names, fixed random numbers, data."""

import sys
from pathlib import Path

import numpy as np
import pytest
from keras_ops.naming import clear_session

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def fresh_names():
    clear_session(free_memory=False)
    np.random.seed(0)


@pytest.fixture
def data():
    """Forty-two samples of four numbers, in three classes that can be told apart."""
    rng = np.random.default_rng(1)
    y = rng.integers(0, 3, 42).astype("int32")
    x = rng.normal(size=(42, 4)).astype("float32")
    x[np.arange(42), y] += 2.0
    return x, y
