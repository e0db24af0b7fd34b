"""`Variable`: a named tensor whose value can be changed.

The storage is three functions of the backend (`store`, `read`, `write`). Reading and writing look
at `state` only when a scope is open. Operators are attached in `keras_ops.operators`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from keras_backends.api import export
from keras_backends.dtypes import is_float, standardize_dtype
from keras_backends.selection import active
from keras_backends.settings import floatx

from keras_ops.naming import auto_name, checked_name
from keras_ops.revision import revision
from keras_ops.state import current_path, state
from keras_ops.tensor import KerasTensor, known, standardize_shape

_AGGREGATIONS = ("none", "mean", "sum", "only_first_replica", None)
_SYNCHRONIZATIONS = ("auto", "on_read", "on_write", "none", None)


@export("keras.Variable")
class Variable(active().variable_mixin or object):  # type: ignore[misc]
    """A tensor with a name whose value can be assigned.

    Args:
        initializer: The initial value (an array, tensor, number, or nested list), or a function
            `(shape, dtype=...) -> value` such as an initializer.
        shape: Shape, needed if `initializer` is a function.
        dtype: Dtype; that of the value by default, and floatx for a function.
        trainable: Whether optimizers change it.
        autocast: Whether it is read in a layer's compute dtype while that layer is called.
        aggregation: How updates of replicas are combined: `"none"`, `"mean"`, `"sum"` or
            `"only_first_replica"`.
        synchronization: When replicas are synchronised: `"auto"`, `"none"`, `"on_read"`, `"on_write"`.
        name: Name without slashes; `"variable"` with a counter by default.
        layout: Layout over devices, for distributed variables.

    Example:

        >>> v = Variable([1.0, 2.0], name="v")
        >>> _ = v.assign_add([1.0, 1.0])
        >>> v.numpy().tolist(), v.shape, v.dtype
        ([2.0, 3.0], (2,), 'float32')
    """

    tracked_as = "variable"

    def __init__(
        self,
        initializer: Any,
        shape: Sequence[int] | None = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str | None = "none",
        synchronization: str | None = "auto",
        name: str | None = None,
        layout: Any = None,
        **kwargs: Any,
    ) -> None:
        if kwargs:
            raise TypeError(f"Variable: unexpected keyword arguments {sorted(kwargs)}.")
        self._name = _checked_name(name)
        if aggregation not in _AGGREGATIONS:
            raise _no_choice("aggregation", aggregation, _AGGREGATIONS)
        if synchronization not in _SYNCHRONIZATIONS:
            raise _no_choice("synchronization", synchronization, _SYNCHRONIZATIONS)
        path = current_path() if state.name_scopes else ""
        self._path = f"{path}/{self._name}" if path else self._name
        self._constraint: Callable[..., Any] | None = None
        self._regularizer: Callable[..., Any] | None = None
        self._trainable = bool(trainable)
        self._autocast = bool(autocast)
        self._aggregation = aggregation or "none"
        self._synchronization = synchronization or "none"
        self._overwrite_with_gradient = False
        self._layout = layout
        self._stored: Any = None
        self._placed_later: Callable[[], Any] | None = None
        self._initializer = initializer
        self._shape = None
        if callable(initializer):
            self._dtype = standardize_dtype(dtype) if dtype is not None else floatx()
            if shape is None:
                raise ValueError(
                    f"Variable {self._name!r}: `shape` is needed when `initializer` is a function, "
                    f"received shape=None and initializer={initializer!r}."
                )
            self._shape = _checked_shape(shape, self._name)
        else:
            value = self._initial_tensor(initializer, dtype)
            self._initializer = None
            self._dtype = active().dtype(value)
            self._shape = tuple(active().shape(value))
            if shape is not None and tuple(shape) != self._shape:
                raise ValueError(
                    f"Variable {self._name!r}: expected a value of shape {tuple(shape)}, received one of "
                    f"shape {self._shape}."
                )
            self._hold(value)
            return
        if state.stateless is None:
            self.initialize()
        else:
            state.stateless.created.append(self)

    def _initial_tensor(self, value: Any, dtype: Any) -> Any:
        backend = active()
        if isinstance(value, Variable):
            value = value.value
        if dtype is not None:
            return backend.tensor(value, backend.canonical_dtype(standardize_dtype(dtype)))
        if isinstance(value, (int, float, list, tuple)) and not isinstance(value, bool):
            value = np.asarray(value)
            if value.dtype.kind == "f":
                return backend.tensor(value, floatx())
            return backend.tensor(value, "int32" if value.dtype.kind == "i" else None)
        return backend.tensor(value, None)

    def initialize(self) -> None:
        """Computes the initial value, if that has not been done; it may stay on the host until it is read."""
        if self._stored is not None or self._placed_later is not None:
            return
        if state.override is not None:
            with state.scope(override=None):
                self.initialize()
            return
        backend, initializer = active(), self._initializer
        dtype = backend.canonical_dtype(self._dtype)
        with backend.outside_trace():
            on_host = getattr(initializer, "gives_host_values", False)
            value = (initializer.host_values if on_host else initializer)(self._shape, dtype=dtype)
            alone = on_host and type(value) is np.ndarray and state.distribution is None
            if alone and backend.place_later:
                self._placed_later = backend.place_later(value, dtype)
            elif alone and backend.store_array and value.dtype == dtype:
                self._stored = backend.store_array(value, self._trainable)
            else:
                self._hold(backend.tensor(value, dtype))
        self._initializer = None

    def _hold(self, value: Any) -> None:
        if state.distribution is not None:
            value = state.distribution.place_variable(self, value)
        self._stored = active().store(value, self._trainable, self._path)
        self._placed_later = None

    @property
    def _storage(self) -> Any:
        """What the backend stores the value in; `None` before there is a value."""
        place = self._placed_later
        if place is not None:
            self._hold(place())
        return self._stored

    @_storage.setter
    def _storage(self, storage: Any) -> None:
        self._stored, self._placed_later = storage, None

    # Value

    @property
    def value(self) -> Any:
        """The current value as a tensor, in the autocast dtype where one is in force."""
        if state.plain and self._stored is not None:
            return active_read(self._stored)
        value = self._current()
        return value if state.override is None else _brought_over(value)

    def _current(self) -> Any:
        """The value as a tensor of the selected backend, whichever one is in force."""
        value = None
        if state.stateless is not None:
            value = state.stateless.lookup(self)
        if value is None:
            if self._storage is None:
                value = self._initializer(self._shape, dtype=self._dtype)
            else:
                value = active_read(self._storage)
        dtype = state.autocast
        if dtype is not None and self._autocast and dtype != self._dtype and is_float(self._dtype):
            backend = active()
            if backend.dtype(value) != dtype:
                value = backend.cast(value, dtype)
        return value

    @property
    def raw(self) -> Any:
        """The stored tensor, whatever scope is open."""
        self.initialize()
        return active_read(self._storage)

    def convert(self, value: Any) -> Any:
        """Converts a value to a tensor of this variable's dtype."""
        if isinstance(value, Variable):
            value = value.value
        backend = active()
        if type(value) in backend.tensors and backend.dtype(value) == self._dtype:
            return value
        if isinstance(value, KerasTensor):
            return value
        dtype = backend.canonical_dtype(self._dtype)
        if backend.is_tensor(value):
            return value if backend.dtype(value) == dtype else backend.cast(value, dtype)
        return backend.tensor(value, dtype)

    def assign(self, value: Any) -> Any:
        """Sets the value.

        Args:
            value: Anything that converts to a tensor of the variable's shape.

        Returns:
            The value as a tensor.

        Raises:
            ValueError: If the shape differs.
        """
        value = self.convert(value)
        shape = value._shape if isinstance(value, KerasTensor) else tuple(active().shape(value))
        if shape != self._shape and not _compatible(shape, self._shape):
            raise ValueError(
                f"Variable {self._path!r} has shape {self._shape}, it can not be assigned a value of "
                f"shape {shape}."
            )
        if state.stateless is not None:
            state.stateless.add_update((self, value))
        elif self._stored is None:
            self._initializer = None
            self._hold(value)
        else:
            self._stored = active().write(self._stored, value)
        return value

    def assign_add(self, value: Any) -> Any:
        """Adds to the value."""
        return self.assign(self + value)

    def assign_sub(self, value: Any) -> Any:
        """Subtracts from the value."""
        return self.assign(self - value)

    def numpy(self) -> np.ndarray:
        """Returns the value as a NumPy array."""
        return active().numpy(self._current())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        value = self.numpy()
        return value if dtype is None else value.astype(dtype)

    # Facts

    @property
    def name(self) -> str:
        return self._name

    @property
    def path(self) -> str:
        """Name with the names of the layers around it, e.g. `"dense/kernel"`."""
        return self._path

    @property
    def shape(self) -> tuple[int, ...]:
        return self._shape

    @property
    def ndim(self) -> int:
        return len(self._shape)

    @property
    def dtype(self) -> str:
        """The dtype it is read in: that of the open autocast scope, or its own."""
        dtype = state.autocast
        if dtype is not None and self._autocast and is_float(self._dtype):
            return dtype
        return self._dtype

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        revision.advance()

    @property
    def aggregation(self) -> str:
        return self._aggregation

    @property
    def synchronization(self) -> str:
        return self._synchronization

    @property
    def overwrite_with_gradient(self) -> bool:
        """Whether an optimizer puts the gradient in the place of the value (float8 scales)."""
        return self._overwrite_with_gradient

    @overwrite_with_gradient.setter
    def overwrite_with_gradient(self, value: bool) -> None:
        if not isinstance(value, bool):
            raise TypeError(f"`overwrite_with_gradient` must be a bool, received {value!r}.")
        self._overwrite_with_gradient = value

    @property
    def regularizer(self) -> Callable[..., Any] | None:
        return self._regularizer

    @regularizer.setter
    def regularizer(self, value: Callable[..., Any] | None) -> None:
        self._regularizer = _checked_callable("regularizer", value)
        revision.advance()

    @property
    def constraint(self) -> Callable[..., Any] | None:
        return self._constraint

    @constraint.setter
    def constraint(self, value: Callable[..., Any] | None) -> None:
        self._constraint = _checked_callable("constraint", value)
        revision.advance()

    def __repr__(self) -> str:
        value = "" if self._storage is None or state.stateless else f", value={active_read(self._storage)}"
        return f"<Variable path={self._path}, shape={self._shape}, dtype={self._dtype}{value}>"


active_read = active().read


def _brought_over(value: Any) -> Any:
    """A value as a tensor of the backend in force, which is not the one that variables belong to."""
    own, backend = active(), state.backend
    if backend is own or isinstance(value, KerasTensor) or not own.is_tensor(value):
        return value
    return backend.tensor(own.numpy(value), own.dtype(value))


def _compatible(shape: tuple[int | None, ...], expected: tuple[int, ...]) -> bool:
    return len(shape) == len(expected) and all(a is None or a == b for a, b in zip(known(shape), expected))


def _checked_name(name: str | None) -> str:
    return auto_name("variable") if name is None else checked_name("Variable", name)


def _checked_shape(shape: Sequence[int], name: str) -> tuple[int, ...]:
    sizes = standardize_shape(shape)
    if None in sizes:
        raise ValueError(
            f"Variable {name!r}: all sizes must be known, received shape={tuple(shape)}. "
            "Give the layer that creates it an input of known size along that axis."
        )
    return sizes


def _no_choice(name: str, value: Any, allowed: Sequence[Any]) -> ValueError:
    return ValueError(f"Variable: expected `{name}` to be one of {allowed}, received {name}={value!r}.")


def _checked_callable(name: str, value: Any) -> Any:
    if value is not None and not callable(value):
        raise ValueError(f"Variable: `{name}` must be a function or None, received {value!r}.")
    return value
