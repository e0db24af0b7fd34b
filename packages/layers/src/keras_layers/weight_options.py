"""Options of weights: the `kernel_initializer`, `bias_regularizer`, ... that constructors of layers take.

A constructor says `declare(self, "kernel", kernel_initializer, ...)`, `build` says `make(self, "kernel", shape)`;
the options are kept in attributes of their names, where configs find them.
"""

from typing import Any

from keras_ops.tensor import Shape
from keras_ops.variable import Variable

from keras_layers.identifiers import resolved

KINDS = ("initializer", "regularizer", "constraint")


def declare(layer: Any, weight: str, *options: Any) -> None:
    """Keeps the options of a weight in attributes of the layer, e.g. `layer.bias_constraint`.

    Args:
        layer: The layer under construction.
        weight: Name of the weight.
        *options: Initializer, regularizer and constraint, as users write them; the last ones may be left out.
    """
    for kind, value in zip(KINDS, options):
        name = f"{weight}_{kind}"
        setattr(layer, name, None if value is None else resolved(layer, name, value))


def make(layer: Any, weight: str, shape: Shape, *, name: str | None = None, **facts: Any) -> Variable:
    """Makes a weight with the options that were declared for it.

    Args:
        layer: The layer that is built.
        weight: Name by which the options were declared.
        shape: Shape of the weight.
        name: Name of the variable; `weight` by default.
        **facts: Further arguments of `add_weight`.
    """
    options = {kind: getattr(layer, f"{weight}_{kind}", None) for kind in KINDS}
    return layer.add_weight(name=name or weight, shape=shape, **options, **facts)
