"""What users write for an initializer, a regularizer, a constraint or an activation, resolved for a layer.

Constructors of layers use it instead of the `get` of each family, so that an error names the layer, the argument
and the names that come near.
"""

from collections.abc import Callable, Mapping
from typing import Any

from keras_ops import activations, initializers
from keras_ops.initializers import identifiers as initializer_names
from keras_ops.naming import near_names

from keras_layers import constraints, regularizers

FAMILIES: dict[str, tuple[Callable[[Any], Any], Mapping[str, Any]]] = {
    "initializer": (initializers.get, initializer_names.BY_NAME),
    "regularizer": (regularizers.get, regularizers.BY_NAME),
    "constraint": (constraints.get, constraints.BY_NAME),
    "activation": (activations.get, activations.BY_NAME),
}
"""What finds the objects of a family, and its names; by the last word of the argument."""


def resolved(owner: Any, argument: str, value: Any) -> Any:
    """Returns what an argument of a layer stands for.

    Args:
        owner: The layer.
        argument: Name of the argument, such as `"kernel_initializer"`.
        value: What the user wrote.

    Raises:
        ValueError: If it stands for nothing.

    Example:

        >>> resolved(None, "bias_constraint", "non_neg").__class__.__name__
        'NonNeg'
    """
    family = argument.rpartition("_")[2]
    if value is None and family != "activation":
        return None
    get, names = FAMILIES[family]
    try:
        return get(value)
    except ValueError as error:
        what = f"{type(owner).__name__}: {argument}={value!r}"
        if not isinstance(value, str):
            raise type(error)(f"{what} is no {family}: {error}") from error
        raise type(error)(f"{what} is the name of no {family}{_hint(value, names)}") from error


def _hint(value: str, names: Mapping[str, Any]) -> str:
    plain = sorted(name for name in names if name.islower()) or sorted(names)
    near = near_names(value.lower(), plain)
    meant = f"; did you mean {' or '.join(map(repr, near))}?" if near else "."
    return f"{meant} Known names: {', '.join(plain)}. Functions, objects and configs are accepted too."
