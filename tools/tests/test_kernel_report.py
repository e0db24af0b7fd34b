"""The report on kernels: what it says of backends that lack some, and how it writes it."""

import importlib.util
from pathlib import Path

import pytest
from keras_backends.selection import is_installed

SCRIPT = Path(__file__).resolve().parent.parent / "kernel_report.py"
_spec = importlib.util.spec_from_file_location("tools_kernel_report", SCRIPT)
kernel_report = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(kernel_report)


def test_numpy_has_all_but_derivatives(capsys):
    assert kernel_report.main(["--backend", "numpy"]) == 0
    lines = {words[0]: words[1:] for line in capsys.readouterr().out.splitlines() if (words := line.split())}
    assert lines["operation"] == ["numpy"]
    assert lines["add"] == ["primitive"] and lines["random_uniform"] == ["(function)", "primitive"]
    assert lines["missing:"] == ["in", "all", "1"] and lines["jvp"] == ["missing"]
    assert {word for words in lines.values() for word in words} >= {"composite", "override"}


@pytest.mark.skipif(not is_installed("openvino"), reason="openvino is not installed")
def test_openvino_falls_back_on_numpy():
    column = kernel_report.ask("openvino")
    assert column["add"] == "primitive" and column["eigh"] == "fallback"
    assert column["relu"] == "override"
    assert [name for name, word in column.items() if word == "missing"] == ["jvp"]


def test_a_backend_that_cannot_be_asked_ends_the_report():
    with pytest.raises(SystemExit, match="'no_such_backend' could not be asked"):
        kernel_report.ask("no_such_backend")


def test_markdown_has_a_row_for_each_operation(tmp_path):
    columns = {"a": {"add": "primitive", "sin": "missing"}, "b": {"add": "fallback", "sin": "composite"}}
    text = kernel_report.as_markdown(kernel_report.rows(columns))
    assert "| operation | a | b |\n| --- | --- | --- |\n| add | primitive | fallback |" in text
    assert "| missing: in all | 1 | 0 |" in text and "- composite: the body runs" in text
