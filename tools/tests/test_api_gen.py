"""The API generator reads exports from sources and writes modules that load nothing before use."""

import subprocess
import sys

import pytest

SOURCE = """
@export(["keras.ops.add", "keras.ops.numpy.add"])
def add(x): return x

@export("keras.layers.Dense")
class Dense: pass

multiply = export(["keras.ops.times"] + [])(lambda x: x)
LIMIT: int = export_value("keras.config.LIMIT", 3)
"""


@pytest.fixture
def generated(tmp_path):
    return tmp_path / "packages" / "keras" / "src" / "keras"


def test_every_form_of_export_is_found(write, run_tool, generated):
    write("packages/ops/src/keras_ops/math.py", SOURCE)
    done = run_tool("api_gen.py")
    assert (done.returncode, done.stderr) == (0, "")
    text = {path.parent.name: path.read_text() for path in generated.glob("*/__init__.py")}
    assert '"add": "keras_ops.math"' in text["ops"]
    assert '"times": "keras_ops.math:multiply"' in text["ops"]
    assert "from keras_ops.math import multiply as times" in text["ops"]
    assert '"LIMIT": "keras_ops.math"' in text["config"]
    assert 'submodules=["numpy"]' in text["ops"]


def test_check_sees_stale_missing_and_left_over_files(write, run_tool, generated):
    write("packages/ops/src/keras_ops/math.py", SOURCE)
    run_tool("api_gen.py")
    assert run_tool("api_gen.py", "--check").returncode == 0

    before = {path: path.read_bytes() for path in generated.rglob("*.py")}
    write("packages/ops/src/keras_ops/math.py", SOURCE.replace("keras.layers.Dense", "keras.Dense"))
    done = run_tool("api_gen.py", "--check")
    assert done.returncode == 1
    assert "keras/layers/__init__.py: stale" in done.stderr
    assert {path: path.read_bytes() for path in generated.rglob("*.py")} == before

    run_tool("api_gen.py")
    assert not (generated / "layers").exists()
    write("packages/ops/src/keras_ops/math.py", SOURCE)
    run_tool("api_gen.py")
    assert {path: path.read_bytes() for path in generated.rglob("*.py")} == before


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('@export("keras.ops.add")\ndef other(x): return x', "already exported at"),
        ('@export("keras.ops.numpy")\ndef numpy(x): return x', "is a module too"),
        ("@export(NAME)\ndef named(x): return x", "expected a literal name"),
        ('@export("ops.other")\ndef other(x): return x', "received 'ops.other'"),
        ('def f():\n    @export("keras.ops.g")\n    def g(): pass', "top level"),
        ('class C:\n    @export("keras.ops.g")\n    def g(self): pass', "top level"),
        ("def broken(:", "not read"),
    ],
)
def test_problems_are_named_and_the_rest_is_written(write, run_tool, generated, line, message):
    write("packages/ops/src/keras_ops/math.py", SOURCE)
    write("packages/ops/src/keras_ops/wrong.py", line)
    done = run_tool("api_gen.py")
    assert done.returncode == 1
    assert message in done.stderr
    assert "keras_ops/wrong.py" in done.stderr
    assert '"add"' in (generated / "ops" / "__init__.py").read_text()


def test_private_names_without_a_target_are_reported(write, run_tool, generated):
    write("packages/ops/src/keras_ops/math.py", SOURCE)
    write(
        "tools/private_names.toml",
        '["keras.src.ops.numpy"]\n"*" = "keras.ops.numpy"\nPlus = "keras_ops.math:add"\nTimes = "keras.ops.times"\n'
        'gone = "keras_ops.math:gone"\nlost = "keras.ops.lost"\n',
    )
    done = run_tool("api_gen.py")
    assert "there is no 'keras_ops.math:gone'" in done.stderr
    assert "there is no 'keras.ops.lost'" in done.stderr
    text = (generated / "src/ops/numpy/__init__.py").read_text()
    assert 'base="keras.ops.numpy"' in text
    assert '"Times": "keras_ops.math:multiply"' in text
    assert '"Plus": "keras_ops.math:add"' in (generated / "src/ops/numpy/__init__.py").read_text()


def test_each_package_gets_a_table_of_its_names(write, run_tool, tmp_path):
    write("packages/ops/src/keras_ops/math.py", SOURCE)
    saved = """
@saved_as("keras.src.layers.inner")
class Inner: pass

@saved_as("keras.src.layers.inner", "Old")
class New: pass
"""
    write("packages/layers/src/keras_layers/inner.py", saved)
    write("tools/private_names.toml", '["keras.src.ops"]\nPlus = "keras_ops.math:add"\n')
    assert run_tool("api_gen.py").returncode == 0
    tables = {}
    for name in ("ops", "layers"):
        path = tmp_path / f"packages/{name}/src/keras_{name}/exported.py"
        exec(path.read_text(), table := {})
        tables[name] = table["EXPORTED"]
    assert tables["layers"] == {
        "keras.src.layers.inner": {"Inner": "keras_layers.inner", "Old": "keras_layers.inner:New"}
    }
    assert tables["ops"]["keras.ops"] == {"add": "keras_ops.math", "times": "keras_ops.math:multiply"}
    assert tables["ops"]["keras.src.ops"] == {"Plus": "keras_ops.math:add"}

    path.write_text("EXPORTED = {}\n")
    assert "keras_layers/exported.py: stale" in run_tool("api_gen.py", "--check").stderr
    write("packages/layers/src/keras_layers/inner.py", saved.replace('"Old"', "NAME"))
    assert "expected `@saved_as` with literal names" in run_tool("api_gen.py").stderr


def test_the_mirror_for_tensorflow_adds_its_own_names(write, run_tool, generated):
    write(
        "packages/ops/src/keras_ops/math.py",
        SOURCE + '\n@export("keras._tf_keras.keras.ops.only_there")\ndef only_there(): pass\n',
    )
    assert run_tool("api_gen.py").returncode == 0
    assert "only_there" not in (generated / "ops" / "__init__.py").read_text()
    twin = (generated / "_tf_keras/keras/ops/__init__.py").read_text()
    assert '"only_there": "keras_ops.math"' in twin
    assert 'base="keras.ops"' in twin


def test_generated_modules_resolve_lazily(write, run_tool, generated, tmp_path):
    write(
        "packages/probe/src/keras_probe/math.py",
        f"from keras_backends.api import export, export_value\n{SOURCE}",
    )
    run_tool("api_gen.py")
    code = (
        "import sys, keras\n"
        "assert 'keras_probe.math' not in sys.modules\n"
        "from keras_probe import math\n"
        "from keras._tf_keras.keras.ops import numpy as twin\n"
        "import keras.api._v2.keras as other\n"
        "assert keras.ops.numpy.add is math.add is twin.add is other.ops.add\n"
        "assert keras.ops.times is math.multiply and keras.config.LIMIT == 3\n"
        "assert dir(keras.layers)[0] == 'Dense' and keras.ops.__all__ == ['add', 'numpy', 'times']\n"
        "try: keras.ops.ad\n"
        "except AttributeError as error: assert str(error) == \"module 'keras.ops' has no attribute 'ad'\"\n"
        "else: raise AssertionError\n"
    )
    paths = [str(generated.parent), str(tmp_path / "packages" / "probe" / "src")]
    code = f"import sys; sys.path[:0] = {paths!r}\n{code}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
