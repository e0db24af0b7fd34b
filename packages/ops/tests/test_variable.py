"""Variables: values, assignment, scopes, dtype, errors."""

import copy
import pickle

import numpy as np
import pytest
from keras_ops import initializers, ops
from keras_ops.inference import compute_output_spec
from keras_ops.state import StatelessScope, name_scope, state
from keras_ops.tensor import KerasTensor
from keras_ops.variable import Variable


def ones(shape, dtype=None):
    return np.ones(shape, dtype)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [([1.0, 2.0], "float32"), ([1, 2], "int32"), (1.5, "float32"), (np.ones(2, "float16"), "float16")],
)
def test_dtype_of_a_value_is_kept_or_the_default_of_its_kind(value, dtype):
    assert Variable(value).dtype == dtype


def test_initializer_function_is_called_with_shape_and_dtype():
    v = Variable(ones, shape=(2, 3), dtype="float16", name="kernel")
    assert (v.shape, v.dtype, v.name, v.path) == ((2, 3), "float16", "kernel", "kernel")
    assert v.numpy().sum() == 6


def test_paths_follow_name_scopes():
    with name_scope("outer"), name_scope("inner"):
        assert Variable(1.0, name="v").path == "outer/inner/v"


def test_assignment_converts_and_checks_the_shape():
    v = Variable([1.0, 2.0])
    v.assign([3, 4])
    v.assign_add([1.0, 1.0])
    v.assign_sub(ops.ones((2,)))
    assert v.numpy().tolist() == [3.0, 4.0] and v.numpy().dtype == "float32"
    with pytest.raises(ValueError, match=r"\(2,\).*\(3,\)"):
        v.assign([1.0, 2.0, 3.0])


def test_a_value_read_before_an_assignment_does_not_change():
    v = Variable([1.0])
    before = ops.convert_to_numpy(v.value).copy()
    v.assign([2.0])
    assert before.tolist() == [1.0] and v.numpy().tolist() == [2.0]


def test_the_array_given_is_not_aliased():
    source = np.ones(2, "float32")
    v = Variable(source)
    source[0] = 5.0
    assert v.numpy().tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "first",
    [
        lambda v: v,
        copy.deepcopy,
        lambda v: pickle.loads(pickle.dumps(v)),
        lambda v: v.assign_add([0.0, 0.0]) is None or v,
        lambda v: repr(v) and v,
    ],
)
def test_a_drawn_value_is_there_whatever_comes_before_it_is_read(first):
    v = first(Variable(initializers.GlorotUniform(seed=1), shape=(2,)))
    expected = np.asarray(ops.convert_to_numpy(initializers.GlorotUniform(seed=1)((2,))))
    with StatelessScope() as scope:
        np.testing.assert_array_equal(ops.convert_to_numpy(v.value), expected)
    assert not scope.created and v.numpy().tolist() == expected.tolist()


def test_an_initializer_of_ones_own_is_called_at_once():
    calls = []

    class Halves(initializers.Zeros):
        def __call__(self, shape, dtype=None):
            calls.append(shape)
            return super().__call__(shape, dtype) + 0.5

    v = Variable(Halves(), shape=(2,))
    assert calls == [(2,)] and v.numpy().tolist() == [0.5, 0.5]


def test_an_initializer_that_fails_once_is_asked_again():
    answers = iter([None, np.ones(2, "float32")])

    def sometimes(shape, dtype=None):
        value = next(answers)
        if value is None:
            raise MemoryError("not now")
        return value

    with StatelessScope(initialize_variables=False):
        v = Variable(sometimes, shape=(2,))
    with pytest.raises(MemoryError, match="not now"):
        v.initialize()
    v.initialize()
    assert v.numpy().tolist() == [1.0, 1.0]


def test_stateless_scope_gives_values_and_keeps_updates():
    v = Variable([1.0])
    with StatelessScope(state_mapping=[(v, ops.convert_to_tensor([5.0]))]) as scope:
        v.assign(v.value + 1.0)
        assert ops.convert_to_numpy(v.value).tolist() == [6.0]
    assert ops.convert_to_numpy(scope.get_current_value(v)).tolist() == [6.0]
    assert v.numpy().tolist() == [1.0]


def test_variables_made_in_a_stateless_scope_are_initialized_after_it():
    with StatelessScope():
        v = Variable(ones, shape=(2,))
    assert v.numpy().tolist() == [1.0, 1.0]


def test_autocast_reads_floats_in_the_compute_dtype_only():
    v, w, n = Variable([1.0]), Variable([1.0], autocast=False), Variable([1])
    with state.scope(autocast="float16"):
        assert [x.dtype for x in (v, w, n)] == ["float16", "float32", "int32"]
        assert [ops.dtype(x.value) for x in (v, w, n)] == ["float16", "float32", "int32"]
    assert v.dtype == "float32"


def test_operators_compute_on_the_value():
    v = Variable([1.0, 2.0])
    assert ops.convert_to_numpy((v + 1.0) * 2.0 - v).tolist() == [3.0, 4.0]
    assert ops.convert_to_numpy(2.0 / v)[1] == 1.0
    assert ops.convert_to_numpy(v[1]) == 2.0
    assert bool(ops.all(v == v)) and len({v, v}) == 1


def test_inference_reads_variables_and_drops_assignments():
    v = Variable([1.0, 2.0])

    def f(x):
        v.assign(v + 1.0)
        return ops.matmul(x, ops.reshape(v, (2, 1)))

    assert compute_output_spec(f, KerasTensor((None, 2))).shape == (None, 1)
    assert v.numpy().tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"initializer": ones}, "shape"),
        ({"initializer": ones, "shape": (None, 2)}, "known"),
        ({"initializer": 1.0, "name": "a/b"}, "'/'"),
        ({"initializer": 1.0, "aggregation": "median"}, "aggregation"),
        ({"initializer": ones, "shape": (-1,)}, "negative"),
    ],
)
def test_bad_arguments_are_refused(arguments, match):
    with pytest.raises(ValueError, match=match):
        Variable(**arguments)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_weights_drawn_alike_are_written_to_apart(dtype):
    initializer = initializers.Orthogonal(seed=1)
    one, other = (Variable(initializer, shape=(3, 5), dtype=dtype) for _ in range(2))
    drawn = other.numpy().tolist()
    one.assign_add(np.ones((3, 5)))
    assert other.numpy().tolist() == drawn and one.dtype == dtype


def test_an_initializer_keeps_what_it_was_given():
    given = np.ones((2, 2), "float32")
    v = Variable(initializers.Constant(given), shape=(2, 2))
    v.assign_add(np.ones((2, 2)))
    assert given.tolist() == [[1.0, 1.0], [1.0, 1.0]]
