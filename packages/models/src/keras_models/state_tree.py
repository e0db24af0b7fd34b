"""The values of variables as nested dicts by path: `Model.get_state_tree` and `set_state_tree`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from keras_ops.variable import Variable


def nested_values(variables: Sequence[Variable], value: Callable[[Variable], Any]) -> dict[str, Any]:
    """Returns the values of variables in dicts within dicts, as the parts of their paths say.

    Args:
        variables: The variables.
        value: From a variable to its value.

    Raises:
        ValueError: If two variables have the same path.
    """
    result: dict[str, Any] = {}
    for variable in variables:
        *folders, name = variable.path.split("/")
        place = result
        for folder in folders:
            place = place.setdefault(folder, {})
        if name in place:
            raise ValueError(
                f"get_state_tree: two variables have the path {variable.path!r}; give their layers "
                "different names."
            )
        place[name] = value(variable)
    return result


def set_values(variables: Sequence[Variable], values: Mapping[str, Any], model: str) -> None:
    """Assigns what `nested_values` returned.

    Args:
        variables: The variables.
        values: Values in dicts within dicts.
        model: Name of the model, for messages.

    Raises:
        ValueError: If there is no variable with the path of a value.
    """
    by_path = {v.path: v for v in variables}
    for path, value in _leaves(values):
        if path not in by_path:
            raise ValueError(f"set_state_tree: model {model!r} has no variable {path!r}.")
        by_path[path].assign(value)


def _leaves(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in values.items():
        path = f"{prefix}/{key}" if prefix else key
        found += _leaves(value, path) if isinstance(value, Mapping) else [(path, value)]
    return found
