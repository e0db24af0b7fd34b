"""Variables that are assigned to inside control flow that traces its functions.

There an assignment would leave a tracer in the variable. The functions here carry such variables: as further
results of branches, or as further loop variables. Which they are is seen when a function has run, and then it
starts again. Backends whose functions run as they are written need none of it. Used by `operations`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

from keras_ops.state import StatelessScope, state
from keras_ops.variable import Variable

T = TypeVar("T")
Body = Callable[[list[Any]], tuple[Sequence[Any], Any]]
"""From loop variables to their new values and a further result."""
Within = Callable[[Sequence[Any], Body], tuple[list[Any], Any]]
"""Runs a body on loop variables of which some stand for variables."""
Found = dict[int, Variable]
"""Variables by id."""


class _NotCarried(BaseException):
    """A function assigned to more variables than are carried, so that its trace is of no use."""


class _Carrying(StatelessScope):
    """What a function runs in, with the values of the variables that are carried.

    Args:
        variables: The variables that have a value here.
        values: Their values.
        found: What the control flow around it, and all inside that, is known to assign to, by its functions.
    """

    def __init__(
        self, variables: Sequence[Variable], values: Sequence[Any], found: dict[tuple[Any, ...], Found]
    ) -> None:
        super().__init__(zip(variables, values, strict=True), collect_losses=True)
        self.found = found


def carry_through_branches(
    run: Callable[[Sequence[Callable[..., Any]]], Sequence[Any]],
    branches: Sequence[Callable[..., Any]],
    functions: Sequence[Callable[..., Any]],
) -> Sequence[Any]:
    """Runs one of several functions that may assign to variables.

    Args:
        run: Given functions like `branches`, returns what the chosen one returns, a flat list.
        branches: The functions.
        functions: What the user gave for them.
    """
    # Elsewhere variables are written in place, unless a scope takes the new values: it may not see a branch's own.
    if not state.backend.traits.functional and state.stateless is None:
        return run(branches)

    def attempt(variables: Sequence[Variable], scope: Callable[..., AbstractContextManager[None]]) -> Any:
        def with_values(branch: Callable[..., Any]) -> Callable[..., Any]:
            def function(*args: Any) -> list[Any]:
                with scope([], []):
                    return [*branch(*args), *_current(variables)]

            return function

        return _assigned(run([with_values(branch) for branch in branches]), variables)

    return _with_all(attempt, functions)


def carry_through_loop(
    run: Callable[[Within, list[Any]], tuple[Sequence[Any], Any]],
    start: list[Any],
    functions: Sequence[Callable[..., Any]],
) -> tuple[Sequence[Any], Any]:
    """Runs a loop whose functions may assign to variables.

    Args:
        run: Called as `run(within, start)`; runs the loop from `start` and calls its functions as
            `within(values, function)`. Returns the last loop variables and a further result.
        start: The first loop variables.
        functions: What the user gave for the functions.
    """
    if not state.backend.traits.functional:
        return run(lambda values, function: function(list(values)), start)
    count = len(start)

    def attempt(variables: Sequence[Variable], scope: Callable[..., AbstractContextManager[None]]) -> Any:
        def within(values: Sequence[Any], function: Body) -> tuple[list[Any], Any]:
            with scope(variables, values[count:]):
                new, extra = function(list(values[:count]))
                return [*new, *_current(variables)], extra

        last, extra = run(within, [*start, *_current(variables)])
        return _assigned(last, variables), extra

    return _with_all(attempt, functions)


def _with_all(
    attempt: Callable[[Sequence[Variable], Callable[..., AbstractContextManager[None]]], T],
    functions: Sequence[Callable[..., Any]],
) -> T:
    """Makes attempts until all variables that the functions assign to are carried.

    Args:
        attempt: Gets the variables to carry, and what opens the scope that a function has to run in.
        functions: The user's functions. In control flow around this one they come again with each attempt of
            that; by their code it is known then what they assign to.
    """
    outer = state.stateless
    all_found = outer.found if isinstance(outer, _Carrying) else {}
    found = all_found.setdefault(tuple(getattr(f, "__code__", type(f)) for f in functions), {})

    @contextmanager
    def scope(variables: Sequence[Variable], values: Sequence[Any]) -> Iterator[None]:
        with _Carrying(variables, values, all_found) as scope:
            yield
        _refuse_losses(scope)
        if not scope.written.keys() <= carried:
            found.update(scope.written)
            raise _NotCarried

    while True:
        carried = set(found)
        try:
            return attempt(list(found.values()), scope)
        except _NotCarried:
            continue


def refuse_assignments(what: str, run: Callable[[], Any]) -> Any:
    """Runs a function that may not assign to variables where that would be traced.

    Raises:
        ValueError: If it does; the message names `what` and the variables.
    """
    if not state.backend.traits.functional:
        return run()
    found: Found = {}
    result = _watched(found, run)
    if found:
        raise ValueError(
            f"{what}: the function assigns to {', '.join(repr(v.path) for v in found.values())}, which has no "
            "meaning there. Return the new value instead, or use `ops.map` or `ops.scan`, which carry variables."
        )
    return result


def _watched(found: Found, function: Callable[..., Any], *args: Any) -> Any:
    """Calls a function without effect on variables, and adds those that it assigns to to `found`."""
    with StatelessScope(collect_losses=True) as scope:
        result = function(*args)
    _refuse_losses(scope)
    found |= scope.written
    return result


def _refuse_losses(scope: StatelessScope) -> None:
    if scope.losses:
        raise ValueError(
            "A layer added a loss inside a branch or loop, where it is traced and can not be added up. "
            "Return the loss from the function and add it outside."
        )


def _current(variables: Sequence[Variable]) -> list[Any]:
    with state.scope(autocast=None):
        return [variable.value for variable in variables]


def _assigned(results: Sequence[Any], variables: Sequence[Variable]) -> list[Any]:
    """Assigns the values that stand behind the results, and returns the others."""
    count = len(results) - len(variables)
    for variable, value in zip(variables, results[count:], strict=True):
        variable.assign(value)
    return list(results[:count])
