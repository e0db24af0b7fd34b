"""Operations inside a model that the backend compiles as a whole for `predict`, where it does."""

import warnings

import numpy as np
import pytest
from keras_backends.selection import active
from keras_ops import ops, tree
from keras_ops.operations import all_operations
from keras_ops.tensor import KerasTensor
from keras_ops.testing import kit, samples_activations, samples_elementwise

OPERATIONS = all_operations()

pytestmark = pytest.mark.skipif(active().predictor is None, reason="the backend compiles no whole models")

NOT_IN_GRAPHS = {
    "gcd": "a loop whose length depends on values",
    "lcm": "needs gcd",
    "erfc": "no node, and 1 - erf has no digits left where it matters",
    "erfinv": "no node",
    "nextafter": "no node looks at bits",
    "polar": "no complex numbers",
    "view_as_complex": "no complex numbers",
    "view_as_real": "no complex numbers",
}
"""What runs operation by operation, and why."""
OF_SAMPLES = {
    "negative-2": "no arithmetic on uint8",
    "round-3": "no negative decimals of integers",
    "angle-2": "the sign of zero is lost",
}
CALLS = [
    pytest.param(name, sample, id=f"{name}-{i}")
    for name, samples in {**samples_elementwise.SAMPLES, **samples_activations.SAMPLES}.items()
    for i, sample in enumerate(samples)
    if name not in NOT_IN_GRAPHS and f"{name}-{i}" not in OF_SAMPLES
]


@pytest.mark.parametrize(("name", "sample"), CALLS)
def test_compiled_model_gives_the_same(name, sample):
    leaves = tree.flatten((sample.args, sample.kwargs))
    arrays = [x for x in leaves if isinstance(x, np.ndarray)]
    if any(x.dtype.kind == "c" for x in arrays):
        pytest.skip("no complex numbers in graphs")
    operation = OPERATIONS[name]

    def model(batch):
        values = iter(batch)
        packed = [next(values) if isinstance(x, np.ndarray) else x for x in leaves]
        args, kwargs = tree.pack_sequence_as((sample.args, sample.kwargs), packed)
        return operation.dispatcher(*args, **kwargs)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = active().predictor(model)(arrays)
    want = kit.eager(operation, sample)
    kit.assert_close(operation, got, want)
    if ops.is_tensor(want):
        assert ops.dtype(got) == ops.dtype(want)


EXPRESSIONS = {
    "arithmetic": lambda x: 1 - x / 2 + 3 * x,
    "floor": lambda x: (x // 2) + (7 % x) ** 2,
    "comparison": lambda x: (x > 3) | ~(x == 2) & (x != 1),
    "matmul": lambda x: x @ ops.transpose(x),
    "unary": lambda x: -abs(x - 3),
    "item": lambda x: x[1:, -1] + x[..., 0],
}


@pytest.mark.parametrize("dtype", ["int32", "float32", "float16"])
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_operators_inside_a_model_are_the_operations(name, dtype):
    fn = EXPRESSIONS[name]
    array = np.arange(1, 9, dtype=dtype).reshape(2, 4)
    # A KerasTensor tells the dtype: on plain arrays Python's operators are NumPy's own.
    symbolic = fn(KerasTensor(array.shape, dtype))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = active().predictor(fn)(array)
    assert ops.dtype(result) == symbolic.dtype and result.shape == symbolic.shape
    np.testing.assert_allclose(result.astype("float64"), np.asarray(fn(array)).astype("float64"), 2e-3)


def test_an_array_on_the_left_leaves_the_operator_to_the_graph():
    halves = np.ones((2, 4), "float16")
    assert active().predictor(lambda x: np.ones(4, "float32") + x)(halves).dtype == "float32"


def test_an_operation_without_a_kernel_says_so():
    with pytest.warns(UserWarning, match=r"KernelMissing: ops\.nextafter"):
        active().predictor(lambda x: ops.nextafter(x, 1.0))(np.ones(2, "float32"))
