"""KerasTensor, the symbolic tensor, and the `Tensor` annotation that operations use.

A KerasTensor has a shape and a dtype and no values. Its operators are attached once the operations
exist, in `keras_ops.operators`. Graph bookkeeping (nodes) lives in `keras_ops.graph`.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from keras_backends.api import export
from keras_backends.dtypes import standardize_dtype

from keras_ops.naming import auto_name
from keras_ops.state import state

if TYPE_CHECKING:
    Tensor: TypeAlias = Any
else:

    class Tensor:
        """A tensor of the backend, a KerasTensor, a Variable, or anything that converts to a tensor.

        Type checkers see `Any`; at run time the `op` decorator finds tensor parameters by this mark.
        """


Shape: TypeAlias = tuple[int | None, ...]


class UnknownSize:
    """A size that is not known while a function runs on KerasTensors.

    It absorbs arithmetic, so that shape computations go through; branching on it raises, and the
    operation then needs a shape rule of its own.
    """

    __slots__ = ()

    def _absorb(self, *_: object) -> "UnknownSize":
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _absorb
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __neg__ = __truediv__ = __rtruediv__ = _absorb
    __pow__ = __rpow__ = __pos__ = __abs__ = _absorb

    def _branch(self, *_: object) -> NoReturn:
        raise UnknownSizeError(
            "A size that is unknown until run time was compared or converted to a number. "
            "Use shape arithmetic only, or give the operation or layer a shape rule "
            "(`compute_output_shape`)."
        )

    __bool__ = __lt__ = __le__ = __gt__ = __ge__ = __index__ = __int__ = __float__ = _branch

    def __eq__(self, other: object) -> bool:
        return self is other or self._branch()

    def __ne__(self, other: object) -> bool:
        return self is not other and self._branch()

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return "?"


class UnknownSizeError(TypeError):
    """A function branched on an unknown size while its output shape was inferred."""


UNKNOWN = UnknownSize()


def known(value: Any) -> Any:
    """Replaces unknown sizes by `None`, inside tuples and lists too."""
    kind = type(value)
    if kind is tuple or kind is list:
        return kind([item if item is None or type(item) is int else known(item) for item in value])
    return None if value is UNKNOWN else value


def standardize_shape(shape: Iterable[int | None]) -> Shape:
    """Checks a shape and returns it as a tuple of ints and `None`.

    Raises:
        ValueError: If it is not a sequence of sizes that are non-negative integers or `None`.
    """
    if type(shape) is tuple:
        for size in shape:
            if size is not None and (type(size) is not int or size < 0):
                break
        else:
            return shape
    if shape is None or isinstance(shape, (int, str)):
        raise ValueError(f"`shape` must be a sequence of integers or None, received shape={shape!r}.")
    sizes: list[int | None] = []
    for size in known(tuple(shape)):
        if size is None:
            sizes.append(None)
            continue
        try:
            number = size.__index__()
        except (AttributeError, TypeError):
            raise ValueError(
                f"Each size in `shape` must be an integer or None, received shape={shape!r} "
                f"with {size!r} of type {type(size).__name__}."
            ) from None
        if number < 0:
            raise ValueError(f"Sizes in `shape` must not be negative, received shape={shape!r}.")
        sizes.append(number)
    return tuple(sizes)


@export("keras.KerasTensor")
class KerasTensor:
    """A symbolic tensor: shape and dtype without values, the wire between operations of a graph.

    Args:
        shape: Sizes; `None` for one that is not known yet.
        dtype: Name of the dtype.
        sparse: Whether it stands for a sparse tensor.
        ragged: Whether it stands for a ragged tensor.
        record_history: Whether operations on it record how they were made.
        name: Name; a default one is made when it is asked for.
        **kwargs: `ragged_rank` and `row_splits_dtype` of a ragged tensor.

    Example:

        >>> x = KerasTensor((None, 3))
        >>> x.shape, x.dtype
        ((None, 3), 'float32')
    """

    _sparse = False
    _ragged = False
    _ragged_rank: int | None = None
    _row_splits_dtype: str | None = None
    _name: str | None = None
    record_history = True

    def __init__(
        self,
        shape: Sequence[int | None],
        dtype: Any = "float32",
        sparse: bool = False,
        ragged: bool = False,
        record_history: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if sparse and ragged:
            raise ValueError("KerasTensor: `sparse=True` and `ragged=True` exclude each other.")
        self._shape = standardize_shape(shape)
        self._dtype = standardize_dtype(dtype)
        self._sparse = bool(sparse)
        self._ragged = bool(ragged)
        self._ragged_rank = kwargs.pop("ragged_rank", None)
        self._row_splits_dtype = kwargs.pop("row_splits_dtype", None)
        if kwargs:
            raise TypeError(f"KerasTensor: unexpected keyword arguments {sorted(kwargs)}.")
        self._name = name
        self.record_history = record_history

    @classmethod
    def make(cls, shape: Shape, dtype: str, sparse: bool = False) -> "KerasTensor":
        """Makes one from a checked shape and dtype name, without looking at them again."""
        self = cls.__new__(cls)
        self._shape = shape
        self._dtype = dtype
        if sparse:
            self._sparse = True
        return self

    @property
    def name(self) -> str:
        if self._name is None:
            self._name = auto_name("keras_tensor")
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        self._name = value

    @property
    def shape(self) -> Shape:
        if state.quiet and None in self._shape:
            return tuple(UNKNOWN if size is None else size for size in self._shape)
        return self._shape

    @shape.setter
    def shape(self, value: Sequence[int | None]) -> None:
        self._shape = standardize_shape(value)

    @property
    def dtype(self) -> str:
        return self._dtype

    @dtype.setter
    def dtype(self, value: Any) -> None:
        self._dtype = standardize_dtype(value)

    @property
    def sparse(self) -> bool:
        return self._sparse

    @sparse.setter
    def sparse(self, value: bool) -> None:
        self._sparse = bool(value)

    @property
    def ragged(self) -> bool:
        return self._ragged

    @ragged.setter
    def ragged(self, value: bool) -> None:
        self._ragged = bool(value)

    @property
    def ragged_rank(self) -> int | None:
        return self._ragged_rank

    @ragged_rank.setter
    def ragged_rank(self, value: int | None) -> None:
        self._ragged_rank = value

    @property
    def row_splits_dtype(self) -> str | None:
        return self._row_splits_dtype

    @row_splits_dtype.setter
    def row_splits_dtype(self, value: Any) -> None:
        self._row_splits_dtype = value

    @property
    def ndim(self) -> int:
        return len(self._shape)

    def __repr__(self) -> str:
        extra = f", sparse={self._sparse}, ragged={self._ragged}"
        return f"<KerasTensor shape={self._shape}, dtype={self._dtype}{extra}, name={self.name}>"

    def __len__(self) -> NoReturn:
        _no_values("len()")

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        _no_values("NumPy")

    def __jax_array__(self) -> NoReturn:
        _no_values("a JAX function")

    def __tf_tensor__(self, *_: Any, **__: Any) -> NoReturn:
        _no_values("a TensorFlow function")

    def __iter__(self) -> NoReturn:
        _no_values("iteration")

    def __bool__(self) -> NoReturn:
        _no_values("a Python condition")

    def __int__(self) -> NoReturn:
        _no_values("int()")

    def __float__(self) -> NoReturn:
        _no_values("float()")


def _no_values(where: str) -> NoReturn:
    raise TypeError(
        f"A KerasTensor was given to {where}, but it is symbolic: a placeholder for shape and dtype "
        "when a Functional model or a Function is built, without values. Use `keras.ops` and "
        "`keras.layers` on it, or put the code into the `call` method of a custom layer."
    )


@export(["keras.utils.is_keras_tensor", "keras.backend.is_keras_tensor"])
def is_keras_tensor(x: object) -> bool:
    """Says whether `x` is a KerasTensor.

    Example:

        >>> is_keras_tensor(KerasTensor((2,)))
        True
    """
    return isinstance(x, KerasTensor)
