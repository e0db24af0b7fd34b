"""What importing this package loads, and what it never loads."""

import json
import os
import subprocess
import sys

import pytest

UNWANTED = [
    "h5py",
    "rich",
    "scipy",
    "absl",
    "pandas",
    "keras",
    "keras_training",
    "keras_saving",
    "keras_models",
]
FRAMEWORKS = ["jax", "torch", "tensorflow", "openvino"]


def _loaded(code: str) -> set[str]:
    program = f"import sys, json\n{code}\nprint(json.dumps([m for m in sys.modules if '.' not in m]))"
    environment = {**os.environ, "KERAS_BACKEND": "numpy"}
    result = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    return set(json.loads(result.stdout.strip().splitlines()[-1]))


@pytest.mark.parametrize(
    "code", ["import keras_layers", "from keras_layers.core.dense import Dense; Dense(2)"]
)
def test_nothing_heavy_is_imported(code):
    assert not _loaded(code) & {*UNWANTED, *FRAMEWORKS}
