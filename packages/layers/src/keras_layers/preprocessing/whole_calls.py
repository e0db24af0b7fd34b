"""Calls of preprocessing layers as one compiled program, where single operations are compiled by themselves (JAX).

An eager call of a random layer takes some twenty operations, each with its own pass over the images; as one program
they take a single one. `ImageLayer` and `Pipeline` run their calls here. The first calls for a shape run as they
are, since a program is worth its compilation only where many follow; so do all calls in functions that are traced, and
on other backends.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from keras_ops import tree
from keras_ops.state import StatelessScope, state

Function = Callable[[Any, bool], Any]

_OWN = __name__.partition(".")[0]
_FIRST_CALLS = 8
"""Calls for a shape before a program is made, which may take as long as hundreds of calls."""
_MOST_SIGNATURES = 1024
"""Shapes and dtypes of earlier calls that a layer remembers; with more it starts again."""


class Programs:
    """The programs of a layer: data of its own that copies of the layer do not share."""

    def __init__(self) -> None:
        self.made: dict[Any, Any] = {}
        self.signatures: Counter[Any] = Counter()
        self.changes = _changes

    def is_rare(self, signature: Any) -> bool:
        """Counts a call and says whether it is among the first with its signature."""
        if len(self.signatures) >= _MOST_SIGNATURES:
            self.signatures.clear()
        self.signatures[signature] += 1
        return self.signatures[signature] <= _FIRST_CALLS

    def __reduce__(self) -> tuple[Any, ...]:
        return Programs, ()


_changes = 0
"""How often an attribute was set of a layer that a program was made of: older programs may say something else."""


def changed() -> None:
    """Notes that a layer that programs were made of is another one now."""
    global _changes
    _changes += 1


def run_whole(layer: Any, function: Function, data: Any, training: bool) -> Any:
    """Returns `function(data, training)`, by one program where that is worth it.

    Args:
        layer: The layer called: its variables are all that the function reads and writes beside its arguments.
        function: What the layer does.
        data: Tensors, alone or in a tree.
        training: Whether anything random is done.
    """
    backend = state.backend
    if not backend.traits.compiles_each_operation or not _simple_call():
        return function(data, training)
    leaves = [data] if type(data) in backend.tensors else tree.flatten(data)
    if not all(type(x) in backend.tensors for x in leaves):
        return function(data, training)
    programs = layer.__dict__["_programs"]
    if programs.is_rare((training, *[(x.shape, x.dtype) for x in leaves])):
        return function(data, training)
    if programs.changes != _changes:
        programs.made.clear()
        programs.changes = _changes
    key = (bool(training), state.autocast)
    program = programs.made.get(key)
    if program is None:
        inside = list(layer._flatten_layers())
        if not all(map(_is_whole, inside)):
            return function(data, training)
        for inner in inside:
            inner.__dict__["_in_program"] = True
        program = programs.made[key] = _made(layer.variables, function, training)
    return program(data)


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


def _made(variables: list[Any], function: Function, training: bool) -> Callable[[Any], Any]:
    written: list[int] = []

    def body(values: list[Any], data: Any) -> Any:
        with StatelessScope(state_mapping=list(zip(variables, values))) as scope:
            result = function(data, training)
        written[:] = [i for i, variable in enumerate(variables) if id(variable) in scope.written]
        return result, [scope.get_current_value(variables[i]) for i in written]

    compiled = state.backend.compile(body)

    def run(data: Any) -> Any:
        result, values = compiled([variable.raw for variable in variables], data)
        for i, value in zip(written, values):
            variables[i].assign(value)
        return result

    return run
