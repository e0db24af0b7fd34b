"""Dtype rules: what each choice means, and whose facts and settings they go by.

Result dtypes of single operations are checked in the families' own tests and in the recorded contract.
"""

import numpy as np
import pytest
from keras_backends import settings
from keras_backends.contract import DTYPE_RULES, Backend, Traits
from keras_backends.selection import active
from keras_ops import ops, rules
from keras_ops.op import op
from keras_ops.operations import all_operations
from keras_ops.rules import DtypeRule, Promotion
from keras_ops.state import backend_scope
from keras_ops.tensor import KerasTensor, Tensor

OPERATIONS = all_operations()

WIDE = [name for name in ("float64", "int64") if active().canonical_dtype(name) == name]


@pytest.fixture
def floatx():
    """A function that sets the default float type for the time of a test."""
    before = settings.floatx()
    yield settings.set_floatx
    settings.set_floatx(before)


def backend(name, precision="narrow", keeps_width=False, canonical=lambda name: name):
    """A backend that has nothing but the facts that promotion asks for."""
    return Backend(
        name=name,
        traits=Traits(keeps_width=keeps_width),
        kernels={},
        tensors=frozenset(),
        native_dtypes={},
        is_tensor=lambda x: False,
        tensor=lambda value, dtype=None: value,
        numpy=lambda x: x,
        cast=lambda x, dtype: x,
        dtype=lambda x: "float32",
        shape=lambda x: (),
        canonical_dtype=canonical,
        precision=lambda: precision,
    )


NARROW = backend("narrow", canonical=lambda name: {"uint32": "int64"}.get(name, name))
MIXED = backend("mixed", "mixed")
NATIVE = backend("native", keeps_width=True)
WIDE_BACKEND = backend("wide", "wide")
SHORT = backend("short", canonical=lambda name: {"int64": "int32", "float64": "float32"}.get(name, name))


@pytest.mark.parametrize(
    ("rule", "dtypes", "on", "expected"),
    [
        ("promote", ["int64", "int64"], NARROW, ("int32", "int32")),
        ("promote", ["int64", "int64"], MIXED, ("int64", "int64")),
        ("promote", ["int8", "float"], NARROW, ("float32", "float32")),
        ("promote", ["float16", "float"], NARROW, ("float16", "float16")),
        ("exact", ["int64", "int8"], NARROW, ("int64", "int64")),
        ("exact", ["int64", "int8"], SHORT, ("int32", "int32")),
        ("exact", ["int", "float"], NARROW, ("float32", "float32")),
        ("native", ["float64", "int8"], NARROW, ("float32", "float32")),
        ("native", ["float64", "int8"], NATIVE, ("float64", "float64")),
        ("to_float", ["int64"], NARROW, ("float32", "float32")),
        ("to_float", ["bfloat16", "int8"], NARROW, ("bfloat16", "bfloat16")),
        ("native_float", ["float64"], NATIVE, ("float64", "float64")),
        ("exact_number", ["bool"], NARROW, ("int32", "int32")),
        ("accumulate", ["uint8"], MIXED, ("uint32", "uint32")),
        ("accumulate", ["uint8"], NARROW, ("int32", "int32")),
        ("boolean", ["int8", "uint8"], NARROW, ("int16", "bool")),
        ("index", ["float16"], NARROW, ("float16", "int32")),
        ("magnitude", ["complex64"], NARROW, ("complex64", "float32")),
        ("same_dtype", ["int64", "float32"], NARROW, ("int64", "int64")),
        ("to_float", ["int32"], WIDE_BACKEND, ("float32", "float32")),
        ("wide_float", ["int64"], WIDE_BACKEND, ("float64", "float64")),
        ("accumulate", ["uint8"], WIDE_BACKEND, ("uint64", "uint64")),
        ("accumulate", ["bool"], WIDE_BACKEND, ("int64", "int64")),
    ],
)
def test_choices(rule, dtypes, on, expected):
    assert getattr(rules, rule).resolve(dtypes, {}, on) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (rules.given_dtype, (None, "int8")),
        (rules.accumulate_as_asked, ("int8", "int8")),
        (DtypeRule(Promotion.exact, asked="result"), ("int64", "int8")),
        (rules.promote, ("int32", "int32")),
    ],
)
def test_what_the_attribute_decides(rule, expected):
    assert rule.resolve(["int64"], {"dtype": "int8"}, NARROW) == expected


def test_answers_follow_the_default_float_type(floatx):
    floatx("float64")
    assert rules.promote.resolve(["int64"], {}, NARROW)[0] == "int64"
    assert rules.given_dtype.resolve([], {"dtype": None}, NARROW)[1] == "float64"
    floatx("float16")
    assert rules.promote.resolve(["int64"], {}, NARROW)[0] == "int32"
    assert rules.to_float.resolve(["int8"], {}, NARROW)[0] == "float16"


def test_rules_go_by_the_backend_of_the_scope():
    x = KerasTensor((2,), "int64")
    for on, expected in ((NARROW, "int32"), (MIXED, "int64"), (NATIVE, "int64")):
        with backend_scope(on):
            assert ops.add(x, x).dtype == expected
            assert rules.promotion().backend is on


@pytest.fixture
def as_it_is():
    """Declares an operation that returns its tensor, whatever the dtype."""

    @op(shape=rules.same, dtype=rules.promote)
    def returned_as_it_is(x: Tensor) -> Tensor:
        return x

    yield lambda x: returned_as_it_is(x)
    del OPERATIONS["returned_as_it_is"]


@pytest.mark.parametrize("declared_under", ["float32", "float64"])
@pytest.mark.parametrize("called_under", ["float32", "float64"])
@pytest.mark.parametrize("dtype", WIDE)
def test_the_fast_path_follows_the_default_float_type(floatx, request, declared_under, called_under, dtype):
    floatx(declared_under)
    operation = request.getfixturevalue("as_it_is")
    floatx(called_under)
    x = active().tensor([1, 2], dtype)
    assert ops.dtype(operation(x)) == operation(KerasTensor((2,), dtype)).dtype


def test_a_dtype_that_is_asked_for_stands():
    x = active().tensor(np.array([1, 2]), "int32")
    for operation in (ops.cumsum, ops.cumprod, ops.nancumsum, ops.nancumprod, ops.prod):
        assert ops.dtype(operation(x, dtype="float16")) == "float16"
        assert operation(KerasTensor((2,), "int32"), dtype="float16").dtype == "float16"


def test_what_a_backend_names_exists():
    table = active().dtype_rules
    assert set(table) <= set(OPERATIONS)
    assert set(table.values()) <= set(rules.FRAMEWORK_RULES) == set(DTYPE_RULES)


@pytest.mark.parametrize(
    ("rule", "dtypes", "expected"),
    [
        ("numpy", ["uint16", "float16"], "float32"),
        ("numpy", ["int32", "bfloat16"], "float64"),
        ("numpy", ["int8", "bfloat16"], "bfloat16"),
        ("numpy", ["bfloat16", "float16"], "float32"),
        ("numpy", ["uint8", "int"], "uint8"),
        ("numpy_float", ["int8"], "float16"),
        ("numpy_float", ["int32"], "float64"),
        ("double", ["int8"], "float64"),
        ("double", ["float16"], "float16"),
        ("common", ["bool", "uint8"], "int32"),
        ("numpy_number", ["bool", "bool"], "int8"),
        ("least_float", ["bool"], "float16"),
        ("least_float", ["bfloat16"], "bfloat16"),
        ("least_single", ["int16"], "float32"),
        ("least_single", ["int64"], "float64"),
        ("numpy_doubles", ["int8", "float32"], "float64"),
        ("weak_number", ["bool"], "int32"),
    ],
)
def test_rules_of_frameworks(rule, dtypes, expected):
    assert rules.framework_rule(rule, frozenset(), None).resolve(dtypes, {}, NARROW) == (expected, expected)


@pytest.mark.parametrize(
    ("rule", "dtype", "expected"),
    [
        ("weak_float", "int8", ("float64", "float64")),
        ("weak_number", "bool", ("int64", "int64")),
        ("long_index", "int8", ("int8", "int64")),
    ],
)
def test_rules_of_frameworks_where_64_bits_are_usual(rule, dtype, expected):
    assert rules.framework_rule(rule, frozenset(), None).resolve([dtype], {}, WIDE_BACKEND) == expected
