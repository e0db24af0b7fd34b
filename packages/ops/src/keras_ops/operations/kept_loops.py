"""Eager loops as programs that are kept, where functions are compiled: `keeps_programs`.

A loop's function need not be traced again if it is the same as before (`function_keys`). Its tensors, and
those that it closes over, are arguments of the program. Everything else takes the loop's own way.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, wraps
from inspect import signature
from operator import is_
from typing import Any

import numpy as np
from keras_backends import settings

from keras_ops.function_keys import FunctionKey, Look, NoKey, copied
from keras_ops.operations.core import convert_to_tensor
from keras_ops.operations.packing import Packing, Structure
from keras_ops.state import StatelessScope, state
from keras_ops.variable import Variable

_MOST_PROGRAMS = 256
_CALLS_BEFORE = 2
"""Calls that take the loop's own way before one is compiled: numbers that a function closes over may be others
each time, and there some of them cost no compilation."""
_Call = tuple[list[Any], dict[str, Any]]
_BECOME_TENSORS = (bool, int, float, np.ndarray, np.generic, Variable)


class _Program:
    """What is kept of a call: how often there was one, the compiled function, or that there can be none."""

    __slots__ = ("calls", "pack", "refused", "run")

    def __init__(self) -> None:
        self.calls, self.refused = 0, False
        self.run: Callable[..., Sequence[Any]] | None = None
        self.pack: Callable[[Sequence[Any]], Structure] | None = None
        """Puts the results together; known from the first trace on."""

    def make(self, loop: Callable[..., Any], call: _Call, tensors: Sequence[Any]) -> None:
        """Makes the function of the tensors of a call; it is traced when it runs for the first time."""
        # Marks in their place: those of this call are not to be kept.
        marks = [object() for _ in tensors]
        template = copied(call, {id(tensor): mark for tensor, mark in zip(tensors, marks)})

        def function(*tensors: Any) -> Sequence[Any]:
            args, kwargs = copied(template, {id(mark): tensor for mark, tensor in zip(marks, tensors)})
            with StatelessScope(collect_losses=True, initialize_variables=False) as scope:
                packing = Packing(loop(*args, **kwargs))
            if scope.written or scope.read_outside or scope.created or scope.losses:
                raise NoKey
            self.pack = _packer(packing)
            return packing.leaves

        self.run = state.backend.compile(function)

    def call(self, tensors: Sequence[Any]) -> Structure:
        """Runs the function, unless its first trace fails: then it is refused, and the loop has to say why."""
        try:
            results = self.run(*tensors)
        except Exception:
            if self.pack is not None:
                raise
            self.run, self.refused = None, True
            return None
        return self.pack(results)


def _packer(packing: Packing) -> Callable[[Sequence[Any]], Structure]:
    """What puts other tensors together in the same way, quicker where that is simple."""
    structure, leaves = packing.structure, packing.leaves
    if type(structure) is tuple and len(structure) == len(leaves) and all(map(is_, structure, leaves)):
        return tuple
    return Packing(packing.pack(range(len(leaves)))).pack


@lru_cache(maxsize=_MOST_PROGRAMS)
def _program(key: tuple[Any, ...]) -> _Program:
    return _Program()


class _Repeat:
    """A call of which nothing is to change but its tensors: where all else is the same object, it needs no key.

    Args:
        program: What the call ran.
        values: Its arguments: functions, numbers, `None`, and each tensor once.
        keywords: The names of the last ones.
        looks: What its key was made of.
    """

    __slots__ = ("_backend", "_keywords", "_looks", "_others", "_settings", "_tensors", "program")

    def __init__(
        self, program: _Program, values: Sequence[Any], keywords: Iterable[str], looks: list[Look]
    ) -> None:
        self.program, self._keywords, self._looks = program, tuple(keywords), looks
        self._backend, self._settings = state.backend, settings.of_results()
        exact, places = self._backend.tensors, range(len(values))
        self._tensors = [(i, type(x), x.shape, x.dtype) for i, x in zip(places, values) if type(x) in exact]
        self._others = [(i, x) for i, x in zip(places, values) if type(x) not in exact]

    def tensors(self, values: Sequence[Any], keywords: Iterable[str]) -> list[Any] | None:
        """Returns the tensors of a call, `None` if it is another one."""
        if len(values) != len(self._others) + len(self._tensors) or (*keywords,) != self._keywords:
            return None
        for place, value in self._others:
            if values[place] is not value:
                return None
        for get, argument, found in self._looks:
            if get(argument) is not found:
                return None
        tensors = []
        for place, kind, shape, dtype in self._tensors:
            value = values[place]
            if type(value) is not kind or value.shape != shape or value.dtype != dtype:
                return None
            tensors.append(value)
        same = state.plain and state.backend is self._backend and settings.of_results() == self._settings
        return tensors if same else None


class _KeptLoop:
    """A loop, and what is known of its eager calls.

    Args:
        loop: The function.
        structures: Names of its parameters that are structures of tensors.

    Attributes:
        repeats: Calls that may come again, by the id of their first argument.
    """

    def __init__(self, loop: Callable[..., Any], structures: Sequence[str]) -> None:
        self._loop, self._structures, self._names = loop, structures, tuple(signature(loop).parameters)
        self._known_roles: dict[tuple[Any, ...], tuple[bool, ...]] = {}
        self.repeats: dict[int, _Repeat] = {}

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Calls the loop, by a program if its key has one or is to have one."""
        loop, backend = self._loop, state.backend
        if not backend.traits.compiles_each_operation or not state.plain:
            return loop(*args, **kwargs)
        key, count, values = FunctionKey(backend), len(args), (*args, *kwargs.values())
        try:
            arguments = self._describe(key, count, values, kwargs)
        except NoKey:
            return loop(*args, **kwargs)
        program = _program(tuple(key.parts))
        is_new = program.run is None
        if is_new:
            program.calls += 1
            if program.refused or program.calls <= _CALLS_BEFORE or backend.traced():
                return loop(*args, **kwargs)
            program.make(loop, (arguments[:count], dict(zip(kwargs, arguments[count:]))), key.tensors)
        result = program.call(key.tensors)
        if program.refused:
            return loop(*args, **kwargs)
        if is_new:
            self._remember(program, count, values, kwargs)
        return result

    def _describe(
        self, key: FunctionKey, count: int, values: Sequence[Any], keywords: Iterable[str]
    ) -> list[Any]:
        """Adds a call to a key; returns its arguments with tensors for numbers and arrays in structures."""
        parts, exact, arguments = key.parts, key.exact, []
        parts += (self._loop, count, *keywords, settings.of_results())
        for value, is_structure in zip(values, self._roles(count, *keywords)):
            if not is_structure:
                key.add(value)
            elif type(value) in exact:
                key.add_tensor(value)
            else:
                value = _with_tensors(key, value)
            arguments.append(value)
        return arguments

    def _roles(self, count: int, *keywords: str) -> tuple[bool, ...]:
        """Which of the arguments of a call are structures."""
        roles = self._known_roles.get((count, *keywords))
        if roles is None:
            if count > len(self._names):
                raise NoKey
            roles = tuple(name in self._structures for name in (*self._names[:count], *keywords))
            self._known_roles[count, *keywords] = roles
        return roles

    def _remember(
        self, program: _Program, count: int, values: Sequence[Any], keywords: Iterable[str]
    ) -> None:
        """Remembers a call, if its tensors are arguments of it, each one once: others can come in their places."""
        looks: list[Look] = []
        key = FunctionKey(state.backend, looks)
        self._describe(key, count, values, keywords)
        given = [value for value in values if type(value) in key.exact]
        simple = not any(isinstance(value, (tuple, list, dict)) for value in values)
        # One that a function closes over as well does not change with the argument.
        alone = len(given) == len(key.tensors) and not key.met_again
        if simple and alone and all(map(is_, given, key.tensors)):
            if len(self.repeats) >= _MOST_PROGRAMS:
                self.repeats.clear()
            self.repeats[id(values[0])] = _Repeat(program, values, keywords, looks)


def keeps_programs(*structures: str) -> Callable[..., Any]:
    """Makes a loop keep the programs of its eager calls where functions are compiled.

    Args:
        *structures: Names of the parameters that are structures of tensors. All others are functions, numbers
            and the like.

    Example:

        @keeps_programs("xs")
        def map(f, xs): ...
    """

    def decorate(loop: Callable[..., Any]) -> Callable[..., Any]:
        kept = _KeptLoop(loop, structures)
        repeats = kept.repeats

        @wraps(loop)
        def run(*args: Any, **kwargs: Any) -> Any:
            repeat = repeats.get(id(args[0])) if args else None
            if repeat is not None:
                tensors = repeat.tensors((*args, *kwargs.values()) if kwargs else args, kwargs)
                if tensors is not None:
                    return repeat.program.call(tensors)
            return kept.call(args, kwargs)

        return run

    return decorate


def _with_tensors(key: FunctionKey, structure: Structure) -> Structure:
    """Adds a structure of tensors to a key, and returns it with tensors in the place of numbers and arrays."""
    kind = type(structure)
    if kind in key.exact:
        key.add_tensor(structure)
        return structure
    if structure is None:
        key.parts.append(None)
        return None
    if kind is tuple or kind is list:
        key.parts += (kind, len(structure))
        return kind([_with_tensors(key, item) for item in structure])
    if kind is dict and all(type(name) is str for name in structure):
        key.parts += (kind, len(structure), *structure)
        return {name: _with_tensors(key, item) for name, item in structure.items()}
    tensor = convert_to_tensor(structure) if isinstance(structure, _BECOME_TENSORS) else structure
    if type(tensor) not in key.exact:
        raise NoKey
    key.add_tensor(tensor)
    return tensor
