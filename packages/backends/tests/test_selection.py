"""Choosing a backend: the order, the errors, and that nothing is imported to find out."""

import importlib.util
import json
from pathlib import Path

import pytest
from keras_backends.selection import active, is_installed, load, set_backend

PRINT = "from keras_backends.selection import select; print(select())"
FRAMEWORKS = ("jax", "torch", "tensorflow", "openvino")


def _blocked(*modules: str) -> str:
    """Code that makes modules look as if they were not installed."""
    return (
        "import importlib.util as u; find = u.find_spec\n"
        f"u.find_spec = lambda name, *a: None if name.split('.')[-1] in {modules!r} else find(name, *a)\n"
    )


def test_the_variable_wins(fresh_python, tmp_path: Path):
    (tmp_path / "keras.json").write_text('{"backend": "openvino"}')
    assert fresh_python(PRINT, KERAS_BACKEND="numpy").stdout.strip() == "numpy"


def test_the_file_comes_next(fresh_python, tmp_path: Path):
    (tmp_path / "keras.json").write_text('{"backend": "numpy"}')
    result = fresh_python(PRINT)
    assert result.stdout.strip() == "numpy" and "Warning" not in result.stderr


def test_a_file_that_names_a_missing_backend_warns_once(fresh_python, tmp_path: Path):
    (tmp_path / "keras.json").write_text(json.dumps({"backend": "theano"}))
    result = fresh_python(_blocked(*FRAMEWORKS) + PRINT + "; select()")
    assert result.stdout.strip() == "numpy"
    assert result.stderr.count("UserWarning") == 1
    assert str(tmp_path / "keras.json") in result.stderr and "'theano'" in result.stderr


def test_an_imported_framework_decides(fresh_python):
    pretend = "import sys, types; sys.modules['torch'] = types.ModuleType('torch')\n"
    assert fresh_python(pretend + PRINT).stdout.strip() == "torch"
    both = pretend + "sys.modules['jax'] = types.ModuleType('jax')\n"
    assert fresh_python(_blocked("jax", "torch", "tensorflow") + both + PRINT).stdout.strip() == "jax"


@pytest.mark.parametrize("present", ["jax", "torch", "tensorflow"])
def test_the_first_installed_is_taken(present, fresh_python):
    if importlib.util.find_spec(present) is None:
        pytest.skip(f"{present} is not installed")
    order = ("jax", "torch", "tensorflow")
    assert fresh_python(_blocked(*order[: order.index(present)]) + PRINT).stdout.strip() == present


def test_numpy_is_the_last_resort(fresh_python):
    assert fresh_python(_blocked(*FRAMEWORKS) + PRINT).stdout.strip() == "numpy"


def test_selecting_imports_no_framework(fresh_python):
    code = PRINT + f"; import sys; print([n for n in {FRAMEWORKS!r} if n in sys.modules])"
    assert fresh_python(code).stdout.split("\n")[1] == "[]"


def test_a_misspelt_backend_is_explained(fresh_python):
    result = fresh_python(PRINT, KERAS_BACKEND="numpyy")
    message = result.stderr.split("ImportError: ")[-1]
    assert result.returncode == 1
    for part in (
        "'numpyy'",
        "KERAS_BACKEND=numpyy",
        "Did you mean 'numpy'?",
        "Installed here:",
        "KERAS_BACKEND=",
    ):
        assert part in message


def test_a_missing_backend_comes_with_its_command(fresh_python):
    result = fresh_python(_blocked("torch") + PRINT, KERAS_BACKEND="torch")
    message = result.stderr.split("ImportError: ")[-1]
    assert 'pip install "keras-backends[torch]"' in message and "numpy" in message


def test_the_backend_can_be_set_before_it_is_used(fresh_python):
    code = (
        "from keras_backends.selection import set_backend, active, backend\n"
        "set_backend('numpy'); print(active().name, backend()); set_backend('numpy')\n"
        "set_backend('openvino')"
    )
    result = fresh_python(code)
    assert result.stdout.split() == ["numpy", "numpy"]
    assert "RuntimeError" in result.stderr and "KERAS_BACKEND=openvino" in result.stderr


def test_setting_an_unknown_backend_is_refused(fresh_python):
    result = fresh_python("from keras_backends.selection import set_backend; set_backend('nampy')")
    assert "ImportError" in result.stderr and "Did you mean 'numpy'?" in result.stderr


def test_loading_twice_gives_one_object(backend):
    assert load(backend.name) is active()
    set_backend(backend.name)


def test_a_module_without_a_backend_is_refused():
    assert is_installed("json")
    with pytest.raises(ImportError, match=r"contract\.Backend"):
        load("json")


def test_an_outsiders_backend_by_module_name(fresh_python, third_party):
    result = fresh_python(
        "from keras_backends import active; print(active().name)",
        KERAS_BACKEND="plain_backend",
        PYTHONPATH=str(third_party),
    )
    assert result.stdout.strip() == "plain", result.stderr


def test_an_outsiders_backend_by_entry_point(fresh_python, third_party, tmp_path: Path):
    metadata = tmp_path / "plain_backend-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: plain-backend\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[keras.backends]\nplain = plain_backend\n")
    result = fresh_python(
        "from keras_backends import active; print(active().name)",
        KERAS_BACKEND="plain",
        PYTHONPATH=f"{third_party}:{tmp_path}",
    )
    assert result.stdout.strip() == "plain", result.stderr
