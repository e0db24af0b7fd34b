"""Shape rules and dtype rules: what the result of an operation looks like, decided once.

A shape rule takes the shapes of the tensor arguments positionally and the attributes by name, and
returns the result's shape; `None` is a size not known yet. It raises `ValueError` for what does not
fit; the dispatcher puts the operation's name in front. A dtype rule maps the dtypes of the tensor
arguments to the dtype they are cast to and the dtype of the result, on the backend it is told.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
from keras_backends import settings
from keras_backends.contract import Backend
from keras_backends.dtypes import COMPLEX, WEAK, is_float, is_int, lattice, promoted, standardize_dtype

from keras_ops.state import state
from keras_ops.tensor import Shape

# Shapes


def same(shape: Shape, *_: Shape, axis: Any = None, **__: Any) -> Shape:
    """The shape of the first tensor; `axis`, where there is one, has to exist in it."""
    if axis is not None:
        normalize_axes(axis, len(shape))
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
        ValueError: If it is no integer, or out of range.
    """
    if not hasattr(axis, "__index__"):
        raise ValueError(f"expected `{name}` to be an integer, received {name}={axis!r}.")
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


@dataclass(frozen=True, eq=False)
class Promotion:
    """How one backend promotes under the settings of the moment; rules choose among these methods.

    The first ones make one dtype of those of several tensors (`"int"`, `"float"` stand for Python's
    numbers, which are weak), the others say what becomes of that one.
    """

    backend: Backend
    precision: str
    floatx: str

    def narrow(self, *dtypes: str) -> str:
        """The common dtype as `keras.backend.result_type` has it: most backends' results have 32 bits."""
        return promoted(dtypes, self.precision, self.floatx)

    def exact(self, *dtypes: str) -> str:
        """The common dtype at its full width; Python numbers alone count as 32 bits."""
        dtype = lattice(*dtypes)
        return self.narrow(dtype) if dtype in WEAK else dtype

    def native(self, *dtypes: str) -> str:
        """As the framework promotes by itself: PyTorch keeps 64 bits."""
        return self.exact(*dtypes) if self.backend.traits.keeps_width else self.narrow(*dtypes)

    def numpy(self, *dtypes: str) -> str:
        """As NumPy promotes, in whose lattice integers widen floats; half precision stays what it is."""
        half = {"float16", "bfloat16"}.intersection(dtypes)
        name = np.result_type(*(_AS_NUMPY.get(dtype, dtype) for dtype in dtypes)).name
        if name != "float16":
            return name
        return half.pop() if len(half) == 1 else "float32" if half else name

    def first(self, dtype: str, *_: str) -> str:
        """That of the first tensor, however wide."""
        return self.exact(dtype)

    def to_float(self, dtype: str) -> str:
        """The float dtype that computations on `dtype` are carried out in."""
        if is_float(dtype) or dtype in COMPLEX:
            return dtype
        # Where 64 bits are usual (JAX with x64) `"float"` has them, but what becomes of integers has not.
        return self.floatx if dtype == "int64" or self.precision == "wide" else self.narrow(dtype, "float")

    def to_weak_float(self, dtype: str) -> str:
        """As arithmetic with Python's floats makes of integers."""
        return dtype if is_float(dtype) or dtype in COMPLEX else self.narrow(dtype, "float")

    def to_wide_float(self, dtype: str) -> str:
        """`to_float`, where int64 needs float64."""
        return "float64" if dtype == "int64" else self.to_float(dtype)

    def to_least_float(self, dtype: str, least: str = "float16") -> str:
        """As NumPy's functions choose the float of a number: the least one that holds it."""
        return dtype if is_float(dtype) or dtype in COMPLEX else self.numpy(dtype, least)

    def to_least_single(self, dtype: str) -> str:
        """`to_least_float` of at least 32 bits, as in LAPACK's functions."""
        return self.to_least_float(dtype, "float32")

    def to_numpy_float(self, dtype: str) -> str:
        """`to_least_float`, where booleans are no numbers."""
        return self.to_float(dtype) if dtype == "bool" else self.to_least_float(dtype)

    def to_double(self, dtype: str) -> str:
        """As NumPy's means and Python's floats make of integers."""
        return dtype if is_float(dtype) or dtype in COMPLEX else "float64"

    def number(self, dtype: str) -> str:
        """Booleans count as int32."""
        return "int32" if dtype == "bool" else dtype

    def weak_number(self, dtype: str) -> str:
        """Booleans become what arithmetic with Python's integers makes of them."""
        return self.narrow(dtype, "int") if dtype == "bool" else dtype

    def numpy_number(self, dtype: str) -> str:
        """Booleans count as int8, as in NumPy's arithmetic."""
        return "int8" if dtype == "bool" else dtype

    def numpy_doubles(self, *dtypes: str) -> str:
        """As NumPy promotes floats, once each integer has become a double."""
        return self.numpy(*(self.to_double(self.narrow(dtype)) for dtype in dtypes))

    def widened(self, dtype: str) -> str:
        """Integers of at least 32 bits, signed ones where the framework has no unsigned ones (PyTorch).

        Of 64 bits where these are usual (JAX with x64).
        """
        if self.precision == "wide" and (dtype == "bool" or is_int(dtype)):
            return "uint64" if dtype.startswith("u") else "int64"
        if dtype in ("uint8", "uint16"):
            return "uint32" if self.backend.canonical_dtype("uint32") == "uint32" else "int32"
        return "int32" if dtype in ("bool", "int8", "int16") else dtype


def real_part(dtype: str) -> str:
    """The dtype of the parts of a complex number; other dtypes as they are."""
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


_AS_NUMPY = {"bfloat16": "float16", "int": 1, "float": 1.0}


def promotion(backend: Backend | None = None, floatx: str | None = None) -> Promotion:
    """Returns how `backend`, by default the one in force, promotes now (or would under another `floatx`)."""
    backend = backend or state.backend
    key = backend.name, backend.precision(), floatx or settings.floatx()
    return _promotions.get(key) or _promotions.setdefault(key, Promotion(backend, *key[1:]))


_promotions: dict[tuple[str, str, str], Promotion] = {}


def float_of(dtype: str) -> str:
    """The float dtype that a computation on `dtype` is carried out in, on the backend in force."""
    return promotion().to_float(dtype)


@dataclass(frozen=True, eq=False)
class DtypeRule:
    """How the dtypes of the inputs, and an attribute `dtype`, determine those of computation and result.

    Attributes:
        promotion: Makes one dtype of those of the inputs, which are cast to it. `None`: they stay as they
            are, and may differ.
        then: What becomes of that dtype before the cast.
        result: The dtype of the result, or what makes it of the inputs' dtypes, where it is not the one
            computed in. Kernels return it by themselves.
        asked: What the attribute `dtype` decides where it is given: only the `"result"`, or `"all"`.
        cast: The result is cast, because kernels do not return its dtype by themselves.
        free: Names of tensor parameters that the rule says nothing about (the condition of `where`).
    """

    promotion: Callable[..., str] | None = Promotion.narrow
    then: Callable[[Promotion, str], str] | None = None
    result: Callable[..., str] | str | None = None
    asked: str | None = None
    cast: bool = False
    free: frozenset[str] = frozenset()
    _known: dict[tuple[Any, ...], tuple[str | None, str]] = field(
        default_factory=dict, init=False, repr=False
    )

    def resolve(
        self, dtypes: Sequence[str], attributes: Mapping[str, Any], backend: Backend
    ) -> tuple[str | None, str]:
        """Returns the dtype to cast the inputs to (`None`: as they are) and that of the result.

        Both are dtypes that `backend` has. A repeated question is a look-up.
        """
        asked = attributes.get("dtype") if self.asked else None
        if asked is not None:
            asked = standardize_dtype(asked)
        key = (*dtypes, asked, backend.name, backend.precision(), settings.floatx())
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self.decide(promotion(backend), dtypes, asked)
        return known

    def decide(self, p: Promotion, dtypes: Sequence[str], asked: str | None) -> tuple[str | None, str]:
        """`resolve` without memory, for any promotion."""
        compute = None if self.promotion is None else self.promotion(p, *dtypes)
        if compute is not None and self.then is not None:
            compute = self.then(p, compute)
        if asked is not None:
            result = asked
            compute = asked if self.asked == "all" else compute
        elif callable(self.result):
            result = self.result(p, *dtypes)
        else:
            result = self.result or compute
        canonical = p.backend.canonical_dtype
        return compute and canonical(compute), canonical(result)


promote = DtypeRule()
"""The common dtype of all tensors."""
exact = DtypeRule(Promotion.exact)
"""The common dtype at full width."""
native = DtypeRule(Promotion.native)
"""The common dtype as the framework promotes by itself."""
to_float = DtypeRule(then=Promotion.to_float)
"""The common dtype, made a float if it is none; `exact_float` and `native_float` likewise."""
exact_float = replace(exact, then=Promotion.to_float)
native_float = replace(native, then=Promotion.to_float)
wide_float = replace(native, then=Promotion.to_wide_float)
"""The common dtype as the framework promotes by itself, made a float that holds its integers."""
promote_number = DtypeRule(then=Promotion.number)
"""The common dtype, int32 for bool; `exact_number` and `native_number` likewise."""
exact_number = replace(exact, then=Promotion.number)
native_number = replace(native, then=Promotion.number)
accumulate = replace(exact, then=Promotion.widened)
"""Sums: small integers are widened to 32 bits first."""
accumulate_as_asked = DtypeRule(then=Promotion.widened, asked="all")
"""Products: the attribute `dtype`, else at least 32 bits."""
boolean = replace(exact, result="bool")
"""Computed in the common dtype at full width; the result is bool."""
index = replace(exact, result="int32", cast=True)
"""Positions or counts, found in the common dtype at full width and returned as int32."""
magnitude = replace(exact, result=lambda p, *dtypes: real_part(p.exact(*dtypes)))
"""Computed in the common dtype at full width; the result has the real one of a complex dtype's parts."""
same_dtype = DtypeRule(Promotion.first)
"""The first tensor's dtype."""
given_dtype = DtypeRule(None, result=lambda p, *_: p.floatx, asked="result")
"""The dtype that the attribute `dtype` says, floatx by default; inputs stay as they are."""


def like(position: int) -> DtypeRule:
    """The dtype of the tensor at `position`; inputs stay as they are."""
    return DtypeRule(None, result=lambda p, *dtypes: p.first(dtypes[position]))


def fixed(dtype: str) -> DtypeRule:
    """Always `dtype`; inputs stay as they are. Kernels return bools by themselves, all else is cast."""
    return DtypeRule(None, result=dtype, cast=dtype != "bool")


FRAMEWORK_RULES: Mapping[str, DtypeRule] = {
    "common": DtypeRule(lambda p, x, *others: p.exact(p.number(x), *others)),
    "narrow": promote,
    "wide_float": wide_float,
    "weak_float": replace(native, then=Promotion.to_weak_float),
    "weak_number": replace(native, then=Promotion.weak_number),
    "long_index": replace(exact, result=lambda p, *_: p.narrow("int")),
    "numpy": DtypeRule(Promotion.numpy),
    "numpy_number": replace(native, then=Promotion.numpy_number),
    "numpy_float": replace(native, then=Promotion.to_numpy_float, cast=True),
    "exact_numpy_float": replace(exact, then=Promotion.to_numpy_float),
    "least_float": replace(native, then=Promotion.to_least_float, cast=True),
    "least_single": replace(native, then=Promotion.to_least_single),
    "double": replace(native, then=Promotion.to_double),
    "cast_double": replace(native, then=Promotion.to_double, cast=True),
    "exact_double": replace(exact, then=Promotion.to_double),
    "numpy_double": DtypeRule(Promotion.numpy, then=Promotion.to_double),
    "numpy_doubles": DtypeRule(Promotion.numpy_doubles),
}
"""Rules that a backend's table `dtype_rules` puts in place of a declared one, by name."""


@cache
def framework_rule(name: str, free: frozenset[str], asked: str | None) -> DtypeRule:
    """One of `FRAMEWORK_RULES`, for an operation that leaves some tensors free and may be asked for a dtype."""
    return replace(FRAMEWORK_RULES[name], free=free, asked=asked)


def rule_on(backend: Backend, operation: str, declared: DtypeRule | None) -> DtypeRule | None:
    """Returns the rule of an operation on a backend: the declared one, unless its table names another."""
    name = backend.dtype_rules.get(operation)
    return (
        declared if name is None or declared is None else framework_rule(name, declared.free, declared.asked)
    )
