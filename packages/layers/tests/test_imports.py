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


ALONE = """
class Absent:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in ("keras", "keras_training", "keras_saving", "keras_models"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
from keras_ops.serialize import deserialize_keras_object
import keras_layers
zeros = {"module": "keras.initializers", "class_name": "Zeros", "config": {}, "registered_name": None}
config = {"filters": 2, "kernel_size": [3, 3], "bias_initializer": zeros}
"""


@pytest.mark.parametrize("module", ["keras.layers", None, "keras.src.layers.convolutional.conv2d"])
def test_configs_name_layers_that_nothing_has_imported(module):
    """Found without `keras`, which need not be installed, and without importing every layer."""
    entry = f"dict(module={module!r}, class_name='Conv2D', config=config, registered_name=None)"
    code = (
        f"{ALONE}\nassert 'keras_layers.convolutional.conv' not in sys.modules\n"
        f"layer = deserialize_keras_object({entry})\n"
        "assert (type(layer).__name__, type(layer.bias_initializer).__name__) == ('Conv2D', 'Zeros')"
    )
    loaded = _loaded(code)
    assert "keras_layers" in loaded
    assert not loaded & {*UNWANTED, *FRAMEWORKS}


def test_operations_in_configs_need_no_other_import():
    entry = (
        "dict(module='keras.src.ops.numpy', class_name='Add', config={'name': 'sum'}, registered_name='Add')"
    )
    _loaded(f"{ALONE}\nassert deserialize_keras_object({entry}).name == 'sum'")
