"""The layering check must see each kind of violation, and let each allowed line pass."""

import pytest

PYPROJECT = '[project]\nname = "x"\ndependencies = ["numpy>=1.26", "ml-dtypes"]\n'

REFUSED = {
    "upward": ("ops", "keras_ops/a.py", "from keras_layers.layer import Layer", "arrows point down"),
    "sideways": ("layers", "keras_layers/a.py", "import keras_saving.store", "arrows point down"),
    "skips the top": ("backends", "keras_backends/a.py", "import keras_ops", "arrows point down"),
    "by string": ("ops", "keras_ops/a.py", 'import_module("keras_models.model")', "arrows point down"),
    "for typing": (
        "ops",
        "keras_ops/a.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import keras_layers",
        "arrows point down",
    ),
    "meta package": ("models", "keras_models/a.py", "import keras", "only tests, examples"),
    "framework at load": ("ops", "keras_ops/a.py", "import jax", "outside its backend's folder"),
    "framework inside": (
        "layers",
        "keras_layers/a.py",
        "def f():\n    import torch",
        "outside its backend's folder",
    ),
    "framework by string": (
        "training",
        "keras_training/a.py",
        'def f():\n    import_module("tensorflow.data")',
        "outside its backend's folder",
    ),
    "foreign framework inside": (
        "backends",
        "keras_backends/jax/a.py",
        "def f():\n    import tensorflow",
        "jax backend does not",
    ),
    "foreign framework": ("backends", "keras_backends/torch/a.py", "import jax", "torch backend does not"),
    "sibling backend": (
        "backends",
        "keras_backends/torch/a.py",
        "from keras_backends.jax import nn",
        "does not import the jax backend",
    ),
    "undeclared": ("saving", "keras_saving/a.py", "import h5py", "not a dependency"),
    "ours, inside": ("ops", "keras_ops/a.py", "def f():\n    from keras_ops import b", "inside a function"),
    "relative, inside": ("ops", "keras_ops/a.py", "def f():\n    from . import b", "inside a function"),
    "stdlib, inside": ("ops", "keras_ops/a.py", "def f():\n    import os", "standard library"),
    "hard, inside": ("ops", "keras_ops/a.py", "f = lambda: __import__('numpy')", "always there"),
    "equality": ("ops", "keras_ops/a.py", 'if backend() == "jax": pass', "by name"),
    "membership": ("ops", "keras_ops/a.py", 'ok = name in ("jax", "torch")', "by name"),
    "case": ("ops", "keras_ops/a.py", 'match name:\n    case "torch": pass', "by name"),
    "table": ("ops", "keras_ops/a.py", 'f = {"jax": 1, "torch": 2}[name]', "by name"),
    "prefix": ("ops", "keras_ops/a.py", 'ok = name.startswith("torch")', "by name"),
    "name of a backend": ("ops", "keras_ops/a.py", "ok = state.backend.name == other", "by name"),
    "name of the active one": ("ops", "keras_ops/a.py", "ok = active().name in known", "by name"),
    "needless reason": ("ops", "keras_ops/a.py", "import os  # layering: for paths", "breaks no rule"),
    "empty reason": ("ops", "keras_ops/a.py", "def f():\n    import os  # layering:", "standard library"),
}
ALLOWED = {
    "down": ("models", "keras_models/a.py", "from keras_backends import api\nfrom keras_training import x"),
    "training on datasets": ("training", "keras_training/a.py", "import keras_datasets"),
    "own": ("ops", "keras_ops/a.py", "from keras_ops import b\nfrom . import c"),
    "own framework": (
        "backends",
        "keras_backends/torch/a.py",
        "import torch\nimport numpy\nfrom keras_backends import dtypes",
    ),
    "numpy fallback": (
        "backends",
        "keras_backends/openvino/a.py",
        "import openvino\nfrom keras_backends.numpy import nn",
    ),
    "optional, inside": ("saving", "keras_saving/a.py", "def f():\n    import h5py"),
    "dependency": ("ops", "keras_ops/a.py", "import numpy, ml_dtypes"),
    "name in its folder": ("backends", "keras_backends/jax/a.py", 'ok = name == "jax"'),
    "selection": ("backends", "keras_backends/selection.py", 'ok = name in ("jax", "torch")'),
    "trait": ("ops", "keras_ops/a.py", "if active().traits.trainable: pass"),
    "own name": ("ops", "keras_ops/a.py", "ok = layer.name == other.name"),
    "framework, stated": (
        "datasets",
        "keras_datasets/a.py",
        "def f():\n    import tensorflow  # layering: reads its datasets",
    ),
    "stated": (
        "ops",
        "keras_ops/a.py",
        "def f():\n    from keras_ops import b  # layering: lazy edge, b needs every operation",
    ),
}


@pytest.mark.parametrize(("package", "file", "text", "message"), REFUSED.values(), ids=REFUSED)
def test_refuses(write, run_tool, package, file, text, message):
    write(f"packages/{package}/pyproject.toml", PYPROJECT)
    write(f"packages/{package}/src/{file}", text)
    done = run_tool("check_layering.py")
    assert message in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize(("package", "file", "text"), ALLOWED.values(), ids=ALLOWED)
def test_allows(write, run_tool, package, file, text):
    write(f"packages/{package}/pyproject.toml", PYPROJECT)
    write(f"packages/{package}/src/{file}", text)
    done = run_tool("check_layering.py")
    assert done.stdout == "check_layering: 1 modules, 0 problems\n"
    assert done.returncode == 0


def test_fails_when_it_finds_nothing_to_check(run_tool):
    assert run_tool("check_layering.py").returncode == 1
