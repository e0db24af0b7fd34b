"""Operations against the backends' promises: the table of primitives, and a backend with primitives only."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from keras_backends import primitives
from keras_backends.selection import active
from keras_ops import ops, tree
from keras_ops.operations import all_operations
from keras_ops.testing import kit
from keras_ops.testing.samples import all_samples

OPERATIONS = all_operations()
OUTSIDER = Path(__file__).parents[2] / "backends" / "tests" / "third_party_backend"

CODE = """
import numpy as np
from keras_ops import ops, random
from keras_ops.tensor import KerasTensor
x = np.array([[1.0, 2.0], [3.0, 400.0]], "float32")
assert np.allclose(ops.softmax(x).sum(-1), 1)
assert np.allclose(ops.logaddexp(x, x), x + np.log(2))
assert ops.add(np.arange(2), 1.5).dtype == "float32"
assert ops.relu(KerasTensor((None, 2))).shape == (None, 2)
try:
    ops.conv(np.ones((1, 3, 2), "float32"), np.ones((1, 2, 2), "float32"))
except NotImplementedError as error:
    assert "conv" in str(error) and "'plain'" in str(error)
else:
    raise AssertionError("a missing primitive was not reported")
print("done")
"""


def test_table_of_primitives_is_in_step():
    declared = {name for name, operation in OPERATIONS.items() if operation.body is None}
    assert declared == set(primitives.OPERATIONS), "update OPERATIONS in keras_backends/primitives.py"


@pytest.mark.skipif(not OUTSIDER.exists(), reason="the backends' tests are not here")
def test_a_backend_with_primitives_only():
    environment = os.environ | {"KERAS_BACKEND": "plain_backend", "PYTHONPATH": str(OUTSIDER)}
    result = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, text=True)
    assert result.stdout.strip() == "done", result.stderr


@pytest.mark.skipif(not OUTSIDER.exists(), reason="the backends' tests are not here")
@pytest.mark.skipif(active().name != "numpy", reason="it runs on NumPy; once is enough")
def test_all_bodies_run_on_a_backend_with_every_primitive():
    """No body may need what is no primitive: all samples, where a composite never has a kernel."""
    environment = os.environ | {"KERAS_BACKEND": "primitives_only", "PYTHONPATH": str(OUTSIDER)}
    samples = Path(__file__).with_name("test_samples.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(samples)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-3000:]


@pytest.mark.skipif(
    active().name != "torch", reason="torch.compile traces Python; the others are asked by samples"
)
def test_torch_compile_sees_through_dispatchers():
    """No breaks on the fast path or the slow one, and no new graph for each shape.

    The first call fills tables (numbers as tensors, promotions), so the second may compile once more.
    """
    torch = pytest.importorskip("torch")

    def function(x):
        return ops.softmax(ops.add(ops.matmul(x, x), 1) * 2) + ops.logaddexp(x, 0.5)

    graphs = []

    def backend(graph, inputs):
        graphs.append(graph)
        return graph.forward

    compiled = torch.compile(function, backend=backend, fullgraph=True, dynamic=True)
    for size in (2, 3, 5, 7):
        x = torch.rand(size, size)
        assert torch.allclose(compiled(x), function(x))
    assert len(graphs) <= 2


READ_BY_COMPILERS = (
    "saturate_cast",
    "pad",
    "get_item",
    "stft",
    "lstsq",
    "hsv_to_rgb",
    "gaussian_blur",
    "scale_and_translate",
)
"""Operations whose bodies or kernels work with NumPy's arrays, limits of dtypes, or keys."""


@pytest.mark.skipif(active().name != "torch", reason="torch.compile traces Python")
@pytest.mark.parametrize("name", READ_BY_COMPILERS)
def test_torch_compile_reads_host_values(name):
    """What bodies do on the host is a constant of the graph, or part of it."""
    torch = pytest.importorskip("torch")
    sample, op = all_samples()[name][0], OPERATIONS[name]
    args, kwargs = tree.map_structure(kit._tensor, (sample.args, sample.kwargs))
    torch._dynamo.reset()
    compiled = torch.compile(lambda a, k: op.dispatcher(*a, **k), backend="eager", fullgraph=True)
    op.dispatcher(*args, **kwargs)
    kit.assert_close(op, compiled(args, kwargs), op.dispatcher(*args, **kwargs))
