"""What every operation does, whatever it computes: dispatch, dtypes, specs, recording, errors."""

import numpy as np
import pytest
from keras_backends.selection import active
from keras_ops import ops
from keras_ops.function import Function
from keras_ops.op import op
from keras_ops.operations import all_operations
from keras_ops.refusals import SpecError
from keras_ops.rules import broadcast, promote, reduce, same
from keras_ops.state import state
from keras_ops.tensor import KerasTensor, Tensor
from keras_ops.variable import Variable

OPERATIONS = all_operations()

BACKEND = active()


def array(*shape, dtype="float32"):
    return np.ones(shape, dtype)


@pytest.mark.parametrize(
    ("x1", "x2", "expected"),
    [
        (array(2), array(2), "float32"),
        (array(2), 1, "float32"),
        (array(2), 1.5, "float32"),
        (array(2, dtype="int32"), 1, "int32"),
        (array(2, dtype="int32"), 1.5, "float32"),
        (array(2, dtype="int8"), array(2), "float32"),
        ([1, 2], [3, 4], "int32"),
        ([1.0, 2.0], 1, "float32"),
        (True, array(2), "float32"),
    ],
)
def test_result_dtype_follows_the_rule_eagerly_and_symbolically(x1, x2, expected):
    assert ops.dtype(ops.add(x1, x2)) == expected
    symbolic = KerasTensor(np.shape(x1), np.asarray(x1).dtype) if isinstance(x1, np.ndarray) else x1
    other = KerasTensor((2,), np.asarray(x2).dtype) if isinstance(x2, np.ndarray) else x2
    if isinstance(symbolic, KerasTensor) or isinstance(other, KerasTensor):
        assert ops.add(symbolic, other).dtype == expected


def test_negative_zero_is_not_taken_for_zero_when_scalars_are_kept():
    zeros = ops.convert_to_tensor(array(1) * 0)
    first = ops.convert_to_numpy(ops.multiply(ops.add(zeros, 1.0), 0.0))
    second = ops.convert_to_numpy(ops.multiply(ops.add(zeros, 1.0), -0.0))
    assert not np.signbit(first[0]) and np.signbit(second[0])


def test_variables_are_read_and_lists_of_axes_accepted():
    v = Variable(array(2, 3))
    assert ops.convert_to_numpy(ops.sum(v, axis=[0, 1])) == 6.0


def test_foreign_errors_are_explained_by_the_rule():
    with pytest.raises(SpecError, match=r"ops\.add.*\(2, 3\).*\(2, 4\)"):
        ops.add(ops.ones((2, 3)), ops.ones((2, 4)))
    with pytest.raises(ValueError, match=r"ops\.sum.*axis=5"):
        ops.sum(ops.ones((2, 3)), axis=5)


def test_symbolic_call_records_one_node_with_its_attributes():
    x = KerasTensor((None, 3))
    y = ops.sum(x, axis=-1, keepdims=True)
    operation, node_index, tensor_index = y._keras_history
    assert (y.shape, y.dtype) == ((None, 1), "float32")
    assert (node_index, tensor_index) == (0, 0)
    assert type(operation).__name__ == "Sum" and type(operation).__module__ == "keras.src.ops.numpy"
    assert operation.get_config() == {"name": operation.name, "axis": -1, "keepdims": True}
    assert operation._inbound_nodes[0].args == (x,)


def test_a_composite_records_one_node_and_its_spec_comes_from_its_body():
    x = KerasTensor((None, 3), "bfloat16")
    y = ops.logsumexp(x, axis=1)
    assert (y.shape, y.dtype) == ((None,), "bfloat16")
    assert y._keras_history.operation._inbound_nodes[0].input_tensors == [x]


def test_quiet_scope_infers_and_records_nothing():
    x = KerasTensor((None, 3))
    with state.scope(quiet=True):
        y = ops.add(x, 1.0)
    assert y.shape == (None, 3) and not hasattr(y, "_keras_history")


def test_a_declaration_without_rule_or_body_is_refused():
    with pytest.raises(TypeError, match="no body"):

        @op(shape=same)
        def incomplete_operation(x: Tensor) -> Tensor:
            """Has no dtype rule."""


def test_an_operation_without_kernel_and_body_says_so():
    @op(shape=same, dtype=promote)
    def kernelless_operation(x: Tensor) -> Tensor:
        """Nobody implements this."""

    try:
        with pytest.raises(NotImplementedError, match=f"kernelless_operation.*{BACKEND.name}"):
            kernelless_operation(ops.ones((2,)))
    finally:
        del OPERATIONS["kernelless_operation"]


def test_operations_have_the_signature_and_documentation_of_their_declaration():
    assert ops.sum.__name__ == "sum" and ops.sum.__doc__
    assert ops.sum.__defaults__ == (None, False)
    with pytest.raises(TypeError, match="axes"):
        ops.sum(ops.ones((2,)), axes=0)


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        (((2, 3), (3,)), (2, 3)),
        (((None, 3), (4, 1)), (4, 3)),
        (((None, 3), (1, 3)), (None, 3)),
        (((), (2,)), (2,)),
        (((None,), (None,)), (None,)),
    ],
)
def test_broadcast_rule(shapes, expected):
    assert broadcast(*shapes) == expected


def test_reduce_rule_checks_axes():
    assert reduce((None, 3, 4), axis=(0, -1)) == (3,)
    with pytest.raises(ValueError, match="distinct"):
        reduce((2, 3), axis=(0, -2))


def test_operation_objects_run_on_tensors_and_survive_their_config():
    operation = OPERATIONS["sum"].operation_class(axis=1)
    again = type(operation).from_config(operation.get_config())
    assert again.axis == 1 and not again.keepdims
    assert ops.convert_to_numpy(again(array(2, 3))).tolist() == [3.0, 3.0]


def test_a_graph_of_operations_runs_like_the_eager_calls():
    x = KerasTensor((None, 3))
    f = Function(x, {"sum": ops.sum(ops.multiply(x, 2.0), axis=1), "max": ops.max(x)})
    result = f(array(2, 3))
    assert ops.convert_to_numpy(result["sum"]).tolist() == [6.0, 6.0]
    assert float(ops.convert_to_numpy(result["max"])) == 1.0


def test_a_kept_number_goes_with_tensors_made_under_another_device_or_mode():
    backend = active()
    x = ops.ones((2,))
    with backend.device("cpu"), backend.inference():
        first = ops.multiply(x, 3.75)
    assert ops.convert_to_numpy(ops.multiply(x, 3.75)).tolist() == ops.convert_to_numpy(first).tolist()
    if backend.traits.trainable:
        storage = backend.store(x, True, "x")
        (_, _), (gradient,) = backend.gradients(
            lambda values: (ops.sum(ops.multiply(backend.read(values[0]), 3.75)), None), [storage]
        )
        assert ops.convert_to_numpy(gradient).tolist() == [3.75, 3.75]


def test_a_body_that_returns_a_constant_is_a_body():
    @op()
    def constant_operation(x: Tensor) -> Tensor:
        """Seven."""
        return 7

    try:
        assert constant_operation(ops.ones((2,))) == 7
    finally:
        del OPERATIONS["constant_operation"]


@pytest.mark.parametrize("kind", [list, tuple])
@pytest.mark.parametrize("dtypes", [("float32", "float32"), ("int32", "float16", "int32"), ("bool",)])
def test_lists_of_tensors_are_promoted_together(kind, dtypes):
    """Those of one dtype take the fast path, all others the slow one."""
    xs = kind(ops.convert_to_tensor(np.ones(2), dtype) for dtype in dtypes)
    joined = ops.concatenate(xs)
    assert ops.shape(joined) == (2 * len(dtypes),)
    assert ops.dtype(joined) == ("float16" if "float16" in dtypes else dtypes[0])
    with pytest.raises(ValueError, match="concatenate"):
        ops.concatenate([*xs, ops.convert_to_tensor(np.ones((2, 2)), dtypes[0])])


@pytest.mark.parametrize("dtype", ["int8", "int32", "float16", "float32", "bool"])
@pytest.mark.parametrize("name", ["add", "divide", "maximum", "power", "greater", "clip"])
def test_repeated_calls_with_numbers_agree(name, dtype):
    """The second call with a number may take a shorter way."""
    operation = getattr(ops, name)
    x = ops.convert_to_tensor([[1, 0], [1, 1]], dtype)
    for numbers in ([2], [2.0], [0.5], [-0.0], [0.0]):
        numbers = [*numbers, 3] if name == "clip" else numbers
        first, again = (operation(x, *numbers) for _ in range(2))
        dense = operation(x, *(ops.convert_to_tensor(n, ops.dtype(first)) for n in numbers))
        assert ops.dtype(first) == ops.dtype(again) == ops.dtype(dense)
        np.testing.assert_array_equal(ops.convert_to_numpy(first), ops.convert_to_numpy(again))


@np.errstate(divide="ignore")
def test_a_zero_keeps_its_sign_from_call_to_call():
    zeros = [ops.divide(ops.ones((2,)), zero) for zero in (0.0, -0.0, 0.0)]
    assert [float(z[0]) for z in zeros] == [np.inf, -np.inf, np.inf]


def test_positions_count_from_either_end():
    x = ops.reshape(ops.arange(12.0), (2, 2, 3))
    for dtype in ("int8", "int32", "int64"):
        for axis, positions in ((0, [[0, 1], [-1, -2]]), (1, [1, 0]), (2, [-3, 2]), (None, [[11, -12]])):
            taken = ops.take(x, ops.convert_to_tensor(positions, dtype), axis=axis)
            expected = np.take(ops.convert_to_numpy(x), positions, axis=axis)
            np.testing.assert_array_equal(ops.convert_to_numpy(taken), expected)
    x = ops.convert_to_tensor([2.0, np.nan, -1.0, np.inf])
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.sort(x)), [-1.0, 2.0, np.inf, np.nan])


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: ops.tile(ops.ones((2, 3)), -1), "ops.tile"),
        (lambda: ops.segment_sum(ops.ones((2, 3)), ops.ones((3,), dtype="int32")), "ops.segment_sum"),
        (lambda: ops.arange(0, 10, 0), "ops.arange"),
        (lambda: ops.stack([]), "ops.stack"),
        (lambda: ops.add(ops.ones((2,)), None), "ops.add"),
        (lambda: ops.exp("a"), "ops.exp"),
        (lambda: ops.sum(ops.ones((2, 3)), axis="a"), "ops.sum"),
        (lambda: ops.pad(ops.ones((2,)), 1, mode="foo"), "ops.pad"),
        (lambda: ops.top_k(ops.ones((2, 3)), 4), "ops.top_k"),
        (lambda: ops.searchsorted(ops.ones((2, 3)), ops.ones((2, 3))), "ops.searchsorted"),
        (lambda: ops.max_pool(ops.ones((2, 3)), 2), "ops.max_pool"),
    ],
)
def test_what_a_kernel_would_refuse_or_let_pass_is_an_error_that_names_the_operation(call, name):
    with pytest.raises(ValueError, match=rf"^{name}: "):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda fails, other: ops.map(lambda x: fails(), ops.ones((2,))),
        lambda fails, other: ops.cond(False, other, fails),
        lambda fails, other: ops.switch(0, [fails, other]),
        lambda fails, other: ops.scan(lambda carry, x: fails(), 0.0, ops.ones((2,))),
        lambda fails, other: ops.fori_loop(0, 2, lambda i, x: fails(), 0.0),
    ],
)
def test_errors_of_functions_among_the_arguments_come_through_and_none_is_called_again(call):
    calls = []

    def fails():
        calls.append("fails")
        raise KeyError("the user's own")

    with pytest.raises(KeyError, match="the user's own"):
        call(fails, lambda: calls.append("other"))
    assert calls == ["fails"]


@pytest.mark.parametrize("traced", [False, True])
def test_lists_of_tensors_and_numbers_are_operands(traced):
    def total(x):
        return ops.sum([ops.sum(x), 1.0, ops.cast(x[0], "int32")])

    x = ops.ones((2,))
    if traced and not active().traits.compiles:
        pytest.skip("compiles nothing")
    result = active().compile(total)(x) if traced else total(x)
    assert float(result) == 4.0 and active().dtype(result) == "float32"
