"""The conformance suite on the selected backend and on an outsider's, and the report that prints it."""

import importlib
import pkgutil
import re
import sys

import pytest
from keras_backends import check
from keras_backends.conformance import CHECKS
from keras_backends.contract import kernel_table
from keras_backends.selection import load


@pytest.mark.parametrize("name", CHECKS)
def test_selected_backend(name, backend):
    CHECKS[name](backend)


@pytest.fixture
def outsider(monkeypatch, third_party):
    monkeypatch.syspath_prepend(str(third_party))
    yield load("plain_backend")
    sys.modules.pop("plain_backend", None)


@pytest.mark.parametrize("name", CHECKS)
def test_outsiders_backend(name, outsider):
    CHECKS[name](outsider)


def test_report_lists_primitives_and_checks(outsider, capsys, tmp_path):
    operations = tmp_path / "operations.txt"
    operations.write_text("add\nsin\nconv\n")
    assert check.main(["plain_backend", "--operations", str(operations)]) == 0
    printed = capsys.readouterr().out
    assert "Primitives provided (2 of 3): add, sin" in printed
    assert "Primitives missing (1): conv" in printed
    assert f"{len(CHECKS)} of {len(CHECKS)} checks passed." in printed


def test_report_fails_for_a_broken_backend(outsider, monkeypatch, capsys):
    broken = type(outsider)(**{**vars(outsider), "write": lambda storage, value: storage})
    monkeypatch.setattr(check, "load", lambda name: broken)
    assert check.main(["broken"]) == 1
    assert "FAIL  storage_holds_a_copy" in capsys.readouterr().out


def test_report_names_unknown_rules(outsider, monkeypatch, capsys):
    broken = type(outsider)(**{**vars(outsider), "dtype_rules": {"add": "widest", "sin": "double"}})
    monkeypatch.setattr(check, "load", lambda name: broken)
    assert check.main(["broken"]) == 1
    assert re.search(
        "expected `dtype_rules` .*wide_float.* received {'add': 'widest'}", capsys.readouterr().out
    )


MACHINERY = {
    *("tensors", "engine", "programs", "graph", "evaluation", "mixins", "special", "updates"),
    *("dtype_rules", "jax_functions", "sparse", "draws"),
}
"""Modules of a backend's folder that hold no kernels."""


def test_every_kernel_file_is_listed(backend):
    """A file that the backend's `__init__` forgot would be dead."""
    package = importlib.import_module(f"keras_backends.{backend.name}")
    names = {module.name for module in pkgutil.iter_modules(package.__path__)} - MACHINERY
    files = [importlib.import_module(f"{package.__name__}.{name}") for name in sorted(names)]
    assert files and set(kernel_table(*files)) <= set(backend.kernels)
