"""What a Python function computes, as a key that changes whenever that does.

A function is its code, its defaults, what its cells and the globals it names hold, and the functions among
these likewise. `FunctionKey` collects them; one that may depend on anything else, which could change
unnoticed, has no key. Used by `operations.kept_loops`; nothing is compiled or kept here.
"""

import builtins
import dis
import math
import operator
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import attrgetter
from types import CellType, CodeType, EllipsisType, FunctionType, ModuleType, NoneType
from typing import Any

import numpy as np
from keras_backends.contract import Backend

_PLAIN = frozenset({bool, int, str, bytes, NoneType, EllipsisType, range})
"""Types of values that are their own keys."""
_WITHOUT_EFFECT = (
    "abs all any callable chr divmod format isinstance issubclass iter len max min next ord pow repr round "
    "sorted sum"
)
_OWN = ("keras_ops.operations.", "keras_ops.random.", "keras_ops.activation_functions", "keras_ops.saved_")
"""Where functions of ours are that depend on their arguments, settings, and variables only."""
_LOADS, _ATTRIBUTES = ("LOAD_GLOBAL", "LOAD_DEREF"), ("LOAD_ATTR", "LOAD_METHOD")
_EFFECTS = frozenset(
    (
        "STORE_GLOBAL",
        "DELETE_GLOBAL",
        "STORE_ATTR",
        "DELETE_ATTR",
        "IMPORT_NAME",
        "LOAD_NAME",
        "LOAD_BUILD_CLASS",
    )
)
_ABSENT = object()
_PARTS = tuple(map(attrgetter, ("__code__", "__defaults__", "__kwdefaults__")))

_known: dict[int, Any] = {
    id(value): value
    for module in (math, operator)
    for name, value in vars(module).items()
    if callable(value) and not name.startswith("_")
} | {id(value): value for value in map(vars(builtins).get, _WITHOUT_EFFECT.split())}
"""Functions that are known to depend on what they are given only, by id; more are added as they are met."""


Look = tuple[Callable[[Any], Any], Any, Any]


class NoKey(Exception):
    """Something may change what a function computes without a change of its key."""


@dataclass(slots=True, eq=False)
class _Code:
    """What is known of code. There is one for all equal code, which stands for it in keys."""

    cells: tuple[frozenset[tuple[str, ...]], ...]
    """Of each cell that it reads, the attributes that it goes on to."""
    names: tuple[tuple[str, frozenset[tuple[str, ...]]], ...]
    """The same of each global."""
    all_seen: bool
    """Whether it does no more outside than to read these."""
    of_users: bool = False
    """Whether a function of it was met that is not a known one."""


class FunctionKey:
    """Collects what functions and other arguments are; tensors count by shape and dtype.

    Args:
        backend: Says what tensors are, and which functions of its framework are pure.
        looks: Takes down each look at something that may be another later, as `(get, argument, found)`: while
            all `get(argument)` are the objects found, the functions give the same key.

    Attributes:
        parts: The key so far, a flat list; equal lists stand for equal calls, but for the tensors' values.
        tensors: The tensors met, each of them once.
        exact: Their types.
        met_again: Whether one of them was met more than once.
    """

    __slots__ = ("_backend", "_functions", "_looks", "_places", "exact", "met_again", "parts", "tensors")

    def __init__(self, backend: Backend, looks: list[Look] | None = None) -> None:
        self.parts: list[Any] = []
        self.tensors: list[Any] = []
        self.exact, self._backend, self._looks = backend.tensors, backend, looks
        self.met_again = False
        self._places: dict[int, int] = {}
        self._functions: dict[tuple[int, bool], int] = {}

    def add(self, value: Any, inside_module: bool = False) -> None:
        """Adds something that a function closes over, or a function.

        Args:
            value: Anything.
            inside_module: Whether it is reached by way of a module, where a copy could not replace it.

        Raises:
            NoKey: If it may change unnoticed.
        """
        kind = type(value)
        if kind in _PLAIN:
            self.parts += (kind, value)
        elif kind is FunctionType and _known.get(id(value)) is not value:
            self._add_function(value, inside_module)
        elif kind in self.exact and not inside_module:
            self.add_tensor(value)
        elif kind is tuple:
            self.parts += (kind, len(value))
            for item in value:
                self.add(item, inside_module)
        elif kind is partial and not value.__dict__:
            self.parts += (kind, *value.keywords)
            if self._looks is not None:
                self._looks += (*_looks_into(value.keywords), *_looks_into(value.__dict__))
            for item in (value.func, value.args, *value.keywords.values()):
                self.add(item, inside_module)
        elif kind is float or kind is complex:
            self.parts += (kind, repr(value))
        elif isinstance(value, np.generic) and value.dtype.kind in "biufc":
            self.parts += (kind, value.tobytes())
        elif isinstance(value, np.dtype):
            self.parts += (np.dtype, value)
        elif _is_known(value, self._backend):
            self.parts += (kind, id(value))
        else:
            raise NoKey

    def add_tensor(self, tensor: Any) -> None:
        """Adds a tensor: its shape and dtype, or which earlier one it is."""
        tensors = self.tensors
        new = len(tensors)
        place = self._places.setdefault(id(tensor), new)
        if place == new:
            tensors.append(tensor)
            self.parts += (tensor.shape, tensor.dtype)
        else:
            self.met_again = True
            self.parts.append(place)

    def _add_function(self, function: FunctionType, inside_module: bool) -> None:
        code = _code(function.__code__)
        if not code.of_users:
            if _is_known(function, self._backend):
                self.add(function)
                return
            code.of_users = True
        if not code.all_seen or function.__dict__:
            raise NoKey
        self.parts.append(code)
        if self._looks is not None:
            self._looks += ((get, function, get(function)) for get in _PARTS)
            self._looks += (*_looks_into(function.__kwdefaults__ or {}), *_looks_into(function.__dict__))
        defaults, named = function.__defaults__, function.__kwdefaults__
        if not (code.cells or code.names or defaults or named):
            return
        number = self._functions.get((id(function), inside_module))
        self.parts += (number, defaults and len(defaults), named and tuple(named))
        if number is not None:  # It was met before, and may call itself.
            return
        self._functions[id(function), inside_module] = len(self._functions)
        for value in (*(defaults or ()), *(named.values() if named else ())):
            self.add(value, inside_module)
        looks = self._looks
        for cell, paths in zip(function.__closure__ or (), code.cells):
            value = _content(cell)
            if looks is not None:
                looks.append((_content, cell, value))
            self._follow(value, paths, inside_module)
        scope = function.__globals__
        for name, paths in code.names:
            value = scope.get(name, _ABSENT)
            space = function.__builtins__ if value is _ABSENT else scope
            value = space.get(name, _ABSENT)
            if looks is not None:
                looks += ((scope.__contains__, name, space is scope), (space.get, name, value))
            self._follow(value, paths, inside_module)

    def _follow(self, value: Any, paths: frozenset[tuple[str, ...]], inside_module: bool) -> None:
        if not isinstance(value, ModuleType):
            self.add(value, inside_module)
            return
        for path in paths:
            found: Any = value
            for name in path:
                space, found = vars(found), getattr(found, name, _ABSENT)
                if self._looks is not None:
                    self._looks.append((space.get, name, found))
                if not isinstance(found, ModuleType):
                    break
            self.add(found, inside_module=True)


def _looks_into(names: dict[str, Any]) -> list[Look]:
    return [(len, names, len(names)), *((names.get, *item) for item in names.items())]


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # It is empty.
        return _ABSENT


def copied(value: Any, new: dict[int, Any]) -> Any:
    """Returns arguments, or a function, with other objects in the place of some.

    Args:
        value: What was added to a key: a function, or a structure.
        new: What comes in the place of an object, by its id. Functions that were copied are added.
    """
    if id(value) in new:
        return new[id(value)]
    kind = type(value)
    if kind is tuple or kind is list:
        return kind([copied(item, new) for item in value])
    if kind is dict:
        return {name: copied(item, new) for name, item in value.items()}
    if kind is partial:
        return partial(copied(value.func, new), *copied(value.args, new), **copied(value.keywords, new))
    return _copied_function(value, new) if kind is FunctionType and id(value) not in _known else value


def _copied_function(function: FunctionType, new: dict[int, Any]) -> FunctionType:
    scope = {"__builtins__": function.__builtins__, "__name__": function.__module__}
    cells = tuple(CellType() for _ in function.__closure__ or ())
    # Known before what it closes over is copied: that may be itself.
    copy = new[id(function)] = FunctionType(function.__code__, scope, function.__name__, None, cells)
    copy.__defaults__ = copied(function.__defaults__, new)
    copy.__kwdefaults__ = copied(function.__kwdefaults__, new)
    for cell, old in zip(cells, function.__closure__ or ()):
        cell.cell_contents = copied(old.cell_contents, new)
    old_scope: Mapping[str, Any] = function.__globals__
    names = _code(function.__code__).names
    scope.update({name: copied(old_scope[name], new) for name, _ in names if name in old_scope})
    return copy


def _is_known(value: Any, backend: Backend) -> bool:
    """Whether a callable is one of those that depend on what they are given only, but for settings."""
    if _known.get(id(value)) is value:
        return True
    if isinstance(value, type):
        pure = _is_in(builtins, value) or (issubclass(value, np.generic) and _is_in(np, value))
    else:
        pure = _is_operation(value) or (isinstance(value, np.ufunc) and _is_in(np, value))
    if pure or backend.is_pure(value):
        _known[id(value)] = value
        return True
    return False


def _is_operation(value: Callable[..., Any]) -> bool:
    module = getattr(value, "__module__", None)
    if type(value) is not FunctionType or not isinstance(module, str) or not module.startswith(_OWN):
        return False
    return _is_in(sys.modules[module], value)


def _is_in(module: ModuleType, value: Any) -> bool:
    return vars(module).get(value.__name__) is value


@lru_cache(maxsize=1024)
def _code(code: CodeType) -> _Code:
    found: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    all_seen = _collect(code, frozenset(code.co_freevars), found)
    cells = (frozenset(found.get(("LOAD_DEREF", name), ())) for name in code.co_freevars)
    names = ((name, frozenset(paths)) for (load, name), paths in found.items() if load == "LOAD_GLOBAL")
    return _Code(tuple(cells), tuple(names), all_seen)


def _collect(
    code: CodeType, free: frozenset[str], found: dict[tuple[str, str], set[tuple[str, ...]]]
) -> bool:
    steps = [step for step in dis.get_instructions(code) if step.opname != "EXTENDED_ARG"]
    for number, step in enumerate(steps):
        written = step.opname in ("STORE_DEREF", "DELETE_DEREF") and step.argval in free
        hidden = step.opname in _ATTRIBUTES and step.argval.startswith("__")
        if written or hidden or step.opname in _EFFECTS:
            return False
        if step.opname in _LOADS:
            end = number + 1
            while steps[end].opname in _ATTRIBUTES:
                end += 1
            path = tuple(following.argval for following in steps[number + 1 : end])
            found.setdefault((step.opname, step.argval), set()).add(path)
    return all(_collect(inner, free, found) for inner in code.co_consts if isinstance(inner, CodeType))
