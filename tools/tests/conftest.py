"""What the tests of the tools share: a small repository to run a script on."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parent.parent
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Returns a function that writes `text` to a file below a fresh repository."""

    def write_file(path: str, text: str) -> Path:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return write_file


@pytest.fixture
def run_tool(tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Returns a function that runs a script of `tools/` on that repository."""

    def run(script: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(TOOLS / script), "--root", str(tmp_path), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run
