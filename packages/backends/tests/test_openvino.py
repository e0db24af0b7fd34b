"""Graph tensors and whole-model compilation of the OpenVINO backend."""

import warnings

import ml_dtypes
import numpy as np
import pytest
from keras_backends.contract import KernelMissing
from keras_backends.selection import active

if active().predictor is None:
    pytest.skip("the selected backend compiles no whole models", allow_module_level=True)

from keras_backends.openvino.evaluation import CompiledGraph
from keras_backends.openvino.graph import GraphTensor, convert

X = np.arange(24, dtype="float32").reshape(2, 3, 4)
BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
ONE, TWO, FIVE = (np.float32(n) for n in (1, 2, 5))


def call(name, *tensors, **attributes):
    """An operation as kernels know it; Python's operators on graph tensors are the operations' affair."""
    return active().kernels[name](*tensors, **attributes)


def add(x, y):
    return call("add", x, y)


def double(x):
    return call("multiply", x, TWO)


def _run(fn, *arrays):
    return CompiledGraph(lambda *inputs: [fn(*inputs)], arrays)(*arrays)[0]


def _run_many(fn, *arrays):
    return CompiledGraph(fn, arrays)(*arrays)


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


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "int8", "uint8", "int32", "bool"])
def test_dtypes_go_in_and_out(dtype):
    array = active().numpy(active().cast(X, dtype))
    result = _run(lambda x: x, array)
    assert result.dtype == array.dtype and np.array_equal(result, array)
    assert np.array_equal(
        _run(lambda x: convert(x, dtype), np.clip(X, 0, 1)), np.clip(X, 0, 1).astype(array.dtype)
    )


def test_constants_have_memory_of_their_own():
    """Their arrays are gone by the time the model is compiled."""
    rows = np.random.default_rng(0).normal(size=(64, 64)).astype(BFLOAT16)

    def many(x):
        for i in range(20):
            x = call("add", x, (rows + i).astype(BFLOAT16))
        return x

    zeros = np.zeros((64, 64), BFLOAT16)
    assert np.allclose(_run(many, zeros).astype("float32"), many(zeros).astype("float32"), rtol=0.05)


def test_the_difference_of_two_towers_can_be_compiled():
    """A crash of OpenVINO's own, with its snippets."""
    weights = [np.ones(shape, "float32") for shape in ((4, 7), (7, 4))]

    def tower(x):
        return call("matmul", call("relu", call("matmul", x, weights[0])), weights[1])

    def towers(x, y):
        a, b = tower(x), tower(y)
        return call("concatenate", [call("subtract", a, b), call("maximum", a, b)], axis=-1)

    assert np.array_equal(_run(towers, X[0], X[1]), towers(X[0], X[1]))


def test_results_are_float32_exact():
    """OpenVINO would compute in bfloat16 by itself where the processor has it."""
    a = np.random.default_rng(0).normal(size=(64, 64)).astype("float32")
    assert np.allclose(_run(lambda x: call("matmul", x, x), a), a @ a, atol=1e-4)


def test_values_in_a_graph_have_no_data():
    def branch(x):
        return x if call("greater", x[0, 0, 0], ONE) else double(x)

    with pytest.raises(TypeError, match="truth value"):
        _run(branch, X)
    with pytest.raises(TypeError, match="NumPy"):
        _run(lambda x: np.asarray(x), X)


def test_trees_and_constants():
    run = active().predictor(lambda batch: {"y": (add(batch["x"], ONE), None), "c": np.ones(2)})
    result = run({"x": X})
    assert np.array_equal(result["y"][0], X + 1) and result["y"][1] is None
    assert result["c"].tolist() == [1, 1]


def _missing(x):
    if isinstance(x, GraphTensor):
        raise KernelMissing("no kernel")
    return np.sort(x)


@pytest.mark.parametrize("fn", [_missing, lambda x: np.sort(x)])
def test_a_model_that_does_not_compile_runs_with_a_warning(fn):
    run = active().predictor(fn)
    with pytest.warns(UserWarning, match="operation by operation"):
        assert np.array_equal(run(X[::-1]), np.sort(X[::-1]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(run(X[:1]), np.sort(X[:1]))


@pytest.mark.parametrize("error", [TypeError("own"), ValueError("own"), NotImplementedError("own")])
def test_errors_of_a_model_are_not_taken_for_missing_kernels(error):
    def fn(x):
        raise error

    with pytest.raises(type(error), match="own"), warnings.catch_warnings():
        warnings.simplefilter("error")
        active().predictor(fn)(X)


def test_dtypes_that_models_lack_count_as_missing():
    run = active().predictor(lambda x: x)
    with pytest.warns(UserWarning, match="complex64"):
        assert run(X.astype("complex64")).dtype == "complex64"


def test_a_model_that_changes_variables_runs_with_a_warning(backend):
    storage = backend.store(np.float32(3), False, "count")

    def fn(x):
        backend.write(storage, backend.read(storage) + 1)
        return call("multiply", x, backend.read(storage))

    run = backend.predictor(fn)
    with pytest.warns(UserWarning, match="changes 1 of its variables"):
        assert np.array_equal(run(X), 4 * X)
    assert np.array_equal(run(X), 5 * X)
    assert backend.read(storage) == 5


def test_kernels_build_graphs_only_where_a_graph_tensor_is(backend):
    seen = []

    def forward(x):
        constant = add(X, X)
        seen.append((type(constant), type(x)))
        return add(x, constant)

    assert np.array_equal(backend.predictor(forward)(X), 3 * X)
    assert seen == [(np.ndarray, GraphTensor)]


JOINED = {
    "concatenate": lambda x, y: call("concatenate", [x, y], axis=1),
    "stack": lambda x, y: call("stack", [x, y], axis=0),
    "flat": lambda x, y: call("concatenate", [call("ravel", x), call("ravel", y)], axis=0),
}


@pytest.mark.parametrize("name", JOINED)
def test_a_part_of_what_is_joined_may_be_convolved(name):
    """OpenVINO reads a part that lies in the memory of the whole at the wrong time, or from a wrong place."""
    kernel = np.random.default_rng(0).normal(size=(3, 4, 4)).astype("float32")

    def fn(x):
        part = call("sin", x)
        return JOINED[name](part, call("sin", call("conv", part, kernel, padding="same")))

    assert np.allclose(_run(fn, X[:1]), fn(X[:1]), atol=1e-5)


def test_empty_arrays():
    assert _run(lambda x: call("take", x, np.zeros(0, "int32"), axis=1), X).shape == (2, 0, 4)
    assert active().predictor(double)(X[:0]).shape == (0, 3, 4)
    kernel = np.ones((3, 4, 4), "float32")
    assert call("conv", X[:0], kernel, padding="same").shape == (0, 3, 4)


@pytest.mark.parametrize("length", [None, 3, 6])
def test_fourier_transforms(length):
    half = call("rfft", X, fft_length=length)
    for got, expected in zip(_run_many(lambda x: call("rfft", x, fft_length=length), X), half, strict=True):
        assert np.allclose(got, expected, atol=1e-5)
    back = _run_many(lambda x, y: [call("irfft", (x, y), fft_length=length)], *half)[0]
    assert np.allclose(back, call("irfft", half, fft_length=length), atol=1e-5)


def test_a_shape_that_cannot_be_compiled_leaves_others_alone():
    def fn(x):
        if len(x) == 2 and isinstance(x, GraphTensor):
            raise KernelMissing("not for two")
        return double(x)

    run = active().predictor(fn)
    with pytest.warns(UserWarning, match="not for two"):
        assert np.array_equal(run(X), 2 * X)
    assert np.array_equal(run(X[:1]), 2 * X[:1])
    assert [model is None for model in run.models.values()] == [True, False]


CONTROL = {
    "cond": lambda x, p: call("cond", p, true_fn=lambda: [add(x, ONE)], false_fn=lambda: [double(x)])[0],
    "switch": lambda x, p: call(
        "switch", p, x, branches=[lambda x: [x], lambda x: [call("multiply", x, FIVE)]]
    )[0],
}


@pytest.mark.parametrize("flag", [False, True])
@pytest.mark.parametrize("name", CONTROL)
def test_control_flow_in_a_graph(name, flag):
    """Inside a graph it gives what it gives on arrays."""
    pred = np.array(int(flag), "int32") if name == "switch" else np.array(flag)
    expected = CONTROL[name](X, pred)
    assert np.allclose(_run(CONTROL[name], X, pred), expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("exp", [np.nan, np.inf, 0.0, 1.0]),
        ("maximum", [np.nan, np.inf, 1.0, 1.0]),
        ("minimum", [np.nan, 1.0, -np.inf, 0.0]),
        ("greater", [False, True, False, False]),
        ("less_equal", [False, False, True, True]),
        ("expm1", [np.nan, np.inf, -1.0, 0.0]),
        ("hard_sigmoid", [np.nan, 1.0, 0.0, 0.5]),
    ],
)
def test_what_is_no_number_stays_none(name, expected):
    x, one = np.array([np.nan, np.inf, -np.inf, 0.0], "float32"), np.ones(4, "float32")
    operands = [x] if name in ("exp", "expm1", "hard_sigmoid") else [x, one]
    result = _run(lambda *xs: call(name, *xs), *operands)
    np.testing.assert_allclose(result, expected, rtol=1e-6)


def test_what_is_no_number_is_true():
    x = np.array([[np.nan, 0.0], [np.nan, 0.5], [0.0, 0.0]], "float32")
    assert _run(lambda x: convert(x, "bool"), x).tolist() == x.astype("bool").tolist()
    assert _run(lambda x: call("any", x, axis=1), x).tolist() == [True, True, False]
    assert _run(lambda x: call("all", x, axis=1), x).tolist() == [False, True, False]
