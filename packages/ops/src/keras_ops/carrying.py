"""Variables that are assigned to inside control flow that traces its functions.

There an assignment would leave a tracer in the variable. The functions here find such variables by a
trial without effect, and then carry them: as further results of branches, or as further loop variables.
Backends whose functions run as they are written need none of it. Used by `operations.control` and `loops`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from keras_ops.state import StatelessScope, state
from keras_ops.variable import Variable

Body = Callable[[list[Any]], tuple[Sequence[Any], Any]]
"""From loop variables to their new values and a further result."""
Within = Callable[[Sequence[Any], Body], tuple[list[Any], Any]]
"""Runs a body on loop variables of which some stand for variables."""
Found = dict[int, Variable]
"""Variables by id."""


def carry_through_branches(
    run: Callable[[Sequence[Callable[..., Any]]], Sequence[Any]], branches: Sequence[Callable[..., Any]]
) -> Sequence[Any]:
    """Runs one of several functions that may assign to variables.

    Args:
        run: Given functions like `branches`, returns what the chosen one returns, a flat list.
        branches: The functions.
    """
    # Elsewhere variables are written in place, unless a scope takes the new values: it may not see a branch's own.
    if not state.backend.traits.functional and state.stateless is None:
        return run(branches)
    found: Found = {}
    leaves = run([lambda *args, branch=branch: _watched(found, branch, *args) for branch in branches])
    if not found:
        return leaves
    variables = list(found.values())

    def with_values(branch: Callable[..., Any]) -> Callable[..., Any]:
        def function(*args: Any) -> list[Any]:
            with StatelessScope():
                return [*branch(*args), *_current(variables)]

        return function

    return _assigned(run([with_values(branch) for branch in branches]), variables)


def carry_through_loop(
    run: Callable[[Within, list[Any]], tuple[Sequence[Any], Any]], start: list[Any], ends: bool = True
) -> tuple[Sequence[Any], Any]:
    """Runs a loop whose functions may assign to variables.

    Args:
        run: Called as `run(within, start)`; runs the loop from `start` and calls its functions as
            `within(values, function)`. Returns the last loop variables and a further result.
        start: The first loop variables.
        ends: Whether the loop ends even if the variables keep their values; otherwise it is only
            traced to find them.
    """
    backend = state.backend
    if not backend.traits.functional:
        return run(lambda values, function: function(list(values)), start)
    found: Found = {}

    def watching(values: Sequence[Any], function: Body) -> tuple[list[Any], Any]:
        return _watched(found, function, list(values))

    if ends:
        result = run(watching, start)
        if not found:
            return result
    else:
        backend.trace(lambda _: run(watching, start)[0], [])
    variables, count = list(found.values()), len(start)

    def carrying(values: Sequence[Any], function: Body) -> tuple[list[Any], Any]:
        with StatelessScope(state_mapping=zip(variables, values[count:], strict=True)):
            new, extra = function(list(values[:count]))
            return [*new, *_current(variables)], extra

    last, extra = run(carrying, [*start, *_current(variables)])
    return _assigned(last, variables), extra


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
    if scope.losses:
        raise ValueError(
            "A layer added a loss inside a branch or loop, where it is traced and can not be added up. "
            "Return the loss from the function and add it outside."
        )
    found |= scope.written
    return result


def _current(variables: Sequence[Variable]) -> list[Any]:
    with state.scope(autocast=None):
        return [variable.value for variable in variables]


def _assigned(results: Sequence[Any], variables: Sequence[Variable]) -> list[Any]:
    """Assigns the values that stand behind the results, and returns the others."""
    count = len(results) - len(variables)
    for variable, value in zip(variables, results[count:], strict=True):
        variable.assign(value)
    return list(results[:count])
