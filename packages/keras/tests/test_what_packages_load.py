"""What each package loads: the framework that was chosen, and nothing heavy or optional."""

import os
import subprocess
import sys

import pytest

PACKAGES = ("backends", "ops", "saving", "layers", "datasets", "training", "models", "applications")
FRAMEWORKS = {"jax", "torch", "tensorflow", "openvino"}
OPTIONAL = {"h5py", "rich", "absl", "scipy", "matplotlib", "pandas", "PIL", "sklearn", "safetensors"}
BACKEND = os.environ.get("KERAS_BACKEND", "numpy")
LOAD_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module({package!r})
for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    parts = info.name.split(".")
    if parts[0] == "keras_backends" and parts[1] in {foreign!r}:
        continue
    if "testing" not in parts and parts[-1] not in ("__main__", "check", "conformance"):
        importlib.import_module(info.name)
print(*sorted({forbidden!r} & set(sys.modules)))
"""


@pytest.mark.parametrize("package", PACKAGES)
def test_loading_every_module_of_a_package_loads_nothing_optional(package):
    foreign = FRAMEWORKS - {BACKEND}
    # Frameworks load what they like; what we load ourselves shows on NumPy.
    forbidden = foreign | (OPTIONAL if BACKEND == "numpy" else set())
    code = LOAD_ALL.format(package=f"keras_{package}", foreign=foreign, forbidden=forbidden)
    environment = {**os.environ, "KERAS_BACKEND": BACKEND, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
