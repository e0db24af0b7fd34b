"""Dtype names and promotion: a table of all pairs, spellings, and what is refused."""

import itertools

import ml_dtypes
import numpy as np
import pytest
from keras_backends import dtypes, settings

NAMES = ["bool", "u8", "u16", "u32", "i8", "i16", "i32", "i64", "f16", "bf16", "f32", "f64", "int", "float"]
TABLE = """
bool bool  u8  u16  u32   i8  i16  i32  i64  f16  bf16  f32  f64  i32  f32
u8     u8  u8  u16  u32  i16  i16  i32  i64  f16  bf16  f32  f64   u8  f32
u16   u16 u16  u16  u32  i32  i32  i32  i64  f16  bf16  f32  f64  u16  f32
u32   u32 u32  u32  u32  i64  i64  i64  i64  f16  bf16  f32  f64  u32  f32
i8     i8 i16  i32  i64   i8  i16  i32  i64  f16  bf16  f32  f64   i8  f32
i16   i16 i16  i32  i64  i16  i16  i32  i64  f16  bf16  f32  f64  i16  f32
i32   i32 i32  i32  i64  i32  i32  i32  i64  f16  bf16  f32  f64  i32  f32
i64   i64 i64  i64  i64  i64  i64  i64  i64  f16  bf16  f32  f64  i64  f32
f16   f16 f16  f16  f16  f16  f16  f16  f16  f16   f32  f32  f64  f16  f16
bf16 bf16 bf16 bf16 bf16 bf16 bf16 bf16 bf16  f32  bf16  f32  f64 bf16 bf16
f32   f32 f32  f32  f32  f32  f32  f32  f32  f32   f32  f32  f64  f32  f32
f64   f64 f64  f64  f64  f64  f64  f64  f64  f64   f64  f64  f64  f64  f64
int   i32 u8   u16  u32   i8  i16  i32  i64  f16  bf16  f32  f64  i32  f32
float f32 f32  f32  f32  f32  f32  f32  f32  f16  bf16  f32  f64  f32  f32
"""
ROWS = {row.split()[0]: dict(zip(NAMES, row.split()[1:])) for row in TABLE.strip().splitlines()}
NARROW = {"i64": "i32", "f64": "f32"}


def _long(name: str) -> str:
    if name in ("bool", "int", "float"):
        return name
    return (
        name.replace("bf", "bfloat").replace("u", "uint")
        if name[0] in "bu"
        else (name.replace("i", "int").replace("f", "float"))
    )


@pytest.fixture
def precision(request):
    saved = dtypes._precision
    dtypes.set_precision(lambda: request.param)
    yield request.param
    dtypes.set_precision(saved)


@pytest.mark.parametrize("precision", ["mixed", "narrow", "wide"], indirect=True)
def test_all_pairs(precision):
    for a, b in itertools.product(NAMES, NAMES):
        expected = ROWS[a][b]
        if precision == "narrow":
            expected = NARROW.get(expected, expected)
        if precision == "wide" and {a, b} <= {"bool", "int", "float"} and {a, b} != {"bool"}:
            expected = expected.replace("32", "64")
        if precision == "wide" and "float" in (a, b) and not {a, b} & {"f16", "bf16", "f32"}:
            expected = "f64"
        assert dtypes.result_type(_long(a), _long(b)) == _long(expected), (a, b)


def test_python_types_are_weak():
    assert dtypes.result_type("uint8", int) == "uint8"
    assert dtypes.result_type("float16", float, int) == "float16"
    assert dtypes.lattice("int", "float") == "float"
    assert dtypes.result_type("complex64", "float32") == "complex64"


@pytest.mark.parametrize("precision", ["narrow"], indirect=True)
def test_floatx_decides_for_python_floats_and_for_64_bits(precision):
    settings.set_floatx("float64")
    try:
        assert dtypes.result_type("int32", float) == "float64"
        assert dtypes.result_type("float64", "float32") == "float64"
        assert dtypes.result_type() == dtypes.result_type(None) == "float64"
    finally:
        settings.set_floatx("float32")
    assert dtypes.result_type("float64", "float32") == "float32"


def test_promotion_is_commutative_and_idempotent():
    names = list(dtypes._UPPER)
    for a, b in itertools.product(names, names):
        assert dtypes.lattice(a, b) == dtypes.lattice(b, a)
        assert dtypes.lattice(dtypes.lattice(a, b), a) == dtypes.lattice(a, b)


def test_eight_bit_floats_take_no_part():
    with pytest.raises(ValueError, match="cast"):
        dtypes.result_type("float8_e4m3fn", "float32")


SPELLINGS = [
    ("float32", "float32"),
    (np.dtype("int64"), "int64"),
    (np.dtype("float64"), "float64"),
    (np.float16, "float16"),
    (np.bool_, "bool"),
    (np.dtype("bool"), "bool"),
    (np.dtype("U7"), "string"),
    (np.dtype(object), "string"),
    (ml_dtypes.bfloat16, "bfloat16"),
    (np.dtype(ml_dtypes.float8_e5m2), "float8_e5m2"),
    ("torch.float32", "float32"),
    (bool, "bool"),
    (str, "string"),
]


@pytest.mark.parametrize(("spelling", "name"), SPELLINGS, ids=str)
def test_spellings(spelling, name):
    assert dtypes.standardize_dtype(spelling) == name
    assert dtypes.standardize_dtype(spelling) == name, "remembered"


def test_python_types_and_none():
    assert dtypes.standardize_dtype(None) == dtypes.standardize_dtype(float) == settings.floatx()
    assert dtypes.standardize_dtype(int) in ("int32", "int64")


def test_the_backends_own_dtypes(backend):
    for name, native in backend.native_dtypes.items():
        assert dtypes.standardize_dtype(native) == name


@pytest.mark.parametrize("wrong", ["float31", "int4", "other.float32", 3, object(), [], "Float32"])
def test_what_is_no_dtype_is_refused_with_the_names(wrong):
    with pytest.raises(ValueError, match=r"'bfloat16'.*'uint8'.*Received: dtype="):
        dtypes.standardize_dtype(wrong)


def test_kinds():
    assert dtypes.is_float_dtype("float8_e4m3fn") and not dtypes.is_float_dtype("int8")
    assert dtypes.is_int_dtype("uint32") and not dtypes.is_int_dtype("bool")
