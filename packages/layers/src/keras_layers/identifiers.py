"""What users write for an initializer, a regularizer, a constraint or an activation, resolved for a layer.

Constructors of layers use it instead of the `get` of each family, so that an error names the layer, the argument
and the names that come near.
"""

from typing import Any

from keras_ops import activations
from keras_ops.initializers import identifiers as initializers

from keras_layers import constraints, regularizers

FAMILIES = {
    x.kind: x for x in (initializers.FAMILY, regularizers.FAMILY, constraints.FAMILY, activations.FAMILY)
}
"""What finds the objects of a family, by the last word of the argument."""


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
    try:
        return FAMILIES[argument.rpartition("_")[2]].get(value)
    except ValueError as error:
        raise type(error)(f"{type(owner).__name__}, `{argument}`: {error}") from error
