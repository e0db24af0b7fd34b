"""What each package loads: the framework that was chosen, and nothing heavy or optional."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = ("backends", "ops", "saving", "layers", "datasets", "training", "models", "applications")
FRAMEWORKS = {"jax", "torch", "tensorflow", "openvino"}
OPTIONAL = {"h5py", "rich", "absl", "scipy", "matplotlib", "pandas", "PIL", "sklearn", "safetensors"}
BACKEND = os.environ.get("KERAS_BACKEND", "numpy")
SKIPPED = {"testing", "__main__", "check", "conformance"}
"""Modules that only tests and commands load."""


def modules_of(package: str) -> list[str]:
    """Returns the modules of a package, without those of the backends that are not running."""
    folder = Path(next(iter(importlib.util.find_spec(package).submodule_search_locations)))
    found = []
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        foreign = package == "keras_backends" and parts[1] in FRAMEWORKS - {BACKEND}
        if not foreign and not SKIPPED & set(parts):
            found.append(".".join(parts).removesuffix(".__init__"))
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_loading_every_module_of_a_package_loads_nothing_optional(package):
    # Frameworks load what they like; what we load ourselves shows on NumPy.
    forbidden = FRAMEWORKS - {BACKEND} | (OPTIONAL if BACKEND == "numpy" else set())
    code = (
        f"import importlib, sys\nfor name in {modules_of(f'keras_{package}')!r}: importlib.import_module(name)\n"
        f"print(*sorted({forbidden!r} & set(sys.modules)))"
    )
    environment = {**os.environ, "KERAS_BACKEND": BACKEND, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
