"""Elementwise operations: dtypes, NaN and infinity, half precision, errors, gradients at kinks.

Values, specs, gradients and nodes follow from the samples and are checked in `test_samples`.
"""

import numpy as np
import pytest
from keras_backends.selection import active
from keras_ops import ops
from keras_ops.operations import all_operations
from keras_ops.tensor import KerasTensor
from keras_ops.testing import samples_activations, samples_elementwise

OPERATIONS = all_operations()

DTYPES = ("bool", "uint8", "uint32", "int8", "int64", "float16", "bfloat16", "float64")
NAMES = [*samples_elementwise.SAMPLES, *samples_activations.SAMPLES]
UNARY = [
    name
    for name in NAMES
    if all(p.default is not p.empty for p in list(OPERATIONS[name].parameters.values())[1:])
    and len(OPERATIONS[name].tensors) == 1
]
BINARY = [name for name in NAMES if list(OPERATIONS[name].parameters) in (["x1", "x2"], ["x", "y"])]
FLOAT_ONLY = {"heaviside", "nextafter", "hypot", "arctan2", "logaddexp", "logaddexp2"}


def tensor(values, dtype="float32"):
    return ops.convert_to_tensor(np.array(values), dtype)


def numpy(x):
    return np.asarray(ops.convert_to_numpy(x))


def outcome(operation, *args):
    """The dtype of the result, or `None` where the kernel refuses the dtype."""
    backend = active()
    try:
        if backend.traits.functional:  # Compiling for every pair of dtypes would take minutes.
            specs = [(tuple(backend.shape(x)), ops.dtype(x)) for x in args]
            return backend.trace(lambda tensors: [operation(*tensors)], specs)[0][1]
        return ops.dtype(operation(*args))
    except Exception:
        return None


@pytest.mark.parametrize("name", UNARY)
def test_spec_has_the_dtype_of_the_result(name):
    operation = OPERATIONS[name].dispatcher
    taken = 0
    for dtype in DTYPES:
        x = tensor([[1, 0]], dtype)
        result = outcome(operation, x)
        if result is not None:
            taken += 1
            assert operation(KerasTensor((1, 2), ops.dtype(x))).dtype == result, dtype
    assert taken >= (1 if "complex" in name or "bitwise" in name else 3)


@pytest.mark.parametrize("name", BINARY)
def test_spec_of_two_dtypes_has_the_dtype_of_the_result(name):
    operation = OPERATIONS[name].dispatcher
    pairs = [(a, DTYPES[(i + step) % len(DTYPES)]) for i, a in enumerate(DTYPES) for step in (0, 3)]
    taken = 0
    for first, second in pairs:
        x, y = tensor([1, 1], first), tensor([1, 2], second)
        result = outcome(operation, x, y)
        if result is not None:
            taken += 1
            spec = operation(KerasTensor((2,), ops.dtype(x)), KerasTensor((2,), ops.dtype(y)))
            assert spec.dtype == result, (first, second)
    assert taken >= 3


@pytest.mark.parametrize("number", [2, 0.5])
@pytest.mark.parametrize("dtype", ["int8", "float16", "bfloat16"])
@pytest.mark.parametrize("name", ["add", "multiply", "maximum", "divide", "where"])
def test_python_numbers_are_weak(name, dtype, number):
    x = tensor([1, 2], dtype)
    args = (x > 1, x, number) if name == "where" else (x, number)
    expected = dtype if isinstance(number, int) or dtype != "int8" else "float32"
    if name == "divide" and dtype == "int8":
        expected = "float32"
    assert ops.dtype(getattr(ops, name)(*args)) == expected


@pytest.mark.parametrize("name", ["arctan2", "logaddexp", "logaddexp2"])
def test_python_numbers_count_as_floatx_where_they_are_converted_first(name):
    assert ops.dtype(getattr(ops, name)(tensor([1.0], "float16"), 2.0)) == "float32"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sign", [np.nan, 1, -1, 0]),
        ("relu", [np.nan, np.inf, 0, 0]),
        ("isfinite", [False, False, False, True]),
    ],
)
def test_special_values(name, expected):
    result = numpy(getattr(ops, name)(tensor([np.nan, np.inf, -np.inf, 0.0])))
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", ["erfinv", "i0", "nextafter", "hypot", "logaddexp", "softmax", "gelu"])
def test_half_precision_stays_and_is_close(name, dtype):
    values = np.array([0.25, -0.5, 0.75], "float32")
    args = (values, values[::-1].copy()) if name in FLOAT_ONLY else (values,)
    half = getattr(ops, name)(*(tensor(x, dtype) for x in args))
    full = getattr(ops, name)(*(tensor(x) for x in args))
    assert ops.dtype(half) == dtype
    np.testing.assert_allclose(numpy(half).astype("float32"), numpy(full), rtol=2e-2, atol=2e-2)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_nextafter_moves_by_one_unit(dtype):
    x = tensor([0.0, 1.0, -1.0, 2.0], dtype)
    up, down = numpy(ops.nextafter(x, tensor(100.0, dtype))), numpy(ops.nextafter(x, tensor(-100.0, dtype)))
    assert np.all(up.astype("float64") > numpy(x).astype("float64"))
    assert np.all(down.astype("float64") < numpy(x).astype("float64"))
    back = ops.nextafter(ops.convert_to_tensor(up), tensor(-100.0, dtype))
    np.testing.assert_array_equal(numpy(back), numpy(x))


def test_unsigned_numbers_wrap_around_and_booleans_count_as_numbers():
    np.testing.assert_array_equal(numpy(ops.negative(tensor([0, 1, 255], "uint8"))), [0, 255, 1])
    result = ops.negative(tensor([True, False], "bool"))
    assert ops.dtype(result) == "int32"
    np.testing.assert_array_equal(numpy(result), [-1, 0])


def test_comparison_is_exact_in_64_bits():
    big = tensor([2**40, 2**40 + 1], "int64")
    if ops.dtype(big) != "int64":
        pytest.skip("the backend has no 64-bit integers")
    np.testing.assert_array_equal(numpy(ops.equal(big, tensor([2**40, 2**40], "int64"))), [True, False])


def test_where_with_a_condition_alone_returns_indices():
    rows, columns = ops.where(tensor([[True, False], [False, True]], "bool"))
    np.testing.assert_array_equal(numpy(rows), [0, 1])
    np.testing.assert_array_equal(numpy(columns), [0, 1])


def test_where_needs_both_values_or_none():
    with pytest.raises(ValueError, match="both `x1` and `x2`"):
        ops.where(tensor([True]), tensor([1.0]))
    with pytest.raises(ValueError, match="symbolic"):
        ops.where(KerasTensor((None,), "bool"))


@pytest.mark.parametrize(("conditions", "choices"), [([], []), ([True], [1.0, 2.0])])
def test_select_checks_the_lists(conditions, choices):
    with pytest.raises(ValueError, match="same length, at least one"):
        ops.select([tensor(c) for c in conditions], [tensor(c) for c in choices])


def test_shapes_that_do_not_broadcast_are_explained():
    with pytest.raises(ValueError, match=r"ops.add: .*broadcast"):
        ops.add(tensor(np.ones((2, 3))), tensor(np.ones((4,))))
    with pytest.raises(ValueError, match=r"ops.hypot: .*broadcast"):
        ops.hypot(KerasTensor((2, 3)), KerasTensor((4,)))


def test_pairs_are_checked():
    assert ops.view_as_complex(KerasTensor((None, 2))).shape == (None,)
    with pytest.raises(ValueError, match=r"shape \(\.\.\., 2\)"):
        ops.view_as_complex(KerasTensor((None, 3)))
    with pytest.raises(ValueError, match="even size"):
        ops.glu(KerasTensor((None, 3)))


def test_allclose_is_a_scalar_in_graphs_too():
    spec = ops.allclose(KerasTensor((None, 3)), KerasTensor((3,)))
    assert (spec.shape, spec.dtype) == ((), "bool")


@pytest.mark.skipif(not active().traits.trainable, reason="the backend takes no gradients")
@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("relu", (), [0.0, 0.0, 1.0]),
        ("divide_no_nan", (0.0,), [0.0, 0.0, 0.0]),
        ("sinc", (), None),
        ("elu", (), None),
        ("celu", (), None),
        ("silu", (), None),
        ("softplus", (), None),
    ],
)
def test_gradients_are_finite_everywhere(name, args, expected):
    backend = active()
    x = backend.store(tensor([-200.0, 0.0, 200.0]), True, "x")
    operation = getattr(ops, name)

    def loss(values):
        return ops.sum(operation(backend.read(values[0]), *args)), None

    _, (gradient,) = backend.gradients(loss, [x])
    gradient = np.zeros(3) if gradient is None else numpy(gradient)
    assert np.all(np.isfinite(gradient))
    if expected is not None:
        np.testing.assert_array_equal(gradient, expected)


@pytest.mark.parametrize(
    ("dtype", "number"),
    [
        *((dtype, x) for dtype in ("float16", "bfloat16", "float32") for x in (2, 3.0, 1e6, float("inf"))),
        ("int32", 2),
    ],
)
def test_numbers_as_limits_and_exponents_do_what_tensors_of_them_do(dtype, number):
    """Also where the number is beyond the dtype, and on the second call, which may take another way."""
    x = ops.convert_to_tensor([1, 2, -3], dtype)
    tensor = ops.convert_to_tensor(number, dtype)
    for _ in range(2):
        for result, expected in (
            (ops.clip(x, -number, number), ops.clip(x, -tensor, tensor)),
            (ops.clip(x, 0, number), ops.clip(x, ops.zeros((), dtype), tensor)),
            (ops.power(x, number), ops.power(x, tensor)),
        ):
            assert ops.dtype(result) == dtype
            np.testing.assert_allclose(
                np.array(ops.cast(result, "float32")), np.array(ops.cast(expected, "float32")), rtol=1e-6
            )


@pytest.mark.parametrize("call", [ops.less, ops.maximum, ops.add, lambda x, n: ops.clip(x, 0, n)])
@pytest.mark.parametrize(("dtype", "number"), [("uint8", 300), ("uint8", -1), ("int16", 70000)])
def test_integers_that_the_dtype_does_not_hold_are_refused(call, dtype, number):
    """Some frameworks would compute with another number."""
    with pytest.raises(ValueError, match=f"ops.*: expected numbers that {dtype} holds.*received {number}"):
        call(ops.ones((2,), dtype), number)


@pytest.mark.skipif(not active().traits.trainable, reason="no gradients")
@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: ops.logaddexp(x, ops.zeros_like(x)), 0.5),
        (lambda x: ops.logaddexp2(ops.zeros_like(x), x), 0.5),
        (ops.celu, 1.0),
    ],
    ids=["logaddexp", "logaddexp2", "celu"],
)
def test_smooth_functions_have_one_gradient_where_their_pieces_meet(function, expected):
    x = active().store(ops.zeros((2,)), True, "x")
    _, (gradient,) = active().gradients(
        lambda values: (ops.sum(function(active().read(values[0]))), None), [x]
    )
    np.testing.assert_allclose(ops.convert_to_numpy(gradient), [expected] * 2, rtol=1e-6)
