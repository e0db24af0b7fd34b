"""What each package loads: the framework that was chosen, and nothing heavy or optional."""

import importlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

PACKAGES = ("backends", "ops", "saving", "layers", "datasets", "training", "models", "applications")
FRAMEWORKS = {"jax", "torch", "tensorflow", "openvino"}
OPTIONAL = {"h5py", "rich", "absl", "scipy", "matplotlib", "pandas", "PIL", "sklearn", "safetensors"}
BACKEND = os.environ.get("KERAS_BACKEND", "numpy")
SKIPPED = {"testing", "__main__", "check", "conformance"}
"""Modules that only tests and commands load."""
ON_DEMAND = {"keras_backends.jax.sparse"}
"""Loaded with the first sparse tensor: JAX's own module for them loads SciPy."""


def modules_of(package: str) -> list[str]:
    """Returns the modules of a package, without those of the backends that are not running."""
    folder = Path(next(iter(importlib.util.find_spec(package).submodule_search_locations)))
    found = []
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        foreign = package == "keras_backends" and parts[1] in FRAMEWORKS - {BACKEND}
        if not foreign and not SKIPPED & set(parts):
            found.append(".".join(parts).removesuffix(".__init__"))
    return [name for name in found if name not in ON_DEMAND]


def loaded_by(packages: Sequence[str]) -> set[str]:
    """Returns what a fresh process loads beyond the framework and all that this loads itself."""
    names = [name for package in packages for name in modules_of(f"keras_{package}")]
    code = (
        f"import importlib, sys\nimport {BACKEND}\nbefore = set(sys.modules)\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    environment = {**os.environ, "KERAS_BACKEND": BACKEND, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("packages", [PACKAGES] if BACKEND in FRAMEWORKS else [[name] for name in PACKAGES])
def test_loading_every_module_loads_nothing_optional(packages):
    """One process for all packages where a framework makes each process slow."""
    loaded = loaded_by(packages)
    assert f"keras_{packages[0]}" in loaded
    assert not loaded & (FRAMEWORKS - {BACKEND} | OPTIONAL)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_makes_its_names_known_without_loading_them(package):
    table = importlib.import_module(f"keras_{package}.exported").EXPORTED
    code = (
        f"import sys, keras_{package}\nbefore = set(sys.modules)\n"
        "from keras_backends.public_names import public_names\n"
        "print(*map('.'.join, public_names()))\n"
        "print(*set(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    known, loaded = (set(line.split(" ")) for line in done.stdout.splitlines())
    assert known >= {f"{module}.{name}" for module, names in table.items() for name in names}
    assert all(name.endswith((".exported", ".public_names")) for name in loaded)


@pytest.mark.parametrize(
    ("package", "name"), [("ops", "scan"), ("ops", "Variable"), ("layers", "Dense"), ("models", "Model")]
)
def test_a_name_of_a_package_is_looked_up_once(package, name):
    module = importlib.import_module(f"keras_{package}")
    assert getattr(module, name).__name__ == name and name in dir(module)
    assert vars(module)[name] is getattr(module, name)
