"""Dtype names and the promotion lattice: strings and tables, no framework.

Backends and everything above name dtypes by the strings of `ALL`. Python's `bool`, `int` and `float`
are weak: they take part in promotion without widening a tensor. Conversions live in the backends.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from keras_backends import settings
from keras_backends.api import export

FLOAT8 = frozenset({"float8_e4m3fn", "float8_e5m2"})
STANDARD_FLOATS = frozenset({"float16", "bfloat16", "float32", "float64"})
FLOATS = STANDARD_FLOATS | FLOAT8
UNSIGNED = frozenset({"uint8", "uint16", "uint32", "uint64"})
SIGNED = frozenset({"int8", "int16", "int32", "int64"})
INTS = UNSIGNED | SIGNED
COMPLEX = frozenset({"complex64", "complex128"})
WEAK = frozenset({"int", "float", "complex"})
ALL = FLOATS | INTS | COMPLEX | {"bool", "string"}
"""Every dtype name that `standardize_dtype` accepts."""

_NAMES = {name: name for name in ALL}
"""From any spelling met so far (a name, a Python type, a framework's dtype object) to the name."""

_PYTHON_TYPES: dict[type, str] = {bool: "bool", str: "string"}
_WEAK_TYPES: dict[type, str] = {int: "int", float: "float", complex: "complex"}
_ALIASES = {"bool_": "bool", "str": "string", "object": "string", "half": "float16", "double": "float64"}


@export(["keras.utils.standardize_dtype", "keras.backend.standardize_dtype"])
def standardize_dtype(dtype: Any) -> str:
    """Returns the name of a dtype.

    Args:
        dtype: A name, a Python type, or a dtype object of NumPy, JAX, PyTorch or TensorFlow;
            `None` stands for `keras.config.floatx()`.

    Returns:
        A name such as `"float32"`; Python's `int` becomes `"int32"` (`"int64"` on TensorFlow, and on
        JAX with its x64 flag) and `float` becomes `keras.config.floatx()`.

    Raises:
        ValueError: If it is no dtype; the message lists the names.

    Example:

        >>> import numpy as np
        >>> standardize_dtype(np.dtype("int8"))
        'int8'
    """
    if dtype is None:
        return settings.floatx()
    try:
        return _NAMES[dtype]
    except (KeyError, TypeError):
        return _standardize(dtype)


def _standardize(dtype: Any) -> str:
    """Recognises a spelling that was not met before, and remembers it."""
    weak = _weak(dtype)
    if weak == "int" and _precision() == "mixed":
        return "int64"  # As a name of its own, TensorFlow's `int` is wide; in promotion it is not.
    if weak is not None:
        return _widened(weak, _precision(), settings.floatx())
    name = _spelled(dtype)
    if name is None:
        raise ValueError(
            f"Expected a dtype: one of {', '.join(repr(name) for name in sorted(ALL))}, "
            f"or an object that stands for one. Received: dtype={dtype!r}"
        )
    # TensorFlow's dtypes equal their enum numbers: remembered, they would make numbers spell dtypes.
    if isinstance(dtype, Hashable) and dtype != hash(dtype):
        _NAMES[dtype] = name
    return name


def _spelled(dtype: Any) -> str | None:
    """Returns the name that `dtype` spells, or `None`: tried are its own names, then its text."""
    if isinstance(dtype, type) and dtype in _PYTHON_TYPES:
        return _PYTHON_TYPES[dtype]
    for text in _texts(dtype):
        text = text.removeprefix("torch.")  # As torch prints its dtypes.
        text = _ALIASES.get(text, text)
        if text in ALL:
            return text
        if text.startswith("str"):  # NumPy's fixed-width strings: `str96`.
            return "string"
    return None


def _texts(dtype: Any) -> Iterable[str]:
    if isinstance(dtype, str):
        yield dtype
        return
    for attribute in ("name", "__name__"):
        text = getattr(dtype, attribute, None)
        if isinstance(text, str):
            yield text
    inner = getattr(dtype, "dtype", None)  # jax.numpy.float32 is a callable that carries a dtype.
    if isinstance(getattr(inner, "name", None), str):
        yield inner.name
    yield str(dtype)


@export("keras.backend.is_float_dtype")
def is_float_dtype(dtype: Any) -> bool:
    """Returns whether a dtype is a float type, 8-bit ones included.

    Example:

        >>> is_float_dtype("bfloat16")
        True
    """
    return standardize_dtype(dtype) in FLOATS


@export("keras.backend.is_int_dtype")
def is_int_dtype(dtype: Any) -> bool:
    """Returns whether a dtype is a signed or unsigned integer type.

    Example:

        >>> is_int_dtype("uint8")
        True
    """
    return standardize_dtype(dtype) in INTS


is_float = is_float_dtype
is_int = is_int_dtype


# The lattice of JAX: each dtype, weak ones included, with those directly above it. Two dtypes
# promote to their least common upper bound.
_ABOVE = {
    "bool": ("int",),
    "int": ("uint8", "int8"),
    "uint8": ("int16", "uint16"),
    "uint16": ("int32", "uint32"),
    "uint32": ("int64", "uint64"),
    "uint64": ("float",),
    "int8": ("int16",),
    "int16": ("int32",),
    "int32": ("int64",),
    "int64": ("float",),
    "float": ("bfloat16", "float16", "complex"),
    "bfloat16": ("float32",),
    "float16": ("float32",),
    "float32": ("float64", "complex64"),
    "float64": ("complex128",),
    "complex": ("complex64",),
    "complex64": ("complex128",),
    "complex128": (),
}


def _closures() -> dict[str, frozenset[str]]:
    """Returns for each dtype everything at or above it."""
    closed: dict[str, frozenset[str]] = {}

    def close(name: str) -> frozenset[str]:
        if name not in closed:
            closed[name] = frozenset({name}).union(*(close(upper) for upper in _ABOVE[name]))
        return closed[name]

    for name in _ABOVE:
        close(name)
    return closed


_UPPER = _closures()

_NARROW = {"int64": "int32", "uint64": "uint32", "float64": "float32", "complex128": "complex64"}


def lattice(*names: str) -> str:
    """Returns the least dtype above all of `names`, possibly a weak `"int"` or `"float"`.

    This is pure promotion: no setting and no backend plays a part.

    Args:
        *names: Standard names, `"int"`, `"float"` or `"complex"`.

    Example:

        >>> lattice("int64", "float16")
        'float16'
    """
    first = names[0]
    if all(name == first for name in names):
        return first
    unknown = [name for name in names if name not in _UPPER]
    if unknown:
        raise ValueError(
            f"No implicit promotion between {names}: {unknown[0]!r} has to be cast explicitly "
            "with `keras.ops.cast`."
        )
    common = frozenset.intersection(*(_UPPER[name] for name in names))
    return next(name for name in common if common <= _UPPER[name])


def _precision() -> str:
    return "narrow"


_results: dict[tuple[str, str], dict[tuple[Any, ...], str]] = {}


def set_precision(precision: Callable[[], str]) -> None:
    """Tells promotion how wide the active backend's results are (called once by `selection`).

    Args:
        precision: Returns `"narrow"` (results have at most 32 bits), `"mixed"` (64 bits survive,
            Python's numbers count as 32) or `"wide"` (Python's numbers count as 64).
    """
    global _precision
    _precision = precision  # type: ignore[assignment]


@export("keras.backend.result_type")
def result_type(*dtypes: Any) -> str:
    """Returns the dtype that an operation on operands of these dtypes computes in.

    Args:
        *dtypes: Dtype names or objects. Python's `int` and `float` (or `"int"`, `"float"`) are weak;
            `None` stands for `keras.config.floatx()`.

    Returns:
        The name of the least common dtype, as wide as the active backend makes its results:
        numpy, torch and jax keep to 32 bits unless `floatx` (jax: its x64 flag) asks for 64.

    Raises:
        ValueError: If a dtype, such as an 8-bit float, takes no part in implicit promotion.

    Example:

        >>> result_type("int32", "bfloat16")
        'bfloat16'
        >>> result_type("float16", float)
        'float16'
    """
    return promoted(dtypes, _precision(), settings.floatx())


def promoted(dtypes: tuple[Any, ...], precision: str, floatx: str) -> str:
    """`result_type` under a precision and a float type that are given, not in force.

    Args:
        dtypes: As of `result_type`.
        precision: `"narrow"`, `"mixed"` or `"wide"`, see `set_precision`.
        floatx: The default float type; `"float64"` makes `"narrow"` mean `"mixed"`.

    Example:

        >>> promoted(("int64", "int32"), "narrow", "float32"), promoted(("int64", "int32"), "mixed", "float32")
        ('int32', 'int64')
    """
    if precision == "narrow" and floatx == "float64":
        precision = "mixed"
    try:
        return _results[precision, floatx][dtypes]
    except KeyError:
        known = _results.setdefault((precision, floatx), {})
        result = known[dtypes] = _result_type(dtypes, precision, floatx)
        return result


def _result_type(dtypes: tuple[Any, ...], precision: str, floatx: str) -> str:
    if not dtypes:
        return floatx
    names = [_operand(dtype) for dtype in dtypes]
    if any(name in FLOAT8 for name in names):
        raise ValueError(
            f"There is no implicit promotion from 8-bit floats; cast with `keras.ops.cast` first. "
            f"Received: dtypes={dtypes!r}"
        )
    name = lattice(*names)
    if name in WEAK:
        return _widened(name, precision, floatx)
    return _NARROW.get(name, name) if precision == "narrow" else name


def _operand(dtype: Any) -> str:
    """The name of an operand's dtype with Python's numbers kept weak."""
    return _weak(dtype) or standardize_dtype(dtype)


def _weak(dtype: Any) -> str | None:
    # By identity: NumPy's int64 dtype equals both `int` and `"int"`.
    if isinstance(dtype, str):
        return dtype if dtype in WEAK else None
    return _WEAK_TYPES.get(dtype) if isinstance(dtype, type) else None


def _widened(weak: str, precision: str, floatx: str) -> str:
    """The dtype of a result in which only Python's numbers took part."""
    if weak == "int":
        return "int64" if precision == "wide" else "int32"
    if weak == "float":
        return "float64" if precision == "wide" else floatx
    return "complex128" if precision == "wide" else "complex64"
