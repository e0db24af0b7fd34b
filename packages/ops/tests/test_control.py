"""Branches, loops and scans on structures, in compiled functions, and their gradients."""

from contextlib import nullcontext

import numpy as np
import pytest
from keras_backends.selection import active
from keras_ops import ops
from keras_ops.random.seeds import SeedGenerator
from keras_ops.state import StatelessScope
from keras_ops.tensor import KerasTensor
from keras_ops.variable import Variable

X = np.array([0.5, -1.0, 2.0], "float32")
compiles = pytest.mark.skipif(not active().traits.compiles, reason="the backend compiles nothing")
trainable = pytest.mark.skipif(not active().traits.trainable, reason="the backend takes no gradients")


def _array(x):
    return ops.convert_to_numpy(x)


def _gradient(function, value):
    backend = active()
    storage = backend.store(ops.convert_to_tensor(value), True, "x")
    _, (gradient,) = backend.gradients(lambda values: (function(backend.read(values[0])), None), [storage])
    return _array(gradient)


def _compiled(function, *args):
    return active().compile(function, jit=False)(*map(ops.convert_to_tensor, args))


def test_branches_keep_structures():
    for pred in (True, np.array(True)):
        result = ops.cond(pred, lambda: {"a": ops.ones(2), "b": None}, lambda: {"a": ops.zeros(2), "b": None})
        assert _array(result["a"]).tolist() == [1, 1] and result["b"] is None
    chosen = ops.switch(5, [lambda t: t[0], lambda t: t[0] + t[1]], (ops.ones(2), ops.ones(2)))
    assert _array(chosen).tolist() == [2, 2]


def test_branches_that_differ_are_refused():
    with pytest.raises(ValueError, match="same shapes and dtypes"):
        ops.cond(KerasTensor((), "bool"), lambda: ops.ones(2), lambda: ops.ones((2, 2)))


def test_loops_keep_structures_and_dtypes():
    total, state = ops.while_loop(
        lambda i, state: i < 4,
        lambda i, state: [i + 1, {"x": state["x"] * 2.0, "n": None}],
        [0, {"x": ops.ones(2), "n": None}],
    )
    assert int(_array(total)) == 4 and _array(state["x"]).tolist() == [16, 16]
    assert _array(ops.while_loop(lambda x: x < 10, lambda x: x * 3, 1)) == 27
    assert _array(ops.fori_loop(1, 4, lambda i, t: (t[0] + ops.cast(i, "float32"),), (0.0,))[0]) == 6


def test_the_spec_of_a_loop_is_that_of_its_variables():
    i, x = ops.while_loop(
        lambda i, x: i < 3, lambda i, x: (i + 1, x * 2.0), (KerasTensor((), "int32"), KerasTensor((None, 2)))
    )
    assert (i.shape, i.dtype) == ((), "int32") and (x.shape, x.dtype) == ((None, 2), "float32")


def test_a_body_that_loses_a_variable_is_refused():
    with pytest.raises(ValueError, match="loop variable"):
        ops.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1,), (0, 1.0))
    with pytest.raises(
        ValueError, match=r"ops\.fori_loop: .*1 tensors, one for each loop variable, received 2"
    ):
        ops.fori_loop(0, 3, lambda i, x: (x, x), ops.ones((2,)))


def test_scan_keeps_structures():
    carry, ys = ops.scan(
        lambda carry, x: ({"s": carry["s"] + x[0]}, (x[0] * x[1], None)), {"s": 0.0}, (X, X), reverse=True
    )
    assert np.isclose(_array(carry["s"]), 1.5)
    assert np.allclose(_array(ys[0]), X * X) and ys[1] is None


@pytest.mark.parametrize(
    "arguments", [{"xs": None}, {"xs": X, "length": 2}, {"xs": (X, X[:2])}, {"xs": X, "unroll": 0}]
)
def test_scans_that_do_not_fit_are_refused(arguments):
    with pytest.raises(ValueError, match="scan"):
        ops.scan(lambda carry, x: (carry, carry), 0.0, **arguments)


@pytest.mark.parametrize(
    "form",
    [lambda a, b: (a, b), lambda a, b: [a, b], lambda a, b: {"b": b, "a": a}, lambda a, b: (a, [b, None])],
)
def test_loops_keep_every_form_and_its_dtypes(form):
    """Forms that are read quickly, and one that is not; new values may be numbers, or of another dtype."""

    def parts(loop):
        a, b = (loop["a"], loop["b"]) if isinstance(loop, dict) else loop
        return a, b[0] if isinstance(b, list) else b

    def step(carry, x):
        a, b = parts(carry)
        return form(a + x, 7), form(a, b)

    carry, ys = ops.scan(step, form(0.0, 1), X, reverse=True)
    (a, b), (before, numbers) = parts(carry), parts(ys)
    assert type(carry) is type(ys) is type(form(0, 1))
    assert np.isclose(_array(a), 1.5) and int(_array(b)) == 7
    assert np.allclose(_array(before), [1.0, 2.0, 0.0]) and _array(numbers).tolist() == [7, 7, 1]
    assert [active().dtype(x) for x in (a, b, before, numbers)] == ["float32", "int32"] * 2


def test_loops_over_nothing_give_empty_tensors():
    carry, ys = ops.scan(lambda c, x: (c + x, {"y": x > c}), 1.5, np.zeros((0, 2), "float32")[:, 0])
    assert _array(carry) == 1.5 and _array(ys["y"]).shape == (0,) and _array(ys["y"]).dtype == bool
    assert _array(ops.map(lambda x: (x, x), np.zeros((0, 3), "int32"))[1]).shape == (0, 3)
    assert _array(ops.fori_loop(3, 3, lambda i, x: x * 2, 5)) == 5


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8", "bool", None])
def test_a_loop_runs_between_integers(dtype):
    one = ops.convert_to_tensor(np.array(1, dtype)) if dtype else np.int64(1)
    for lower, upper, calls in [(0, one, 1), (one, one, 0), (one, 4, 3)]:
        assert _array(ops.fori_loop(lower, upper, lambda i, x: x + 1, 0)) == calls


@pytest.mark.parametrize("bound", [2.5, np.float32(2.0), np.array(3.0, "float32")])
def test_a_loop_between_fractions_is_refused(bound):
    bound = ops.convert_to_tensor(bound) if isinstance(bound, np.ndarray) else bound
    for name, bounds in (("lower", (bound, 4)), ("upper", (0, bound))):
        with pytest.raises(
            ValueError, match=rf"ops\.fori_loop: expected `{name}` to be an integer, received"
        ):
            ops.fori_loop(*bounds, lambda i, x: x + 1, 0)


@pytest.mark.parametrize(
    ("length", "reverse", "unroll"), [(None, False, 1), (None, True, 1), (0, False, 1), (0, False, True)]
)
@compiles
def test_compiled_loops_over_nothing_give_empty_tensors(length, reverse, unroll):
    def function(x):
        scan = ops.scan(lambda c, v: (c + v, v > c), 1.5, x[:, 0], length, reverse, unroll)
        return *scan, ops.map(lambda row: row * 2, x)

    carry, ys, rows = map(_array, _compiled(function, np.zeros((0, 3), "float32")))
    assert carry == 1.5 and ys.shape == (0,) and ys.dtype == bool and rows.shape == (0, 3)


def test_a_carry_of_another_size_is_refused():
    with pytest.raises(ValueError):
        ops.scan(lambda carry, x: ((carry[0], x, x), x), (0.0, 1.0), X)


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7])
@pytest.mark.parametrize("reverse", [False, True])
def test_associative_scan_of_every_size(size, reverse):
    x = np.arange(1, 2 * size + 1, dtype="float32").reshape(2, size)
    got = _array(ops.associative_scan(lambda a, b: a + b, x, reverse=reverse, axis=-1))
    want = np.cumsum(x[:, ::-1], 1)[:, ::-1] if reverse else np.cumsum(x, 1)
    assert np.allclose(got, want)


def test_vectorize_broadcasts_what_is_outside_the_signature():
    inner = ops.vectorize(lambda a, b: ops.sum(a * b), signature="(n),(n)->()")
    a, b = np.ones((4, 1, 3), "float32"), np.arange(6, dtype="float32").reshape(2, 3)
    assert np.allclose(_array(inner(a, b)), np.broadcast_to(b.sum(-1), (4, 2)))
    power = ops.vectorize(lambda x, n: x**n, excluded={1})
    assert np.allclose(_array(power(X, 2)), X**2)
    with pytest.raises(ValueError, match="signature"):
        inner(a)


@compiles
def test_control_flow_on_traced_values():
    def branch(x):
        return ops.cond(ops.sum(x) > 1.0, lambda: x * 2.0, lambda: -x)

    assert np.allclose(_array(_compiled(branch, X)), X * 2)
    assert np.allclose(_array(_compiled(branch, -X)), X)

    def choose(i, x):
        return ops.switch(i, [lambda x: x, lambda x: x + 1.0], x)

    assert np.allclose(_array(_compiled(choose, np.array(1, "int32"), X)), X + 1)

    def doubled(x):
        return ops.while_loop(lambda x: ops.max(x) < 100.0, lambda x: x * 2.0, x)

    assert np.allclose(_array(_compiled(doubled, X)), X * 64)

    def running(x):
        return ops.scan(lambda carry, x: (carry + x, carry * x), 1.0, x, reverse=True)

    carry, ys = _compiled(running, X)
    assert np.isclose(_array(carry), 2.5) and np.allclose(_array(ys), [1.0, -3.0, 2.0])


@compiles
@pytest.mark.parametrize("reverse", [False, True])
def test_a_compiled_scan_may_be_unrolled(reverse):
    def function(x):
        return ops.scan(lambda carry, v: (carry + v, carry), 1.0, x, reverse=reverse, unroll=True)

    carry, ys = _compiled(function, X)
    assert _array(carry) == 2.5 and np.allclose(_array(ys), [2.0, 3.0, 1.0] if reverse else [1.0, 1.5, 0.5])


@compiles
def test_a_compiled_loop_over_numbers():
    def function(x):
        return ops.fori_loop(1, 4, lambda i, total: total + ops.cast(i, "float32"), x)

    assert np.allclose(_array(_compiled(function, X)), X + 6)


@trainable
def test_gradients_flow_through_control_flow():
    assert np.allclose(_gradient(lambda x: ops.sum(ops.cond(True, lambda: x * x, lambda: x)), X), 2 * X)
    assert np.allclose(_gradient(lambda x: ops.sum(ops.map(lambda v: v * v, x)), X), 2 * X)
    assert np.allclose(_gradient(lambda x: ops.sum(ops.vectorized_map(lambda v: v * v, x)), X), 2 * X)

    def product(x):
        return ops.scan(lambda carry, v: (carry * v, carry), 1.0, x)[0]

    assert np.allclose(_gradient(product, X), [-2.0, 1.0, -0.5])


@trainable
def test_custom_gradient_is_used():
    @ops.custom_gradient
    def clipped(x, y):
        def gradient(*args, upstream=None):
            if upstream is None:
                (upstream,) = args
            return ops.clip(upstream, -1.0, 1.0), ops.zeros_like(upstream)

        return x * y, gradient

    assert np.allclose(_gradient(lambda x: ops.sum(clipped(x, x) * 5.0), X), np.ones(3))
    assert np.allclose(_array(clipped(X, X)), X * X)


@trainable
def test_maximum_gives_its_gradient_to_the_first_of_equal_values():
    def loss(x):
        return ops.sum(ops.max_pool(x, 2, data_format="channels_last"))

    assert _gradient(loss, np.zeros((1, 4, 1), "float32")).ravel().tolist() == [1, 0, 1, 0]


def test_variables_are_carried_through_traced_control_flow():
    count = Variable(np.float32(0))
    seeds = SeedGenerator(1)

    def step(carry, x):
        count.assign_add(1.0)
        return carry + x, ops.cast(seeds.next()[1], "float32") + count.value

    _, ys = ops.scan(step, 0.0, X)
    assert float(count.numpy()) == 3 and _array(ys).tolist() == [1, 3, 5]
    assert int(seeds.state.numpy()[1]) == 3
    ops.while_loop(lambda i: count.value < 5, lambda i: (count.assign_add(1.0), i + 1)[1], 0)
    assert float(count.numpy()) == 5
    ops.fori_loop(0, 2, lambda i, x: (count.assign_add(1.0), x)[1], 0.0)
    assert _array(ops.map(lambda x: count.assign_add(1.0) * x, X)).tolist() == [4, -9, 20]
    assert float(count.numpy()) == 10


@pytest.mark.skipif(not active().traits.functional, reason="functions run as they are written")
def test_nested_loops_are_not_traced_again_and_again():
    count, calls = Variable(np.float32(0)), []

    def nested(depth):
        def step(carry, x):
            calls.append(depth)
            count.assign_add(1.0)
            return (nested(depth - 1)(carry, x)[0] if depth else carry + x), x

        def loop(carry, x):
            return ops.scan(step, carry, ops.ones(2))

        return loop

    total, _ = nested(2)(0.0, None)
    assert (float(total), float(count.numpy())) == (8, 14)
    # One level more is one attempt more.
    assert [calls.count(depth) for depth in (2, 1, 0)] == [2, 3, 4]


@compiles
def test_variables_are_carried_through_compiled_branches():
    count = Variable(np.float32(0))

    def function(x):
        with StatelessScope() if active().traits.functional else nullcontext():
            ops.cond(x > 0, lambda: count.assign_add(x), lambda: count.assign(-1.0 * x))
            ops.switch(ops.cast(x, "int32"), [lambda: count.assign_add(10.0), lambda: count.assign_add(20.0)])
            return count.value * 1.0

    assert float(_array(_compiled(function, np.float32(1)))) == 21
    assert active().traits.functional or float(count.numpy()) == 21


@pytest.mark.skipif(not active().traits.functional, reason="assignments take place as they are written")
@pytest.mark.parametrize(
    "run", [ops.vectorized_map, lambda f, x: ops.custom_gradient(lambda y: (f(y), f))(x)]
)
def test_assignments_without_meaning_are_refused(run):
    count = Variable(np.float32(0), name="count")

    def function(x):
        count.assign_add(1.0)
        return x * 2

    with pytest.raises(ValueError, match=r"'count'.*ops\.map"):
        run(function, ops.convert_to_tensor(X))
    assert float(count.numpy()) == 0


def test_a_nested_scope_sees_the_values_of_the_outer_one():
    value = Variable(np.float32(1))
    with StatelessScope([(value, ops.convert_to_tensor(np.float32(2)))]), StatelessScope():
        assert float(_array(value.value)) == 2
