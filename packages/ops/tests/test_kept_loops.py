"""Loops called again and again: results follow whatever their functions depend on, and programs are kept."""

import builtins
import functools
import gc
import math
import random
import types
import weakref

import numpy as np
import pytest
from keras_backends import settings
from keras_backends.selection import active
from keras_ops import ops
from keras_ops.operations import kept_loops
from keras_ops.random import distributions
from keras_ops.random.seeds import SeedGenerator
from keras_ops.variable import Variable

X = np.array([1.0, 2.0, 3.0], "float32")
CALLS = kept_loops._CALLS_BEFORE + 2
keeping = pytest.mark.skipif(not active().traits.compiles_each_operation, reason="no programs are kept")

SCALE, LIST, TABLE, ARRAY = 1.0, [1.0], {"scale": 1.0}, None
MODULE = types.ModuleType("module")


class Holder:
    scale = 1.0


def helper(x):
    return x * SCALE


def factorial(number):
    return 1 if number == 0 else number * factorial(number - 1)


def _sum(function, xs=X):
    """The sum of what a function gives for each element."""
    total, _ = ops.scan(lambda carry, x: (carry + function(x), x), np.float32(0), xs)
    return float(ops.convert_to_numpy(total))


def _sum_of(function):
    """A function that sums by the same step at each call, of nothing but tensors."""
    start, xs = ops.zeros(()), ops.convert_to_tensor(X)

    def step(carry, x):
        return carry + function(x), x

    return lambda: float(ops.convert_to_numpy(ops.scan(step, start, xs)[0]))


def _settled(function, call=None):
    """The result of the first call, and of those with a program if one can be kept."""
    results = {call() if call else _sum(function) for _ in range(CALLS)}
    assert len(results) == 1
    return results.pop()


@pytest.fixture
def kept(monkeypatch):
    """How many calls were served by a program that was kept."""
    served, call = [], kept_loops._Program.call

    def counted(self, tensors):
        result = call(self, tensors)
        served.extend([1] * (self.run is not None))
        return result

    monkeypatch.setattr(kept_loops._Program, "call", counted)
    return served


KEPT, NOT_KEPT = {}, {}
"""Functions that return a function, which doubles what it gives after a change, and the change."""


def _case(cases):
    return lambda case: cases.setdefault(case.__name__, case)


@_case(KEPT)
def global_number(patch):
    return helper, lambda: patch.setitem(globals(), "SCALE", 2.0)


@_case(KEPT)
def global_array(patch):
    patch.setitem(globals(), "ARRAY", ops.ones(2))
    return lambda x: ops.max(ARRAY) * x, lambda: patch.setitem(globals(), "ARRAY", ops.ones(2) * 2)


@_case(KEPT)
def global_function(patch):
    patch.setitem(globals(), "helper", lambda x: x)
    return lambda x: helper(x), lambda: patch.setitem(globals(), "helper", lambda x: x + x)


@_case(KEPT)
def cell(patch):
    scale = 1.0

    def change():
        nonlocal scale
        scale = 2.0

    return lambda x: (lambda: x * scale)(), change


@_case(KEPT)
def cell_with_an_array(patch):
    scale = (ops.ones(()), 1)

    def change():
        nonlocal scale
        scale = (ops.ones(()) * 2, 1)

    return lambda x: x * scale[0], change


@_case(KEPT)
def default(patch):
    def function(x, scale=(1.0, "a")):
        return x * scale[0]

    return function, lambda: setattr(function, "__defaults__", ((2.0, "a"),))


@_case(KEPT)
def keyword_default(patch):
    def function(x, *, scale=1.0):
        return x * scale

    return function, lambda: function.__kwdefaults__.update(scale=2.0)


@_case(KEPT)
def code(patch):
    def function(x):
        return x

    return function, lambda: setattr(function, "__code__", (lambda x: x + x).__code__)


@_case(KEPT)
def attribute_of_a_module(patch):
    patch.setattr(MODULE, "scale", 1.0, raising=False)
    return lambda x: x * MODULE.scale, lambda: setattr(MODULE, "scale", 2.0)


@_case(KEPT)
def function_of_a_module(patch):
    patch.setattr(MODULE, "function", lambda x: x, raising=False)
    return lambda x: MODULE.function(x), lambda: setattr(MODULE, "function", lambda x: 2 * x)


@_case(KEPT)
def own_builtin(patch):
    patch.setattr(builtins, "changed", lambda x: x, raising=False)
    return lambda x: changed(x), lambda: setattr(builtins, "changed", lambda x: 2 * x)  # noqa: F821


@_case(KEPT)
def depth_of_a_recursion(patch):
    depth = 1
    function = functools.partial(lambda depth, x: x * factorial(depth()), lambda: depth)

    def change():
        nonlocal depth
        depth = 2

    return function, change


@_case(NOT_KEPT)
def array_of_a_module(patch):
    patch.setattr(MODULE, "array", ops.ones(()), raising=False)
    return lambda x: MODULE.array * x, lambda: setattr(MODULE, "array", ops.ones(()) * 2)


@_case(NOT_KEPT)
def module_as_a_value(patch):
    patch.setattr(MODULE, "scale", 1.0, raising=False)
    return lambda x: x * vars(MODULE)["scale"], lambda: setattr(MODULE, "scale", 2.0)


@_case(NOT_KEPT)
def attribute_of_a_function(patch):
    def inner():
        pass

    inner.scale = 1.0
    return lambda x: x * inner.scale, lambda: setattr(inner, "scale", 2.0)


@_case(NOT_KEPT)
def value_of_an_array(patch):
    scale = ops.ones(())

    def change():
        nonlocal scale
        scale = ops.ones(()) * 2

    return lambda x: x * float(scale), change


@_case(NOT_KEPT)
def a_list(patch):
    patch.setitem(globals(), "LIST", [1.0])
    return lambda x: x * LIST[0], lambda: LIST.__setitem__(0, 2.0)


@_case(NOT_KEPT)
def a_dictionary(patch):
    patch.setitem(globals(), "TABLE", {"scale": 1.0})
    return lambda x: x * TABLE["scale"], lambda: TABLE.update(scale=2.0)


@_case(NOT_KEPT)
def a_numpy_array(patch):
    scale = np.ones((), "float32")
    return lambda x: x * scale, lambda: scale.fill(2.0)


@_case(NOT_KEPT)
def a_variable(patch):
    scale = Variable(np.float32(1))
    return lambda x: x * scale, lambda: scale.assign(2.0)


@_case(NOT_KEPT)
def a_class(patch):
    return lambda x: x * Holder.scale, lambda: patch.setattr(Holder, "scale", 2.0)


@_case(NOT_KEPT)
def a_method(patch):
    holder = Holder()
    holder.function = types.MethodType(lambda self, x: x * self.scale, holder)
    return holder.function, lambda: setattr(holder, "scale", 2.0)


@_case(NOT_KEPT)
def a_class_that_looks_built_in(patch):
    cls = type("int", (), {"__module__": "builtins", "scale": 1.0})
    return lambda x: x * cls.scale, lambda: setattr(cls, "scale", 2.0)


@_case(NOT_KEPT)
def a_ufunc_of_ones_own(patch):
    scaled = np.frompyfunc(helper, 1, 1)
    return lambda x: x * scaled(1.0), lambda: patch.setitem(globals(), "SCALE", 2.0)


@_case(NOT_KEPT)
def an_import(patch):
    patch.setattr(math, "scale", 1.0, raising=False)

    def function(x):
        import math as imported

        return x * imported.scale

    return function, lambda: setattr(math, "scale", 2.0)


@pytest.mark.parametrize("same_step", [False, True], ids=["new_step", "same_step"])
@pytest.mark.parametrize("name", KEPT | NOT_KEPT)
def test_results_follow_what_changes(monkeypatch, kept, name, same_step):
    function, change = (KEPT | NOT_KEPT)[name](monkeypatch)
    call = _sum_of(function) if same_step else None
    assert _settled(function, call) == 6
    change()
    assert _settled(function, call) == 12
    if active().traits.compiles_each_operation:
        assert bool(kept) == (name in KEPT)


def test_results_follow_which_arrays_are_the_same():
    one, two = ops.ones(()), ops.ones(()) * 2
    pairs = ((one, one), (one, two), (two, one), (two, two))
    assert [_settled(lambda x, a=a, b=b: x * a + b) for a, b in pairs] == [9, 12, 15, 18]


SAME_ARRAYS = {
    "map": lambda array: (lambda x: x * array[1], lambda f, x: ops.map(f, x)),
    "scan": lambda array: (lambda c, x: (c + x * array[1], x), lambda f, x: ops.scan(f, x[0] * 0, x)[0]),
    "fori_loop": lambda array: (lambda i, x: x * array[1], lambda f, x: ops.fori_loop(0, 2, f, x)),
    "while_loop": lambda array: (
        lambda x: x + array[1],
        lambda f, x: ops.while_loop(lambda x: x[0] < array[2], f, (x,)),
    ),
    "default": lambda array: (lambda x, y=array: x * y[1], lambda f, x: ops.map(f, x)),
}


@pytest.mark.parametrize("name", SAME_ARRAYS)
def test_an_argument_that_the_function_closes_over_too(name):
    one, two = ops.convert_to_tensor(X), ops.convert_to_tensor(X + 1)
    function, call = SAME_ARRAYS[name](one)
    expected = _flat(call(function, two))
    for _ in range(CALLS):
        call(function, one)
    assert _flat(call(function, two)) == expected


def test_numbers_that_are_equal_are_told_apart():
    def scaled(number):
        return lambda x: (
            x * (3.0 if number is False else 2.0 if type(number) is int else math.copysign(1, number))
        )

    assert [_settled(scaled(number)) for number in (0, 0.0, -0.0, False)] == [12, 6, -6, 18]


DRAWS = {
    "random": random.random,
    "numpy": np.random.random_sample,
    "global": lambda: distributions.uniform(()),
    "own": functools.partial(distributions.uniform, (), seed=SeedGenerator(1)),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_draws_are_made_anew(draw):
    assert len({_sum(lambda x: x * draw()) for _ in range(CALLS)}) == CALLS


def test_effects_happen_at_each_call():
    count, seen = Variable(np.float32(0)), []
    for _ in range(CALLS):
        _sum(lambda x: (count.assign_add(1.0), seen.append(x), x)[2])
    assert float(count.numpy()) == 3 * CALLS and len(seen) >= CALLS


def test_settings_are_followed():
    def dtypes():
        return {active().dtype(ops.map(lambda x: ops.full((), 1.5), X)) for _ in range(CALLS)}

    assert dtypes() == {"float32"}
    settings.set_floatx("float16")
    try:
        assert dtypes() == {"float16"}
    finally:
        settings.set_floatx("float32")


LOOPS = {
    "scan": lambda f, x: ops.scan(
        lambda c, x: ({"c": c["c"] + f(x["x"])}, [x["x"], None]), {"c": 0.0}, {"x": x}
    ),
    "map": lambda f, x: ops.map(lambda pair: f(pair[0]), (x, x)),
    "vectorized_map": ops.vectorized_map,
    "associative_scan": lambda f, x: ops.associative_scan(lambda a, b: a + f(b) / 2, x, reverse=True),
    "while_loop": lambda f, x: ops.while_loop(lambda i, x: i < 2, lambda i, x: (i + 1, f(x)), (0, x)),
    "fori_loop": lambda f, x: ops.fori_loop(1, 3, lambda i, x: f(x), x),
}


@pytest.mark.parametrize("name", LOOPS)
def test_every_loop_keeps_its_structure(kept, name):
    factor, x = ops.convert_to_tensor(2.0), ops.convert_to_tensor(X)
    first, *others = [_flat(LOOPS[name](lambda x: x * factor, x)) for _ in range(CALLS)]
    assert others == [first] * (CALLS - 1)
    assert bool(kept) == active().traits.compiles_each_operation


def _flat(result):
    """The arrays of a structure as lists, and its form."""
    if isinstance(result, dict):
        return [(dict, tuple(result)), *_flat(list(result.values()))]
    if isinstance(result, (tuple, list)):
        return [type(result), *(part for item in result for part in _flat(item))]
    return [None] if result is None else [active().dtype(result), ops.convert_to_numpy(result).tolist()]


@keeping
def test_nothing_that_is_closed_over_is_kept_alive(kept):
    def call():
        array = ops.ones(3) * 2
        _settled(lambda x: x * ops.max(array))
        return weakref.ref(array)

    array = call()
    gc.collect()
    assert kept and array() is None


@keeping
def test_programs_of_other_sizes_and_operands(kept):
    def doubled(x):
        return x * 2

    assert [_settled(lambda x: doubled(x)) for _ in range(2)] == [12, 12]
    served = len(kept)
    results = {_sum(doubled, xs) for xs in (X, X.tolist() and ops.convert_to_tensor(X), Variable(X))}
    assert results == {12} and len(kept) > served
    assert _sum(doubled, X[:2]) == 6 and _sum(doubled, X.astype("float16")) == 12


@keeping
def test_calls_with_the_same_objects_need_no_key(kept, monkeypatch):
    def step(carry, x):
        return carry * math.pi + x, ops.sum(x)

    x = ops.convert_to_tensor(X)
    for _ in range(CALLS):
        first = ops.scan(step, x[0], x)
    monkeypatch.setattr(kept_loops, "FunctionKey", None)
    assert _flat(ops.scan(step, x[0], x)) == _flat(first)
    assert _flat(ops.scan(step, x[1], x[::-1])) != _flat(first)
    for other in ({"reverse": True}, {"unroll": True}, {"length": 3}):
        with pytest.raises(TypeError, match="not callable"):
            ops.scan(step, x[0], x, **other)
    with pytest.raises(TypeError, match="not callable"):
        ops.scan(step, x[0], x[:2])
    assert len(kept) == 2 + CALLS - kept_loops._CALLS_BEFORE


@keeping
def test_errors_stay_as_they_are(kept):
    for _ in range(CALLS + 1):
        with pytest.raises(ZeroDivisionError, match="division"):
            _sum(lambda x: x * (1 // 0))
        with pytest.raises(TypeError, match="multiple values"):
            ops.scan(helper, 0.0, X, f=helper)
    assert not kept


@pytest.mark.skipif(not active().traits.functional, reason="the backend's gradients do not trace")
def test_traced_values_are_followed(kept):
    backend, x = active(), ops.convert_to_tensor(X)

    def product(factor, start=1.0):
        return ops.scan(lambda carry, x: (carry * x * factor, x), start, x)[0]

    one = ops.ones(())
    for _ in range(CALLS):
        product(one, one)
    served = len(kept)
    assert served
    _, (outer,) = backend.gradients(lambda values: (product(values[0], one), None), [one * 1.0])
    _, (inner,) = backend.gradients(lambda values: (product(one, values[0]), None), [one * 1.0])
    assert (float(outer), float(inner)) == (18, 6)
    assert float(backend.compile(product)(one)) == 6 and len(kept) == served
