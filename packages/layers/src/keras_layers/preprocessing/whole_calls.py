"""`WholeCalls`: layers whose calls run as one compiled program, where single operations are compiled by themselves
(JAX). `DataLayer` extends it; `ImageLayer` and `Pipeline` run their calls by `run_whole`.

An eager call of a random layer takes some twenty operations, each with its own pass over the images; as one program
they take a single one. The rule for when a program is made and how long it holds is `Programs`.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

from keras_ops import tree
from keras_ops.state import StatelessScope, state

from keras_layers.layer import Layer

Function = Callable[[Any, bool], Any]
Program = Callable[[Any], Any]

_OWN = __name__.partition(".")[0]
_FIRST_CALLS = 8
"""Calls for a shape before a program is made, which may take as long as hundreds of calls."""
_MOST_SIGNATURES = 1024
"""Shapes and dtypes of earlier calls that a layer remembers; with more it starts again."""
_VALUES = frozenset({bool, int, float, str, type(None)})


class Programs:
    """The programs of a layer: data of its own that copies of the layer do not share.

    A program is made when a shape comes for the ninth time, and holds as long as the layer and those inside it are
    what they were. Where it holds no longer, calls run as they are again, twice as many as before: programs of a
    layer that is changed again and again would not be worth their compilation.
    """

    def __init__(self) -> None:
        self.made: dict[Any, Program] = {}
        self.versions: list[Any] = []
        self.calls: Counter[Any] = Counter()
        self.first_calls = _FIRST_CALLS

    def use_for(self, versions: list[Any]) -> None:
        """Forgets what was made of other versions of the layers inside."""
        if versions == self.versions:
            return
        self.versions = versions
        if self.made:
            self.made.clear()
            self.first_calls *= 2
        if self.first_calls > _FIRST_CALLS:
            # Not before: the first calls set attributes themselves.
            self.calls.clear()

    def is_rare(self, signature: Any) -> bool:
        """Counts a call and says whether it is among the first with its signature."""
        if len(self.calls) >= _MOST_SIGNATURES:
            self.calls.clear()
        self.calls[signature] += 1
        return self.calls[signature] <= self.first_calls

    def __reduce__(self) -> tuple[Any, ...]:
        return Programs, ()


class WholeCalls(Layer):
    """Base of layers whose calls may be programs."""

    runs_whole: ClassVar[bool] = False
    """Whether a call is a function of tensors and the layer's variables only, so that it may be one program."""

    def __init__(self, **kwargs: Any) -> None:
        self.__dict__["_programs"] = Programs()
        super().__init__(**kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        if not _same(self.__dict__.get(name, self), value):
            self.__dict__["_version"] = object()
        super().__setattr__(name, value)

    def run_whole(self, function: Function, data: Any, training: bool) -> Any:
        """Returns `function(data, training)`, by one program where that is worth it.

        Args:
            function: What the layer does. The layer's variables are all that it reads and writes beside its
                arguments.
            data: Tensors, alone or in a tree.
            training: Whether anything random is done.
        """
        backend = state.backend
        if not backend.traits.compiles_each_operation or not _simple_call():
            return function(data, training)
        leaves = [data] if type(data) in backend.tensors else tree.flatten(data)
        if not all(type(x) in backend.tensors for x in leaves):
            return function(data, training)
        programs = self.__dict__["_programs"]
        inside = list(self._flatten_layers())
        programs.use_for([layer.__dict__.get("_version") for layer in inside])
        if programs.is_rare((training, *[(x.shape, x.dtype) for x in leaves])):
            return function(data, training)
        key = (bool(training), state.autocast)
        program = programs.made.get(key)
        if program is None:
            if not all(map(_is_whole, inside)):
                return function(data, training)
            program = programs.made[key] = _made(self.variables, function, training)
        return program(data)


def _same(old: Any, new: Any) -> bool:
    """Whether two values are alike and can not have changed inside."""
    if type(old) is not type(new):
        return False
    if type(new) is tuple:
        return len(old) == len(new) and all(map(_same, old, new))
    return type(new) in _VALUES and old == new


def _simple_call() -> bool:
    """Whether the call changes nothing but the layer's variables, and they are where they belong."""
    return state.plain or (
        state.stateless is None
        and state.override is None
        and not state.quiet
        and state.remat is None
        and state.distribution is None
    )


def _is_whole(layer: Any) -> bool:
    """Whether a layer may be part of a program. A user's own class may do what no program can."""
    own = type(layer).__module__.partition(".")[0] == _OWN
    return own and getattr(layer, "runs_whole", False) and layer.built and layer.activity_regularizer is None


def _made(variables: list[Any], function: Function, training: bool) -> Program:
    def body(values: list[Any], data: Any) -> Any:
        with StatelessScope(state_mapping=list(zip(variables, values))) as scope:
            result = function(data, training)
        written = (i for i, variable in enumerate(variables) if id(variable) in scope.written)
        return result, {i: scope.get_current_value(variables[i]) for i in written}

    compiled = state.backend.compile(body)

    def run(data: Any) -> Any:
        result, written = compiled([variable.raw for variable in variables], data)
        for i, value in written.items():
            variables[i].assign(value)
        return result

    return run
