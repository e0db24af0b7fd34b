"""Graph tensors and whole-model compilation of the OpenVINO backend."""

import numpy as np
import pytest
from keras_backends.selection import active

if active().predictor is None:
    pytest.skip("the selected backend compiles no whole models", allow_module_level=True)

from keras_backends.openvino.evaluation import CompiledGraph
from keras_backends.openvino.graph import GraphTensor, convert

X = np.arange(24, dtype="float32").reshape(2, 3, 4)


def _run(fn, *arrays):
    return CompiledGraph(lambda *inputs: [fn(*inputs)], arrays)(*arrays)[0]


INDICES = {
    "integer": np.s_[0],
    "negative": np.s_[-1, ..., -1],
    "reversed": np.s_[:, ::-1],
    "strided_back": np.s_[:, ::-2, 2],
    "new_axes": np.s_[None, 1, :, None, 1:3],
    "ellipsis": np.s_[..., None],
    "array": np.s_[:, np.array([0, 2])],
    "empty": np.s_[:, 3:],
}


@pytest.mark.parametrize("name", INDICES)
def test_indexing(name):
    index = INDICES[name]
    assert np.array_equal(_run(lambda x: x[index], X), X[index])


def test_operators_promote_like_operations():
    ints, halves = X.astype("int32"), X.astype("float16")
    assert np.allclose(_run(lambda x: 1 - x / 2, ints), 1 - ints / 2)
    assert _run(lambda x: x / 2, ints).dtype == "float32"
    assert _run(lambda x, y: x + y, ints, halves).dtype == "float16"
    assert _run(lambda x: np.ones(4, "float32") + x, halves).dtype == "float32"
    assert _run(lambda x: x > 3, X).dtype == "bool"
    assert np.array_equal(_run(lambda x: -(abs(x) ** 2), X), -(X**2))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "int8", "uint8", "int32", "bool"])
def test_dtypes_go_in_and_out(dtype):
    array = active().numpy(active().cast(X, dtype))
    result = _run(lambda x: x, array)
    assert result.dtype == array.dtype and np.array_equal(result, array)
    assert np.array_equal(
        _run(lambda x: convert(x, dtype), np.clip(X, 0, 1)), np.clip(X, 0, 1).astype(array.dtype)
    )


def test_results_are_float32_exact():
    """OpenVINO would compute in bfloat16 by itself where the processor has it."""
    a = np.random.default_rng(0).normal(size=(64, 64)).astype("float32")
    assert np.allclose(_run(lambda x: x @ x, a), a @ a, atol=1e-4)


def test_values_in_a_graph_have_no_data():
    def branch(x):
        return x if x[0, 0, 0] > 0 else -x

    with pytest.raises(TypeError, match="truth value"):
        _run(branch, X)
    with pytest.raises(TypeError, match="NumPy"):
        _run(lambda x: np.asarray(x), X)


def test_trees_and_constants():
    run = active().predictor(lambda batch: {"y": (batch["x"] + 1, None), "c": np.ones(2)}, None)
    result = run({"x": X})
    assert np.array_equal(result["y"][0], X + 1) and result["y"][1] is None
    assert result["c"].tolist() == [1, 1]


def test_a_model_that_does_not_compile_runs_with_a_warning():
    run = active().predictor(lambda x: np.sort(x), None)
    with pytest.warns(UserWarning, match="operation by operation"):
        assert np.array_equal(run(X[::-1]), np.sort(X[::-1]))


def test_kernels_build_graphs_only_where_a_graph_tensor_is(backend):
    seen = []

    def forward(x):
        constant = backend.kernels["add"](X, X)
        seen.append((type(constant), type(x)))
        return x + constant

    assert np.array_equal(backend.predictor(forward, X)(X), 3 * X)
    assert seen == [(np.ndarray, GraphTensor)]


CONTROL = {
    "cond": lambda k, x, p: k["cond"](p, true_fn=lambda: [x + 1], false_fn=lambda: [x * 2])[0],
    "switch": lambda k, x, p: k["switch"](
        (p * 1 + 1), x, branches=[lambda x: [x], lambda x: [x + 1], lambda x: [x * 5]]
    )[0],
    "scan": lambda k, x, p: k["scan"](
        [x[0]], [x], f=lambda c, x: ([c[0] + x[0]], [c[0] * 2]), length=2, reverse=False
    )[1][0],
    "while_loop": lambda k, x, p: k["while_loop"](
        [0, x], cond=lambda i, x: i < 3, body=lambda i, x: (i + 1, x * 2)
    )[1],
}


@pytest.mark.parametrize("flag", [False, True])
@pytest.mark.parametrize("name", CONTROL)
def test_control_flow_in_a_graph(name, flag, backend):
    """Inside a graph it gives what it gives on arrays."""
    pred = np.array(flag)
    expected = CONTROL[name](backend.kernels, X, pred)
    assert np.allclose(_run(lambda x, p: CONTROL[name](backend.kernels, x, p), X, pred), expected)
