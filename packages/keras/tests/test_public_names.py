"""The generated modules: every public name resolves, and nothing is loaded before it is used."""

import importlib
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import keras
import pytest

FOLDER = Path(keras.__file__).parent
FRAMEWORKS = {"jax", "torch", "tensorflow", "openvino"}
MODULES = sorted(
    ".".join(("keras", *path.relative_to(FOLDER).parts[:-1]))
    for path in FOLDER.rglob("__init__.py")
    if not path.is_relative_to(FOLDER / "api")
)


def in_fresh_process(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", MODULES)
def test_every_name_resolves(name):
    module = importlib.import_module(name)
    missing = [leaf for leaf in getattr(module, "__all__", ()) if getattr(module, leaf, None) is None]
    assert not missing


def test_names_are_the_same_objects_wherever_they_are_reached():
    twin = importlib.import_module("keras._tf_keras.keras")
    assert keras.ops.numpy.add is keras.ops.add is twin.ops.add
    assert importlib.import_module("keras.api._v2.keras") is twin


def test_importing_keras_loads_no_framework_and_no_numpy():
    code = f"import sys, keras; print(*sorted({FRAMEWORKS | {'numpy'}!r} & set(sys.modules)))"
    assert in_fresh_process(code) == ""


def test_an_unknown_name_is_an_attribute_error_that_offers_near_ones():
    code = "import keras; keras.ops.ad"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "AttributeError: module 'keras.ops' has no attribute 'ad'" in done.stderr
    assert "Did you mean: 'add'?" in done.stderr


def test_the_version_is_that_of_the_distribution():
    project = tomllib.loads((FOLDER.parent.parent / "pyproject.toml").read_text(encoding="utf-8"))
    assert keras.__version__ == keras.version() == project["project"]["version"]


def test_a_first_symbolic_tensor_has_its_operators():
    code = "import keras; print((keras.KerasTensor((None, 2)) + 1).shape)"
    assert in_fresh_process(code) == "(None, 2)"


def test_a_variable_reaches_its_operators_without_other_imports():
    code = "import keras; print(float(keras.Variable([1.0, 2.0], name='v')[1] + 1))"
    assert in_fresh_process(code) == "3.0"


def test_configs_name_classes_that_nothing_has_imported():
    entry = {"module": "keras.optimizers", "class_name": "Adam", "config": {"learning_rate": 0.5}}
    code = f"import keras; print(float(keras.saving.deserialize_keras_object({entry!r}).learning_rate))"
    assert in_fresh_process(code) == "0.5"


@pytest.mark.skipif(keras.config.backend() != "tensorflow", reason="takes a process with TensorFlow")
class TestTensorFlow:
    """TensorFlow imports keras while it is imported itself, and serves it as `tf.keras`."""

    def test_importing_it_loads_none_of_our_operations(self):
        code = "import sys, tensorflow; print('keras_ops.ops' in sys.modules)"
        assert in_fresh_process(code) == "False"

    def test_its_keras_is_ours(self):
        code = (
            "import tensorflow as tf, keras\n"
            "from tensorflow.keras.ops import add\n"
            "print(add is keras.ops.add is tf.keras.ops.add, tf.keras.__version__ == keras.__version__)"
        )
        assert in_fresh_process(code, KERAS_BACKEND="tensorflow") == "True True"
