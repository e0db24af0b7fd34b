"""Fixtures of the backend tests. The suite runs once per backend, chosen by `KERAS_BACKEND`."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from keras_backends.contract import Backend
from keras_backends.selection import active

THIRD_PARTY = Path(__file__).parent / "third_party_backend"


@pytest.fixture
def third_party() -> Path:
    """The folder of the backend that an outsider wrote."""
    return THIRD_PARTY


@pytest.fixture(scope="session")
def backend() -> Backend:
    return active()


@pytest.fixture
def fresh_python(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs code in a new interpreter with a `KERAS_HOME` of its own and only the given variables."""

    def run(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("KERAS")}
        environment |= {"KERAS_HOME": str(tmp_path), **variables}
        return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)

    return run
