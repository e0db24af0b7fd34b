"""Shape rules and dtype rules: what the result of an operation looks like, decided once.

A shape rule takes the shapes of the tensor arguments positionally and the attributes by name, and
returns the result's shape; `None` is a size not known yet. It raises `ValueError` for what does not
fit; the dispatcher puts the operation's name in front. A dtype rule maps the dtypes of the tensor
arguments to the dtype they are cast to and the dtype of the result. Rules know no backend.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keras_backends import settings
from keras_backends.dtypes import ALL, FLOATS, WEAK, is_float, lattice, result_type, standardize_dtype
from keras_backends.selection import active

from keras_ops.tensor import Shape

COMPLEX = frozenset({"complex64", "complex128"})


# Shapes


def same(shape: Shape, *_: Shape, **__: Any) -> Shape:
    """The shape of the first tensor."""
    return shape


def broadcast(*shapes: Shape | None, **_: Any) -> Shape:
    """The common shape of all tensors, by NumPy's rules.

    >>> broadcast((None, 3), (4, 1))
    (4, 3)
    """
    result: list[int | None] = []
    for shape in shapes:
        if shape is None or shape == ():
            continue
        if len(shape) > len(result):
            result = [1] * (len(shape) - len(result)) + result
        offset = len(result) - len(shape)
        for i, size in enumerate(shape, offset):
            old = result[i]
            if size == 1 or size == old:
                continue
            if old == 1 or (old is None and size is not None):
                result[i] = size
            elif size is not None:
                raise ValueError(
                    f"expected shapes that broadcast together, received {', '.join(map(str, shapes))}."
                )
    return tuple(result)


def normalize_axis(axis: int, ndim: int, name: str = "axis") -> int:
    """Returns `axis` counted from the front.

    Raises:
        ValueError: If it is out of range.
    """
    if not -ndim <= axis < ndim:
        raise ValueError(
            f"expected `{name}` in [{-ndim}, {ndim}) for a tensor of rank {ndim}, received {name}={axis}."
        )
    return axis % ndim if ndim else 0


def normalize_axes(axis: int | Sequence[int] | None, ndim: int, name: str = "axis") -> tuple[int, ...]:
    """Returns all axes for `None`, else the given ones counted from the front."""
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    result = tuple(normalize_axis(a, ndim, name) for a in axes)
    if len(set(result)) != len(result):
        raise ValueError(f"expected distinct axes, received {name}={axis}.")
    return result


def reduce(shape: Shape, *_: Shape, axis: Any = None, keepdims: bool = False, **__: Any) -> Shape:
    """The shape with the axes in `axis` (all for `None`) removed, or 1 with `keepdims`.

    >>> reduce((None, 3, 4), axis=-1)
    (None, 3)
    """
    axes = normalize_axes(axis, len(shape))
    if keepdims:
        return tuple(1 if i in axes else size for i, size in enumerate(shape))
    return tuple(size for i, size in enumerate(shape) if i not in axes)


def given(*_: Shape, shape: Any, **__: Any) -> Shape:
    """The shape that the attribute `shape` says (creation operations)."""
    return (shape,) if isinstance(shape, int) else tuple(shape)


# Dtypes


@dataclass(frozen=True)
class DtypeRule:
    """How the dtypes of the inputs determine those of the computation and of the result.

    Attributes:
        resolve: From the dtypes of the tensors (`"int"`, `"float"` for Python numbers, which are
            weak) and the attributes: the dtype to compute in (`None`: as they are) and the result's.
        identity: Dtypes of equal inputs that reach the kernel unchanged and whose result needs no
            cast: these take the fast path.
        cast_to: A fixed dtype that every result is cast to, where the kernel's own may differ.
        mixed: True where inputs are left as they are and may differ in dtype.
        free: Names of tensor parameters that the rule says nothing about: they are neither passed
            to `resolve` nor cast (the condition of `where`).
        casts: The kernel's result is cast to the rule's dtype where the slow path ran.
    """

    resolve: Callable[[Sequence[str], Mapping[str, Any]], tuple[str | None, str]]
    identity: frozenset[str] = ALL
    cast_to: str | None = None
    mixed: bool = False
    free: frozenset[str] = frozenset()
    casts: bool = False


def _promote(dtypes: Sequence[str], _: Mapping[str, Any]) -> tuple[str, str]:
    dtype = result_type(*dtypes)
    return dtype, dtype


def float_of(dtype: str) -> str:
    """The float dtype that a computation on `dtype` is carried out in."""
    if is_float(dtype) or dtype in COMPLEX:
        return dtype
    return settings.floatx() if dtype == "int64" else result_type(dtype, "float")


def _to_float(dtypes: Sequence[str], _: Mapping[str, Any]) -> tuple[str, str]:
    dtype = float_of(result_type(*dtypes))
    return dtype, dtype


def own(dtype: str) -> str:
    """A tensor's dtype as it is, however wide; that of a Python number by default."""
    return result_type(dtype) if dtype in WEAK else dtype


def _first(dtypes: Sequence[str], _: Mapping[str, Any]) -> tuple[str, str]:
    dtype = own(dtypes[0])
    return dtype, dtype


def _boolean(dtypes: Sequence[str], _: Mapping[str, Any]) -> tuple[str, str]:
    return result_type(*dtypes), "bool"


def _index(dtypes: Sequence[str], _: Mapping[str, Any]) -> tuple[str, str]:
    return result_type(*dtypes), "int32"


def _accumulate(dtypes: Sequence[str], _: Mapping[str, Any]) -> tuple[str, str]:
    dtype = widened(result_type(*dtypes))
    return dtype, dtype


def widened(dtype: str) -> str:
    """The dtype that sums of `dtype` are kept in: at least 32 bits for integers."""
    if dtype in ("bool", "int8", "int16"):
        return "int32"
    return "uint32" if dtype in ("uint8", "uint16") else dtype


def _given(dtypes: Sequence[str], attributes: Mapping[str, Any]) -> tuple[None, str]:
    dtype = attributes.get("dtype")
    return None, settings.floatx() if dtype is None else standardize_dtype(dtype)


same_dtype = DtypeRule(_first)
"""The first tensor's dtype."""
promote = DtypeRule(_promote)
"""The common dtype of all tensors."""
to_float = DtypeRule(_to_float, identity=FLOATS | COMPLEX)
"""The common dtype, made a float if it is none."""
boolean = DtypeRule(_boolean)
"""Computed in the common dtype, the result is bool (kernels return bool by themselves)."""
index = DtypeRule(_index, cast_to="int32")
"""Positions or counts: computed in the input's dtype, returned as int32."""
accumulate = DtypeRule(_accumulate, identity=ALL - {"bool", "int8", "int16", "uint8", "uint16"})
"""Sums and products: small integers are widened to 32 bits first."""
given_dtype = DtypeRule(_given, mixed=True)
"""The dtype that the attribute `dtype` says, floatx by default."""


def like(position: int) -> DtypeRule:
    """The dtype of the tensor at `position`; the others are left as they are."""

    def resolve(dtypes: Sequence[str], _: Mapping[str, Any]) -> tuple[None, str]:
        return None, own(dtypes[position])

    return DtypeRule(resolve, mixed=True)


def fixed(dtype: str) -> DtypeRule:
    """Always `dtype`; inputs are left as they are and the result is cast."""
    return DtypeRule(lambda dtypes, attributes: (None, dtype), cast_to=dtype, mixed=True)


# Dtypes at full width: where the result keeps 64 bits although `result_type` would narrow them.

_SMALL = frozenset({"bool", "int8", "int16", "uint8", "uint16"})


def exact_type(*dtypes: str) -> str:
    """The common dtype at its full width; Python numbers alone count as 32 bits."""
    dtype = lattice(*dtypes)
    return result_type(dtype) if dtype in ("int", "float") else dtype


def native_type(*dtypes: str) -> str:
    """The common dtype, as wide as the framework's own promotion leaves it."""
    return exact_type(*dtypes) if active().traits.keeps_width else result_type(*dtypes)


def joined_type(*dtypes: str) -> str:
    """The dtype of tensors that are joined; where the framework joins them, numbers are no longer weak."""
    if active().traits.keeps_width:
        return exact_type(*(result_type(dtype) if dtype in WEAK else dtype for dtype in dtypes))
    return result_type(*dtypes)


def _joined_type(*dtypes: str) -> str:
    return own(dtypes[0]) if len(set(dtypes)) == 1 else joined_type(*dtypes)


def _wide_sum(dtype: str) -> str:
    """`widened`, with signed 32 bits where the framework has no unsigned ones."""
    dtype = widened(dtype)
    return "int32" if dtype == "uint32" and active().canonical_dtype(dtype) != dtype else dtype


def _computed_in(common: Callable[..., str], result: Callable[[str], str] = lambda dtype: dtype) -> Any:
    """A resolver: inputs and result have the dtype that `result` makes of the `common` one."""

    def resolve(dtypes: Sequence[str], _: Mapping[str, Any]) -> tuple[str, str]:
        dtype = result(common(*dtypes))
        return dtype, dtype

    return resolve


def _returning(out: str, compute: bool = True) -> Any:
    """A resolver: computed in the exact common dtype (or as the inputs are), the result is `out`."""

    def resolve(dtypes: Sequence[str], _: Mapping[str, Any]) -> tuple[str | None, str]:
        return exact_type(*dtypes) if compute else None, out

    return resolve


def _asked_for(default: Callable[[str], str]) -> Any:
    """A resolver: the attribute `dtype`, else what `default` makes of the common dtype."""

    def resolve(dtypes: Sequence[str], attributes: Mapping[str, Any]) -> tuple[str, str]:
        given = attributes.get("dtype")
        dtype = default(result_type(*dtypes)) if given is None else standardize_dtype(given)
        return dtype, dtype

    return resolve


def _given_or(default: Callable[[str], str]) -> Any:
    """A resolver for inputs that stay as they are: the attribute `dtype`, else that of the first."""

    def resolve(dtypes: Sequence[str], attributes: Mapping[str, Any]) -> tuple[None, str]:
        given = attributes.get("dtype")
        return None, default(dtypes[0]) if given is None else standardize_dtype(given)

    return resolve


def _first_to_float(dtypes: Sequence[str], _: Mapping[str, Any]) -> tuple[None, str]:
    return None, float_of(result_type(dtypes[0]))


def _strong(common: Callable[..., str]) -> Callable[..., str]:
    """`common`, with Python numbers counted as tensors where the framework's tensors are never weak."""

    def resolve(*dtypes: str) -> str:
        weak = active().traits.weak_tensors
        return common(*(dtypes if weak else map(own, dtypes)))

    return resolve


exact = DtypeRule(_computed_in(exact_type))
"""The common dtype at full width."""
exact_float = DtypeRule(_computed_in(exact_type, float_of), identity=FLOATS | COMPLEX)
"""The common dtype at full width, made a float if it is none."""
native = DtypeRule(_computed_in(native_type))
"""The common dtype as the framework promotes by itself."""
native_float = DtypeRule(_computed_in(native_type, float_of), identity=FLOATS | COMPLEX)
"""The common dtype as the framework promotes by itself, made a float if it is none."""
strong = DtypeRule(_computed_in(_strong(result_type)))
"""The common dtype of the arguments as tensors: Python numbers are not weak (but on JAX)."""
strong_native = DtypeRule(_computed_in(_strong(native_type)))
"""The same, as the framework promotes by itself."""
strong_float = DtypeRule(_computed_in(_strong(result_type), float_of), identity=FLOATS | COMPLEX)
"""The common dtype of the arguments as tensors, made a float if it is none."""
accumulate_exact = DtypeRule(_computed_in(exact_type, _wide_sum), identity=ALL - _SMALL)
"""Sums: small integers are widened to 32 bits, 64 bits stay."""
accumulate_in = DtypeRule(_asked_for(_wide_sum), identity=ALL - _SMALL)
"""Products: the attribute `dtype`, else at least 32 bits."""
accumulate_along = DtypeRule(_asked_for(lambda dtype: "int32" if dtype == "bool" else dtype))
"""Cumulative sums and products: the attribute `dtype`, else the input's, int32 for bool."""
compared = DtypeRule(_returning("bool"))
"""Compared in the exact common dtype; the result is bool."""
index_exact = DtypeRule(_returning("int32"), cast_to="int32")
"""Positions or counts, found in the exact common dtype."""
says_bool = DtypeRule(_returning("bool", compute=False), mixed=True)
"""Inputs stay as they are; the result is bool."""
first_to_float = DtypeRule(_first_to_float, mixed=True)
"""Inputs stay as they are; the result is the float dtype of the first."""

_WIDE = frozenset({"int64", "uint64", "float64", "complex128"})

narrowed = DtypeRule(_promote, identity=ALL - _WIDE)
"""The common dtype, narrowed where `result_type` narrows even if all inputs are equal."""
joined = DtypeRule(_computed_in(_joined_type))
"""The common dtype of tensors that are joined; equal ones are left as they are."""
joined_narrowed = DtypeRule(_computed_in(joined_type), identity=ALL - _WIDE)
"""The common dtype of tensors that are joined, narrowed even if all are equal."""
accumulate_narrowed = DtypeRule(_computed_in(native_type, _wide_sum), identity=ALL - _SMALL - _WIDE)
"""Sums as wide as the framework promotes by itself; small integers are widened to 32 bits."""
given_or_same = DtypeRule(_given_or(own), mixed=True)
"""The attribute `dtype`, else the dtype of the first input."""
given_or_native = DtypeRule(_given_or(native_type), mixed=True)
"""The attribute `dtype`, else that of the first input as the framework leaves it."""
exact_first = DtypeRule(lambda dtypes, _: (None, own(dtypes[0])), mixed=True)
"""Inputs stay as they are; the result has the dtype of the first."""


# Dtypes of arithmetic: booleans count as numbers, a number of a complex dtype has a real size.


def _number(dtype: str) -> str:
    return "int32" if dtype == "bool" else dtype


def _resolve_magnitude(dtypes: Sequence[str], _: Mapping[str, Any]) -> tuple[str, str]:
    dtype = exact_type(*dtypes)
    return dtype, {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


promote_number = DtypeRule(_computed_in(result_type, _number), identity=ALL - {"bool"})
"""The common dtype, int32 for bool."""
native_number = DtypeRule(_computed_in(native_type, _number), identity=ALL - {"bool"})
"""The common dtype as the framework promotes by itself, int32 for bool."""
exact_number = DtypeRule(_computed_in(exact_type, _number), identity=ALL - {"bool"})
"""The common dtype at full width, int32 for bool."""
magnitude = DtypeRule(_resolve_magnitude)
"""The dtype at full width; the real one of its parts for a complex dtype."""
